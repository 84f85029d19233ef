/** Words that narrow a list: told once the typing pauses, and following the address. */
import { useEffect, useRef, useState } from 'react'

const PAUSE_MS = 250

interface TextFilterProps {
  value: string
  label: string
  /** Characters that the server takes. */
  most: number
  onChange: (text?: string) => void
}

export function TextFilter({ value, label, most, onChange }: TextFilterProps) {
  const [text, setText] = useState(value)
  const told = useRef(value)
  const latest = useRef(onChange)
  latest.current = onChange
  // The address changed by other means: back, a saved view, "clear".
  useEffect(() => {
    if (value !== told.current) setText(value)
    told.current = value
  }, [value])
  useEffect(() => {
    const wanted = text.trim()
    if (wanted === told.current) return
    const timer = setTimeout(() => {
      told.current = wanted
      latest.current(wanted || undefined)
    }, PAUSE_MS)
    return () => clearTimeout(timer)
  }, [text])
  return (
    <input
      type="search"
      className="filter-text"
      value={text}
      maxLength={most}
      placeholder={label}
      aria-label={label}
      onChange={(event) => setText(event.target.value)}
    />
  )
}
