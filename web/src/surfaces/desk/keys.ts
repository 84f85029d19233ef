/** Keys that act on the whole page, as long as nobody is typing. */
import { useEffect, useRef } from 'react'
import { begins, isName, type Name, pressed } from './shortcuts'

/** What is done; `index` is the place of the key among those of the shortcut. */
type Acts = Partial<Record<Name, (event: KeyboardEvent, index: number) => void>>

const WRITES = 'input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]'
/** Where keys have a meaning of their own. */
const APART = 'dialog, .ant-modal, .ant-popover, .ant-select-dropdown, .ant-picker-dropdown'

/** Beside the page, where these keys mean what lies open there; letters still mean the page. */
const BESIDE = '.ant-drawer'
const MOVING = new Set(['ArrowDown', 'ArrowUp', 'Enter'])

/** How long after the first key of two the second one counts. */
const SECOND_MS = 1_500

/** Everything on the page that listens, the uppermost last: what was opened last is asked first. */
const open: { current: Acts }[] = []
let first = { key: '', at: 0 }

function isTyping(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest(`${WRITES}, ${APART}`) !== null
}

function namesIn(acts: Acts): Name[] {
  return Object.keys(acts).filter(isName)
}

/** A handled key does nothing else. */
function press(event: KeyboardEvent) {
  if (event.defaultPrevented || isTyping(event.target)) return
  const before = Date.now() - first.at < SECOND_MS ? first.key : ''
  first = { key: '', at: 0 }
  const beside = event.target instanceof Element && event.target.closest(BESIDE) !== null
  for (const { current: acts } of [...open].reverse()) {
    for (const name of namesIn(acts)) {
      const index = pressed(event, name, before)
      if (index < 0 || (beside && MOVING.has(event.key))) continue
      event.preventDefault()
      acts[name]?.(event, index)
      return
    }
  }
  if (open.some(({ current: acts }) => begins(event, namesIn(acts)))) {
    first = { key: event.key, at: Date.now() }
  }
}

/** The keys that something on the page listens to now. */
export function heard(): Set<Name> {
  return new Set(open.flatMap(({ current }) => namesIn(current)))
}

export function useKeys(acts: Acts): void {
  const latest = useRef(acts)
  latest.current = acts
  useEffect(() => {
    if (open.length === 0) document.addEventListener('keydown', press)
    open.push(latest)
    return () => {
      open.splice(open.indexOf(latest), 1)
      if (open.length === 0) document.removeEventListener('keydown', press)
    }
  }, [])
}
