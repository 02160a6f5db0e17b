import { expect, it } from 'vitest'
import { progressWriter } from '../../../../src/cli/format/progress/compose.ts'
import type { ProgressEvent } from '../../../../src/compose/session.ts'

/** A terminal of 60 columns, a clock that goes on 200 ms an event, and frames that are drawn when the test says. */
function onTerminal(options: { colors: boolean; dryRun?: boolean }) {
  const parts: string[] = []
  const out = {
    isTTY: true,
    colors: options.colors,
    columns: 60,
    rows: 24,
    write: (data: string | Uint8Array) => void parts.push(String(data)),
  }
  let now = 0
  let frame: () => void = () => {}
  const writer = progressWriter(out, {
    mode: 'auto',
    title: 'Running',
    dryRun: options.dryRun ?? false,
    now: () => now,
    idle: () => new Promise<void>(resolve => (frame = resolve)),
  })
  return {
    parts,
    writer,
    event(event: ProgressEvent) {
      writer.event(event)
      now += 200
    },
    async draw() {
      frame()
      await Promise.resolve()
      await Promise.resolve()
    },
  }
}

it('compose draws its list over the last one, as recorded from the real one', async () => {
  const { parts, writer, event, draw } = onTerminal({ colors: true })
  event({ id: 'Network p_default', state: 'working', status: 'Creating' })
  event({ id: 'Network p_default', state: 'done', status: 'Created' })
  event({ id: 'Container p-db-1', state: 'working', status: 'Starting' })
  await draw()
  event({ id: 'Container p-db-1', state: 'done', status: 'Started' })
  writer.end()
  expect(parts).toEqual([
    '\x1b[1A\x1b[1B\x1b[0G\x1b[?25l[+] Running 1/2\n' +
      ' \x1b[32m✔\x1b[0m Network p_default  \x1b[32mCreated\x1b[0m                          \x1b[34m0.2s \x1b[0m\n' +
      ' \x1b[33m⠋\x1b[0m Container p-db-1   Starting                         \x1b[34m0.2s \x1b[0m\n\x1b[?25h',
    '\x1b[1A\x1b[1A\x1b[1A\x1b[0G\x1b[?25l\x1b[34m[+] Running 2/2\x1b[0m\n' +
      ' \x1b[32m✔\x1b[0m Network p_default  \x1b[32mCreated\x1b[0m                          \x1b[34m0.2s \x1b[0m\n' +
      ' \x1b[32m✔\x1b[0m Container p-db-1   \x1b[32mStarted\x1b[0m                          \x1b[34m0.2s \x1b[0m\n\x1b[?25h',
  ])
})

it('an error is cut to the width of the terminal, and nothing is coloured where no colours are wanted', () => {
  const { parts, writer, event } = onTerminal({ colors: false, dryRun: true })
  event({ id: 'Container p-web-1', state: 'error', status: 'Error response from daemon: invalid mount config' })
  writer.end()
  expect(parts).toEqual([
    '\x1b[1A\x1b[1B\x1b[0G\x1b[?25l[+] Running 1/1\n' +
      ' ✘ DRY-RUN MODE -  Container p-web-1  Error res...     0.0s \n\x1b[?25h',
  ])
})
