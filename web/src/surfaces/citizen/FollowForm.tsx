/** Number and code, as they stand on a receipt. */
import { type FormEvent, useId, useState } from 'react'
import { go } from '../../ui/path'
import { followPath } from './kept'
import { useT } from './words'

export function FollowForm({ number = '', code = '' }: { number?: string; code?: string }) {
  const t = useT()
  const id = useId()
  const [typed, setTyped] = useState({ number, code })
  const [missing, setMissing] = useState(false)

  function submit(event: FormEvent) {
    event.preventDefault()
    const plain = { number: tidy(typed.number), code: tidy(typed.code) }
    setMissing(!plain.number || !plain.code)
    if (plain.number && plain.code) go(followPath(plain.number, plain.code))
  }

  return (
    <form className="stack" onSubmit={submit} noValidate>
      <div className="stack">
        <Box
          id={`${id}-number`}
          label={t('follow_number')}
          hint={t('follow_number_hint')}
          value={typed.number}
          onChange={(value) => setTyped({ ...typed, number: value })}
        />
        <Box
          id={`${id}-code`}
          label={t('follow_code')}
          hint={t('follow_code_hint')}
          value={typed.code}
          onChange={(value) => setTyped({ ...typed, code: value })}
        />
      </div>
      {missing && (
        <p className="note bad" role="alert">
          {t('follow_need')}
        </p>
      )}
      <button type="submit" className="button">
        {t('follow_go')}
      </button>
    </form>
  )
}

interface BoxProps {
  id: string
  label: string
  hint: string
  value: string
  onChange: (value: string) => void
}

function Box({ id, label, hint, value, onChange }: BoxProps) {
  return (
    <div className="field">
      <label className="label" htmlFor={id}>
        {label}
      </label>
      <input
        id={id}
        className="input num"
        value={value}
        placeholder={hint}
        autoCapitalize="characters"
        autoComplete="off"
        autoCorrect="off"
        spellCheck={false}
        onChange={(event) => onChange(event.target.value)}
      />
    </div>
  )
}

/** As people copy it: with blanks, in small letters, in the wide forms of Chinese keyboards. */
export function tidy(text: string): string {
  return text.normalize('NFKC').replace(/\s+/g, '').toUpperCase()
}
