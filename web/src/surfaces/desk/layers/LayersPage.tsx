/** The departments' own layers: the tree of them, and one of them open. */
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { App } from 'antd'
import { send } from '../../../api/client'
import { said } from '../../../api/problem'
import { useMe } from '../../../api/queries'
import { named } from '../../../app/language'
import { readStyle } from '../../../map/vocabulary'
import { LayerForm } from './LayerForm'
import {
  folders,
  type LayerRow,
  type LayerSettings,
  layerAt,
  moved,
  NEW,
  readLayer,
  readLayers,
  shapeOf,
  valuesOf,
  write,
} from './layer'
import { RowsForm } from './RowsForm'
import { Sign } from './Sample'
import { useT, word } from './words'
import './layers.css'

const LAYERS = ['layers']

export default function LayersPage() {
  const t = useT()
  const { open } = useSearch({ from: '/layers' })
  const navigate = useNavigate({ from: '/layers' })
  const { data, error } = useQuery({
    queryKey: LAYERS,
    queryFn: ({ signal }) => readLayers(signal),
  })
  const go = (code?: string) => void navigate({ search: { open: code } })
  return (
    <main className="layers-page" aria-labelledby="layers-title">
      <section className="layers-tree">
        <div className="layers-head">
          <h1 id="layers-title">{t('layers')}</h1>
          <a className="tool" href="/desk/map">
            {t('on_map')}
          </a>
          <button type="button" className="tool main" onClick={() => go('+')}>
            {t('new_layer')}
          </button>
        </div>
        {!data && !error && (
          <p className="empty" role="status">
            {t('loading')}
          </p>
        )}
        {error && (
          <p className="layer-problem" role="alert">
            {said(error)}
          </p>
        )}
        {data && <Tree layers={data} open={open} onOpen={go} />}
      </section>
      <section className="layers-open" aria-live="polite">
        {open && data ? (
          <Open key={open} code={open} layers={data} onOpen={go} />
        ) : (
          <p className="empty">{t('choose')}</p>
        )}
      </section>
    </main>
  )
}

interface TreeProps {
  layers: readonly LayerRow[]
  open: string | undefined
  onOpen: (code: string) => void
}

function Tree({ layers, open, onOpen }: TreeProps) {
  const t = useT()
  const client = useQueryClient()
  const { message } = App.useApp()
  const own = layers.filter((layer) => !layer.program)
  async function move(code: string, by: -1 | 1) {
    const order = moved(layers, code, by)
    if (!order) return
    try {
      const answer: { items: LayerRow[] } = await (
        await write('/api/layers/order', 'POST', { order })
      ).json()
      client.setQueryData(LAYERS, answer.items)
    } catch (error) {
      void message.error(said(error))
    }
  }
  if (own.length === 0) return <p className="empty">{t('no_layers')}</p>
  return folders(own).map(([folder, rows]) => (
    <section key={folder} aria-label={folder || t('no_folder')}>
      <h2>{folder || t('no_folder')}</h2>
      <ul className="layers-rows">
        {rows.map((layer, index) => (
          <li key={layer.code} data-code={layer.code}>
            <Sign
              shape={shapeOf(layer.shape)}
              style={readStyle(layer.style)}
              color={readStyle(layer.style).color}
            />
            <button
              type="button"
              className="layers-name"
              aria-current={open === layer.code || undefined}
              disabled={!layer.editable}
              onClick={() => onOpen(layer.code)}
            >
              {named(layer)}
              <span className="soft">
                {word('shape', layer.shape)} · {word('access', layer.access)}
              </span>
            </button>
            {layer.editable && (
              <span className="layers-move">
                <button
                  type="button"
                  className="tool"
                  aria-label={t('up', { name: named(layer) })}
                  disabled={index === 0}
                  onClick={() => void move(layer.code, -1)}
                >
                  ↑
                </button>
                <button
                  type="button"
                  className="tool"
                  aria-label={t('down', { name: named(layer) })}
                  disabled={index === rows.length - 1}
                  onClick={() => void move(layer.code, 1)}
                >
                  ↓
                </button>
              </span>
            )}
          </li>
        ))}
      </ul>
    </section>
  ))
}

interface OpenProps {
  code: string
  layers: readonly LayerRow[]
  onOpen: (code?: string) => void
}

function Open({ code, layers, onOpen }: OpenProps) {
  const t = useT()
  const me = useMe()
  const client = useQueryClient()
  const { message, modal } = App.useApp()
  const fresh = code === '+'
  const { data, error } = useQuery({
    queryKey: [...LAYERS, code],
    queryFn: ({ signal }) => readLayer(code, signal),
    enabled: !fresh,
  })
  if (!me || (!fresh && !data)) {
    return error ? (
      <p className="layer-problem" role="alert">
        {said(error)}
      </p>
    ) : (
      <p className="empty" role="status">
        {t('loading')}
      </p>
    )
  }
  const names = [...new Set(layers.map((layer) => layer.folder).filter(Boolean))]
  const again = () => client.invalidateQueries({ queryKey: LAYERS })

  function saved(layer: LayerSettings) {
    void message.success(t('saved'))
    client.setQueryData([...LAYERS, layer.code], layer)
    void again()
    if (fresh) onOpen(layer.code)
  }
  function remove() {
    void modal.confirm({
      title: t('remove_ask', { name: named(data) }),
      content: t(data?.own_table ? 'remove_own' : 'remove_view'),
      okText: t('remove'),
      cancelText: t('cancel'),
      okButtonProps: { danger: true },
      async onOk() {
        try {
          await send(layerAt(code), { method: 'DELETE' })
          onOpen()
          client.removeQueries({ queryKey: [...LAYERS, code] })
        } catch (problem) {
          void message.error(said(problem))
        }
        await again()
      },
    })
  }
  return (
    <>
      <div className="layers-head">
        <h2>{fresh ? t('new_layer') : named(data)}</h2>
        {!fresh && (
          <>
            <a className="tool" href={`/desk/map?on=${code},areas`}>
              {t('on_map')}
            </a>
            <button type="button" className="tool danger" onClick={remove}>
              {t('remove')}
            </button>
          </>
        )}
        <button type="button" className="tool" onClick={() => onOpen()}>
          {t('close')}
        </button>
      </div>
      {data?.own_table && <RowsForm code={code} rows={data.rows} onFilled={() => void again()} />}
      <LayerForm
        start={data ? valuesOf(data) : NEW}
        fresh={fresh}
        fields={data?.fields ?? []}
        folders={names}
        person={me.user.id}
        onSaved={saved}
      />
    </>
  )
}
