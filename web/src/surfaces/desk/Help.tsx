/** Which keys do what; `?` shows it. */
import { useEffect, useRef, useState } from 'react'
import { heard } from './keys'
import { capsOf, namesOf, type Room } from './shortcuts'
import { useT } from './words'

const ROOMS: readonly Room[] = ['everywhere', 'list', 'case', 'order', 'map', 'evaluation', 'photo']

/** What works where one is stands before what works elsewhere. */
function nearestFirst(): Room[] {
  const now = heard()
  const isHere = (room: Room) =>
    room !== 'everywhere' && namesOf(room).some((each) => now.has(each))
  const [everywhere, ...others] = ROOMS
  return [
    ...others.filter(isHere),
    ...(everywhere ? [everywhere] : []),
    ...others.filter((room) => !isHere(room)),
  ]
}

export function Help({ onClose }: { onClose: () => void }) {
  const t = useT()
  const [rooms] = useState(nearestFirst)
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => dialog.current?.showModal(), [])
  return (
    <dialog ref={dialog} className="help" aria-labelledby="help-title" onClose={onClose}>
      <header>
        <h2 id="help-title">{t('help')}</h2>
        <button type="button" className="button plain" onClick={() => dialog.current?.close()}>
          {t('close')}
        </button>
      </header>
      {rooms.map((room) => (
        <section key={room}>
          <h3>{t(`keys_${room}`)}</h3>
          <dl>
            {namesOf(room).map((name) => (
              <div key={name}>
                <dt>
                  {capsOf(name).map((cap) => (
                    <kbd key={cap}>{cap}</kbd>
                  ))}
                </dt>
                <dd>{t(`key_${name}`)}</dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
    </dialog>
  )
}
