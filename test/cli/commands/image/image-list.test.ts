import { describe, expect, it } from 'vitest'
import type { ImageSummary } from '../../../../src/api/image.ts'
import { imageList, imageRowsOf } from '../../../../src/cli/commands/image/image-list.ts'
import { listText } from '../../../../src/cli/format/formatter.ts'

const digest = `sha256:${'d'.repeat(64)}`
const now = Date.UTC(2026, 0, 2)
const image = (part: Partial<ImageSummary>): ImageSummary => ({
  Id: `sha256:${'1'.repeat(64)}`,
  ParentId: '',
  RepoTags: [],
  RepoDigests: [],
  Created: now / 1000 - 7200,
  Size: 1_982_571,
  SharedSize: -1,
  Containers: 0,
  Labels: null,
  ...part,
})
const images = [
  image({ RepoTags: ['localhost:5000/a:1', 'x:2'], RepoDigests: [`x@${digest}`] }),
  image({ RepoDigests: [`only@${digest}`] }),
  image({}),
]
const show = (options: { digests?: boolean; format?: string; quiet?: boolean }): Promise<string> => {
  const { digests = false, format = '', quiet = false } = options
  return listText(imageList({ noTrunc: false, digests, now }), imageRowsOf(images, digests), { format, quiet })
}

describe('the list of images', () => {
  it('has a row for each tag, and for what has none', async () => {
    expect(await show({})).toBe(
      [
        'REPOSITORY         TAG       IMAGE ID       CREATED       SIZE',
        'localhost:5000/a   1         111111111111   2 hours ago   1.98MB',
        'x                  2         111111111111   2 hours ago   1.98MB',
        'only               <none>    111111111111   2 hours ago   1.98MB',
        '<none>             <none>    111111111111   2 hours ago   1.98MB',
        '',
      ].join('\n'),
    )
  })

  it('shows the digests that are asked for', async () => {
    const format = '{{.Repository}} {{.Tag}} {{.Digest}}'
    expect(await show({ digests: true, format })).toBe(
      `localhost:5000/a 1 <none>\nx 2 ${digest}\nonly <none> ${digest}\n<none> <none> <none>\n`,
    )
  })

  it('is JSON with Docker’s keys', async () => {
    expect((await show({ format: 'json' })).split('\n')[0]).toBe(
      '{"Containers":"0","CreatedAt":"2026-01-01 22:00:00 +0000 UTC","CreatedSince":"2 hours ago","Digest":"\\u003cnone\\u003e","ID":"111111111111","Repository":"localhost:5000/a","SharedSize":"N/A","Size":"1.98MB","Tag":"1","UniqueSize":"N/A","VirtualSize":"1.983MB"}',
    )
  })

  it('is only ids when quiet', async () => {
    expect(await show({ quiet: true })).toBe('111111111111\n'.repeat(4))
  })
})
