/** What every surface does before it draws: theme, language, fonts. */
import './tokens.css'
import type { ReactNode } from 'react'
import { createRoot } from 'react-dom/client'
import { restoreLanguage } from './language'
import { restoreTheme } from './theme'

export async function boot(page: ReactNode): Promise<void> {
  restoreTheme()
  await restoreLanguage()
  const root = document.getElementById('root')
  if (!root) throw new Error('The page has no #root.')
  createRoot(root).render(page)
}
