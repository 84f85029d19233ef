/** What a list can show of a case. */
import type { ReactNode } from 'react'
import { language, named } from '../../../app/language'
import { columnTime, longTime } from '../../../app/time'
import { Clock, StateMark } from '../../../ui/Phase'
import type { CaseRow } from './rows'
import { t } from './words'

export interface Column {
  key: ColumnKey
  /** Pixels; a column without takes what is left. */
  width?: number
  /** Pixels where English words are longer. */
  english?: number
  /** Of a column that takes what is left: its share. */
  share?: number
  cell: (row: CaseRow) => ReactNode
  /** The whole text, for what does not fit. */
  title?: (row: CaseRow) => string
}

const KEYS = [
  'number',
  'matter',
  'state',
  'clock',
  'marks',
  'address',
  'description',
  'area',
  'department',
  'channel',
  'reported_at',
  'filed_at',
  'handle_due_at',
  'closed_at',
] as const
export type ColumnKey = (typeof KEYS)[number]

/** Those that are shown until a person chooses. */
export const USUAL: readonly ColumnKey[] = [
  'number',
  'matter',
  'state',
  'clock',
  'marks',
  'address',
  'department',
  'reported_at',
]

export function isColumns(value: unknown): value is ColumnKey[] {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((key) => (KEYS as readonly unknown[]).includes(key)) &&
    new Set(value).size === value.length
  )
}

/** What a case is called before it has a number. */
export function caseName(row: { id: number; number: string | null }): string {
  return row.number ?? t('unfiled', { id: String(row.id) })
}

function time(of: 'reported_at' | 'filed_at' | 'handle_due_at' | 'closed_at') {
  return {
    width: 100,
    cell: (row: CaseRow) => <span className="num">{columnTime(row[of])}</span>,
    title: (row: CaseRow) => longTime(row[of]),
  }
}

function text(of: (row: CaseRow) => string, share: number) {
  return { share, cell: of, title: of }
}

export const COLUMNS: Record<ColumnKey, Column> = {
  number: {
    key: 'number',
    width: 184,
    cell: (row) => (
      <span className={row.number ? 'num' : 'num soft'} data-number>
        {caseName(row)}
      </span>
    ),
    title: caseName,
  },
  matter: { key: 'matter', ...text((row) => named(row.matter, t('no_matter')), 2) },
  state: { key: 'state', width: 100, english: 116, cell: (row) => <StateMark row={row} /> },
  clock: {
    key: 'clock',
    width: 132,
    cell: (row) => <Clock row={row} />,
    title: (row) => (row.stage_due_at ? t('due_at', { time: longTime(row.stage_due_at) }) : ''),
  },
  marks: { key: 'marks', width: 58, english: 64, cell: (row) => <Marks row={row} /> },
  address: { key: 'address', ...text((row) => row.address || row.description, 2.8) },
  description: { key: 'description', ...text((row) => row.description, 4) },
  area: { key: 'area', ...text((row) => named(row.area), 1.5) },
  department: { key: 'department', ...text((row) => named(row.department, '—'), 2.1) },
  channel: { key: 'channel', width: 96, english: 108, cell: (row) => channelName(row.channel) },
  reported_at: { key: 'reported_at', ...time('reported_at') },
  filed_at: { key: 'filed_at', ...time('filed_at') },
  handle_due_at: { key: 'handle_due_at', ...time('handle_due_at') },
  closed_at: { key: 'closed_at', ...time('closed_at') },
}

export function widthOf(key: ColumnKey): number | undefined {
  const { width, english } = COLUMNS[key]
  return language() === 'en' ? (english ?? width) : width
}

export const ALL_COLUMNS: readonly ColumnKey[] = KEYS

export function columnName(key: ColumnKey): string {
  return t(`col_${key}`)
}

const CHANNEL_WORDS = {
  citizen: 'channel_citizen',
  hotline: 'channel_hotline',
  collector: 'channel_collector',
  open311: 'channel_open311',
  alarm: 'channel_alarm',
  video: 'channel_video',
  superior: 'channel_superior',
  leader: 'channel_leader',
  media: 'channel_media',
  import: 'channel_import',
} as const

export function channelName(channel: string): string {
  const known = Object.entries(CHANNEL_WORDS).find(([name]) => name === channel)
  return known ? t(known[1]) : channel
}

/** Urgent, supervised, urged, sent back, told by several: short marks with their whole meaning. */
function Marks({ row }: { row: CaseRow }) {
  const marks: [short: string, whole: string, strong: boolean][] = []
  if (row.urgency === 'urgent') marks.push([t('mark_urgent'), t('mark_urgent_long'), true])
  if (row.supervision_count > 0) {
    const count = row.supervision_count
    marks.push([t('mark_supervised'), t('mark_supervised_long', { count }), true])
  }
  if (row.urge_count > 0) {
    const count = row.urge_count
    marks.push([t('mark_urged'), t('mark_urged_long', { count }), false])
  }
  if (row.rework_count > 0) {
    const count = row.rework_count
    marks.push([t('mark_rework'), t('mark_rework_long', { count }), false])
  }
  if (row.report_count > 1) {
    const count = row.report_count
    marks.push([`×${count}`, t('mark_reports_long', { count }), false])
  }
  return (
    <span className="marks">
      {marks.map(([short, whole, strong]) => (
        <abbr key={short} title={whole} className={strong ? 'strong' : undefined}>
          {short}
        </abbr>
      ))}
    </span>
  )
}
