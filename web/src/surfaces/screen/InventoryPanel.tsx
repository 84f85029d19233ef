/** What the city has, on the second column of a wide wall. Read once an hour. */
import { useEffect } from 'react'
import { readInventory } from '../../api/overview'
import { named } from '../../app/language'
import { whole } from '../../app/numbers'
import { BarList } from '../../ui/chart/BarList'
import { useData } from '../../ui/useData'
import { Panel } from './panels'
import { useT } from './words'

const EVERY_MS = 3_600_000

export function InventoryPanel() {
  const t = useT()
  const { data, again } = useData('inventory', (signal) =>
    readInventory(new URLSearchParams({ by: 'class' }), signal),
  )
  useEffect(() => {
    const every = setInterval(again, EVERY_MS)
    return () => clearInterval(every)
  }, [again])
  return (
    <Panel
      title={t('inventory')}
      aside={data && t('components', { count: data.total })}
      className="inventory"
    >
      {data && (
        <>
          <BarList
            label={t('inventory')}
            rows={data.rows.slice(0, 6).map((row) => ({
              key: row.key,
              name: named(row),
              value: row.count,
              text: whole(row.count),
              note: t('damaged', { count: row.damaged }),
            }))}
          />
          <dl className="ground">
            <div>
              <dt>{t('streets')}</dt>
              <dd className="num">{whole(data.areas.street ?? 0)}</dd>
            </div>
            <div>
              <dt>{t('communities')}</dt>
              <dd className="num">{whole(data.areas.community ?? 0)}</dd>
            </div>
            <div>
              <dt>{t('unit_grids')}</dt>
              <dd className="num">{whole(data.unit_grids)}</dd>
            </div>
            <div>
              <dt>{t('duty_grids')}</dt>
              <dd className="num">{whole(data.duty_grids)}</dd>
            </div>
          </dl>
        </>
      )}
    </Panel>
  )
}
