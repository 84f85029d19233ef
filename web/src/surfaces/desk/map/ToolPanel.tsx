/** The panel of the tool in hand. */
import type { Place } from '../../../map/CityMap'
import { Compare } from './Compare'
import { Density, type DensityState } from './Density'
import { Draw } from './Draw'
import type { Area, Near } from './data'
import type { Thing } from './hits'
import { Identify } from './Identify'
import type { Folder } from './layers'
import { Measure } from './Measure'
import { Nearest } from './Nearest'
import type { Note, NoteKind, useNotes } from './notes'
import { Select } from './Select'
import type { MapSearch, Tool } from './search'
import type { Selection } from './selection'
import { toolName } from './ToolRail'
import type { SketchPen } from './useSketch'
import { useT } from './words'

interface ToolPanelProps {
  tool: Tool
  search: MapSearch
  pen: SketchPen
  point: Place | null
  selection: Selection | null
  area: Area | undefined
  things: readonly Thing[]
  notes: ReturnType<typeof useNotes>
  noteKind: NoteKind
  nearest: { found: readonly Near[] | undefined; error: Error | null }
  density: DensityState
  tree: readonly Folder[]
  right: readonly string[]
  period: string
  onNoteKind: (kind: NoteKind) => void
  onChange: (part: Partial<MapSearch>) => void
  onShow: (place: Place, zoom?: number) => void
  onCloser: () => void
  onSwitch: (code: string, on: boolean) => void
  onClose: () => void
}

export function ToolPanel(props: ToolPanelProps) {
  const t = useT()
  const { tool, onClose } = props
  const name = toolName(t, tool)
  return (
    <section className="map-panel" aria-label={name}>
      <header>
        <h2>{name}</h2>
        <button
          type="button"
          className="map-x"
          aria-label={t('close')}
          title={t('close')}
          onClick={onClose}
        >
          ×
        </button>
      </header>
      <div className="map-panel-body">
        <Content {...props} />
      </div>
    </section>
  )
}

function Content(props: ToolPanelProps) {
  const { tool, search, pen, point, onChange, onShow } = props
  switch (tool) {
    case 'measure':
      return <Measure pen={pen} onForm={pen.begin} />
    case 'draw':
      return (
        <Draw
          pen={pen}
          kind={props.noteKind}
          notes={props.notes.notes}
          onKind={props.onNoteKind}
          onChange={props.notes.change}
          onShow={(note) => onShow(firstOf(note))}
        />
      )
    case 'select':
      return (
        <Select
          pen={pen}
          selection={props.selection}
          area={props.area}
          onForm={pen.begin}
          onClear={() => onChange({ within: undefined, ground: undefined })}
        />
      )
    case 'nearest':
      return (
        <Nearest
          point={point}
          kind={search.kind ?? ''}
          byRoad={search.by === 'road'}
          found={props.nearest.found}
          error={props.nearest.error}
          onKind={(kind) => onChange({ kind })}
          onRoad={(byRoad) => onChange({ by: byRoad ? 'road' : undefined })}
          onShow={onShow}
        />
      )
    case 'density':
      return (
        <Density
          density={props.density}
          shade={search.shade ?? 'n'}
          onCells={(cells) => onChange({ cells })}
          onShade={(shade) => onChange({ shade: shade === 'n' ? undefined : shade })}
          onShow={(cell) => onShow([cell.lon, cell.lat], 15)}
        />
      )
    case 'compare':
      return (
        <Compare
          tree={props.tree}
          on={props.right}
          from={search.from2}
          until={search.until2}
          left={props.period}
          onSwitch={props.onSwitch}
          onWindow={onChange}
        />
      )
    default:
      return (
        <Identify
          point={point}
          things={props.things}
          onCloser={props.onCloser}
          onArea={(ground) => onChange({ tool: 'select', ground, within: undefined })}
        />
      )
  }
}

function firstOf({ geometry }: Note): Place {
  let first: unknown = 'coordinates' in geometry ? geometry.coordinates : []
  while (Array.isArray(first) && Array.isArray(first[0])) first = first[0]
  const [lon, lat] = Array.isArray(first) ? first : []
  return [Number(lon), Number(lat)]
}
