/** The addresses of the desk. Rooms are lazy: whoever accepts reports never loads evaluation; they
 * come with their words. */
import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
} from '@tanstack/react-router'
import { withWords } from '../../app/language'
import { readComponentSearch } from './component/search'
import { readBulletin } from './evaluation/bulletin/address'
import { readEvaluation } from './evaluation/search'
import { readSearch } from './list/filters'
import { readMap } from './map/search'
import { Failed, Loading, NotFound, Shell } from './Shell'
import { parseSearch, stringifySearch, textOf } from './search'
import { readSurveySearch } from './surveys/search'
import { readWorkSearch } from './waiting/tabs'

const root = createRootRoute({
  component: Shell,
  notFoundComponent: NotFound,
  errorComponent: Failed,
})

const route = <P extends string>(path: P, load: () => Promise<{ default: React.ComponentType }>) =>
  createRoute({
    getParentRoute: () => root,
    path,
    component: lazyRouteComponent(() => withWords(load())),
  })

const work = createRoute({
  getParentRoute: () => root,
  path: '/',
  validateSearch: readWorkSearch,
  component: lazyRouteComponent(() => withWords(import('./waiting/WorkPage'))),
})

const cases = createRoute({
  getParentRoute: () => root,
  path: '/cases',
  validateSearch: readSearch,
  component: lazyRouteComponent(() => withWords(import('./list/ListPage'))),
})

const evaluation = createRoute({
  getParentRoute: () => root,
  path: '/evaluation',
  validateSearch: readEvaluation,
  component: lazyRouteComponent(() => withWords(import('./evaluation/EvaluationPage'))),
})

const bulletin = createRoute({
  getParentRoute: () => root,
  path: '/evaluation/bulletin',
  validateSearch: readBulletin,
  component: lazyRouteComponent(() => withWords(import('./evaluation/BulletinPage'))),
})

const components = createRoute({
  getParentRoute: () => root,
  path: '/components',
  validateSearch: readComponentSearch,
  component: lazyRouteComponent(() => withWords(import('./component/ListPage'))),
})

const map = createRoute({
  getParentRoute: () => root,
  path: '/map',
  validateSearch: readMap,
  component: lazyRouteComponent(() => withWords(import('./map/MapPage'))),
})

const layers = createRoute({
  getParentRoute: () => root,
  path: '/layers',
  validateSearch: (search): { open?: string } => ({ open: textOf(search.open) }),
  component: lazyRouteComponent(() => withWords(import('./layers/LayersPage'))),
})

const survey = createRoute({
  getParentRoute: () => root,
  path: '/surveys/$id',
  validateSearch: readSurveySearch,
  component: lazyRouteComponent(() => withWords(import('./surveys/ReviewPage'))),
})

const tree = root.addChildren([
  work,
  cases,
  route('/cases/$id', () => import('./case/CasePage')),
  route('/order', () => import('./order/OrderPage')),
  evaluation,
  bulletin,
  components,
  layers,
  route('/surveys', () => import('./surveys/SurveysPage')),
  survey,
  map,
  route('/components/$code', () => import('./component/ComponentPage')),
])

export const router = createRouter({
  routeTree: tree,
  basepath: '/desk',
  parseSearch,
  stringifySearch,
  defaultPreload: 'intent',
  defaultPendingComponent: Loading,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
