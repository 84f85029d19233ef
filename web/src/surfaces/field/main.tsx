import { boot } from '../../app/boot'
import '../../ui/controls.css'
import '../../ui/kit.css'
import './field.css'
import { Field } from './Field'

if (import.meta.env.PROD && 'serviceWorker' in navigator) {
  navigator.serviceWorker.register('/sw.js', { scope: '/m' }).catch(() => undefined)
}

void boot(<Field />)
