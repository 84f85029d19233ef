/** Taking, seeing and removing photos; a file input, so that every phone's camera works. */
import { useState } from 'react'
import { words } from '../app/language'
import type { Shot } from './shrink'
import zh from './zh.json'

const { useT } = words(zh, () => import('./en.json').then((file) => file.default))

interface PhotosProps {
  label: string
  value: readonly Shot[]
  onChange: (shots: Shot[]) => void
  most?: number
}

export function Photos({ label, value, onChange, most = 6 }: PhotosProps) {
  const t = useT()
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState('')

  async function add(files: FileList | null) {
    if (!files?.length) return
    setBusy(true)
    setProblem('')
    const { shoot } = await import('./shrink')
    const made: Shot[] = []
    for (const file of [...files].slice(0, most - value.length)) {
      try {
        made.push(await shoot(file))
      } catch {
        setProblem(t('photo_unreadable', { name: file.name }))
      }
    }
    setBusy(false)
    if (made.length) onChange([...value, ...made])
  }

  function remove(shot: Shot) {
    URL.revokeObjectURL(shot.url)
    onChange(value.filter((each) => each !== shot))
  }

  return (
    <fieldset className="field">
      <legend>{label}</legend>
      <div className="photos">
        {value.map((shot, index) => (
          <div key={shot.url}>
            <img src={shot.url} alt={t('photo_n', { n: index + 1 })} />
            <button
              type="button"
              aria-label={t('photo_remove', { n: index + 1 })}
              onClick={() => remove(shot)}
            >
              ×
            </button>
          </div>
        ))}
        {value.length < most && (
          <label className="add">
            <span aria-hidden="true">{busy ? t('photo_reading') : t('photo_take')}</span>
            <input
              type="file"
              accept="image/*"
              capture="environment"
              multiple
              disabled={busy}
              aria-label={`${label} · ${t('photo_choose')}`}
              onChange={(event) => {
                void add(event.target.files)
                event.target.value = ''
              }}
            />
          </label>
        )}
      </div>
      {problem && (
        <p className="problem" role="alert">
          {problem}
        </p>
      )}
    </fieldset>
  )
}
