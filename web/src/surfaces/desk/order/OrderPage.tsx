/** A caller on the phone: who, what, where; known cases first, a new one only where there is none. */
import { useQuery } from '@tanstack/react-query'
import { Alert, Button, Checkbox, Input, Radio } from 'antd'
import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react'
import { api, type Schemas, take } from '../../../api/client'
import { isRefusal, said } from '../../../api/problem'
import { useMe } from '../../../api/queries'
import { goSignIn, holds } from '../../../api/session'
import { Attachments } from '../case/Attachments'
import { draftKey, dropDraft, keepDraft, readDraft } from '../case/draft'
import { MatterSelect } from '../case/MatterSelect'
import { PlaceField, useSettled } from '../case/PlaceField'
import { word } from '../case/words'
import { pressed } from '../shortcuts'
import { CallerHistory } from './CallerHistory'
import { Nearby } from './Nearby'
import { blank, CHANNELS, isBegun, kept, lacks, type Order, reportOf } from './order'
import { Receipt } from './Receipt'
import { useT } from './words'
import '../case/case.css'
import '../case/form.css'
import './order.css'

export default function OrderPage() {
  const t = useT()
  const me = useMe()
  if (!me) return null
  if (!holds(me, 'acceptor', 'shift_leader')) {
    return (
      <main className="case-blank">
        <h1>{t('title')}</h1>
        <p>{t('not_yours')}</p>
      </main>
    )
  }
  return <Desk person={me.user.id} />
}

interface Done {
  receipt: Schemas['ReceiptOut']
  joined: boolean
}

function Desk({ person }: { person: number }) {
  const key = draftKey(person, 'order', 'new')
  const [order, setOrder] = useState<Order>(() => kept(readDraft(key)?.values))
  const [done, setDone] = useState<Done | null>(null)
  useEffect(() => {
    if (isBegun(order)) keepDraft(key, { version: 0, values: order })
    else dropDraft(key)
  }, [key, order])
  if (done) return <Receipt {...done} onNext={() => setDone(null)} />
  return (
    <OrderForm
      order={order}
      onChange={(change) => setOrder((before) => ({ ...before, ...change }))}
      onEmpty={() => setOrder(blank())}
      onDone={(receipt) => {
        setDone({ receipt, joined: order.same_as !== null })
        setOrder(blank())
      }}
    />
  )
}

interface OrderFormProps {
  order: Order
  onChange: (change: Partial<Order>) => void
  onEmpty: () => void
  onDone: (receipt: Schemas['ReceiptOut']) => void
}

