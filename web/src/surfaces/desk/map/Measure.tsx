/** Lengths and areas on the ellipsoid. */
import { areaOf, distance, lengthOf } from '../../../map/geodesy'
import { Corners, type Pen } from './Corners'
import { Forms } from './Forms'
import { closed, type Form, isCrossed, outlineOf } from './sketch'
import { metres, squareMetres } from './units'
import { useT } from './words'

const FORMS = ['line', 'polygon', 'circle'] as const

export function Measure({ pen, onForm }: { pen: Pen; onForm: (form: Form) => void }) {
  const t = useT()
  const { sketch } = pen
  const ring = outlineOf(sketch)
  const line = ring ? closed(ring) : sketch.places
  const [first, second] = sketch.places
  return (
    <>
      <Forms
        label={t('measure_what')}
        forms={FORMS}
        current={sketch.form}
        names={{ line: t('measure_line'), polygon: t('measure_area'), circle: t('form_circle') }}
        onChoose={onForm}
      />
      <dl className="map-facts" aria-live="polite">
        {sketch.form === 'circle' && first && second && (
          <Fact name={t('radius')} value={metres(distance(first, second))} />
        )}
        {sketch.places.length > 1 && (
          <Fact
            name={sketch.form === 'line' ? t('length') : t('perimeter')}
            value={metres(lengthOf(line))}
          />
        )}
        {ring && !isCrossed(sketch) && <Fact name={t('area')} value={squareMetres(areaOf(ring))} />}
      </dl>
      {sketch.form === 'line' && sketch.places.length > 2 && (
        <details className="map-parts">
          <summary>{t('parts')}</summary>
          <ol>
            {sketch.places.slice(1).map((place, index) => {
              const before = sketch.places[index]
              return (
                // biome-ignore lint/suspicious/noArrayIndexKey: a part is its place in the row
                <li key={index} className="num">
                  {before ? metres(distance(before, place)) : ''}
                </li>
              )
            })}
          </ol>
        </details>
      )}
      <p className="soft">{t('measure_hint')}</p>
      <Corners pen={pen} />
    </>
  )
}

export function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd className="num">{value}</dd>
    </div>
  )
}
