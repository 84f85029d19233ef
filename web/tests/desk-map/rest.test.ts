import type { Map as MapLibre } from 'maplibre-gl'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { watchRest } from '../../src/map/rest'

/** A map as MapLibre's: `idle` is said after a frame that left nothing to do, and at no other time. */
class Drawn {
  private readonly told = new Map<string, () => void>()
  waiting = 0
  moving = false

  on(event: string, hear: () => void) {
    this.told.set(event, hear)
  }
  say(event: string) {
    this.told.get(event)?.()
  }
  loaded = () => this.waiting === 0
  isMoving = () => this.moving
  triggerRepaint = vi.fn(() => {
    if (this.loaded() && !this.moving) this.say('idle')
  })
  /** A tile comes and is drawn, or fails: then no frame is asked for. */
  tile(came: boolean) {
    this.waiting -= 1
    if (came) this.triggerRepaint()
  }
}

function watched() {
  const map = new Drawn()
  const element = document.createElement('div')
  const stir = watchRest(map as unknown as MapLibre, element)
  return { map, stir, state: () => element.dataset.map }
}

describe('whether a map rests', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it('is told by MapLibre where everything came', () => {
    const { map, state } = watched()
    map.waiting = 2
    map.tile(true)
    expect(state()).toBe('moving')
    map.tile(true)
    expect(state()).toBe('idle')
  })

  it('is found out where the last tile failed', () => {
    const { map, state } = watched()
    map.waiting = 2
    map.tile(true)
    vi.advanceTimersByTime(5_000)
    expect(state()).toBe('moving')
    map.tile(false)
    expect(state()).toBe('moving')
    vi.advanceTimersByTime(1_000)
    expect(state()).toBe('idle')
    // A map at rest is left alone.
    const { length } = map.triggerRepaint.mock.calls
    vi.advanceTimersByTime(60_000)
    expect(map.triggerRepaint.mock.calls).toHaveLength(length)
  })

  it('is found out again after each move and each change, and not while it moves', () => {
    const { map, stir, state } = watched()
    map.waiting = 1
    map.moving = true
    map.say('movestart')
    map.tile(false)
    vi.advanceTimersByTime(2_000)
    expect(state()).toBe('moving')
    map.moving = false
    vi.advanceTimersByTime(1_000)
    expect(state()).toBe('idle')
    stir()
    vi.advanceTimersByTime(1_000)
    expect(state()).toBe('idle')
  })

  it('is nothing any more when the map has gone', () => {
    const { map, state } = watched()
    map.waiting = 1
    map.say('remove')
    map.tile(false)
    vi.advanceTimersByTime(5_000)
    expect(map.triggerRepaint).not.toHaveBeenCalled()
    expect(state()).toBe('moving')
  })
})
