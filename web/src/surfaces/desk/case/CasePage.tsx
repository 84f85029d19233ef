/** A case at an address of its own. */
import { useNavigate, useParams } from '@tanstack/react-router'
import { CasePanel } from './CasePanel'

export default function CasePage() {
  const { id } = useParams({ strict: false })
  const navigate = useNavigate()
  const move = (next: number) => void navigate({ to: '/cases/$id', params: { id: String(next) } })
  return (
    <main className="case-page">
      <CasePanel id={Number(id)} onMove={move} />
    </main>
  )
}
