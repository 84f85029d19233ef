/** A place looked for by its address or the name of its area. What is found is a list under the
 * box: the arrow keys walk it while the focus stays in the box, a finger chooses from it. */
import { type KeyboardEvent, useEffect, useId, useState } from 'react'
import { isRefusal, said } from '../../../api/problem'
import { pick } from '../../../app/language'
import type { Place } from '../../../map/CityMap'
import { useData } from '../../../ui/useData'
import { type FoundPlace, placesNamed } from '../answers'
import { useT } from '../words'

/** Long enough that words are looked for, not every stroke. */
const PAUSE_MS = 350
/** One Chinese character names half of the city. */
const LEAST = 2

interface PlaceSearchProps {
  /** Where the map looks: of equals the nearer comes first. */
  near: () => Place | null
  onFound: (found: FoundPlace) => void
}

export function PlaceSearch({ near, onFound }: PlaceSearchProps) {
  const t = useT()
  const list = useId()
  const [text, setText] = useState('')
  const [composing, setComposing] = useState(false)
  const [asked, setAsked] = useState('')
  const [open, setOpen] = useState(false)
  const [marked, setMarked] = useState(0)
  const wanted = text.trim()
  useEffect(() => {
    // Half a syllable of pinyin is no word.
    if (composing) return
    const timer = setTimeout(() => setAsked(wanted.length < LEAST ? '' : wanted), PAUSE_MS)
    return () => clearTimeout(timer)
  }, [wanted, composing])
  const { data, error, again } = useData(open && asked ? asked : null, (signal) =>
    placesNamed(asked, near(), signal),
  )
  const items = asked === wanted ? (data ?? []) : []
  const current = Math.min(marked, items.length - 1)
  const shown = open && wanted !== ''

  function choose(found: FoundPlace | undefined) {
    if (!found) return
    setText(pick(found.title_zh, found.title_en))
    setOpen(false)
    onFound(found)
  }

  function onKey(event: KeyboardEvent) {
    if (composing || event.nativeEvent.isComposing) return
    if (event.key === 'ArrowDown') setMarked(Math.min(current + 1, items.length - 1))
    else if (event.key === 'ArrowUp') setMarked(Math.max(current - 1, 0))
    else if (event.key === 'Enter') choose(shown ? items[current] : undefined)
    // The sheet around closes by the same key: first the list does.
    else if (event.key === 'Escape' && shown) setOpen(false)
    else return
    event.preventDefault()
  }

  function state(): string {
    if (wanted.length < LEAST) return t('find_more')
    if (error !== undefined) return said(error)
    if (items.length > 0) return t('find_count', { count: items.length })
    return data && asked === wanted ? t('find_none') : t('find_reading')
  }

  return (
    <search
      className="place-search"
      // A finger on the map closes the list; putting the keyboard away, which moves the focus
      // nowhere, does not.
      onBlur={({ currentTarget, relatedTarget }) => {
        if (relatedTarget && !currentTarget.contains(relatedTarget)) setOpen(false)
      }}
    >
      <input
        className="input"
        type="search"
        role="combobox"
        enterKeyHint="search"
        aria-label={t('find')}
        aria-expanded={shown && items.length > 0}
        aria-controls={list}
        aria-autocomplete="list"
        aria-activedescendant={shown && items[current] ? `${list}-${current}` : undefined}
        placeholder={t('find_hint')}
        autoComplete="off"
        maxLength={100}
        value={text}
        onFocus={() => setOpen(true)}
        onCompositionStart={() => setComposing(true)}
        onCompositionEnd={() => setComposing(false)}
        onChange={(event) => {
          setText(event.target.value)
          setMarked(0)
          setOpen(true)
        }}
        onKeyDown={onKey}
      />
      {shown && (
        <div className="place-found">
          <div id={list} role="listbox" aria-label={t('find_results')}>
            {items.map((found, index) => (
              // biome-ignore lint/a11y/useKeyWithClickEvents: the box above has the keys
              <div
                key={`${found.kind} ${found.code} ${found.title_zh}`}
                id={`${list}-${index}`}
                role="option"
                aria-selected={index === current}
                tabIndex={-1}
                ref={index === current ? inSight : undefined}
                onClick={() => choose(found)}
              >
                <span>{pick(found.title_zh, found.title_en)}</span>
                <span className="soft">{pick(found.detail_zh, found.detail_en)}</span>
              </div>
            ))}
          </div>
          <p role="status" className={items.length ? 'only-read' : 'soft'}>
            {state()}
          </p>
          {error !== undefined && !isRefusal(error, 422) && (
            <button type="button" className="button plain" onClick={again}>
              {t('again')}
            </button>
          )}
        </div>
      )}
    </search>
  )
}

function inSight(option: HTMLElement | null): void {
  option?.scrollIntoView({ block: 'nearest' })
}
