/** One box for the things of the city: a component by its code or name, an area by its name. */
import { useEffect, useRef, useState } from 'react'
import { send } from '../../api/client'
import type { Component } from '../../api/components'
import { isAway, said } from '../../api/problem'
import { pick } from '../../app/language'
import { follow, go } from '../../ui/path'
import { useData } from '../../ui/useData'
import { ComponentRow } from './Components'
import { search } from './offline/reading'
import { useT, word } from './opened/text'
import type { Person } from './person'

const PAUSE_MS = 300
const LEAST = 2

interface Found {
  kind: string
  title_zh: string
  title_en: string
  detail_zh: string
  detail_en: string
  code: string
}

interface Answer {
  found?: Found[]
  /** Without a network, of what was taken along. */
  kept?: Component[]
}

async function find(text: string, person: Person, signal: AbortSignal): Promise<Answer> {
  const query = new URLSearchParams({ q: text, kinds: 'component,area', limit: '20' })
  try {
    const answer: { items: Found[] } = await (await send(`/api/find?${query}`, { signal })).json()
    return { found: answer.items }
  } catch (error) {
    if (!isAway(error)) throw error
    return { kept: await search(person.id, text) }
  }
}

function hrefOf({ kind, code }: Found): string | undefined {
  const path = encodeURIComponent(code)
  if (kind === 'component') return `/m/leader/components/${path}`
  return kind === 'area' ? `/m/leader/city?area=${path}` : undefined
}

export function Search({ text, person }: { text: string; person: Person }) {
  const t = useT()
  const [typed, setTyped] = useState(text)
  const told = useRef(text)
  useEffect(() => {
    if (text !== told.current) setTyped(text)
    told.current = text
  }, [text])
  useEffect(() => {
    const wanted = typed.trim()
    if (wanted === told.current) return
    const timer = setTimeout(() => {
      told.current = wanted
      go(`/m/leader/city${wanted ? `?${new URLSearchParams({ q: wanted })}` : ''}`, true)
    }, PAUSE_MS)
    return () => clearTimeout(timer)
  }, [typed])
  return (
    <search>
      <input
        type="search"
        className="input"
        value={typed}
        maxLength={100}
        placeholder={t('search_hint')}
        aria-label={t('search_hint')}
        onChange={(event) => setTyped(event.target.value)}
      />
      {text.length >= LEAST && <Results text={text} person={person} />}
    </search>
  )
}

function Results({ text, person }: { text: string; person: Person }) {
  const t = useT()
  const { data, error } = useData(text, (signal) => find(text, person, signal))
  const none = data && (data.found ?? data.kept ?? []).length === 0
  return (
    <div className="leader-found" aria-live="polite">
      {!data && !error && <p className="empty">{t('loading')}</p>}
      {!!error && (
        <p className="empty" role="alert">
          {said(error)}
        </p>
      )}
      {none && <p className="empty">{t('nothing_found')}</p>}
      {data?.kept && data.kept.length > 0 && (
        <>
          <p className="soft">{t('found_taken')}</p>
          <ul className="leader-rows card">
            {data.kept.map((row) => (
              <li key={row.code}>
                <ComponentRow row={row} />
              </li>
            ))}
          </ul>
        </>
      )}
      {data?.found && data.found.length > 0 && (
        <ul className="leader-rows card">
          {data.found.map((each) => (
            <li key={`${each.kind} ${each.code}`}>
              <a href={hrefOf(each)} onClick={follow}>
                <strong>{pick(each.title_zh, each.title_en)}</strong>
                <span className="soft">{word('kind', each.kind)}</span>
                <span className="soft">{pick(each.detail_zh, each.detail_en)}</span>
              </a>
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}
