import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fireEvent, render, screen } from '@testing-library/react'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { Help } from '../../src/surfaces/desk/Help'
import { useKeys } from '../../src/surfaces/desk/keys'
import { capsOf, isName, SHORTCUTS } from '../../src/surfaces/desk/shortcuts'

type Acts = Parameters<typeof useKeys>[0]

function Listening({ acts, children }: { acts: Acts; children?: React.ReactNode }) {
  useKeys(acts)
  return children
}

beforeAll(() => {
  // jsdom knows no dialogs.
  HTMLDialogElement.prototype.showModal = vi.fn()
})

describe('the list of keys', () => {
  it('is what help shows, all of it', () => {
    render(<Help onClose={() => undefined} />)
    const shown = [...document.querySelectorAll('.help dl > div')].map((row) => ({
      caps: [...row.querySelectorAll('kbd')].map((cap) => cap.textContent),
      does: row.querySelector('dd')?.textContent ?? '',
    }))
    const names = Object.keys(SHORTCUTS).filter(isName)
    expect(shown).toHaveLength(names.length)
    for (const name of names) expect(shown.map((row) => row.caps)).toContainEqual(capsOf(name))
    // The next call after an order, which help once did not know.
    expect(shown.find((row) => row.caps.join() === 'l')?.does).toBe('登记下一个来电')
    for (const row of shown) expect(row.does).not.toMatch(/^key_|^$/)
  })

  it('begins with those of the page that one is on', () => {
    const rooms = (acts: Acts) => {
      const page = render(<Listening acts={acts} />)
      const { container, unmount } = render(<Help onClose={() => undefined} />)
      const names = [...container.querySelectorAll('h3')].map((each) => each.textContent)
      unmount()
      page.unmount()
      return names
    }
    expect(rooms({ help: () => undefined })[0]).toBe('所有页面')
    const here = rooms({ period_back: () => undefined, leave: () => undefined })
    expect(here.slice(0, 3)).toEqual(['评价', '所有页面', '案件列表'])
    expect(new Set(here).size).toBe(7)
  })

  it('is where every page of the desk looks keys up', () => {
    const desk = join(import.meta.dirname, '../../src/surfaces/desk')
    for (const file of readdirSync(desk, { withFileTypes: true, recursive: true })) {
      if (!file.isFile() || !/\.tsx?$/.test(file.name)) continue
      const code = readFileSync(join(file.parentPath, file.name), 'utf8')
      // Arrows within a slider or a list of choices and Escape out of a field are no shortcuts.
      expect(code.match(/\.key [!=]== '(.|Enter|Backspace)'/g) ?? [], file.name).toEqual(
        file.name === 'FindBox.tsx' ? [".key === 'Enter'"] : [],
      )
    }
  })
})

describe('a key', () => {
  it('of two is heard only after the first', () => {
    const go = vi.fn()
    render(<Listening acts={{ go_cases: go }} />)
    fireEvent.keyDown(document.body, { key: 'c' })
    expect(go).not.toHaveBeenCalled()
    fireEvent.keyDown(document.body, { key: 'g' })
    fireEvent.keyDown(document.body, { key: 'x' })
    fireEvent.keyDown(document.body, { key: 'c' })
    expect(go).not.toHaveBeenCalled()
    fireEvent.keyDown(document.body, { key: 'g' })
    fireEvent.keyDown(document.body, { key: 'c' })
    expect(go).toHaveBeenCalledOnce()
  })

  it('belongs to what was opened last', () => {
    const below = vi.fn()
    const above = vi.fn()
    const { rerender } = render(<Listening acts={{ leave: below }} />)
    rerender(
      <Listening acts={{ leave: below }}>
        <Listening acts={{ leave: above }} />
      </Listening>,
    )
    fireEvent.keyDown(document.body, { key: 'Escape' })
    expect([above, below].map((act) => act.mock.calls.length)).toEqual([1, 0])
    rerender(<Listening acts={{ leave: below }} />)
    fireEvent.keyDown(document.body, { key: 'Escape' })
    expect([above, below].map((act) => act.mock.calls.length)).toEqual([1, 1])
  })

  it('of the list is its letter beside it, where the arrows mean what lies there', () => {
    const down = vi.fn()
    render(
      <Listening acts={{ down }}>
        <div className="ant-drawer">
          <button type="button">beside</button>
        </div>
      </Listening>,
    )
    fireEvent.keyDown(screen.getByText('beside'), { key: 'ArrowDown' })
    expect(down).not.toHaveBeenCalled()
    fireEvent.keyDown(screen.getByText('beside'), { key: 'j' })
    expect(down).toHaveBeenCalledOnce()
  })

  it('is a letter to whoever writes, and another one with Ctrl', () => {
    const next = vi.fn()
    const button = vi.fn()
    render(
      <Listening acts={{ next, buttons: (_, index) => button(index) }}>
        <input aria-label="field" />
      </Listening>,
    )
    fireEvent.keyDown(screen.getByLabelText('field'), { key: 'n' })
    fireEvent.keyDown(document.body, { key: 'n', ctrlKey: true })
    expect(next).not.toHaveBeenCalled()
    fireEvent.keyDown(document.body, { key: '3' })
    expect(button).toHaveBeenCalledWith(2)
  })
})
