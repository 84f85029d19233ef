/** The buttons that the server offers: the likely ones first, with their keys, the rest in a menu. */
import { DownOutlined } from '@ant-design/icons'
import { Button, Dropdown } from 'antd'
import { useMemo } from 'react'
import { pick } from '../../../app/language'
import { useKeys } from '../keys'
import { arranged, GRAVE } from './operations'
import type { Operation } from './shape'
import { useT } from './words'

interface OperationBarProps {
  operations: readonly Operation[]
  /** The form that is open. */
  open: string | null
  drafts: ReadonlySet<string>
  onOpen: (operation: Operation) => void
}

export function nameOf(operation: Operation): string {
  const name = pick(operation.zh, operation.en)
  return name.charAt(0).toUpperCase() + name.slice(1)
}

export function OperationBar({ operations, open, drafts, onOpen }: OperationBarProps) {
  const t = useT()
  const { main, more } = useMemo(() => arranged(operations), [operations])
  // A finger that is one step late must not find a step that ends something under the same key.
  const keyed = main.filter((each) => !GRAVE.has(each.operation))
  useKeys({
    buttons: (_, index) => {
      const operation = keyed[index]
      if (operation) onOpen(operation)
    },
  })
  if (operations.length === 0) return <p className="soft case-bar">{t('b_none')}</p>
  const label = (operation: Operation) =>
    nameOf(operation) + (drafts.has(operation.operation) ? ` · ${t('b_draft')}` : '')
  return (
    <div
      className="case-bar"
      role="group"
      aria-label={t('b_bar')}
      data-offers={operations.map((each) => each.operation).join(' ')}
    >
      {main.map((operation) => {
        const place = keyed.indexOf(operation)
        const key = place < 0 ? undefined : String(place + 1)
        return (
          <Button
            key={operation.operation}
            type={place === 0 ? 'primary' : 'default'}
            danger={place < 0}
            aria-expanded={open === operation.operation}
            aria-keyshortcuts={key}
            data-operation={operation.operation}
            onClick={() => onOpen(operation)}
          >
            {label(operation)}
            {key && (
              <span className="case-key" aria-hidden="true">
                {key}
              </span>
            )}
          </Button>
        )
      })}
      {more.length > 0 && (
        <Dropdown
          trigger={['click']}
          autoFocus
          menu={{
            items: more.map((operation) => ({
              key: operation.operation,
              label: label(operation),
              danger: GRAVE.has(operation.operation),
            })),
            onClick: ({ key }) => {
              const operation = more.find((each) => each.operation === key)
              if (operation) onOpen(operation)
            },
          }}
        >
          <Button icon={<DownOutlined />} iconPlacement="end" data-operation="more">
            {t('b_more')}
          </Button>
        </Dropdown>
      )}
    </div>
  )
}
