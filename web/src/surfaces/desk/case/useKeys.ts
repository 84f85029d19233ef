/** Single keys of a page; they rest while somebody types or holds a modifier. */
import { useEffect, useRef } from 'react'

const TYPING = 'input, textarea, select, [contenteditable], [role="combobox"], [role="menu"]'

/** `handle` says whether the key was its own. */
export function useKeys(handle: (key: string) => boolean): void {
  const latest = useRef(handle)
  latest.current = handle
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return
      if (event.target instanceof Element && event.target.closest(TYPING)) return
      // A dialog above the case has keys of its own.
      if (document.querySelector('dialog[open], .ant-modal-wrap:not([style*="none"])')) return
      if (latest.current(event.key)) event.preventDefault()
    }
    document.addEventListener('keydown', press)
    return () => document.removeEventListener('keydown', press)
  }, [])
}
