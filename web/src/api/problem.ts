/** What the server says when it says no (RFC 9457), and what the network says when it says nothing. */
import { language } from '../app/language'

export interface ProblemBody {
  title?: string
  status?: number
  detail?: string
  remedy?: string
  field?: string
  errors?: { field?: string; detail?: string; remedy?: string }[]
  [extra: string]: unknown
}

/** An answer that is not a success. `field` names the input it is about. */
export class Refusal extends Error {
  readonly status: number
  readonly field: string
  readonly body: ProblemBody

  constructor(status: number, body: ProblemBody) {
    super(sentence(status, body))
    this.name = 'Refusal'
    this.status = status
    this.field = body.field ?? body.errors?.[0]?.field ?? ''
    this.body = body
  }
}

/** No answer at all: the request may or may not have arrived. */
export class NoAnswer extends Error {
  constructor() {
    super(
      language() === 'zh'
        ? '网络不通或服务器暂无响应，您填写的内容仍在本页。'
        : 'No answer from the server; what you wrote is still on this page.',
    )
    this.name = 'NoAnswer'
  }
}

function sentence(status: number, body: ProblemBody): string {
  const parts = [body.detail ?? body.title ?? `HTTP ${status}`, body.remedy]
  for (const each of body.errors ?? []) parts.push(each.detail, each.remedy)
  return [...new Set(parts.filter(Boolean))].join(' ')
}

/** The sentence to show for anything that was thrown. */
export function said(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

export function isRefusal(error: unknown, status?: number): error is Refusal {
  return error instanceof Refusal && (status === undefined || error.status === status)
}

/** Whether the network or the server is at fault, not the question. */
export function isAway(error: unknown): boolean {
  return !(error instanceof Refusal) || error.status >= 500
}
