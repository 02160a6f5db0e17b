import { describe, expect, it } from 'vitest'
import { readFixture, runCommand } from '../harness.ts'

interface Case {
  script: string
  stdout: string
  stderr: string
  status: number
}

const cases = JSON.parse(readFixture('shell/ash.json')) as Case[]

/** What this small world differs in from a real container: its users, its files, its process ids. */
const differs = new Set<string>([
  // Debian's busybox prefers its applets to files, so it has no path for them.
  'type echo; type ls; type nosuch; echo $?',
  'command -v echo; command -v sh; command -v nosuch; echo $?',
])

describe('the shell answers as busybox ash', () => {
  it.each(cases.filter(each => !differs.has(each.script)))('$script', async ({ script, stdout, stderr, status }) => {
    const run = await runCommand(['sh', '-c', script.replaceAll('\\n', '\n')])
    expect({ stdout: run.stdout, stderr: run.stderr, status: run.status }).toEqual({ stdout, stderr, status })
  })

  it.each(cases.filter((_, at) => at % 4 === 0))('when stored after every slice: $script', async ({ script }) => {
    const plain = await runCommand(['sh', '-c', script.replaceAll('\\n', '\n')])
    const stored = await runCommand(['sh', '-c', script.replaceAll('\\n', '\n')], { suspend: true })
    expect({ stdout: stored.stdout, stderr: stored.stderr, status: stored.status }).toEqual({
      stdout: plain.stdout,
      stderr: plain.stderr,
      status: plain.status,
    })
  })
})
