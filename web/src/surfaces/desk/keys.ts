/** Keys that act on the whole page, as long as nobody is typing. */
import { useEffect, useRef } from 'react'

type Keys = Record<string, (event: KeyboardEvent) => void>

const WRITES = 'input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]'
/** Where keys have a meaning of their own. */
const APART = 'dialog, .ant-modal, .ant-popover, .ant-select-dropdown, .ant-picker-dropdown'

/** Beside the page, where moving and opening mean what lies open there. */
const BESIDE = '.ant-drawer'
const MOVING = new Set(['ArrowDown', 'ArrowUp', 'Enter'])

export function isTyping(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest(`${WRITES}, ${APART}`) !== null
}

/** `keys` are names of `KeyboardEvent.key`. A handled key does nothing else. */
export function useKeys(keys: Keys): void {
  const latest = useRef(keys)
  latest.current = keys
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return
      const act = latest.current[event.key]
      if (!act || isTyping(event.target)) return
      const beside = event.target instanceof Element && event.target.closest(BESIDE) !== null
      if (beside && MOVING.has(event.key)) return
      event.preventDefault()
      act(event)
    }
    document.addEventListener('keydown', press)
    return () => document.removeEventListener('keydown', press)
  }, [])
}
