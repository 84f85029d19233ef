/** What the server sends of one case. */
import { type Schemas, send } from '../../api/client'

export type Operation = Schemas['OperationOut'] & { form: string[] }
export type CaseDetail = Omit<Schemas['CaseDetail'], 'operations'> & {
  component_name: string
  operations: Operation[]
}

export async function readCase(id: number, signal?: AbortSignal): Promise<CaseDetail> {
  return (await send(`/api/cases/${id}`, { signal })).json()
}

/** What a leader's own steps may ask for here; a step that asks for more is a desk's. */
const ASKED = ['opinion', 'attachments', 'kind', 'level', 'reply_required', 'public_note']

export function leadersOperations(all: readonly Operation[]): Operation[] {
  return all.filter((each) => each.form.every((field) => ASKED.includes(field)))
}
