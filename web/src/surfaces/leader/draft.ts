/** What somebody began to write on a step of a case; kept until the server said yes. */
export interface Draft {
  opinion: string
  public_note: string
  level: number
  kind: string
  reply_required: boolean
}

export const BLANK: Draft = {
  opinion: '',
  public_note: '',
  level: 1,
  kind: 'leader',
  reply_required: true,
}

function keyOf(person: number, caseId: number, operation: string): string {
  return `chengyun.leader.draft.${person}.${caseId}.${operation}`
}

export function readDraft(person: number, caseId: number, operation: string): Draft {
  try {
    const found: unknown = JSON.parse(
      localStorage.getItem(keyOf(person, caseId, operation)) ?? '{}',
    )
    return typeof found === 'object' && found !== null ? { ...BLANK, ...found } : BLANK
  } catch {
    return BLANK
  }
}

export function writeDraft(person: number, caseId: number, operation: string, draft: Draft): void {
  try {
    localStorage.setItem(keyOf(person, caseId, operation), JSON.stringify(draft))
  } catch {
    // The words are still on the page.
  }
}

export function dropDraft(person: number, caseId: number, operation: string): void {
  try {
    localStorage.removeItem(keyOf(person, caseId, operation))
  } catch {
    // Then it was never kept.
  }
}
