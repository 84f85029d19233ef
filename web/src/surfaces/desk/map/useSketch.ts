/** What is in the pen while a tool draws: corners come from the map, the keyboard or the panel. */
import { useCallback, useState } from 'react'
import type { Place } from '../../../map/CityMap'
import type { Pen } from './Corners'
import { added, begun, type Form, finished, type Sketch, without } from './sketch'

export interface SketchPen extends Pen {
  begin: (form: Form) => void
  undo: () => void
}

/** `onDone` takes what is finished; true where the pen is to be empty again after it. */
export function useSketch(
  middle: () => Place | null,
  onDone: (sketch: Sketch) => boolean,
): SketchPen {
  const [sketch, setSketch] = useState(() => begun('line'))
  function put(next: Sketch) {
    setSketch(next.done && onDone(next) ? begun(next.form) : next)
  }
  const begin = useCallback((form: Form) => setSketch(begun(form)), [])
  return {
    sketch,
    begin,
    middle,
    add: (place) => put(added(sketch, place)),
    remove: (index) => put(without(sketch, index)),
    undo: () => put(without(sketch, sketch.places.length - 1)),
    finish: () => put(finished(sketch)),
    clear: () => setSketch(begun(sketch.form)),
  }
}
