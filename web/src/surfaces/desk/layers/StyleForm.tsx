/** The look of a layer by form: colour, sizes, label, and a colour for each value of a field. */
import type { ReactNode } from 'react'
import type { ByValue, LayerStyle, Shape } from '../../../map/vocabulary'
import type { LayerField } from './layer'
import { Sample } from './Sample'
import { useT } from './words'

/** Told apart by colour-blind eyes too, in this order. */
const COLOURS = ['#1b5ccb', '#b5322b', '#1e7d66', '#a8600c', '#5b2466', '#5f6d7e']

interface StyleFormProps {
  shape: Shape
  style: LayerStyle
  fields: readonly LayerField[]
  opacity: number
  onChange: (style: LayerStyle) => void
}

export function StyleForm({ shape, style, fields, opacity, onChange }: StyleFormProps) {
  const t = useT()
  const set = (part: Partial<LayerStyle>) => onChange({ ...style, ...part })
  const number = (name: 'width' | 'radius' | 'fill_opacity', least: number, most: number) => (
    <Labelled name={t(`style_${name}`)}>
      <input
        type="number"
        className="num"
        min={least}
        max={most}
        step={most > 1 ? 0.5 : 0.05}
        value={style[name]}
        onChange={(event) => {
          const value = event.target.valueAsNumber
          if (value >= least && value <= most) set({ [name]: value })
        }}
      />
    </Labelled>
  )
  const chosen = (value: string | undefined, onField: (name: string) => void) => (
    <select value={value ?? ''} onChange={(event) => onField(event.target.value)}>
      <option value="">{t('none')}</option>
      {fields.map((field) => (
        <option key={field.name} value={field.name}>
          {field.zh ? `${field.zh} (${field.name})` : field.name}
        </option>
      ))}
    </select>
  )
  return (
    <fieldset className="layer-style">
      <legend>{t('style')}</legend>
      <div className="layer-grid">
        <Labelled name={t('style_color')}>
          <input
            type="color"
            value={style.color}
            onChange={(event) => set({ color: event.target.value })}
          />
        </Labelled>
        {shape === 'point' ? number('radius', 1, 30) : number('width', 1, 20)}
        {shape === 'polygon' && number('fill_opacity', 0, 1)}
        {shape !== 'line' && (
          <div>
            <Labelled name={t('style_outline')}>
              <input
                type="color"
                disabled={style.outline === null}
                value={style.outline ?? style.color}
                onChange={(event) => set({ outline: event.target.value })}
              />
            </Labelled>
            <label className="layer-check">
              <input
                type="checkbox"
                checked={style.outline !== null}
                onChange={(event) => set({ outline: event.target.checked ? style.color : null })}
              />
              {t('outline_own')}
            </label>
          </div>
        )}
        <Labelled name={t('style_label')}>
          {chosen(style.label ?? '', (label) => set({ label: label || null }))}
        </Labelled>
        <Labelled name={t('style_by')}>
          {chosen(style.by?.field, (field) =>
            set({ by: field ? { other: '#8a94a0', values: [], ...style.by, field } : null }),
          )}
        </Labelled>
      </div>
      {fields.length === 0 && <p className="soft">{t('no_fields')}</p>}
      {style.by && (
        <Classes
          values={style.by.values}
          other={style.by.other}
          onChange={(part) => style.by && set({ by: { ...style.by, ...part } })}
        />
      )}
      <p className="soft">{t('preview')}</p>
      <Sample shape={shape} style={style} opacity={opacity} />
    </fieldset>
  )
}

interface ClassesProps {
  values: readonly ByValue[]
  other: string
  onChange: (part: { values?: ByValue[]; other?: string }) => void
}

function Classes({ values, other, onChange }: ClassesProps) {
  const t = useT()
  const set = (index: number, part: Partial<ByValue>) =>
    onChange({ values: values.map((each, n) => (n === index ? { ...each, ...part } : each)) })
  const add = () => {
    const color = COLOURS[values.length % COLOURS.length] ?? '#1b5ccb'
    onChange({ values: [...values, { value: '', zh: '', en: '', color }] })
  }
  return (
    <div className="layer-classes">
      {values.map((each, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a row is its place; what it says may change
        <div key={index}>
          <input
            aria-label={t('class_value')}
            placeholder={t('class_value')}
            maxLength={100}
            value={each.value}
            onChange={(event) => set(index, { value: event.target.value })}
          />
          <input
            aria-label={t('class_zh')}
            placeholder={t('class_zh')}
            maxLength={100}
            value={each.zh}
            onChange={(event) => set(index, { zh: event.target.value })}
          />
          <input
            aria-label={t('class_en')}
            placeholder={t('class_en')}
            lang="en"
            maxLength={100}
            value={each.en}
            onChange={(event) => set(index, { en: event.target.value })}
          />
          <input
            type="color"
            aria-label={t('class_color', { name: each.zh || each.value })}
            value={each.color}
            onChange={(event) => set(index, { color: event.target.value })}
          />
          <button
            type="button"
            className="tool"
            aria-label={t('class_remove', { name: each.zh || each.value })}
            onClick={() => onChange({ values: values.filter((_, n) => n !== index) })}
          >
            ×
          </button>
        </div>
      ))}
      <div>
        <button type="button" className="tool" disabled={values.length >= 40} onClick={add}>
          {t('class_add')}
        </button>
        <label className="layer-check">
          {t('other')}
          <input
            type="color"
            value={other}
            onChange={(event) => onChange({ other: event.target.value })}
          />
        </label>
      </div>
    </div>
  )
}

export function Labelled({ name, children }: { name: string; children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: the control is the child
    <label className="layer-field">
      <span>{name}</span>
      {children}
    </label>
  )
}
