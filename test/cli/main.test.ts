import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { report, StatusError } from '../../src/cli/errors.ts'
import { EngineError, notFound } from '../../src/errors.ts'

const home = mkdtempSync(join(tmpdir(), 'minidock-main-'))
afterAll(() => rmSync(home, { recursive: true, force: true }))

const program = `node --import tsx ${fileURLToPath(new URL('../../src/cli/dev.ts', import.meta.url))}`
const shell = (line: string) => {
  const { stdout, stderr, status } = spawnSync('bash', ['-c', `set -o pipefail; ${line}`], {
    encoding: 'utf8',
    env: { PATH: process.env.PATH, HOME: home, MINIDOCK_HOME: join(home, 'store') },
  })
  return { stdout, stderr, status }
}

describe('the program', () => {
  it('prints errors on standard error, by the name it was called by', () => {
    expect(shell(`${program} frob`)).toEqual({
      stdout: '',
      stderr: "minidock: unknown command: minidock frob\n\nRun 'minidock --help' for more information\n",
      status: 1,
    })
    expect(shell(`MINIDOCK_NAME=docker ${program} frob`).stderr).toContain('docker: unknown command: docker frob')
  })

  it('has written everything when it ends', () => {
    const { stdout, status } = shell(`${program} compose --help | tail -1`)
    expect([stdout, status]).toEqual(["Run 'minidock compose COMMAND --help' for more information on a command.\n", 0])
  })

  it('ends quietly when nobody reads on', () => {
    expect(shell(`${program} --help | true`)).toEqual({ stdout: '', stderr: '', status: 141 })
  })

  it('says which file it could not write', () => {
    const { stderr, status } = shell(`${program} --help > /dev/full`)
    expect([stderr, status]).toEqual(['write: no space left on device\n', 1])
  })
})

describe('errors', () => {
  const host = Object.assign(new Error('ENOENT: no such file or directory'), {
    code: 'ENOENT',
    syscall: 'open',
    path: 'x',
  })
  it.each([
    [
      'of the engine have the prefix of the daemon',
      notFound('No such container: x'),
      'Error response from daemon: No such container: x\n',
      1,
    ],
    ['with a status have their own words', new StatusError(125, 'conflicting options'), 'conflicting options\n', 125],
    ['that are only a status are silent', new StatusError(7), '', 7],
    ['of the client are plain', new Error('invalid empty volume spec'), 'invalid empty volume spec\n', 1],
    ['of the host are in the words of Go', host, 'open x: no such file or directory\n', 1],
    [
      'that nobody expected are one clear line',
      new TypeError('x is undefined'),
      'minidock: internal error: x is undefined (this is a fault of the program; MINIDOCK_DEBUG=1 shows where)\n',
      1,
    ],
    [
      'that are no errors are too',
      'thrown text',
      'minidock: internal error: thrown text (this is a fault of the program; MINIDOCK_DEBUG=1 shows where)\n',
      1,
    ],
  ])('%s', (_, error, text, status) => {
    expect(report(error, 'minidock', false)).toEqual({ text, status })
  })

  it('show where they come from when that is asked for', () => {
    expect(report(new EngineError('conflict', 'in use'), 'minidock', true).text).toMatch(
      /^Error response from daemon: in use\nEngineError: in use\n {4}at /,
    )
  })
})
