/** Who else has this case open. */
import { pick } from '../../../app/language'
import type { Other } from './usePresence'
import { useT, word } from './words'

export function Others({ others }: { others: readonly Other[] }) {
  const t = useT()
  return (
    <ul className="case-others" aria-label={t('others_here')} aria-live="polite">
      {others.map((other) => (
        <li
          key={other.id}
          data-doing={other.doing}
          title={pick(other.organisation_zh, other.organisation_en)}
        >
          <span aria-hidden="true">{other.name.slice(0, 1)}</span>
          {other.name} {word('doing', other.doing)}
        </li>
      ))}
    </ul>
  )
}
