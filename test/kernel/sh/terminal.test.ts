/**
 * Shells at a terminal, recorded from real ones: `docker run -it` of busybox 1.35, dash 0.5.12 and bash 5.2 under a
 * pseudo-terminal, each key typed when the last had been answered. A step without an answer is not compared: what it
 * shows depends there on which of two processes is the faster one.
 */
import { describe, expect, it } from 'vitest'
import { readFixture, runCommand } from '../harness.ts'

type Recording = [keys: string, shown: string | null][]

const sessions: [title: string, shell: string, fixture: string, status: number][] = [
  ['ash: lines, history, jobs', 'ash', 'ash-base', 7],
  ['ash: editing, completion, prompts', 'ash', 'ash-edit', 130],
  ['ash: a line of two rows', 'ash', 'ash-long', -1],
  ['dash: a terminal that edits itself', 'dash', 'dash-base', 7],
  ['bash: lines, history, jobs', 'bash', 'bash-base', 7],
  ['bash: editing and completion', 'bash', 'bash-edit', 130],
]

const expected = (recording: Recording, shown: readonly string[]): Recording =>
  recording.map(([keys, text], at) => [keys, text === null ? null : (shown[at] ?? '')])

describe.each(sessions)('%s', (_title, shell, fixture, status) => {
  const recording = JSON.parse(readFixture(`terminal/${fixture}.json`)) as Recording
  const settings = {
    tty: true,
    keys: recording.slice(1).map(([keys]) => keys),
    flavour: shell === 'ash' ? ('busybox' as const) : ('gnu' as const),
    env: { TERM: 'xterm' },
  }
  const command = shell === 'ash' ? ['sh'] : [shell === 'dash' ? 'sh' : 'bash']

  it('shows what the real one shows', async () => {
    const outcome = await runCommand(command, settings)
    expect(expected(recording, outcome.shown)).toEqual(recording)
    expect(outcome.status).toBe(status)
  })

  it('is the same when it is stored after each key', async () => {
    const outcome = await runCommand(command, { ...settings, suspend: true })
    expect(expected(recording, outcome.shown)).toEqual(recording)
  })
})

describe('a start-up file of Debian', () => {
  it('finds a prompt and sets its own', async () => {
    const bashrc = `[ -z "$PS1" ] && return\nPS1='\\u@\\h:\\w\\$ '\n`
    const outcome = await runCommand(['bash'], {
      tty: true,
      keys: ['unset PS1\r', 'echo bare\r', 'exit 3\r'],
      flavour: 'gnu',
      env: { TERM: 'xterm' },
      files: { '/etc/bash.bashrc': bashrc },
    })
    expect(outcome.shown).toEqual([
      '\x1b[?2004hroot@box:/# ',
      'unset PS1\r\n\x1b[?2004l\r\x1b[?2004h',
      'echo bare\r\n\x1b[?2004l\rbare\r\n\x1b[?2004h',
      'exit 3\r\n\x1b[?2004l\rexit\r\n',
    ])
    expect(outcome.status).toBe(3)
  })
})
