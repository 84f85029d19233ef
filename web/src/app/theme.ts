/** The colours that canvases need (maps, charts, Ant Design); `tokens.css` holds them for CSS. */

export type Theme = 'light' | 'dark'
/** What a state means at a glance; list, map and chart share these five. */
export type Phase = 'new' | 'doing' | 'check' | 'done' | 'over'
export const PHASES: readonly Phase[] = ['new', 'doing', 'check', 'done', 'over']

export interface Palette {
  bg: string
  surface: string
  surface2: string
  line: string
  lineStrong: string
  text: string
  text2: string
  text3: string
  accent: string
  phase: Record<Phase, string>
  series: string[]
  map: {
    ground: string
    area: string
    border: string
    borderWeak: string
    label: string
    quiet: string
  }
}

export const PALETTE: Record<Theme, Palette> = {
  light: {
    bg: '#F4F6F8',
    surface: '#FFFFFF',
    surface2: '#EDF0F4',
    line: '#DCE2E9',
    lineStrong: '#7A8797',
    text: '#17202A',
    text2: '#4C5A6A',
    text3: '#5F6D7E',
    accent: '#1B5CCB',
    phase: {
      new: '#A8600C',
      doing: '#1C5FD8',
      check: '#5B2466',
      done: '#1E7D66',
      over: '#B5322B',
    },
    series: ['#1B5CCB', '#2F8F83', '#B7791F', '#7A5AA6', '#B4505C', '#5F6D7E'],
    map: {
      ground: '#E4EAF0',
      area: '#F6F8FA',
      border: '#93A2B2',
      borderWeak: '#D3DBE3',
      label: '#465565',
      quiet: '#A9B5C1',
    },
  },
  dark: {
    bg: '#0B1117',
    surface: '#111A23',
    surface2: '#182430',
    line: '#243442',
    lineStrong: '#6F8396',
    text: '#E9EFF5',
    text2: '#A6B5C4',
    text3: '#8496A8',
    accent: '#6AA5FF',
    phase: {
      new: '#F4C952',
      doing: '#559EF9',
      check: '#DF9ACF',
      done: '#7FDDB0',
      over: '#F5775F',
    },
    series: ['#6AA5FF', '#5CC2B4', '#E0B25C', '#B79BE0', '#E58A95', '#8496A8'],
    map: {
      ground: '#0B1117',
      area: '#101B25',
      border: '#40586D',
      borderWeak: '#1F2F3D',
      label: '#93A7BA',
      quiet: '#3A4E60',
    },
  },
}

const KEY = 'chengyun.theme'
const listeners = new Set<() => void>()

export function currentTheme(): Theme {
  return document.documentElement.dataset.theme === 'dark' ? 'dark' : 'light'
}

/** The theme this browser chose last; without a choice, light. */
export function restoreTheme(): void {
  let kept: string | null = null
  try {
    kept = localStorage.getItem(KEY)
  } catch {
    // A browser that keeps nothing still shows the page.
  }
  document.documentElement.dataset.theme = kept === 'dark' ? 'dark' : 'light'
}

export function chooseTheme(theme: Theme): void {
  document.documentElement.dataset.theme = theme
  try {
    localStorage.setItem(KEY, theme)
  } catch {
    // As above.
  }
  for (const listener of listeners) listener()
}

export function onTheme(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}
