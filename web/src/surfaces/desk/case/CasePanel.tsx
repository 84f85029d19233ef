/** A case with its whole life and the buttons of whoever looks; in a drawer or a page of its own. */
import { Button } from 'antd'
import { said } from '../../../api/problem'
import { Facts } from './Facts'
import { Head } from './Head'
import { Timeline } from './Timeline'
import { useCase } from './useCase'
import { useT } from './words'
import './case.css'

export interface CasePanelProps {
  id: number
  onClose?: () => void
  /** Shows another case in the same place; without it links lead to the page of the case. */
  onMove?: (id: number) => void
}

export function CasePanel({ id, onClose, onMove }: CasePanelProps) {
  const t = useT()
  const { data, error, refetch } = useCase(id)
  if (!data) {
    return error ? (
      <div className="case-blank" role="alert">
        <p>
          {t('failed')}: {said(error)}
        </p>
        <Button onClick={() => void refetch()}>{t('try_again')}</Button>
      </div>
    ) : (
      <p className="case-blank" role="status">
        {t('loading')}
      </p>
    )
  }
  return (
    <article className="case" aria-label={data.number ?? t('no_number', { id: String(data.id) })}>
      <Head detail={data} onClose={onClose} onMove={onMove} />
      <div className="case-columns">
        <div>
          <Timeline detail={data} />
        </div>
        <aside>
          <Facts detail={data} />
        </aside>
      </div>
    </article>
  )
}
