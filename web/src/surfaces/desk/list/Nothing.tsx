/** What stands where rows would: they are coming, they failed to come, there are none. */
import { said } from '../../../api/problem'
import { useT } from './words'

interface NothingProps {
  loading: boolean
  error: unknown
  narrowed: boolean
  onAgain: () => void
}

export function Nothing({ loading, error, narrowed, onAgain }: NothingProps) {
  const t = useT()
  if (loading) {
    return (
      <p className="empty" role="status">
        {t('loading')}
      </p>
    )
  }
  if (error) {
    return (
      <div className="empty" role="alert">
        <p>{said(error)}</p>
        <button type="button" className="tool" onClick={onAgain}>
          {t('try_again')}
        </button>
      </div>
    )
  }
  return <p className="empty">{narrowed ? t('none_narrowed') : t('none')}</p>
}
