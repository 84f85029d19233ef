/** Which case this is, where it stands, and whether its clock runs. */
import { CloseOutlined, ExpandAltOutlined, PrinterOutlined } from '@ant-design/icons'
import { Link } from '@tanstack/react-router'
import { Button, Tag } from 'antd'
import { named } from '../../../app/language'
import { shortTime } from '../../../app/time'
import { Clock, StateMark } from '../../../ui/Phase'
import type { CaseDetail } from './shape'
import { useT, word } from './words'

interface HeadProps {
  detail: CaseDetail
  onClose?: () => void
  onMove?: (id: number) => void
  children?: React.ReactNode
}

export function Head({ detail, onClose, onMove, children }: HeadProps) {
  const t = useT()
  const id = String(detail.id)
  return (
    <header className="case-head">
      <div className="case-title">
        <h1>{named(detail.matter, t('no_matter'))}</h1>
        <span className="num case-number">{detail.number ?? t('no_number', { id })}</span>
        <span className="case-tools">
          <Button
            type="text"
            icon={<PrinterOutlined />}
            aria-label={t('print')}
            title={t('print')}
            onClick={() => window.print()}
          />
          {onClose && (
            <>
              <Link
                to="/cases/$id"
                params={{ id }}
                className="case-tool"
                aria-label={t('open_page')}
                title={t('open_page')}
              >
                <ExpandAltOutlined />
              </Link>
              <Button
                type="text"
                icon={<CloseOutlined />}
                aria-label={t('close_panel')}
                title={t('close_panel')}
                onClick={onClose}
              />
            </>
          )}
        </span>
      </div>
      {children}
      <div className="case-marks">
        <StateMark row={detail} />
        <Clock row={detail} />
        <Why detail={detail} />
        <Marks detail={detail} />
      </div>
      {detail.merged_into !== null && (
        <p className="case-note">
          {t('merged_into')}{' '}
          <CaseLink id={detail.merged_into} onMove={onMove}>
            {t('open_main')}
          </CaseLink>
        </p>
      )}
    </header>
  )
}

/** Why the clock stands still, and until when. */
function Why({ detail }: { detail: CaseDetail }) {
  const t = useT()
  const pause = detail.pauses.find((each) => each.ended_at === null)
  if (!pause || detail.closed_at) return null
  const reason = word('pause', pause.reason)
  const until = detail.paused_until
  return (
    <span className="soft">
      {until ? t('paused_until', { reason, until: shortTime(until) }) : t('paused_why', { reason })}
    </span>
  )
}

function Marks({ detail }: { detail: CaseDetail }) {
  const t = useT()
  const { supervision_count, urge_count, rework_count, reopen_count } = detail
  return (
    <>
      {detail.urgency === 'urgent' && <Tag color="error">{t('urgent')}</Tag>}
      {supervision_count > 0 && (
        <Tag color="warning">{t('supervised', { count: supervision_count })}</Tag>
      )}
      {urge_count > 0 && <Tag>{t('urged', { count: urge_count })}</Tag>}
      {rework_count > 0 && <Tag>{t('reworked', { count: rework_count })}</Tag>}
      {reopen_count > 0 && <Tag>{t('reopened', { count: reopen_count })}</Tag>}
      {detail.forced && <Tag>{t('forced')}</Tag>}
      {detail.handle_late && (
        <Tag color={detail.timeout_exempt ? undefined : 'error'}>
          {detail.timeout_exempt ? t('exempt') : t('handle_late')}
        </Tag>
      )}
      {!detail.public && <Tag>{t('not_public')}</Tag>}
    </>
  )
}

interface CaseLinkProps {
  id: number
  onMove?: (id: number) => void
  children: React.ReactNode
}

/** Another case: in the same place where that is possible, else on its own page. */
export function CaseLink({ id, onMove, children }: CaseLinkProps) {
  return (
    <Link
      to="/cases/$id"
      params={{ id: String(id) }}
      onClick={(event) => {
        if (!onMove || event.metaKey || event.ctrlKey || event.shiftKey) return
        event.preventDefault()
        onMove(id)
      }}
    >
      {children}
    </Link>
  )
}
