/** One box for everything with a place: addresses, components, cases, areas, coordinates. */
import { useQuery } from '@tanstack/react-query'
import { useEffect, useId, useRef, useState } from 'react'
import { said } from '../../../api/problem'
import { pick } from '../../../app/language'
import type { Place } from '../../../map/CityMap'
import { type Found, find } from './data'
import { useT } from './words'

const PAUSE_MS = 200

interface FindBoxProps {
  /** Where the map looks: what is near comes first. */
  near: () => Place | null
  onFound: (found: Found) => void
}

export function FindBox({ near, onFound }: FindBoxProps) {
  const t = useT()
  const list = useId()
  const input = useRef<HTMLInputElement>(null)
  const [text, setText] = useState('')
  const [asked, setAsked] = useState('')
  const [open, setOpen] = useState(false)
  const [marked, setMarked] = useState(0)
  useEffect(() => {
    const timer = setTimeout(() => setAsked(text.trim()), PAUSE_MS)
    return () => clearTimeout(timer)
  }, [text])
  const { data, error, isFetching } = useQuery({
    queryKey: ['map', 'find', asked],
    queryFn: ({ signal }) => find(asked, near(), signal),
    enabled: asked.length > 0,
    staleTime: 60_000,
    retry: false,
  })
  const items = asked ? (data ?? []) : []
  const current = Math.min(marked, items.length - 1)

  function choose(found: Found | undefined) {
    if (!found) return
    onFound(found)
    setText(pick(found.title_zh, found.title_en))
    setAsked('')
    setOpen(false)
  }

  const shown = open && text.trim() !== ''
  return (
    <search className="map-find">
      <input
        ref={input}
        type="search"
        role="combobox"
        aria-expanded={shown && items.length > 0}
        aria-controls={list}
        aria-autocomplete="list"
        aria-activedescendant={shown && items[current] ? `${list}-${current}` : undefined}
        aria-label={t('find')}
        placeholder={t('find_hint')}
        maxLength={100}
        value={text}
        onFocus={() => setOpen(true)}
        onBlur={() => setOpen(false)}
        onChange={(event) => {
          setText(event.target.value)
          setMarked(0)
          setOpen(true)
        }}
        onKeyDown={(event) => {
          if (event.key === 'ArrowDown') setMarked(Math.min(current + 1, items.length - 1))
          else if (event.key === 'ArrowUp') setMarked(Math.max(current - 1, 0))
          else if (event.key === 'Enter') choose(items[current])
          else if (event.key === 'Escape') {
            if (shown) setOpen(false)
            else input.current?.blur()
          } else return
          event.preventDefault()
        }}
      />
      {shown && (
        <div className="map-found">
          <div id={list} role="listbox" aria-label={t('find_results')}>
            {items.map((found, index) => (
              // biome-ignore lint/a11y/useKeyWithClickEvents: the box above has the keys
              <div
                key={`${found.kind} ${found.code} ${found.title_zh} ${found.lon} ${found.lat}`}
                id={`${list}-${index}`}
                role="option"
                aria-selected={index === current}
                tabIndex={-1}
                // Before the box loses the focus and the list is gone.
                onPointerDown={(event) => event.preventDefault()}
                onClick={() => choose(found)}
              >
                <span className="map-kind">{kindName(t, found.kind)}</span>
                <span className="map-found-title">{pick(found.title_zh, found.title_en)}</span>
                <span className="soft">{pick(found.detail_zh, found.detail_en)}</span>
              </div>
            ))}
          </div>
          <p role="status" className={items.length ? 'only-read' : 'soft'}>
            {error
              ? said(error)
              : items.length
                ? t('find_count', { count: items.length })
                : isFetching || asked !== text.trim()
                  ? t('loading')
                  : t('find_none')}
          </p>
        </div>
      )}
    </search>
  )
}

type T = ReturnType<typeof useT>

export function kindName(t: T, kind: string): string {
  const names: Record<string, string> = {
    address: t('kind_address'),
    component: t('kind_component'),
    case: t('kind_case'),
    area: t('kind_area'),
    grid: t('kind_grid'),
    coordinate: t('kind_coordinate'),
  }
  return names[kind] ?? kind
}
