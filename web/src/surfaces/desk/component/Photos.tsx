/** Its photos: looked at as large as the window, put up and taken down by whom the server lets. */
import { useQueryClient } from '@tanstack/react-query'
import { App } from 'antd'
import { useEffect, useRef, useState } from 'react'
import { photo, send, upload } from '../../../api/client'
import { type ComponentDetail, type ComponentPhoto, componentAt } from '../../../api/components'
import { isRefusal, said } from '../../../api/problem'
import { longTime, shortTime } from '../../../app/time'
import { pressed } from '../shortcuts'
import { componentKey } from './useComponent'
import { useT } from './words'

export function Photos({ detail }: { detail: ComponentDetail }) {
  const t = useT()
  const client = useQueryClient()
  const { code, photos } = detail
  const [open, setOpen] = useState<number | null>(null)
  const [sending, setSending] = useState(0)
  const [problem, setProblem] = useState('')
  const again = () => client.invalidateQueries({ queryKey: componentKey(code) })

  async function add(files: Iterable<File>) {
    setProblem('')
    const { shrink } = await import('../../../ui/shrink')
    for (const file of files) {
      setSending((count) => count + 1)
      try {
        const small = await shrink(file).catch(() => {
          throw new Error(t('photo_unreadable', { name: file.name }))
        })
        const attachment = await upload(small, 'component', file.name.replace(/\.\w+$/, '.jpg'))
        await send(`${componentAt(code)}/photos`, {
          method: 'POST',
          headers: { 'Content-Type': 'application/json' },
          body: JSON.stringify({ attachment }),
        })
      } catch (error) {
        setProblem(t('photo_failed', { name: file.name, why: said(error) }))
      }
      setSending((count) => count - 1)
    }
    await again()
  }

  return (
    <section
      aria-labelledby="component-photos"
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => {
        event.preventDefault()
        if (detail.may.add_photo) void add(event.dataTransfer.files)
      }}
    >
      <h2 id="component-photos">{t('photos')}</h2>
      {photos.length === 0 && !detail.may.add_photo && <p className="soft">{t('photos_none')}</p>}
      <div className="component-photos">
        {photos.map((each, index) => (
          <button key={each.attachment} type="button" onClick={() => setOpen(index)}>
            <img
              src={photo(each.attachment, 'thumb')}
              alt={t('photo_open', { n: index + 1, at: shortTime(each.taken_at ?? each.added_at) })}
              loading="lazy"
            />
          </button>
        ))}
        {detail.may.add_photo && (
          <label className="component-add">
            <span aria-hidden="true">{sending ? t('photo_sending') : t('photo_add')}</span>
            <input
              type="file"
              accept="image/jpeg,image/png,image/webp"
              multiple
              aria-label={t('photo_add')}
              onChange={(event) => {
                void add([...(event.target.files ?? [])])
                event.target.value = ''
              }}
            />
          </label>
        )}
      </div>
      {problem && (
        <p className="component-problem" role="alert">
          {problem}
        </p>
      )}
      {open !== null && photos[open] && (
        <Large
          code={code}
          photos={photos}
          index={open}
          onTurn={setOpen}
          onClose={() => setOpen(null)}
          onGone={() => void again()}
        />
      )}
    </section>
  )
}

interface LargeProps {
  code: string
  photos: readonly ComponentPhoto[]
  index: number
  onTurn: (index: number) => void
  onClose: () => void
  onGone: () => void
}

function Large({ code, photos, index, onTurn, onClose, onGone }: LargeProps) {
  const t = useT()
  const { modal, message } = App.useApp()
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    const back = document.activeElement
    dialog.current?.showModal()
    return () => {
      if (back instanceof HTMLElement) back.focus()
    }
  }, [])
  const shown = photos[index]
  if (!shown) return null
  const turn = (by: number) => onTurn((index + by + photos.length) % photos.length)

  function takeDown() {
    // A dialog of the browser's own lies above everything: the question would be under it.
    onClose()
    void modal.confirm({
      title: t('take_down'),
      content: t('take_down_say'),
      okText: t('take_down'),
      cancelText: t('cancel'),
      okButtonProps: { danger: true },
      async onOk() {
        try {
          await send(`${componentAt(code)}/photos/${shown?.attachment}`, { method: 'DELETE' })
        } catch (error) {
          void message.error(isRefusal(error, 403) ? t('take_down_not_mine') : said(error))
        }
        onGone()
      },
    })
  }

  return (
    <dialog
      ref={dialog}
      className="component-large"
      aria-label={t('photos')}
      onClose={onClose}
      onKeyDown={(event) => {
        if (pressed(event, 'photo_next') >= 0) turn(1)
        if (pressed(event, 'photo_back') >= 0) turn(-1)
      }}
    >
      <img
        src={photo(shown.attachment, 'medium')}
        alt={t('photo_open', { n: index + 1, at: shortTime(shown.taken_at ?? shown.added_at) })}
      />
      <p className="soft">
        {t('photo_by', { name: shown.added_by, at: longTime(shown.added_at) })}
        {shown.taken_at && ` · ${t('photo_taken', { at: longTime(shown.taken_at) })}`}
      </p>
      <div className="component-large-bar">
        <button
          type="button"
          className="tool"
          disabled={photos.length < 2}
          onClick={() => turn(-1)}
        >
          {t('previous')}
        </button>
        <span className="num" aria-live="polite">
          {index + 1} / {photos.length}
        </span>
        <button type="button" className="tool" disabled={photos.length < 2} onClick={() => turn(1)}>
          {t('next')}
        </button>
        <a className="tool" href={photo(shown.attachment)} target="_blank" rel="noreferrer">
          {t('original')}
        </a>
        <button type="button" className="tool" onClick={takeDown}>
          {t('take_down')}
        </button>
        <button type="button" className="tool main" onClick={() => dialog.current?.close()}>
          {t('close')}
        </button>
      </div>
    </dialog>
  )
}
