/** Surveys that were handed in: what state each is in, what it would change, and a new one. */
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { said } from '../../../api/problem'
import { useMe } from '../../../api/queries'
import { whole } from '../../../app/numbers'
import { longTime, shortTime } from '../../../app/time'
import { readSurveys, type Survey } from './survey'
import { UploadForm } from './UploadForm'
import { useT, word } from './words'
import './surveys.css'

const READING_MS = 2_000

export default function SurveysPage() {
  const t = useT()
  const me = useMe()
  const navigate = useNavigate()
  const [uploading, setUploading] = useState(false)
  const { data, error, fetchNextPage, hasNextPage, isFetchingNextPage } = useInfiniteQuery({
    queryKey: ['surveys'],
    queryFn: ({ pageParam, signal }) => readSurveys(pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next ?? null,
    refetchInterval: (query) =>
      query.state.data?.pages.some((page) => page.items.some((row) => row.state === 'reading'))
        ? READING_MS
        : false,
  })
  const rows = data?.pages.flatMap((page) => page.items) ?? []
  return (
    <main className="surveys-page" aria-labelledby="surveys-title">
      <div className="surveys-head">
        <h1 id="surveys-title">{t('surveys')}</h1>
        <button
          type="button"
          className="tool main"
          aria-expanded={uploading}
          onClick={() => setUploading(!uploading)}
        >
          {t('upload')}
        </button>
      </div>
      {uploading && me && (
        <UploadForm
          person={me.user.id}
          onDone={(id) => void navigate({ to: '/surveys/$id', params: { id: String(id) } })}
        />
      )}
      {error && (
        <p className="survey-problem" role="alert">
          {said(error)}
        </p>
      )}
      {!data && !error && (
        <p className="empty" role="status">
          {t('loading')}
        </p>
      )}
      {data && rows.length === 0 && <p className="empty">{t('no_surveys')}</p>}
      {rows.length > 0 && (
        <div className="surveys-rows">
          <table aria-label={t('surveys')}>
            <thead>
              <tr>
                {(
                  [
                    'title',
                    'register',
                    'state',
                    'new',
                    'changed',
                    'gone',
                    'rejected',
                    'started',
                  ] as const
                ).map(
                  (
                    name, // prettier-ignore
                  ) => (
                    <th key={name} scope="col">
                      {t(`h_${name}`)}
                    </th>
                  ),
                )}
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <Row key={row.id} row={row} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {hasNextPage && (
        <button
          type="button"
          className="tool"
          disabled={isFetchingNextPage}
          onClick={() => void fetchNextPage()}
        >
          {t('more')}
        </button>
      )}
    </main>
  )
}

function Row({ row }: { row: Survey }) {
  const t = useT()
  return (
    <tr>
      <td title={row.file_name}>
        <Link to="/surveys/$id" params={{ id: String(row.id) }} preload={false}>
          {row.title || row.file_name}
        </Link>
      </td>
      <td>{word('register', row.register)}</td>
      <td>
        <SurveyState survey={row} />
      </td>
      <td className="num">{whole(row.new)}</td>
      <td className="num">{whole(row.changed)}</td>
      <td className="num">{whole(row.gone)}</td>
      <td className="num">{whole(row.rejected)}</td>
      <td title={longTime(row.started_at)}>
        <span className="num">{shortTime(row.started_at)}</span>{' '}
        <span className="soft">{t('by', { name: row.started_by })}</span>
      </td>
    </tr>
  )
}

const TONE: Record<string, string> = { reading: 'doing', review: 'new', applied: 'done' }

export function SurveyState({ survey }: { survey: Survey }) {
  const t = useT()
  return (
    <>
      <span className={`phase phase-${TONE[survey.state] ?? 'gone'}`}>
        <span>{word('state', survey.state)}</span>
      </span>
      {survey.state === 'reading' && (
        <span className="survey-progress">
          <progress aria-label={t('reading')} />
          <span className="num soft">{t('read_so_far', { read: survey.read })}</span>
        </span>
      )}
    </>
  )
}
