/** How things of a layer will look on the map: one, or one of each class. */
import { pick } from '../../../app/language'
import type { LayerStyle, Shape } from '../../../map/vocabulary'
import { useT } from './words'

interface SampleProps {
  shape: Shape
  style: LayerStyle
  opacity: number
}

export function Sample({ shape, style, opacity }: SampleProps) {
  const t = useT()
  const classes = style.by
    ? [
        ...style.by.values.map((each) => ({ name: pick(each.zh, each.en), color: each.color })),
        { name: t('other'), color: style.by.other },
      ]
    : [{ name: '', color: style.color }]
  return (
    <ul className="layer-sample" aria-label={t('preview')}>
      {classes.map(({ name, color }, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a class is its place; names may repeat while typing
        <li key={index}>
          <Sign shape={shape} style={style} color={color} opacity={opacity} />
          <span>{name || (style.label ? t('label_sample') : '')}</span>
        </li>
      ))}
    </ul>
  )
}

interface SignProps {
  shape: Shape
  style: LayerStyle
  color: string
  opacity?: number
}

export function Sign({ shape, style, color, opacity = 1 }: SignProps) {
  const width = Math.min(style.width, 12)
  const outline = style.outline ?? color
  return (
    <svg width="64" height="44" viewBox="0 0 64 44" opacity={opacity} aria-hidden="true">
      {shape === 'point' && (
        <circle
          cx="32"
          cy="22"
          r={Math.min(style.radius, 20)}
          fill={color}
          stroke={style.outline ?? 'var(--surface)'}
        />
      )}
      {shape === 'line' && (
        <path
          d="M6 34 L26 12 L40 30 L58 10"
          fill="none"
          stroke={color}
          strokeWidth={width}
          strokeLinecap="round"
          strokeLinejoin="round"
        />
      )}
      {shape === 'polygon' && (
        <path
          d="M10 30 L18 8 L48 6 L56 28 L36 38 Z"
          fill={color}
          fillOpacity={style.fill_opacity}
          stroke={outline}
          strokeWidth={width}
        />
      )}
    </svg>
  )
}
