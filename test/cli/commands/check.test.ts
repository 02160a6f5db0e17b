import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Chalk } from 'chalk'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { reportText } from '../../../src/cli/commands/system/check.ts'
import { runLine } from '../memory-context.ts'

const plain = new Chalk({ level: 0 })
let home = ''
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'minidock-check-'))
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

describe('system check', () => {
  const check = (...flags: string[]) => runLine(['system', 'check', ...flags], { env: { MINIDOCK_HOME: home } })

  it('finds nothing wrong with a new store', async () => {
    expect(await check()).toEqual({ stdout: `${home}: 0 documents, all is well\n`, stderr: '', status: 0 })
  })

  it('names what is damaged, and ends with 1', async () => {
    mkdirSync(join(home, 'volumes'))
    writeFileSync(join(home, 'version'), 'what?')
    const { stdout, status } = await check()
    expect([stdout.split('\n')[0], status]).toEqual(['damaged:  version: it is no JSON', 1])
  })

  it('tells what was done', () => {
    const finding = { path: 'containers/a.json', message: 'it is no JSON' }
    const report = {
      root: '/s',
      findings: [],
      repaired: [finding],
      leftovers: { count: 2, bytes: 3000 },
      removed: { count: 2, bytes: 3000 },
      documents: 7,
    }
    expect(reportText(report, 'minidock', plain)).toBe(`repaired: containers/a.json: it is no JSON
removed:  2 files (3kB) that interrupted commands left behind
/s: 7 documents, all is well
`)
    expect(
      reportText({ ...report, repaired: [], findings: [finding], removed: { count: 0, bytes: 0 } }, 'minidock', plain),
    ).toBe(
      `damaged:  containers/a.json: it is no JSON
harmless: 2 files (3kB) that interrupted commands left behind: 'minidock system check --repair' removes them
/s: 7 documents, 1 problem: 'minidock system check --repair' puts right what can be
`,
    )
  })
})