function OrderForm({ order, onChange, onEmpty, onDone }: OrderFormProps) {
  const t = useT()
  const id = useId()
  const [tried, setTried] = useState(false)
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<unknown>(null)
  const form = useRef<HTMLFormElement>(null)
  const missing = tried ? lacks(order) : []
  const phone = useSettled(order.phone.trim(), 400)
  const hints = useDraftHints(order)
  const same = (same_as: number, same_name: string) =>
    onChange(same_as === order.same_as ? { same_as: null, same_name: '' } : { same_as, same_name })

  async function submit() {
    setTried(true)
    const lack = lacks(order)[0]
    if (busy) return
    if (lack) {
      const name = lack === 'text' ? 'text' : 'address'
      form.current?.querySelector<HTMLElement>(`[data-field=${name}] :is(textarea, input)`)?.focus()
      return
    }
    setBusy(true)
    setProblem(null)
    try {
      const header = { 'Idempotency-Key': order.key }
      const body = reportOf(order)
      onDone(await take(api.POST('/api/reports', { params: { header }, body })))
    } catch (error) {
      setProblem(error)
      setBusy(false)
    }
  }

  function press(event: KeyboardEvent) {
    if (pressed(event, 'send_order') < 0) return
    event.preventDefault()
    void submit()
  }

  return (
    <main className="order" onKeyDown={press}>
      <form
        ref={form}
        className="case-form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          void submit()
        }}
      >
        <h1>{t('title')}</h1>
        <div className="case-fields">
          <div className="order-caller">
            <div className="case-field">
              <label htmlFor={`${id}-phone`}>{t('phone')}</label>
              <Input
                id={`${id}-phone`}
                className="num"
                autoFocus
                inputMode="tel"
                autoComplete="off"
                maxLength={30}
                value={order.phone}
                onChange={(event) => onChange({ phone: event.target.value })}
              />
            </div>
            <div className="case-field">
              <label htmlFor={`${id}-name`}>{t('name')}</label>
              <Input
                id={`${id}-name`}
                autoComplete="off"
                maxLength={80}
                value={order.name}
                onChange={(event) => onChange({ name: event.target.value })}
              />
            </div>
            <fieldset>
              <legend>{t('channel')}</legend>
              <Radio.Group
                value={order.channel}
                onChange={(event) => {
                  const channel = CHANNELS.find((each) => each === event.target.value)
                  if (channel) onChange({ channel })
                }}
                options={CHANNELS.map((value) => ({ value, label: word('channel', value) }))}
              />
            </fieldset>
          </div>
          {order.same_as !== null && (
            <Alert
              type="info"
              showIcon
              title={t('joins', { name: order.same_name })}
              action={
                <Button size="small" onClick={() => onChange({ same_as: null, same_name: '' })}>
                  {t('joins_not')}
                </Button>
              }
            />
          )}
          <div className="case-field" data-field="text">
            <label htmlFor={`${id}-text`}>
              {t('text')}
              {order.same_as === null && ' *'}
            </label>
            <Input.TextArea
              id={`${id}-text`}
              autoSize={{ minRows: 3, maxRows: 10 }}
              maxLength={4000}
              status={missing.includes('text') ? 'error' : undefined}
              aria-invalid={missing.includes('text')}
              value={order.text}
              onChange={(event) => onChange({ text: event.target.value })}
            />
          </div>
          {order.same_as === null && (
            <>
              <div className="case-field" data-field="matter_id">
                <label htmlFor={`${id}-matter`}>{t('matter')}</label>
                <MatterSelect
                  id={`${id}-matter`}
                  value={order.matter_id}
                  onChange={(matter_id) => onChange({ matter_id })}
                  hints={hints.data?.matters ?? []}
                />
              </div>
              <PlaceField
                address={order.address}
                place={order.lon === null || order.lat === null ? null : [order.lon, order.lat]}
                onAddress={(address) => onChange({ address })}
                onPlace={([lon, lat]) => onChange({ lon, lat })}
                needed
                mapClass="case-map order-map"
              />
              <div className="order-ticks">
                <Checkbox
                  checked={order.urgent}
                  onChange={(event) => onChange({ urgent: event.target.checked })}
                >
                  {t('urgent')}
                </Checkbox>
                <Checkbox
                  checked={order.open}
                  onChange={(event) => onChange({ open: event.target.checked })}
                >
                  {t('open')}
                </Checkbox>
              </div>
              <Attachments
                label={t('photos')}
                purpose="report"
                value={order.attachments}
                onChange={(attachments) => onChange({ attachments })}
              />
            </>
          )}
        </div>
        <div aria-live="polite">
          {missing.length > 0 && (
            <p className="case-problem">
              {missing
                .map((each) => (each === 'text' ? t('needs_text') : t('needs_place')))
                .join(' ')}
            </p>
          )}
          {problem !== null && (
            <Alert
              type="error"
              showIcon
              title={said(problem)}
              action={
                isRefusal(problem, 401) && (
                  <Button size="small" onClick={goSignIn}>
                    {t('sign_in')}
                  </Button>
                )
              }
            />
          )}
        </div>
        <div className="case-form-end">
          <Button type="primary" htmlType="submit" loading={busy}>
            {order.same_as === null ? t('send') : t('send_joined')}
          </Button>
          {isBegun(order) && (
            <Button type="text" onClick={onEmpty}>
              {t('empty')}
            </Button>
          )}
          <span className="soft">{t('keys')}</span>
        </div>
      </form>
      <aside>
        <CallerHistory phone={phone} chosen={order.same_as} onSame={same} />
        <Nearby
          found={hints.data?.duplicates}
          error={hints.error}
          chosen={order.same_as}
          onSame={same}
        />
      </aside>
    </main>
  )
}

/** Class and nearby cases for what is written so far; asked when the typing rests. */
function useDraftHints(order: Order) {
  const { lon, lat, address, matter_id } = order
  const wanted = useSettled(
    JSON.stringify({ text: order.text.trim(), lon, lat, address, matter: matter_id }),
    600,
  )
  return useQuery({
    queryKey: ['draft-hints', wanted],
    queryFn: ({ signal }) =>
      take(api.POST('/api/suggestions', { body: JSON.parse(wanted), signal })),
    enabled: order.text.trim().length >= 4 && !wanted.startsWith('{"text":""'),
    staleTime: 60_000,
    placeholderData: (before) => before,
  })
}
