import 'fake-indexeddb/auto'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import type { Shot } from '../../src/ui/shrink'

const uploadPhoto = vi.fn<(blob: Blob, progress: (part: number) => void) => Promise<string>>()
const postReport = vi.fn<(body: unknown, key: string) => Promise<object>>()

vi.mock('../../src/surfaces/citizen/report/upload', () => ({ uploadPhoto }))
vi.mock('../../src/surfaces/citizen/answers', () => ({ postReport }))

const RECEIPT = { number: 'R20261122ABCDEFGH', code: 'CODECODE', created: true }

function shot(name: string): Shot {
  return { blob: new Blob([name]), url: `blob:${name}`, takenAt: null, place: null }
}

/** The modules as a newly opened page has them. */
async function opened() {
  const album = await import('../../src/surfaces/citizen/album')
  const drafts = await import('../../src/surfaces/citizen/draft')
  const kept = await import('../../src/surfaces/citizen/kept')
  const sending = await import('../../src/surfaces/citizen/report/sending')
  const problem = await import('../../src/api/problem')
  await album.restorePhotos()
  return { ...album, ...problem, ...drafts, ...kept, ...sending }
}

beforeEach(async () => {
  localStorage.clear()
  vi.resetModules()
  URL.createObjectURL = () => `blob:${Math.random()}`
  URL.revokeObjectURL = () => undefined
  await (await opened()).forgetPhotos()
  uploadPhoto.mockReset().mockImplementation(async (blob) => `key-${await textOf(blob)}`)
  postReport.mockReset().mockResolvedValue(RECEIPT)
})

function textOf(blob: Blob): Promise<string> {
  return blob.text()
}

describe('sending the draft', () => {
  test('photos first, then the report with their keys; afterwards nothing is left of it', async () => {
    const page = await opened()
    await page.setPhotos([shot('a'), shot('b')])
    page.change({ text: ' 井盖破损 ', address: '香港中路' })
    const { key } = page.draft()
    const sent = await page.sendDraft(null)
    expect(sent).toMatchObject({ number: RECEIPT.number, joined: false, edited: false })
    expect(postReport).toHaveBeenCalledTimes(1)
    expect(postReport.mock.calls[0]?.[1]).toBe(key)
    expect(postReport.mock.calls[0]?.[0]).toMatchObject({
      text: '井盖破损',
      attachments: ['key-a', 'key-b'],
      contact: null,
      same_as: null,
    })
    expect(page.photos()).toEqual([])
    expect(page.isBlank(page.draft())).toBe(true)
    expect(page.draft().key).not.toBe(key)
    expect(page.keptReports()[0]).toMatchObject({ number: RECEIPT.number, code: RECEIPT.code })
  })

  test('a photo that arrived is not sent again, not even after a reload', async () => {
    const page = await opened()
    await page.setPhotos([shot('a'), shot('b')])
    page.change({ text: '井盖' })
    uploadPhoto.mockImplementation(async (blob) => {
      if ((await textOf(blob)) === 'b') throw new page.NoAnswer()
      return 'key-a'
    })
    expect(await page.sendDraft(null)).toBeNull()
    expect(postReport).not.toHaveBeenCalled()

    vi.resetModules()
    uploadPhoto.mockReset().mockResolvedValue('key-b')
    const later = await opened()
    expect(later.photos().map((photo) => photo.uploaded)).toEqual(['key-a', ''])
    expect(later.draft().text).toBe('井盖')
    expect(await later.sendDraft(null)).not.toBeNull()
    expect(uploadPhoto).toHaveBeenCalledTimes(1)
    expect(postReport.mock.calls[0]?.[0]).toMatchObject({ attachments: ['key-a', 'key-b'] })
  })

  test('a lost answer is asked for again under the same key', async () => {
    const page = await opened()
    page.change({ text: '井盖' })
    const { key } = page.draft()
    postReport.mockRejectedValueOnce(new page.NoAnswer())
    expect(await page.sendDraft(null)).toBeNull()
    expect(page.draft()).toMatchObject({ key, text: '井盖' })
    postReport.mockResolvedValueOnce({ ...RECEIPT, created: false })
    expect(await page.sendDraft(null)).toMatchObject({ created: false, edited: false })
    expect(postReport.mock.calls.map((call) => call[1])).toEqual([key, key])
    expect(page.isBlank(page.draft())).toBe(true)
  })

  test('what was changed after a lost answer stays as a draft of its own', async () => {
    const page = await opened()
    page.change({ text: '井盖' })
    const { key } = page.draft()
    postReport.mockRejectedValueOnce(new page.NoAnswer())
    await page.sendDraft(null)
    page.change({ text: '井盖，已有人摔倒' })
    postReport.mockResolvedValueOnce({ ...RECEIPT, created: false })
    expect(await page.sendDraft(null)).toMatchObject({ created: false, edited: true })
    expect(page.draft().text).toBe('井盖，已有人摔倒')
    expect(page.draft().key).not.toBe(key)
  })

  test('a refusal was surely not written: corrected words are no edit of something sent', async () => {
    const page = await opened()
    page.change({ text: '井盖' })
    postReport.mockRejectedValueOnce(new page.Refusal(422, { detail: '不行', field: 'text' }))
    expect(await page.sendDraft(null)).toBeNull()
    expect(page.draft()).toMatchObject({ text: '井盖', tried: '' })
  })

  test('pictures that the server has forgotten are sent once more by themselves', async () => {
    const page = await opened()
    await page.setPhotos([shot('a')])
    page.change({ text: '井盖' })
    const forgotten = new page.Refusal(422, { detail: '附件不存在', field: 'attachments' })
    postReport.mockRejectedValueOnce(forgotten)
    expect(await page.sendDraft(null)).not.toBeNull()
    expect(uploadPhoto).toHaveBeenCalledTimes(2)
    expect(postReport).toHaveBeenCalledTimes(2)

    page.change({ text: '再来' })
    await page.setPhotos([shot('c')])
    postReport.mockRejectedValue(forgotten)
    expect(await page.sendDraft(null)).toBeNull()
    expect(postReport).toHaveBeenCalledTimes(4)
  })

  test('a double click sends once', async () => {
    const page = await opened()
    page.change({ text: '井盖' })
    const both = await Promise.all([page.sendDraft(null), page.sendDraft(null)])
    expect(both.filter(Boolean)).toHaveLength(1)
    expect(postReport).toHaveBeenCalledTimes(1)
  })

  test('the contact is sent only when it was given, the case to follow only when chosen', async () => {
    const { blank, bodyOf } = await opened()
    const draft = { ...blank(), text: '井盖', name: '王', phone: ' 138 ' }
    expect(bodyOf(draft, [], null).contact).toBeNull()
    expect(bodyOf({ ...draft, anonymous: false }, [], 7)).toMatchObject({
      contact: { name: '王', phone: '138' },
      same_as: 7,
    })
  })

  test('a position of a camera is sent as what it is', async () => {
    const { blank, bodyOf } = await opened()
    const spot = { lon: 120, lat: 36, system: 'wgs84', source: 'photo', accuracy: null } as const
    expect(bodyOf({ ...blank(), spot }, [], null)).toMatchObject({
      lon: 120,
      lat: 36,
      system: 'wgs84',
    })
    expect(bodyOf(blank(), [], null)).toMatchObject({ lon: null, lat: null })
  })
})
