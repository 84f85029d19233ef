/**
 * All keys of the desk. What is pressed is looked up here and `?` shows what stands here: a key that
 * is not in this list does nothing.
 */

interface Shortcut {
  room: 'everywhere' | 'list' | 'case' | 'order' | 'map' | 'evaluation' | 'photo'
  /** Names of `KeyboardEvent.key`; any of them. */
  keys: readonly string[]
  /** The key that is pressed before. */
  after?: string
  ctrl?: true
}

const digits = (until: number) => Array.from({ length: until }, (_, index) => String(index + 1))

export const SHORTCUTS = {
  search: { room: 'everywhere', keys: ['/'] },
  help: { room: 'everywhere', keys: ['?'] },
  go_work: { room: 'everywhere', after: 'g', keys: ['w'] },
  go_cases: { room: 'everywhere', after: 'g', keys: ['c'] },
  go_map: { room: 'everywhere', after: 'g', keys: ['m'] },
  go_evaluation: { room: 'everywhere', after: 'g', keys: ['e'] },
  leave: { room: 'everywhere', keys: ['Escape'] },
  down: { room: 'list', keys: ['j', 'ArrowDown'] },
  up: { room: 'list', keys: ['k', 'ArrowUp'] },
  drawer: { room: 'list', keys: ['o'] },
  enter: { room: 'list', keys: ['Enter'] },
  select: { room: 'list', keys: ['x'] },
  refresh: { room: 'list', keys: ['r'] },
  buttons: { room: 'case', keys: digits(9) },
  send: { room: 'case', ctrl: true, keys: ['Enter'] },
  next: { room: 'case', keys: ['n'] },
  send_order: { room: 'order', ctrl: true, keys: ['Enter'] },
  next_call: { room: 'order', keys: ['l'] },
  tools: { room: 'map', keys: digits(8) },
  // These two are MapLibre's own.
  move: { room: 'map', keys: ['ArrowLeft', 'ArrowUp', 'ArrowDown', 'ArrowRight'] },
  zoom: { room: 'map', keys: ['+', '-'] },
  corner: { room: 'map', keys: ['Enter'] },
  uncorner: { room: 'map', keys: ['Backspace'] },
  finish: { room: 'map', ctrl: true, keys: ['Enter'] },
  tables: { room: 'evaluation', keys: digits(3) },
  period_back: { room: 'evaluation', keys: ['['] },
  period_on: { room: 'evaluation', keys: [']'] },
  narrow: { room: 'evaluation', keys: ['f'] },
  columns: { room: 'evaluation', keys: ['i'] },
  bulletin: { room: 'evaluation', keys: ['p'] },
  photo_next: { room: 'photo', keys: ['ArrowRight'] },
  photo_back: { room: 'photo', keys: ['ArrowLeft'] },
  larger: { room: 'photo', keys: ['+', '='] },
  smaller: { room: 'photo', keys: ['-'] },
  fit: { room: 'photo', keys: ['0'] },
} as const satisfies Record<string, Shortcut>

export type Name = keyof typeof SHORTCUTS
export type Room = Shortcut['room']

/** What is told of a shortcut, whichever it is. */
function told(name: Name): Shortcut {
  return SHORTCUTS[name]
}

export function isName(name: string): name is Name {
  return name in SHORTCUTS
}

interface Pressed {
  key: string
  ctrlKey: boolean
  metaKey: boolean
  altKey: boolean
}

/** The place of the pressed key among those of a shortcut; -1: it is another one. */
export function pressed(event: Pressed, name: Name, before = ''): number {
  const { keys, after = '', ctrl = false } = told(name)
  if (event.altKey || (event.ctrlKey || event.metaKey) !== ctrl || after !== before) return -1
  return keys.indexOf(event.key)
}

/** Whether a key only begins a shortcut of two. */
export function begins(event: Pressed, names: readonly Name[]): boolean {
  return (
    !event.altKey &&
    !event.ctrlKey &&
    !event.metaKey &&
    names.some((name) => told(name).after === event.key)
  )
}

export function namesOf(room: Room): Name[] {
  return Object.keys(SHORTCUTS).filter(
    (name): name is Name => isName(name) && told(name).room === room,
  )
}

const CAPS: Record<string, string> = {
  ArrowLeft: '←',
  ArrowUp: '↑',
  ArrowDown: '↓',
  ArrowRight: '→',
  Escape: 'Esc',
}

/** The caps of its keys as they are shown to people. */
export function capsOf(name: Name): string[] {
  const { keys, after, ctrl } = told(name)
  const caps = keys.map((key) => CAPS[key] ?? key)
  const many = caps.length > 4 ? [`${caps[0]} – ${caps.at(-1)}`] : caps
  return [...(ctrl ? ['Ctrl'] : []), ...(after ? [after] : []), ...many]
}
