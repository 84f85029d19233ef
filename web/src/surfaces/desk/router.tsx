/** The addresses of the desk. Rooms are lazy: whoever accepts reports never loads evaluation. */
import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
} from '@tanstack/react-router'
import { Failed, Loading, NotFound, Shell } from './Shell'

const root = createRootRoute({
  component: Shell,
  notFoundComponent: NotFound,
  errorComponent: Failed,
})

const route = <P extends string>(path: P, load: () => Promise<{ default: React.ComponentType }>) =>
  createRoute({ getParentRoute: () => root, path, component: lazyRouteComponent(load) })

const tree = root.addChildren([
  route('/', () => import('./work/WorkPage')),
  route('/cases', () => import('./list/ListPage')),
  route('/cases/$id', () => import('./case/CasePage')),
  route('/order', () => import('./order/OrderPage')),
  route('/evaluation', () => import('./evaluation/EvaluationPage')),
  route('/evaluation/bulletin', () => import('./evaluation/BulletinPage')),
])

export const router = createRouter({
  routeTree: tree,
  basepath: '/desk',
  defaultPreload: 'intent',
  defaultPendingComponent: Loading,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
