/** One photo on its way. `fetch` tells nothing of a slow upload, the older XMLHttpRequest does. */
import { ownHeaders } from '../../../api/client'
import { NoAnswer, Refusal } from '../../../api/problem'
import { fieldsOf, textOf } from '../shelf'

/** Without a byte moving for so long, the network is taken for lost. */
const STALL_MS = 45_000

/** Sends a citizen's picture and gives its key. `onProgress` hears 0…1. Throws like `take`. */
export function uploadPhoto(blob: Blob, onProgress: (part: number) => void): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    let stall: ReturnType<typeof setTimeout> | undefined
    const alive = () => {
      clearTimeout(stall)
      stall = setTimeout(() => request.abort(), STALL_MS)
    }
    request.upload.onprogress = (event) => {
      alive()
      if (event.lengthComputable) onProgress(event.loaded / event.total)
    }
    request.onloadend = () => {
      clearTimeout(stall)
      if (request.status === 0) return reject(new NoAnswer())
      const body = fieldsOf(parsed(request.responseText))
      if (request.status >= 400) return reject(new Refusal(request.status, body))
      resolve(textOf(body.uuid))
    }
    request.open('POST', '/api/attachments')
    for (const [name, value] of Object.entries(ownHeaders('POST'))) {
      request.setRequestHeader(name, value)
    }
    const form = new FormData()
    form.set('purpose', 'report')
    form.set('file', blob, 'photo.jpg')
    alive()
    request.send(form)
  })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
