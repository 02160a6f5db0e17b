import { expect, it } from 'vitest'
import type { ProgressMessage } from '../../../../src/api/image.ts'
import { progressBar, showPull } from '../../../../src/cli/format/progress/pull.ts'
import { memoryContext } from '../../memory-context.ts'

async function* pulled(): AsyncIterable<ProgressMessage> {
  yield { status: 'Pulling from library/nginx', id: 'latest' }
  yield { status: 'Pulling fs layer', progressDetail: {}, id: 'abc' }
  yield { status: 'Pulling fs layer', progressDetail: {}, id: 'def' }
  yield { status: 'Downloading', progressDetail: { current: 512, total: 1024 }, id: 'abc' }
  yield { status: 'Download complete', progressDetail: {}, id: 'abc' }
  yield { status: 'Digest: sha256:1' }
  yield { status: 'Status: Downloaded newer image for nginx:latest' }
}

it('a pull is plain lines where there is no terminal', async () => {
  const ctx = memoryContext()
  await showPull(ctx, pulled())
  expect(ctx.stdout()).toBe(`latest: Pulling from library/nginx
abc: Pulling fs layer
def: Pulling fs layer
abc: Download complete
Digest: sha256:1
Status: Downloaded newer image for nginx:latest
`)
})

it('a pull rewrites the line of each layer on a terminal', async () => {
  const parts: string[] = []
  const out = {
    isTTY: true,
    colors: true,
    columns: 80,
    rows: 24,
    write: (data: string | Uint8Array) => void parts.push(String(data)),
  }
  await showPull({ out }, pulled())
  expect(parts).toEqual([
    'latest: Pulling from library/nginx\n',
    '\n\x1b[1A\x1b[2K\rabc: Pulling fs layer\r\x1b[1B',
    '\n\x1b[1A\x1b[2K\rdef: Pulling fs layer\r\x1b[1B',
    '\x1b[2A\x1b[2K\rabc: Downloading     512B/1.024kB\r\x1b[2B',
    '\x1b[2A\x1b[2K\rabc: Download complete\r\x1b[2B',
    'Digest: sha256:1\n',
    'Status: Downloaded newer image for nginx:latest\n',
  ])
})

it('a quiet pull shows nothing, and an error ends it', async () => {
  const ctx = memoryContext()
  await showPull(ctx, pulled(), { quiet: true })
  async function* failing(): AsyncIterable<ProgressMessage> {
    yield { error: 'manifest unknown' }
  }
  await expect(showPull(ctx, failing())).rejects.toThrow('manifest unknown')
  expect(ctx.stdout()).toBe('')
})

it('results come back', async () => {
  async function* loaded(): AsyncIterable<ProgressMessage> {
    yield { stream: 'Loaded image: a:1\n' }
    yield { aux: { ID: 'sha256:1' } }
  }
  const ctx = memoryContext()
  expect([await showPull(ctx, loaded()), ctx.stdout()]).toEqual([[{ ID: 'sha256:1' }], 'Loaded image: a:1\n'])
})

it('bars are drawn where there is room', () => {
  expect([progressBar({ current: 500, total: 1000 }, 120), progressBar({ current: 500 }, 120)]).toEqual([
    `[${'='.repeat(25)}>${' '.repeat(25)}]     500B/1kB`,
    '    500B',
  ])
})
