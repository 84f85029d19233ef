/** The layers in their folders: switch, order, opacity, legend. The first lies uppermost. */
import { useState } from 'react'
import { named, pick } from '../../../app/language'
import { phaseName } from '../../../app/phase'
import { PHASES } from '../../../app/theme'
import { OUTLINES_FROM } from '../../../map/style'
import type { Preference } from '../preferences'
import {
  type Folder,
  folderMoved,
  inScale,
  layerMoved,
  type MapLayer,
  type TreeChoice,
} from './layers'
import { useT } from './words'

interface LayerTreeProps {
  tree: readonly Folder[]
  choice: Preference<TreeChoice>
  on: readonly string[]
  zoom: number
  /** Whether a window of time is open. */
  timed: boolean
  onSwitch: (code: string, on: boolean) => void
}

export function LayerTree({ tree, choice, on, zoom, timed, onSwitch }: LayerTreeProps) {
  const t = useT()
  const { value, save } = choice
  return (
    <div className="map-tree">
      {tree.map(({ name, layers }, index) => (
        <section key={name} aria-label={name || t('folder_own')}>
          <header>
            <h2>{name || t('folder_own')}</h2>
            {tree.length > 1 && (
              <Movers
                name={name || t('folder_own')}
                first={index === 0}
                last={index === tree.length - 1}
                onMove={(by) => save(folderMoved(tree, value, name, by))}
              />
            )}
          </header>
          <ul>
            {layers.map((layer, at) => (
              <LayerRow
                key={layer.code}
                layer={layer}
                on={on.includes(layer.code)}
                zoom={zoom}
                timed={timed}
                opacity={value.opacity[layer.code] ?? layer.opacity}
                first={at === 0}
                last={at === layers.length - 1}
                onSwitch={(next) => onSwitch(layer.code, next)}
                onMove={(by) => save(layerMoved(tree, value, layer.code, by))}
                onOpacity={(opacity) =>
                  save({ ...value, opacity: { ...value.opacity, [layer.code]: opacity } })
                }
              />
            ))}
          </ul>
        </section>
      ))}
    </div>
  )
}

interface LayerRowProps {
  layer: MapLayer
  on: boolean
  zoom: number
  timed: boolean
  opacity: number
  first: boolean
  last: boolean
  onSwitch: (on: boolean) => void
  onMove: (by: -1 | 1) => void
  onOpacity: (opacity: number) => void
}

function LayerRow(props: LayerRowProps) {
  const { layer, on, zoom, timed, opacity, first, last, onSwitch, onMove, onOpacity } = props
  const t = useT()
  const [more, setMore] = useState(false)
  const [drawn, setDrawn] = useState<number | null>(null)
  const seen = inScale(layer, zoom)
  const name = named(layer)
  const share = drawn ?? opacity
  return (
    <li className={seen ? undefined : 'out'}>
      <div className="map-layer">
        <label>
          <input
            type="checkbox"
            checked={on}
            onChange={(event) => onSwitch(event.target.checked)}
          />
          <span title={name}>{name}</span>
        </label>
        {!seen && <span className="map-scale soft">{t('out_of_scale')}</span>}
        {seen && timed && layer.time && <span className="map-scale soft">{t('in_time')}</span>}
        <button
          type="button"
          className="map-more"
          aria-expanded={more}
          aria-label={t('layer_more', { name })}
          title={t('layer_more', { name })}
          onClick={() => setMore(!more)}
        >
          <span aria-hidden="true">{more ? '▾' : '▸'}</span>
        </button>
      </div>
      {!seen && on && (
        <p className="soft">
          {zoom < layer.minzoom ? t('zoom_in_for', { name }) : t('zoom_out_for', { name })}
        </p>
      )}
      {on && seen && <Legend layer={layer} zoom={zoom} />}
      {more && (
        <div className="map-layer-more">
          <label className="map-share">
            {t('opacity')} <span className="num">{Math.round(share * 100)}%</span>
            <input
              type="range"
              min={0}
              max={100}
              step={5}
              value={Math.round(share * 100)}
              aria-label={t('opacity_of', { name })}
              onChange={(event) => setDrawn(Number(event.target.value) / 100)}
              onPointerUp={() => drawn !== null && onOpacity(drawn)}
              onKeyUp={() => drawn !== null && onOpacity(drawn)}
              onBlur={() => drawn !== null && drawn !== opacity && onOpacity(drawn)}
            />
          </label>
          <Movers name={name} first={first} last={last} onMove={onMove} />
        </div>
      )}
    </li>
  )
}

interface MoversProps {
  name: string
  first: boolean
  last: boolean
  onMove: (by: -1 | 1) => void
}

function Movers({ name, first, last, onMove }: MoversProps) {
  const t = useT()
  return (
    <span className="map-movers">
      <button
        type="button"
        disabled={first}
        aria-label={t('move_up', { name })}
        title={t('move_up', { name })}
        onClick={() => onMove(-1)}
      >
        <span aria-hidden="true">↑</span>
      </button>
      <button
        type="button"
        disabled={last}
        aria-label={t('move_down', { name })}
        title={t('move_down', { name })}
        onClick={() => onMove(1)}
      >
        <span aria-hidden="true">↓</span>
      </button>
    </span>
  )
}

/** What colours mean, on the page and on paper. */
export function Legend({ layer, zoom }: { layer: MapLayer; zoom: number }) {
  const t = useT()
  if (layer.code === 'cases') {
    return (
      <ul className="map-legend-list">
        {PHASES.map((phase) => (
          <li key={phase} className={`phase phase-${phase}`}>
            <span>{phaseName(phase)}</span>
          </li>
        ))}
      </ul>
    )
  }
  if (layer.code === 'components') {
    return (
      <ul className="map-legend-list">
        <li className="map-swatch quiet">{t('component_intact')}</li>
        <li className="map-swatch over">{t('component_damaged')}</li>
        {zoom >= OUTLINES_FROM && <li className="map-swatch outline">{t('component_outline')}</li>}
      </ul>
    )
  }
  if (layer.legend.length === 0) return null
  return (
    <ul className="map-legend-list">
      {layer.legend.map((each) => (
        <li key={`${each.color} ${each.zh}`}>
          <span
            className={`map-colour ${each.shape}`}
            style={{ background: each.color }}
            aria-hidden="true"
          />
          {pick(each.zh, each.en)}
        </li>
      ))}
    </ul>
  )
}
