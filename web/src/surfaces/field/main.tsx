import { boot } from '../../app/boot'
import '../../ui/controls.css'
import '../../ui/kit.css'
import './field.css'
import { Field } from './Field'

/** A file of before this build, asked for after it: the new page has it. Once, or a file that is
 * truly missing would make it go round. */
window.addEventListener('vite:preloadError', (event) => {
  if (!navigator.onLine || sessionStorage.getItem('chengyun.reloaded')) return
  event.preventDefault()
  sessionStorage.setItem('chengyun.reloaded', '1')
  location.reload()
})

if (import.meta.env.PROD && 'serviceWorker' in navigator) {
  navigator.serviceWorker.register('/sw.js', { scope: '/m' }).catch(() => undefined)
}

void boot(<Field />)
