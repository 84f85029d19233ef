/** Classes and similar cases for what is being written: asked when the writer pauses. */
import { useEffect, useRef, useState } from 'react'
import { type Question, type Suggested, suggestionsFor } from '../answers'

const PAUSE_MS = 600
/** Before sending, a slow answer is not waited for longer than this. */
const LAST_LOOK_MS = 4000
const NOTHING: Suggested = { matters: [], duplicates: [] }

/** Too few words say nothing, and the server would compare them with every case nearby. */
export function worthAsking(question: Question): boolean {
  return question.text.trim().length >= 2
}

export interface Suggestions {
  found: Suggested
  failed: boolean
  asking: boolean
  /** The answer for the question of now, asked again if it changed; nothing where it fails. */
  lastLook: () => Promise<Suggested>
}

export function useSuggestions(question: Question): Suggestions {
  const key = worthAsking(question) ? JSON.stringify(question) : ''
  const [answer, setAnswer] = useState({ key: '', found: NOTHING, failed: false })
  const latest = useRef({ question, key, answer })
  latest.current = { question, key, answer }

  useEffect(() => {
    if (!key) return
    const controller = new AbortController()
    const timer = setTimeout(() => {
      suggestionsFor(latest.current.question, controller.signal).then(
        (found) => {
          if (!controller.signal.aborted) setAnswer({ key, found, failed: false })
        },
        () => {
          // Suggestions are a help: the form goes on without them.
          if (!controller.signal.aborted) setAnswer({ key, found: NOTHING, failed: true })
        },
      )
    }, PAUSE_MS)
    return () => {
      clearTimeout(timer)
      controller.abort()
    }
  }, [key])

  async function lastLook(): Promise<Suggested> {
    const now = latest.current
    if (!now.key) return NOTHING
    if (now.answer.key === now.key && !now.answer.failed) return now.answer.found
    try {
      const found = await suggestionsFor(now.question, AbortSignal.timeout(LAST_LOOK_MS))
      setAnswer({ key: now.key, found, failed: false })
      return found
    } catch {
      return NOTHING
    }
  }

  return {
    // While another answer is on its way the one before stays: nothing jumps.
    found: key ? answer.found : NOTHING,
    failed: key !== '' && answer.key === key && answer.failed,
    asking: key !== '' && answer.key !== key,
    lastLook,
  }
}
