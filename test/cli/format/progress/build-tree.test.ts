import { expect, test } from 'vitest'
import type { BuildEvent } from '../../../../src/build/events.ts'
import { BuildTree } from '../../../../src/cli/format/progress/build-tree.ts'

function drawn(events: readonly BuildEvent[], now: number): string[] {
  let text = ''
  const out = {
    isTTY: true,
    colors: false,
    columns: 40,
    rows: 24,
    write: (more: string | Uint8Array) => (text += more),
  }
  const tree = new BuildTree(out as never, { now: () => now, idle: () => new Promise(() => undefined) })
  for (const event of events) tree.show(event)
  tree.end()
  return text.replace(/\x1b\[[?0-9;]*[a-zA-Z]/g, '').split('\n')
}

test('steps stand with their times, those of the cache and those that failed are marked', () => {
  const lines = drawn(
    [
      { type: 'start', id: 1, name: '[internal] load build definition', time: 0 },
      { type: 'status', id: 1, text: 'transferring dockerfile: 9B done', time: 100 },
      { type: 'done', id: 1, time: 200 },
      { type: 'start', id: 2, name: '[1/2] RUN a', time: 200 },
      { type: 'cached', id: 2, time: 200 },
      { type: 'start', id: 3, name: '[2/2] RUN a command that is too long for the line', time: 1000 },
      { type: 'log', id: 3, stream: 'stdout', data: Buffer.from('hello\n'), time: 1500 },
      { type: 'error', id: 3, message: 'exit code: 1', time: 2500 },
    ],
    3000,
  )
  expect(lines).toEqual([
    '[+] Building 3.0s (3/... docker:default',
    ' => [internal] load build defin... 0.2s',
    ' => => transferring dockerfile: 9B 0.1s',
    ' => CACHED [1/2] RUN a             0.0s',
    ' => ERROR [2/2] RUN a command t... 1.5s',
    '',
  ])
})
