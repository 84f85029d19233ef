/** Whether an outline crosses or touches itself: such a one has no inside, nor an area. */
import type { Place } from '../../../map/CityMap'

/** To which side of the line from `a` to `b` a place lies: its sign; 0 is on the line. */
function side([ax, ay]: Place, [bx, by]: Place, [x, y]: Place): number {
  return Math.sign((bx - ax) * (y - ay) - (by - ay) * (x - ax))
}

/** Whether a place of the line through `a` and `b` lies between them. */
function between([ax, ay]: Place, [bx, by]: Place, [x, y]: Place): boolean {
  return (x - ax) * (x - bx) <= 0 && (y - ay) * (y - by) <= 0
}

function meet(a: Place, b: Place, c: Place, d: Place): boolean {
  const [c1, d1, a1, b1] = [side(a, b, c), side(a, b, d), side(c, d, a), side(c, d, b)]
  if (c1 * d1 < 0 && a1 * b1 < 0) return true
  return (
    (c1 === 0 && between(a, b, c)) ||
    (d1 === 0 && between(a, b, d)) ||
    (a1 === 0 && between(c, d, a)) ||
    (b1 === 0 && between(c, d, b))
  )
}

/** Of a ring that is not closed. */
export function crosses(ring: readonly Place[]): boolean {
  const sides = ring.map((from, at): [Place, Place] => [from, ring[(at + 1) % ring.length] ?? from])
  return sides.some(([a, b], at) =>
    sides.slice(at + 1).some(([c, d], further) => {
      // Neighbours share a corner; they must not run back over each other.
      if (further === 0) return side(a, b, d) === 0 && !between(a, d, b)
      if (at === 0 && further === sides.length - 2) return side(c, d, b) === 0 && !between(c, b, d)
      return meet(a, b, c, d)
    }),
  )
}
