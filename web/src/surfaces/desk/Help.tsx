/** Which keys do what; `?` shows it. */
import { useEffect, useRef } from 'react'
import { useT } from './words'

export function Help({ onClose }: { onClose: () => void }) {
  const t = useT()
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => dialog.current?.showModal(), [])
  const groups: [string, [keys: string, does: string][]][] = [
    [
      t('keys_everywhere'),
      [
        ['/', t('key_search')],
        ['?', t('key_help')],
        ['g w', t('key_go_work')],
        ['g c', t('key_go_cases')],
        ['g m', t('key_go_map')],
        ['Esc', t('key_escape')],
      ],
    ],
    [
      t('keys_list'),
      [
        ['j  ↓', t('key_down')],
        ['k  ↑', t('key_up')],
        ['o', t('key_drawer')],
        ['Enter', t('key_enter')],
        ['x', t('key_select')],
        ['r', t('key_refresh')],
      ],
    ],
    [
      t('keys_map'),
      [
        ['1 – 8', t('key_tools')],
        ['↑ ↓ ← →', t('key_move')],
        ['Enter', t('key_corner')],
        ['Backspace', t('key_uncorner')],
      ],
    ],
    [
      t('keys_case'),
      [
        ['1 – 9', t('key_buttons')],
        ['Ctrl Enter', t('key_send')],
        ['n', t('key_next')],
      ],
    ],
  ]
  return (
    <dialog ref={dialog} className="help" aria-labelledby="help-title" onClose={onClose}>
      <header>
        <h2 id="help-title">{t('help')}</h2>
        <button type="button" className="button plain" onClick={() => dialog.current?.close()}>
          {t('close')}
        </button>
      </header>
      {groups.map(([title, keys]) => (
        <section key={title}>
          <h3>{title}</h3>
          <dl>
            {keys.map(([key, does]) => (
              <div key={key}>
                <dt>
                  {key.split(/\s+/).map((each) => (
                    <kbd key={each}>{each}</kbd>
                  ))}
                </dt>
                <dd>{does}</dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
    </dialog>
  )
}
