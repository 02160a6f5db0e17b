/** The process, system, network and archive commands against what the real
 * busybox printed (fixtures/userland/record.py), and what coreutils 9.1 of Debian 12 did (gnu-system, in the C locale). */
import { describe, expect, it } from 'vitest'
import { readFixture, runCommand } from '../harness.ts'

interface Case {
  argv: string[]
  flavour?: 'gnu'
  files?: Record<string, string>
  env?: Record<string, string>
  stdin?: string
  uid?: number
  cwd?: string
  stdout: string
  stderr: string
  status: number
}

const read = (name: string) => JSON.parse(readFixture(`userland/${name}.json`)) as Case[]
const title = (one: Case) => one.argv.join(' ') + (one.uid === undefined ? '' : ` (as ${one.uid})`)

async function run({ argv, stdout: _out, stderr: _err, status: _status, ...settings }: Case, suspend = false) {
  const { stdout, stderr, status } = await runCommand(argv, { ...settings, suspend, limit: 60_000 })
  return { stdout, stderr, status }
}

describe.each(['processes', 'system', 'network', 'archives', 'calculators', 'gnu-system'])(
  '%s print what the real tools print',
  name => {
    it.each(read(name).map(one => [title(one), one] as const))('%s', async (_title, one) => {
      const { stdout, stderr, status } = one
      expect(await run(one)).toEqual({ stdout, stderr, status })
    })
  },
)

describe.each([false, true])('scripts print what busybox prints (stored between slices: %s)', suspend => {
  it.each(read('scripts').map(one => [title(one), one] as const))('%s', async (_title, one) => {
    const { stdout, stderr, status } = one
    expect(await run(one, suspend)).toEqual({ stdout, stderr, status })
  })
})
