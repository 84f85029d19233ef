/** Saved filters: open one, keep the present one, rename, delete, choose the one to begin with. */
import { useState } from 'react'
import { Menu } from '../Menu'
import type { Preference } from '../preferences'
import type { CaseSearch } from './filters'
import {
  LONGEST_NAME,
  renamed,
  sameFilter,
  type Views,
  withFirst,
  withoutView,
  withView,
} from './views'
import { useT } from './words'

interface ViewMenuProps {
  views: Preference<Views>
  search: CaseSearch
  onOpen: (search: CaseSearch) => void
}

export function ViewMenu({ views, search, onOpen }: ViewMenuProps) {
  const t = useT()
  const { value, save } = views
  const current = value.list.find((view) => sameFilter(view.search, search))
  return (
    <Menu label={current ? t('view_is', { name: current.name }) : t('views')}>
      {(close) => (
        <div className="views">
          <button
            type="button"
            className="row"
            onClick={() => {
              onOpen({})
              close()
            }}
          >
            {t('view_all')}
          </button>
          <ul>
            {value.list.map((view) => (
              <ViewLine
                key={view.name}
                name={view.name}
                open={view === current}
                first={value.first === view.name}
                onOpen={() => {
                  onOpen(view.search)
                  close()
                }}
                onFirst={() => save(withFirst(value, view.name))}
                onDelete={() => save(withoutView(value, view.name))}
                onRename={(to) => save(renamed(value, view.name, to))}
              />
            ))}
          </ul>
          <Keep onKeep={(name) => save(withView(value, name, search))} />
        </div>
      )}
    </Menu>
  )
}

interface ViewLineProps {
  name: string
  open: boolean
  first: boolean
  onOpen: () => void
  onFirst: () => void
  onDelete: () => void
  onRename: (to: string) => void
}

function ViewLine({ name, open, first, onOpen, onFirst, onDelete, onRename }: ViewLineProps) {
  const t = useT()
  const [writing, setWriting] = useState<string | null>(null)
  if (writing !== null) {
    return (
      <li>
        <form
          onSubmit={(event) => {
            event.preventDefault()
            onRename(writing.trim())
            setWriting(null)
          }}
        >
          <input
            // biome-ignore lint/a11y/noAutofocus: the person has just asked to write here
            autoFocus
            aria-label={t('view_name')}
            maxLength={LONGEST_NAME}
            value={writing}
            onChange={(event) => setWriting(event.target.value)}
          />
          <button type="submit">{t('save')}</button>
        </form>
      </li>
    )
  }
  return (
    <li>
      <button type="button" className="row" aria-current={open || undefined} onClick={onOpen}>
        {name}
      </button>
      <button
        type="button"
        aria-pressed={first}
        aria-label={t('view_first', { name })}
        title={t('view_first', { name })}
        onClick={onFirst}
      >
        {first ? '★' : '☆'}
      </button>
      <button
        type="button"
        onClick={() => setWriting(name)}
        aria-label={t('view_rename', { name })}
      >
        {t('rename')}
      </button>
      <button type="button" onClick={onDelete} aria-label={t('view_delete', { name })}>
        {t('delete')}
      </button>
    </li>
  )
}

function Keep({ onKeep }: { onKeep: (name: string) => void }) {
  const t = useT()
  const [name, setName] = useState('')
  return (
    <form
      className="view-keep"
      onSubmit={(event) => {
        event.preventDefault()
        if (!name.trim()) return
        onKeep(name.trim())
        setName('')
      }}
    >
      <input
        aria-label={t('view_name')}
        placeholder={t('view_name')}
        maxLength={LONGEST_NAME}
        value={name}
        onChange={(event) => setName(event.target.value)}
      />
      <button type="submit" disabled={!name.trim()}>
        {t('view_keep')}
      </button>
    </form>
  )
}
