/** One survey before it goes into the register: every difference looked at, left out, or let in. */
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { App } from 'antd'
import { useState } from 'react'
import { said } from '../../../api/problem'
import { pick } from '../../../app/language'
import { whole } from '../../../app/numbers'
import { shortTime } from '../../../app/time'
import { ApplyBar } from './ApplyBar'
import { RowsMap } from './RowsMap'
import { RowTable } from './RowTable'
import { SurveyState } from './SurveysPage'
import {
  readRows,
  readSurvey,
  type SurveyDetail,
  surveyAt,
  VERDICTS,
  type Verdict,
  write,
} from './survey'
import { useT, word } from './words'
import './surveys.css'

const READING_MS = 1_500

export default function ReviewPage() {
  const t = useT()
  const { id = '' } = useParams({ strict: false })
  const { data, error } = useQuery({
    queryKey: ['surveys', id],
    queryFn: ({ signal }) => readSurvey(id, signal),
    refetchInterval: (query) => (query.state.data?.state === 'reading' ? READING_MS : false),
  })
  if (data) return <Opened key={id} id={id} survey={data} />
  return error ? (
    <p className="empty" role="alert">
      {said(error)}
    </p>
  ) : (
    <p className="empty" role="status">
      {t('loading')}
    </p>
  )
}

/** The first heap that has something in it. */
function firstOf(survey: SurveyDetail): Verdict {
  return VERDICTS.find((verdict) => survey[verdict] > 0) ?? 'new'
}

function Opened({ id, survey }: { id: string; survey: SurveyDetail }) {
  const t = useT()
  return (
    <main className="survey" aria-labelledby="survey-title">
      <header className="survey-head">
        <div>
          <p className="soft">
            <Link to="/surveys">{t('surveys')}</Link> / {word('register', survey.register)}
          </p>
          <h1 id="survey-title">{survey.title || survey.file_name}</h1>
          <p className="soft">
            {survey.file_name} ·{' '}
            {t('started', { name: survey.started_by, at: shortTime(survey.started_at) })}
            {survey.finished_at &&
              ` · ${t('finished', { name: survey.finished_by, at: shortTime(survey.finished_at) })}`}
          </p>
        </div>
        <SurveyState survey={survey} />
        {survey.state === 'review' && <ApplyBar survey={survey} />}
      </header>
      {survey.refused && (
        <p className="survey-problem" role="alert">
          {pick(survey.refused.zh, survey.refused.en)}{' '}
          {pick(survey.refused.remedy_zh, survey.refused.remedy_en)}
        </p>
      )}
      {(survey.state === 'review' || survey.state === 'applied') && (
        <Rows id={id} survey={survey} />
      )}
    </main>
  )
}

function Rows({ id, survey }: { id: string; survey: SurveyDetail }) {
  const t = useT()
  const client = useQueryClient()
  const { message } = App.useApp()
  const search = useSearch({ from: '/surveys/$id' })
  const navigate = useNavigate({ from: '/surveys/$id' })
  const verdict = search.verdict ?? firstOf(survey)
  const wish = { verdict, reason: search.reason, cursor: search.cursor }
  const { data, error, isPlaceholderData } = useQuery({
    queryKey: ['surveys', id, 'rows', wish],
    queryFn: ({ signal }) => readRows(id, wish, signal),
    placeholderData: keepPreviousData,
  })
  const [selected, setSelected] = useState<ReadonlySet<number>>(new Set())
  const [marked, setMarked] = useState<number | null>(null)
  const rows = data && !isPlaceholderData ? data.items : []
  const decides = survey.state === 'review' && verdict !== 'rejected'

  function look(part: typeof search) {
    setSelected(new Set())
    setMarked(null)
    void navigate({ search: part })
  }
  async function decline(ids: number[], declined: boolean) {
    try {
      await write(`${surveyAt(id)}/rows`, 'PATCH', { ids, declined })
      setSelected(new Set())
    } catch (problem) {
      void message.error(said(problem))
    }
    await client.invalidateQueries({ queryKey: ['surveys', id] })
  }

  return (
    <>
      <div className="survey-tabs">
        <div role="tablist" aria-label={t('verdicts')}>
          {VERDICTS.map((each) => (
            <button
              key={each}
              type="button"
              role="tab"
              aria-selected={each === verdict}
              onClick={() => look({ verdict: each })}
            >
              {word('verdict', each)} <span className="num">{whole(survey[each])}</span>
            </button>
          ))}
        </div>
        <span className="soft">
          {t('same', { count: survey.same })}
          {survey.passed_over > 0 && ` · ${t('passed_over', { count: survey.passed_over })}`}
          {!survey.complete && ` · ${t('not_complete')}`}
        </span>
        {verdict === 'rejected' && survey.rejected > 0 && (
          <span className="survey-files">
            <a className="tool" href={`${surveyAt(id)}/rejected.csv`} download>
              {t('rejected_csv')}
            </a>
            <a className="tool" href={`${surveyAt(id)}/rejected.geojson`} download>
              {t('rejected_geojson')}
            </a>
          </span>
        )}
      </div>
      {selected.size > 0 && (
        <div className="survey-bulk">
          <span>{t('selected', { count: selected.size })}</span>
          <button type="button" className="tool" onClick={() => void decline([...selected], true)}>
            {t('decline')}
          </button>
          <button type="button" className="tool" onClick={() => void decline([...selected], false)}>
            {t('take_back')}
          </button>
        </div>
      )}
      <div className="survey-columns">
        <div className="survey-card" role="tabpanel" aria-label={word('verdict', verdict)}>
          {error ? (
            <p className="survey-problem" role="alert">
              {said(error)}
            </p>
          ) : (
            <RowTable
              verdict={verdict}
              rows={rows}
              loading={!data || isPlaceholderData}
              marked={marked}
              onMark={setMarked}
              selected={decides ? selected : null}
              onSelect={setSelected}
              onDecline={(row, declined) => void decline([row], declined)}
              onReason={(reason) => look({ verdict, reason })}
              reason={search.reason}
              reasons={survey.reasons}
              none={t(
                verdict === 'new' && !survey.new_shown && survey.new > 0 ? 'new_hidden' : 'none',
              )}
            />
          )}
          <nav className="survey-pager" aria-label={t('pages')}>
            <button
              type="button"
              className="tool"
              disabled={!data?.previous}
              onClick={() => data?.previous && look({ ...search, verdict, cursor: data.previous })}
            >
              {t('page_previous')}
            </button>
            <button
              type="button"
              className="tool"
              disabled={!data?.next}
              onClick={() => data?.next && look({ ...search, verdict, cursor: data.next })}
            >
              {t('page_next')}
            </button>
          </nav>
        </div>
        <RowsMap rows={rows} marked={marked} onPick={setMarked} />
      </div>
    </>
  )
}
