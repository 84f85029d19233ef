import { boot } from '../../app/boot'
import '../../ui/kit.css'
import './citizen.css'
import { App } from './App'
import { restoreType } from './largeType'

restoreType()
void boot(<App />)
