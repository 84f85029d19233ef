import { boot } from '../../app/boot'
import '../../ui/kit.css'
import { Leader } from './Leader'

void boot(<Leader />)
