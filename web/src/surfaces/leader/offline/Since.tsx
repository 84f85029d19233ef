/** Says that what is shown was taken along, and when. */
import { shortTime } from '../../../app/time'
import { useT } from '../opened/text'

export function Since({ at }: { at: number | undefined }) {
  const t = useT()
  return (
    <p className="leader-since" role="status">
      {at !== undefined && t('taken_of', { time: shortTime(at) })}
    </p>
  )
}
