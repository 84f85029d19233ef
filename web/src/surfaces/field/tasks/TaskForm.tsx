/** The decision on a task. It goes to the outbox, which sends it now or when it can. */
import { type FormEvent, useEffect, useRef, useState } from 'react'
import { said } from '../../../api/problem'
import type { Me } from '../../../api/session'
import { named } from '../../../app/language'
import { Chips } from '../../../ui/Chips'
import { go } from '../../../ui/path'
import { notice } from '../notice'
import { useWhereabouts } from '../position'
import { toItemPhotos, useDraft } from '../store/draft'
import { put } from '../store/outbox'
import { kick } from '../store/running'
import { useT } from '../words'
import { type Act, type ActName, missing } from './acts'
import type { TaskRow } from './read'
import { Slots } from './Slots'

export const FORM = 'task-form'

interface TaskFormProps {
  me: Me
  row: TaskRow['case']
  title: string
  acts: readonly Act[]
}

interface Written {
  act: ActName | null
  opinion: string
  /** The version of the case that these words are about. */
  version: number | null
}

const EMPTY: Written = { act: null, opinion: '', version: null }

export function draftOf(owner: number, caseId: number): string {
  return `${owner}.case.${caseId}`
}

export function TaskForm({ me, row, title, acts }: TaskFormProps) {
  const t = useT()
  const draft = useDraft(draftOf(me.user.id, row.id), EMPTY)
  const { position } = useWhereabouts()
  const [problem, setProblem] = useState('')
  /** How often it was sent off; from the first time on it says what is lacking. */
  const [tries, setTries] = useState(0)
  const told = useRef<HTMLParagraphElement>(null)
  const [restored] = useState(() => draft.words.opinion !== '' || draft.words.act !== null)
  const { words, photos } = draft
  const act = acts.find((each) => each.name === words.act) ?? null
  const slots = act?.slots ?? []
  // The reporter sees the photos of a result once it is closed, and no names of people.
  const by =
    act?.name === 'finish' && row.department
      ? t('wm_department', { name: named(row.department) })
      : t('wm_person', { name: me.user.display_name || me.user.username })
  const here = position ? `${position.lon.toFixed(5)} ${position.lat.toFixed(5)}` : ''

  const lack = missing(act, words.opinion, photos)
  const wrong = tries > 0 && lack ? t(lack) : problem

  // The button stays in sight below the page; what it complains of may not be.
  useEffect(() => {
    if (tries > 0) told.current?.scrollIntoView({ block: 'center' })
  }, [tries])

  async function submit(event: FormEvent) {
    event.preventDefault()
    setTries(tries + 1)
    setProblem('')
    if (lack || !act) return
    try {
      await put({
        kind: 'step',
        owner: me.user.id,
        title: `${title} ${row.number ?? ''}`.trim(),
        caseId: row.id,
        operation: act.operation,
        act: act.name,
        // The case as it was when the first word was written, not as it has become meanwhile:
        // whether that matters is the server's to say.
        version: words.version ?? row.version,
        opinion: words.opinion.trim(),
        extra: act.extra,
        photos: toItemPhotos(photos.filter((photo) => slots.includes(photo.slot))),
      })
    } catch (error) {
      setProblem(t('not_saved', { reason: said(error) }))
      return
    }
    await draft.clear()
    notice(t('saved_outbox'))
    go('/m')
    void kick()
  }

  const write = (change: Partial<Written>) =>
    draft.write({ version: words.version ?? row.version, ...change })

  return (
    <form id={FORM} className="card form" onSubmit={submit} noValidate>
      {restored && (
        <p className="soft" role="status">
          {t('draft_kept')}
        </p>
      )}
      <Chips
        legend={t('what')}
        name="act"
        value={act?.name ?? null}
        onChange={(name) => write({ act: name })}
        choices={acts.map((each) => ({ value: each.name, label: t(`act_${each.name}`) }))}
      />
      <label className="field">
        <span className="label">{t(act && !act.opinion ? 'opinion_optional' : 'opinion')}</span>
        <textarea
          rows={3}
          maxLength={4000}
          value={words.opinion}
          onChange={(event) => write({ opinion: event.target.value })}
        />
      </label>
      {slots.length > 0 && (
        <Slots
          legend={t(act?.photo ? 'photos_needed' : 'photos')}
          slots={slots}
          photos={photos}
          onChange={(next) => {
            write({})
            draft.setPhotos(next)
          }}
          marking={{ by, place: row.address || here, subject: row.number ?? title }}
        />
      )}
      {act?.name === 'finish' && <p className="soft">{t('photos_shown')}</p>}
      {wrong && (
        <p ref={told} className="problem" role="alert">
          {wrong}
        </p>
      )}
    </form>
  )
}
