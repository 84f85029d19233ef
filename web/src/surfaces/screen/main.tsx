import { boot } from '../../app/boot'
import './screen.css'
import { Screen } from './Screen'

void boot(<Screen />)
// Walls are dark, whatever this browser chose for its desk; the choice itself is not changed.
document.documentElement.dataset.theme = 'dark'
