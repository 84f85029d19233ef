/** The frame of the desk: navigation, who I am, language and theme. */
import { type ErrorComponentProps, Link, Outlet } from '@tanstack/react-router'
import { useEffect } from 'react'
import { said } from '../../api/problem'
import { useMe } from '../../api/queries'
import { goSignIn, signOut } from '../../api/session'
import { LanguageSwitch, ThemeSwitch } from '../../ui/Switches'
import { useT } from './words'
import './desk.css'

export function Shell() {
  const t = useT()
  const me = useMe()
  useEffect(() => {
    if (me === null) goSignIn()
  }, [me])
  if (!me) return <Loading />
  return (
    <div className="desk">
      <header>
        <strong>{t('app')}</strong>
        <nav aria-label={t('nav_main')}>
          <Link to="/" activeOptions={{ exact: true }}>
            {t('nav_work')}
          </Link>
          <Link to="/cases">{t('nav_cases')}</Link>
          <Link to="/order">{t('nav_order')}</Link>
          <Link to="/evaluation">{t('nav_evaluation')}</Link>
        </nav>
        <LanguageSwitch />
        <ThemeSwitch />
        <span>{me.user.display_name || me.user.username}</span>
        <button type="button" className="button plain" onClick={() => void signOut()}>
          {t('sign_out')}
        </button>
      </header>
      <Outlet />
    </div>
  )
}

export function Loading() {
  const t = useT()
  return (
    <p className="empty" role="status">
      {t('loading')}
    </p>
  )
}

export function NotFound() {
  const t = useT()
  return <p className="empty">{t('not_found')}</p>
}

export function Failed({ error, reset }: ErrorComponentProps) {
  const t = useT()
  return (
    <div className="empty" role="alert">
      <p>
        {t('failed')}: {said(error)}
      </p>
      <button type="button" className="button" onClick={reset}>
        {t('try_again')}
      </button>
    </div>
  )
}
