/** Codes read live from the camera; where it may not or cannot be used, the photo way stays. */
import { useEffect, useRef, useState } from 'react'
import { codeInPicture } from './scan'
import { useT } from './text'

/** Between two looks at what the camera sees: an old phone needs some tenths of a second for one. */
const PAUSE_MS = 200

export function Camera({ onCode }: { onCode: (code: string) => void }) {
  const t = useT()
  const view = useRef<HTMLVideoElement>(null)
  const [refused, setRefused] = useState(false)
  const found = useRef(onCode)
  found.current = onCode
  useEffect(() => {
    const video = view.current
    let gone = false
    let stream: MediaStream | undefined
    let timer: ReturnType<typeof setTimeout>

    async function look(): Promise<void> {
      if (gone || !video) return
      const code = video.videoWidth ? await codeInPicture(video).catch(() => '') : ''
      if (gone) return
      if (code) found.current(code)
      else timer = setTimeout(() => void look(), PAUSE_MS)
    }

    async function begin(): Promise<void> {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } })
      if (gone || !video) return stop()
      video.srcObject = stream
      await video.play()
      await look()
    }

    /** Its light goes out with the last track. */
    function stop(): void {
      for (const track of stream?.getTracks() ?? []) track.stop()
    }

    begin().catch(() => {
      stop()
      if (!gone) setRefused(true)
    })
    return () => {
      gone = true
      clearTimeout(timer)
      stop()
    }
  }, [])
  if (refused) {
    return (
      <p className="problem" role="alert">
        {t('camera_refused')}
      </p>
    )
  }
  return (
    <figure className="camera">
      <video ref={view} muted playsInline aria-label={t('camera')} />
      <figcaption className="soft">{t('camera_hint')}</figcaption>
    </figure>
  )
}
