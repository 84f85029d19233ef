/** Photos of a form: chosen, dropped or pasted, made small here, sent at once and kept by key. */
import { useRef, useState } from 'react'
import { photo, upload } from '../../../api/client'
import { said } from '../../../api/problem'
import { useT } from './words'

interface AttachmentsProps {
  label: string
  purpose: 'report' | 'case'
  value: readonly string[]
  onChange: (keys: string[]) => void
  most?: number
}

export function Attachments({ label, purpose, value, onChange, most = 20 }: AttachmentsProps) {
  const t = useT()
  const [sending, setSending] = useState(0)
  const [problem, setProblem] = useState('')
  const keys = useRef(value)
  keys.current = value

  async function add(files: Iterable<File>) {
    const pictures = [...files].filter((file) => file.type.startsWith('image/'))
    setProblem('')
    const { shrink } = await import('../../../ui/shrink')
    for (const file of pictures.slice(0, most - keys.current.length)) {
      setSending((count) => count + 1)
      try {
        const small = await shrink(file).catch(() => {
          throw new Error(t('a_unreadable', { name: file.name }))
        })
        const key = await upload(small, purpose, file.name.replace(/\.\w+$/, '.jpg'))
        keys.current = [...keys.current, key]
        onChange([...keys.current])
      } catch (error) {
        setProblem(t('a_failed', { name: file.name, why: said(error) }))
      }
      setSending((count) => count - 1)
    }
  }

  return (
    <fieldset
      className="case-attachments"
      data-field="attachments"
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => {
        event.preventDefault()
        void add(event.dataTransfer.files)
      }}
      onPaste={(event) => void add(event.clipboardData.files)}
    >
      <legend>{label}</legend>
      <div className="case-thumbs">
        {value.map((key, index) => (
          <span key={key} className="case-own">
            <img src={photo(key, 'thumb')} alt={t('a_photo', { n: index + 1 })} />
            <button
              type="button"
              aria-label={t('a_remove', { n: index + 1 })}
              onClick={() => onChange(value.filter((each) => each !== key))}
            >
              ×
            </button>
          </span>
        ))}
        {value.length < most && (
          <label className="case-add">
            <span aria-hidden="true">{sending ? t('a_sending') : t('a_add')}</span>
            <input
              type="file"
              accept="image/jpeg,image/png,image/webp"
              multiple
              aria-label={`${label} · ${t('a_add')}`}
              onChange={(event) => {
                void add([...(event.target.files ?? [])])
                event.target.value = ''
              }}
            />
          </label>
        )}
      </div>
      {problem && (
        <p className="case-problem" role="alert">
          {problem}
        </p>
      )}
    </fieldset>
  )
}
