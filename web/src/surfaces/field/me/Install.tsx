/** Putting the pages on the home screen, where the browser offers it. */
import { useEffect, useState } from 'react'
import { useT } from './text'

/** Chromium's own event; no type of it in the language's library. */
interface Offer extends Event {
  prompt(): Promise<unknown>
}

function isOffer(event: Event): event is Offer {
  return 'prompt' in event
}

/** The browser says it once, long before this page is open. */
let offered: Offer | null = null
window.addEventListener('beforeinstallprompt', (event) => {
  event.preventDefault()
  if (isOffer(event)) offered = event
})

export function Install() {
  const t = useT()
  const [offer, setOffer] = useState(offered)
  useEffect(() => {
    const installed = () => setOffer(null)
    window.addEventListener('appinstalled', installed)
    return () => window.removeEventListener('appinstalled', installed)
  }, [])
  if (!offer) return null
  return (
    <section className="card form">
      <p className="soft">{t('install_why')}</p>
      <button type="button" className="button" onClick={() => void offer.prompt()}>
        {t('install')}
      </button>
    </section>
  )
}
