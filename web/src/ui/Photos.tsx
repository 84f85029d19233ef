/** Taking, seeing and removing photos; a file input, so that every phone's camera works. */
import { type ReactNode, useState } from 'react'
import { words } from '../app/language'
import type { Shot } from './shrink'
import zh from './zh.json'

const { useT } = words(zh, () => import('./en.json').then((file) => file.default))

interface PhotosProps {
  label: string
  value: readonly Shot[]
  onChange: (shots: Shot[]) => void
  most?: number
  /** Pictures taken earlier may be chosen too: `capture` opens nothing but the camera. */
  gallery?: boolean
  disabled?: boolean
  /** Drawn on a photo, such as how far it has been sent. */
  badge?: (index: number) => ReactNode
}

export function Photos(props: PhotosProps) {
  const { label, value, onChange, most = 6, gallery = false, disabled = false, badge } = props
  const t = useT()
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState('')

  async function add(files: FileList | null) {
    if (!files?.length) return
    setBusy(true)
    setProblem('')
    const made: Shot[] = []
    for (const file of [...files].slice(0, most - value.length)) {
      try {
        const { shoot } = await import('./shrink')
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
            {badge?.(index)}
            {!disabled && (
              <button
                type="button"
                aria-label={t('photo_remove', { n: index + 1 })}
                onClick={() => remove(shot)}
              >
                ×
              </button>
            )}
          </div>
        ))}
        {value.length < most && (
          <Add
            text={busy ? t('photo_reading') : t('photo_take')}
            label={`${label} · ${gallery ? t('photo_take') : t('photo_choose')}`}
            camera
            disabled={busy || disabled}
            onFiles={add}
          />
        )}
        {gallery && value.length < most && (
          <Add
            text={t('photo_gallery')}
            label={`${label} · ${t('photo_gallery')}`}
            disabled={busy || disabled}
            onFiles={add}
          />
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

interface AddProps {
  text: string
  label: string
  camera?: boolean
  disabled: boolean
  onFiles: (files: FileList | null) => Promise<void>
}

function Add({ text, label, camera, disabled, onFiles }: AddProps) {
  return (
    <label className="add">
      <span aria-hidden="true">{text}</span>
      <input
        type="file"
        accept="image/*"
        capture={camera ? 'environment' : undefined}
        multiple
        disabled={disabled}
        aria-label={label}
        onChange={(event) => {
          // The list lives only as long as the input keeps it.
          void onFiles(event.target.files).finally(() => {
            event.target.value = ''
          })
        }}
      />
    </label>
  )
}
