/** One box for both: a number opens its case, words find a list. */
import { useNavigate } from '@tanstack/react-router'
import { useRef, useState } from 'react'
import { send } from '../../api/client'
import { said } from '../../api/problem'
import { useKeys } from './keys'
import { useT } from './words'

/** Numbers of cases have digits and no other letters than those of codes. */
const NUMBER = /^(?=.*\d)[0-9A-Za-z-]{4,40}$/

async function caseOfNumber(number: string): Promise<number | null> {
  const query = new URLSearchParams({ number: number.toUpperCase(), limit: '2' })
  const response = await send(`/api/cases?${query}`)
  const page = (await response.json()) as { items: { id: number }[] }
  return page.items.length === 1 ? (page.items[0]?.id ?? null) : null
}

export function SearchBox() {
  const t = useT()
  const navigate = useNavigate()
  const input = useRef<HTMLInputElement>(null)
  const [text, setText] = useState('')
  const [problem, setProblem] = useState('')
  useKeys({
    search: () => {
      input.current?.focus()
      input.current?.select()
    },
  })

  async function search() {
    const wanted = text.trim()
    if (!wanted) return
    setProblem('')
    try {
      const found = NUMBER.test(wanted) ? await caseOfNumber(wanted) : null
      if (found === null) await navigate({ to: '/cases', search: { text: wanted, part: 'all' } })
      else await navigate({ to: '/cases/$id', params: { id: String(found) } })
      // Whoever types on meanwhile keeps what is typed.
      if (input.current?.value.trim() === wanted) {
        setText('')
        input.current.blur()
      }
    } catch (error) {
      setProblem(said(error))
    }
  }

  return (
    <search className="desk-search">
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void search()
        }}
      >
        <input
          ref={input}
          type="search"
          value={text}
          maxLength={200}
          placeholder={t('search_hint')}
          aria-label={t('search')}
          aria-invalid={problem !== ''}
          title={problem || undefined}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === 'Escape') input.current?.blur()
          }}
        />
        <kbd>/</kbd>
      </form>
      {problem && (
        <p className="search-problem" role="alert">
          {problem}
        </p>
      )}
    </search>
  )
}
