/** Language and theme, on every surface. */
import { useSyncExternalStore } from 'react'
import { language, speak, words } from '../app/language'
import { chooseTheme, currentTheme, onTheme } from '../app/theme'
import zh from './zh.json'

const { useT } = words(zh, () => import('./en.json').then((file) => file.default))

export function LanguageSwitch() {
  const t = useT()
  return (
    <button
      type="button"
      className="button plain"
      lang={language() === 'zh' ? 'en' : 'zh-CN'}
      onClick={() => {
        // Words that do not arrive leave the page as it was.
        speak(language() === 'zh' ? 'en' : 'zh').catch(() => undefined)
      }}
    >
      {t('other_language')}
    </button>
  )
}

export function useTheme() {
  return useSyncExternalStore(onTheme, currentTheme)
}

export function ThemeSwitch() {
  const t = useT()
  const theme = useTheme()
  return (
    <button
      type="button"
      className="button plain"
      onClick={() => chooseTheme(theme === 'dark' ? 'light' : 'dark')}
    >
      {theme === 'dark' ? t('to_light') : t('to_dark')}
    </button>
  )
}
