/** Photos before and after, side by side. */
import { photo } from '../../../api/client'
import { GROUPS, type Picture } from './pictures'
import { useT, word } from './words'

interface PicturesProps {
  id: number
  pictures: readonly Picture[]
  onOpen: (key: string) => void
}

export function Pictures({ id, pictures, onOpen }: PicturesProps) {
  const t = useT()
  if (pictures.length === 0) return null
  const shown = GROUPS.filter(
    (group) => group !== 'check' || pictures.some((each) => each.group === group),
  )
  return (
    <section aria-labelledby={`photos-${id}`}>
      <h2 id={`photos-${id}`}>{t('photos')}</h2>
      <div className="case-pictures">
        {shown.map((group) => {
          const name = word('p', group)
          const own = pictures.filter((each) => each.group === group)
          return (
            <div key={group}>
              <h3>{name}</h3>
              {own.length === 0 && <p className="soft">{t('p_none')}</p>}
              {own.map((picture) => (
                <button key={picture.key} type="button" onClick={() => onOpen(picture.key)}>
                  <img
                    src={photo(picture.key, 'thumb')}
                    alt={t('p_open', { n: picture.n, group: name })}
                    loading="lazy"
                  />
                </button>
              ))}
            </div>
          )
        })}
      </div>
    </section>
  )
}
