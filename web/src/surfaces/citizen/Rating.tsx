/** Answered, solved, satisfied; "not solved" opens the case again, and says so before. */
import { type FormEvent, useState } from 'react'
import { isRefusal, said } from '../../api/problem'
import { Chips } from '../../ui/Chips'
import { rate } from './answers'
import { fieldsOf, store, storedJson, textOf } from './shelf'
import { useT } from './words'

type YesNo = 'yes' | 'no'

export interface RatingDraft {
  answered: YesNo | null
  solved: YesNo | null
  satisfied: YesNo | null
  note: string
}

const NOTE_LIMIT = 1000

function keyOf(number: string): string {
  return `chengyun.citizen.rating.${number}`
}

export function ratingIn(value: unknown): RatingDraft {
  const { answered, solved, satisfied, note } = fieldsOf(value)
  return {
    answered: yesNo(answered),
    solved: yesNo(solved),
    satisfied: yesNo(satisfied),
    note: textOf(note),
  }
}

function yesNo(value: unknown): YesNo | null {
  return value === 'yes' || value === 'no' ? value : null
}

interface RatingProps {
  number: string
  code: string
  onRated: (reopened: boolean) => void
  /** It cannot be rated any more; the page has to be read again. */
  onStale: () => void
}

export function Rating({ number, code, onRated, onStale }: RatingProps) {
  const t = useT()
  const [draft, setDraft] = useState(() => ratingIn(storedJson(keyOf(number))))
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState('')
  const { answered, solved, satisfied, note } = draft

  function change(part: Partial<RatingDraft>) {
    const next = { ...draft, ...part }
    setDraft(next)
    setProblem('')
    store(keyOf(number), JSON.stringify(next))
  }

  async function submit(event: FormEvent) {
    event.preventDefault()
    if (busy) return
    if (!answered || !solved || !satisfied) {
      setProblem(t('rate_need'))
      return
    }
    setBusy(true)
    setProblem('')
    const yes = (value: YesNo) => value === 'yes'
    try {
      const { reopened } = await rate(number, {
        code,
        answered: yes(answered),
        solved: yes(solved),
        satisfied: yes(satisfied),
        note: note.trim(),
      })
      store(keyOf(number), null)
      onRated(reopened)
    } catch (error) {
      setProblem(said(error))
      if (isRefusal(error, 409)) onStale()
    }
    setBusy(false)
  }

  return (
    <form className="card stack" onSubmit={(event) => void submit(event)} noValidate>
      <h2>{t('rate_title')}</h2>
      <Chips
        legend={t('rate_answered')}
        name="answered"
        choices={[
          { value: 'yes', label: t('yes') },
          { value: 'no', label: t('no') },
        ]}
        value={answered}
        onChange={(value) => change({ answered: value })}
      />
      <Chips
        legend={t('rate_solved')}
        name="solved"
        choices={[
          { value: 'yes', label: t('solved_yes') },
          { value: 'no', label: t('solved_no') },
        ]}
        value={solved}
        onChange={(value) => change({ solved: value })}
      />
      <Chips
        legend={t('rate_satisfied')}
        name="satisfied"
        choices={[
          { value: 'yes', label: t('satisfied_yes') },
          { value: 'no', label: t('satisfied_no') },
        ]}
        value={satisfied}
        onChange={(value) => change({ satisfied: value })}
      />
      <div className="field">
        <label className="label" htmlFor="rating-note">
          {t('rate_note')}
        </label>
        <textarea
          id="rating-note"
          rows={3}
          value={note}
          maxLength={NOTE_LIMIT}
          onChange={(event) => change({ note: event.target.value })}
        />
      </div>
      <div aria-live="polite">
        {solved === 'no' && <p className="note boxed">{t('rate_reopens')}</p>}
      </div>
      {problem && (
        <p className="note bad" role="alert">
          {problem}
        </p>
      )}
      <button type="submit" className="button main" disabled={busy}>
        {busy ? t('rate_sending') : t('rate_send')}
      </button>
    </form>
  )
}
