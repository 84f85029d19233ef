/** What became of the files that were handed in for a layer: how far the last one is, and those
before it. */
import { App } from 'antd'
import { said } from '../../../api/problem'
import { pick } from '../../../app/language'
import { whole } from '../../../app/numbers'
import { longTime, shortTime } from '../../../app/time'
import { type Filling, layerAt, write } from './layer'
import { useT, word } from './words'

const SHOWN = 20
const TONE: Record<string, string> = {
  waiting: 'new',
  running: 'doing',
  done: 'done',
  failed: 'over',
}

interface FillingsProps {
  code: string
  fillings: readonly Filling[]
  onChange: () => void
}

export function Fillings({ code, fillings, onChange }: FillingsProps) {
  const t = useT()
  const { message } = App.useApp()
  const last = fillings[0]
  if (!last) return null
  async function cancel(id: number) {
    try {
      await write(`${layerAt(code)}/fillings/${id}/cancel`, 'POST', {})
    } catch (error) {
      void message.error(said(error))
    }
    onChange()
  }
  return (
    <>
      <section className="layer-filling" aria-label={t('last_filling')}>
        <div className="layer-filling-head">
          <State state={last.state} />
          <strong>{last.file_name}</strong>
          <span className="soft">
            {t('by', { name: last.asked_by })} · {shortTime(last.finished_at ?? last.asked_at)}
          </span>
          {last.state === 'waiting' && (
            <button type="button" className="tool" onClick={() => void cancel(last.id)}>
              {t('cancel_filling')}
            </button>
          )}
        </div>
        {last.state === 'running' && <Progress filling={last} />}
        {(last.state === 'waiting' || last.state === 'running') && (
          <p className="soft">{t('may_leave')}</p>
        )}
        <Result filling={last} />
      </section>
      {fillings.length > 1 && (
        <details className="layer-history">
          <summary>{t('history', { count: fillings.length })}</summary>
          <table>
            <thead>
              <tr>
                <th scope="col">{t('file')}</th>
                <th scope="col">{t('h_who')}</th>
                <th scope="col">{t('h_when')}</th>
                <th scope="col">{t('h_state')}</th>
                <th scope="col">{t('h_rows')}</th>
                <th scope="col">{t('h_rejected')}</th>
              </tr>
            </thead>
            <tbody>
              {fillings.map((each) => (
                <tr key={each.id}>
                  <td>{each.file_name}</td>
                  <td>{each.asked_by}</td>
                  <td className="num" title={longTime(each.asked_at)}>
                    {shortTime(each.asked_at)}
                  </td>
                  <td title={each.refused ? pick(each.refused.zh, each.refused.en) : undefined}>
                    <State state={each.state} />
                  </td>
                  <td className="num">{whole(each.rows)}</td>
                  <td className="num">
                    {each.rejected_csv ? (
                      <a href={each.rejected_csv} download>
                        {whole(each.rejected)}
                      </a>
                    ) : (
                      whole(each.rejected)
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </details>
      )}
    </>
  )
}

function State({ state }: { state: string }) {
  return (
    <span className={`phase phase-${TONE[state] ?? 'gone'}`}>
      <span>{word('filling', state)}</span>
    </span>
  )
}

function Progress({ filling }: { filling: Filling }) {
  const t = useT()
  const { read, total } = filling
  if (total !== null && read >= total)
    return (
      <p className="layer-progress">
        <progress aria-label={t('putting')} />
        <span>{t('putting')}</span>
      </p>
    )
  return (
    <p className="layer-progress">
      <progress
        aria-label={t('reading')}
        max={total ?? undefined}
        value={total ? read : undefined}
      />
      <span className="num">
        {total ? t('read_of', { read, total }) : t('read_so_far', { read })}
      </span>
    </p>
  )
}

function Result({ filling }: { filling: Filling }) {
  const t = useT()
  const { refused } = filling
  return (
    <>
      {filling.state === 'done' && (
        <p>{t('filled', { rows: filling.rows, rejected: filling.rejected })}</p>
      )}
      {filling.state === 'failed' && refused && (
        <p className="layer-problem">
          {pick(refused.zh, refused.en)} {pick(refused.remedy_zh, refused.remedy_en)}
        </p>
      )}
      {filling.ignored.length > 0 && (
        <p className="soft">{t('ignored', { names: filling.ignored.join(t('comma')) })}</p>
      )}
      {filling.empty.length > 0 && (
        <p className="soft">{t('empty_fields', { names: filling.empty.join(t('comma')) })}</p>
      )}
      {filling.rejected_csv && (
        <p>
          <a href={filling.rejected_csv} download>
            {t('rejected_csv')}
          </a>
        </p>
      )}
      {filling.examples.length > 0 && (
        <table>
          <thead>
            <tr>
              <th scope="col">{t('line')}</th>
              <th scope="col">{t('reason')}</th>
              <th scope="col">{t('detail')}</th>
            </tr>
          </thead>
          <tbody>
            {filling.examples.slice(0, SHOWN).map((each) => (
              <tr key={each.line}>
                <td className="num">{whole(each.line)}</td>
                <td>{pick(each.zh, each.en)}</td>
                <td>{each.detail}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </>
  )
}
