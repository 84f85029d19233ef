/** The button that sends, how far it is, and what went wrong. */
import { useAlbum } from '../album'
import { useOnline } from '../useOnline'
import { useT } from '../words'
import { useSending } from './sending'

export function SendBar({ looking, problem }: { looking: boolean; problem: string }) {
  const t = useT()
  const online = useOnline()
  const sending = useSending()
  const { photos } = useAlbum()
  const sent = photos.filter((photo) => photo.uploaded).length
  const partly = !sending.busy && sending.problem !== '' && sent > 0

  let doing = ''
  if (looking) doing = t('submit_checking')
  if (sending.busy === 'photos') doing = t('submit_photos', { n: sending.n, of: sending.of })
  if (sending.busy === 'report') doing = t('submit_report')
  const busy = doing !== ''

  return (
    <div className="foot send">
      <div aria-live="polite">
        {problem && !busy && (
          <p className="note bad">
            {problem}
            {partly && ` ${t('submit_left', { done: sent, of: photos.length })}`}
          </p>
        )}
        <span className="only-read">{doing}</span>
      </div>
      {sending.busy === 'photos' && (
        <progress
          value={(sending.n - 1 + sending.part) / Math.max(1, sending.of)}
          aria-label={doing}
        />
      )}
      <button type="submit" className="button main" disabled={busy || !online}>
        {doing || (sending.problem ? t('submit_again') : t('submit'))}
      </button>
    </div>
  )
}
