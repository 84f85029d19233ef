/** One object of the city: what it is, how it looks, what became of it, and its cases. */
import { Link, useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { type ComponentDetail, nameOf } from '../../../api/components'
import { said } from '../../../api/problem'
import { useMe } from '../../../api/queries'
import { pick } from '../../../app/language'
import { useKeys } from '../keys'
import { Cases } from './Cases'
import { ComponentForm } from './ComponentForm'
import { readDraft } from './draft'
import { Facts } from './Facts'
import { Life } from './Life'
import { Photos } from './Photos'
import { Place } from './Place'
import { StateMark } from './StateMark'
import { Steps } from './Steps'
import { useComponent } from './useComponent'
import { useT } from './words'
import './component.css'

export default function ComponentPage() {
  const t = useT()
  const { code = '' } = useParams({ strict: false })
  const { data, error, refetch } = useComponent(code)
  if (data) return <Opened key={code} detail={data} />
  if (error) {
    return (
      <div className="empty" role="alert">
        <p>{said(error)}</p>
        <button type="button" className="tool" onClick={() => void refetch()}>
          {t('try_again')}
        </button>
      </div>
    )
  }
  return (
    <p className="empty" role="status">
      {t('loading')}
    </p>
  )
}

function Opened({ detail }: { detail: ComponentDetail }) {
  const t = useT()
  const me = useMe()
  const person = me?.user.id
  // A change that was begun goes on where it was left.
  const [editing, setEditing] = useState(
    () => detail.may.change && person !== undefined && readDraft(person, detail.code) !== null,
  )
  useKeys(editing ? { leave: () => setEditing(false) } : {})
  const map = `${detail.lon.toFixed(6)},${detail.lat.toFixed(6)},18`
  return (
    <main className="component-page">
      <article className="component" aria-labelledby="component-title">
        <header className="component-head">
          <div className="component-title">
            <h1 id="component-title">{nameOf(detail)}</h1>
            <span className="num component-code">{detail.code}</span>
            <StateMark state={detail.state} />
          </div>
          <div className="component-tools">
            <Link to="/components" search={{ class: detail.component_class }} className="tool">
              {t('same_class', { name: pick(detail.class_zh, detail.class_en) })}
            </Link>
            <a className="tool" href={`/desk/map?at=${map}&on=components,areas`}>
              {t('on_map')}
            </a>
            <button type="button" className="tool" onClick={() => window.print()}>
              {t('print')}
            </button>
          </div>
          <Steps detail={detail} editing={editing} onEdit={() => setEditing(!editing)} />
        </header>
        {editing && detail.may.change && person !== undefined && (
          <ComponentForm detail={detail} person={person} onClose={() => setEditing(false)} />
        )}
        <div className="component-columns">
          <div>
            <Facts detail={detail} />
            <Photos detail={detail} />
            <Life detail={detail} />
          </div>
          <aside>
            <Place detail={detail} />
            <Cases code={detail.code} />
          </aside>
        </div>
      </article>
    </main>
  )
}
