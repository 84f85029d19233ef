/** The place of a map on the page; where the machine cannot draw, what stands there instead. */
import type { StyleSpecification } from 'maplibre-gl'
import { type ReactNode, useEffect, useRef } from 'react'
import { type Bounds, canDraw } from '../../../map/CityMap'
import type { Canvas, Hands } from './canvas'
import type { View } from './search'

interface MapCanvasProps {
  label: string
  className: string
  style: StyleSpecification
  /** Where it looks at first; afterwards it is moved by `onReady`'s canvas. */
  at: View | Bounds
  hands: { current: Hands }
  onReady: (canvas: Canvas | null) => void
  paper?: boolean
  clip?: string
  children?: ReactNode
}

export function MapCanvas(props: MapCanvasProps) {
  const { label, className, style, hands, onReady, paper = false, clip, children } = props
  const box = useRef<HTMLDivElement>(null)
  const canvas = useRef<Canvas | null>(null)
  const latest = useRef(props)
  latest.current = props

  useEffect(() => {
    const element = box.current
    if (!element || !canDraw()) return
    let gone = false
    import('./canvas').then(({ Canvas }) => {
      if (gone) return
      const { style, at, label } = latest.current
      canvas.current = new Canvas(element, { style, at, hands, label, paper })
      onReady(canvas.current)
    })
    return () => {
      gone = true
      canvas.current?.remove()
      canvas.current = null
      onReady(null)
    }
  }, [hands, onReady, paper])

  useEffect(() => canvas.current?.show(style), [style])

  if (!canDraw()) return <div className={className}>{children}</div>
  return (
    <div
      ref={box}
      className={className}
      role="region"
      aria-label={label}
      style={clip ? { clipPath: clip } : undefined}
    />
  )
}
