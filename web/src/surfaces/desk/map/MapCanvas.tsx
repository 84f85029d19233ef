/** The place of a map on the page; where the machine cannot draw, what stands there instead. */
import type { StyleSpecification } from 'maplibre-gl'
import { type ReactNode, useEffect, useRef } from 'react'
import { useLanguage, withWords } from '../../../app/language'
import type { View } from '../../../map/blank'
import { type Bounds, canDraw } from '../../../map/CityMap'
import type { Canvas, Hands } from './canvas'

interface MapCanvasProps {
  label: string
  className: string
  style: StyleSpecification
  /** Where it looks at first; afterwards it is moved by `onReady`'s canvas. */
  at: View | Bounds
  hands: { current: Hands }
  onReady: (canvas: Canvas | null) => void
  paper?: boolean
  bare?: boolean
  clip?: string
  children?: ReactNode
}

/** Another language writes everything on it anew: the map is made again where it stood. */
export function MapCanvas(props: MapCanvasProps) {
  const stood = useRef<View | null>(null)
  return <Spoken key={useLanguage()} stood={stood} {...props} />
}

function Spoken(props: MapCanvasProps & { stood: { current: View | null } }) {
  const {
    className,
    style,
    hands,
    onReady,
    stood,
    paper = false,
    bare = false,
    clip,
    children,
  } = props
  const box = useRef<HTMLDivElement>(null)
  const canvas = useRef<Canvas | null>(null)
  const latest = useRef(props)
  latest.current = props

  useEffect(() => {
    const element = box.current
    if (!element || !canDraw()) return
    let gone = false
    withWords(import('./canvas')).then(({ Canvas }) => {
      if (gone) return
      const { style, label } = latest.current
      const at = stood.current ?? latest.current.at
      canvas.current = new Canvas(element, { style, at, hands, label, paper, bare })
      onReady(canvas.current)
    })
    return () => {
      gone = true
      stood.current = canvas.current?.seen().view ?? null
      canvas.current?.remove()
      canvas.current = null
      onReady(null)
    }
  }, [hands, onReady, paper, bare, stood])

  useEffect(() => canvas.current?.show(style), [style])

  if (!canDraw()) return <div className={className}>{children}</div>
  return <div ref={box} className={className} style={clip ? { clipPath: clip } : undefined} />
}
