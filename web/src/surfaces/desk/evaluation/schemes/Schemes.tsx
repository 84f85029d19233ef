/** Schemes of evaluation beside the page: their list, and one of them open. */
import { useQueryClient } from '@tanstack/react-query'
import { App, Drawer } from 'antd'
import { api, type Schemas, take } from '../../../../api/client'
import { said } from '../../../../api/problem'
import { named } from '../../../../app/language'
import { roleName } from '../names'
import { KINDS } from '../search'
import { type Dictionary, indicatorName } from '../table'
import { useT } from '../words'
import { SchemeForm } from './SchemeForm'
import { draftKey, dropDraft, newScheme, type Scheme, schemeOf } from './scheme'

type SchemeOut = Schemas['SchemeOut']

interface SchemesProps {
  /** `list`, `+` for a new one, `+CODE` for a copy, or a code. */
  open: string
  schemes: SchemeOut[] | undefined
  dictionary: Dictionary | undefined
  person: number
  mayWrite: boolean
  onOpen: (open: string | undefined) => void
  /** It is no more: nothing may go on asking for it. */
  onRemoved: (code: string) => void
}

export function Schemes(props: SchemesProps) {
  const { open, schemes, dictionary, person, mayWrite, onOpen, onRemoved } = props
  const t = useT()
  const shown = schemes && dictionary ? start(open, schemes) : undefined
  return (
    <Drawer
      open
      size="min(640px, 60vw)"
      closable={false}
      onClose={() => onOpen(undefined)}
      aria-label={t('schemes')}
      rootClassName="ev-drawer"
      styles={{ body: { padding: 0 } }}
    >
      <div className="ev-drill">
        <header>
          <h2>
            {open === 'list' ? t('schemes') : open.startsWith('+') ? t('scheme_new') : t('scheme')}
          </h2>
          {open !== 'list' && (
            <button type="button" className="tool" onClick={() => onOpen('list')}>
              {t('schemes_all')}
            </button>
          )}
          <button type="button" className="tool" onClick={() => onOpen(undefined)}>
            {t('close')}
          </button>
        </header>
        {!schemes || !dictionary ? (
          <p className="empty" role="status">
            {t('loading')}
          </p>
        ) : open === 'list' ? (
          <List {...{ schemes, dictionary, mayWrite, person, onOpen, onRemoved }} />
        ) : shown ? (
          <SchemeForm
            key={open}
            open={open}
            start={shown}
            dictionary={dictionary}
            person={person}
            mayWrite={mayWrite}
            onDone={() => onOpen('list')}
          />
        ) : (
          <p className="empty">{t('scheme_gone')}</p>
        )}
      </div>
    </Drawer>
  )
}

function start(open: string, schemes: SchemeOut[]): Scheme | undefined {
  const named = schemes.find((each) => each.code === open.replace(/^\+/, ''))
  if (open === '+') return newScheme('region', schemes[0] ? schemeOf(schemes[0]).grades : [])
  if (!named) return undefined
  return open.startsWith('+') ? { ...schemeOf(named), code: '' } : schemeOf(named)
}

interface ListProps {
  schemes: SchemeOut[]
  dictionary: Dictionary
  person: number
  mayWrite: boolean
  onOpen: (open: string) => void
  onRemoved: (code: string) => void
}

function List({ schemes, dictionary, person, mayWrite, onOpen, onRemoved }: ListProps) {
  const t = useT()
  const client = useQueryClient()
  const { message, modal } = App.useApp()
  function remove(scheme: SchemeOut) {
    void modal.confirm({
      title: t('scheme_remove', { name: named(scheme) }),
      content: t('scheme_remove_says'),
      okText: t('remove'),
      okButtonProps: { danger: true },
      async onOk() {
        try {
          await take(
            api.DELETE('/api/evaluation/schemes/{code}', {
              params: { path: { code: scheme.code } },
            }),
          )
          dropDraft(draftKey(person, scheme.code))
          onRemoved(scheme.code)
        } catch (error) {
          void message.error(said(error))
        }
        await client.invalidateQueries({ queryKey: ['evaluation', 'schemes'] })
        void client.invalidateQueries({ queryKey: ['evaluation', 'table'] })
      },
    })
  }
  return (
    <>
      <p className="soft">{t('schemes_say')}</p>
      {mayWrite && (
        <p>
          <button type="button" className="tool main" onClick={() => onOpen('+')}>
            {t('scheme_new')}
          </button>
        </p>
      )}
      {KINDS.map((kind) => (
        <section key={kind} aria-label={t(`kind_${kind}`)}>
          <h3>{t(`kind_${kind}`)}</h3>
          <ul className="ev-schemes">
            {schemes
              .filter((each) => each.kind === kind)
              .map((each) => (
                <li key={each.code}>
                  <button type="button" className="ev-figure" onClick={() => onOpen(each.code)}>
                    {named(each)}
                  </button>
                  {each.role && <span className="soft">{roleName(each.role)}</span>}
                  {mayWrite && (
                    <span className="ev-row-tools">
                      <button
                        type="button"
                        className="tool"
                        onClick={() => onOpen(`+${each.code}`)}
                      >
                        {t('copy')}
                      </button>
                      <button
                        type="button"
                        className="tool"
                        aria-label={t('scheme_remove', { name: named(each) })}
                        onClick={() => remove(each)}
                      >
                        {t('remove')}
                      </button>
                    </span>
                  )}
                  <span className="ev-weights soft">
                    {schemeOf(each)
                      .weights.map(
                        ({ code, weight }) => `${indicatorName(dictionary, code)} ${weight}`,
                      )
                      .join(t('comma'))}
                  </span>
                </li>
              ))}
          </ul>
        </section>
      ))}
    </>
  )
}
