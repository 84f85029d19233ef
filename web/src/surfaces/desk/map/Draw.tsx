/** Own notes on the map: points, lines, faces and words, kept in this browser. */

import { Popconfirm } from 'antd'
import type { Geometry } from 'geojson'
import type { Place } from '../../../map/CityMap'
import { areaOf, lengthOf } from '../../../map/geodesy'
import { Corners, type Pen } from './Corners'
import { Forms } from './Forms'
import { asGeoJSON, type Note, type NoteKind, saveBlob } from './notes'
import { lonLat, metres, squareMetres } from './units'
import { useT } from './words'

export const NOTE_KINDS = ['point', 'line', 'polygon', 'text'] as const

interface DrawProps {
  pen: Pen
  kind: NoteKind
  notes: readonly Note[]
  onKind: (kind: NoteKind) => void
  onChange: (make: (before: Note[]) => Note[]) => void
  onShow: (note: Note) => void
}

export function Draw({ pen, kind, notes, onKind, onChange, onShow }: DrawProps) {
  const t = useT()
  const names = {
    point: t('form_point'),
    line: t('form_line'),
    polygon: t('form_polygon'),
    text: t('form_text'),
  }
  return (
    <>
      <Forms
        label={t('draw_what')}
        forms={NOTE_KINDS}
        current={kind}
        names={names}
        onChoose={onKind}
      />
      <p className="soft">{t('draw_hint')}</p>
      <Corners pen={pen} />
      <h3>{t('notes', { count: notes.length })}</h3>
      <ul className="map-notes">
        {notes.map((note) => (
          <li key={note.id}>
            <span className="map-kind">{names[note.kind]}</span>
            <input
              className="map-input"
              value={note.text}
              maxLength={200}
              aria-label={t('note_text', { name: sizeOf(note.geometry) })}
              placeholder={t('note_hint')}
              // A note just made wants its words.
              // biome-ignore lint/a11y/noAutofocus: the person has just put it there
              autoFocus={note.kind === 'text' && note.text === ''}
              onChange={(event) =>
                onChange((before) =>
                  before.map((each) =>
                    each.id === note.id ? { ...each, text: event.target.value } : each,
                  ),
                )
              }
            />
            <span className="soft num">{sizeOf(note.geometry)}</span>
            <button type="button" className="tool small" onClick={() => onShow(note)}>
              {t('show')}
            </button>
            <button
              type="button"
              className="map-x"
              aria-label={t('note_remove', { name: note.text || names[note.kind] })}
              title={t('note_remove', { name: note.text || names[note.kind] })}
              onClick={() => onChange((before) => before.filter((each) => each.id !== note.id))}
            >
              ×
            </button>
          </li>
        ))}
      </ul>
      {notes.length > 0 && (
        <div className="map-buttons">
          <button
            type="button"
            className="tool"
            onClick={() =>
              saveBlob(
                'notes.geojson',
                new Blob([JSON.stringify(asGeoJSON(notes), null, 1)], {
                  type: 'application/geo+json',
                }),
              )
            }
          >
            {t('notes_export')}
          </button>
          <Popconfirm
            title={t('notes_clear_sure')}
            okText={t('notes_clear')}
            onConfirm={() => onChange(() => [])}
          >
            <button type="button" className="tool">
              {t('notes_clear')}
            </button>
          </Popconfirm>
        </div>
      )}
    </>
  )
}

function sizeOf(geometry: Geometry): string {
  const places = (list: unknown) => list as Place[]
  if (geometry.type === 'Point') return lonLat(geometry.coordinates as Place)
  if (geometry.type === 'LineString') return metres(lengthOf(places(geometry.coordinates)))
  return geometry.type === 'Polygon' ? squareMetres(areaOf(places(geometry.coordinates[0]))) : ''
}
