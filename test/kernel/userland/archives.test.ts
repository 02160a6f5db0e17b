import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeHeader, encodeHeader, type TarMember } from '../../../src/kernel/userland/lib/tar-format.ts'
import { unsafePrefix, wantedName } from '../../../src/kernel/userland/lib/tar-names.ts'
import { type RunSettings, runCommand } from '../harness.ts'
import { type ScriptStep, script } from './script.ts'

const files = { '/src/a.txt': 'hello\n', '/src/docs/b.txt': 'world\n', '/src/docs/big': 'x'.repeat(300_000) }
const step = (...run: string[]): ScriptStep => ({ run })

async function run(steps: ScriptStep[], settings: RunSettings = {}) {
  const { stdout, stderr } = await runCommand(['script'], { files, ...settings, programs: { script: script(steps) } })
  return { stdout, stderr }
}

const member = (change: Partial<TarMember>): TarMember => ({
  name: 'a',
  type: 'file',
  mode: 0o644,
  uid: 0,
  gid: 0,
  user: 'root',
  group: 'root',
  size: 0,
  mtime: 0,
  target: '',
  rdev: [0, 0],
  ...change,
})

/** An archive of members without contents. */
const archive = (...members: TarMember[]) => Buffer.concat([...members.map(encodeHeader), Buffer.alloc(1024)])

describe('tar headers', () => {
  it('are read as they were written', () => {
    const name = fc
      .string({ unit: fc.constantFrom('a', 'b', '/', '.', '\xe9'), minLength: 1, maxLength: 99 })
      .filter(n => !n.endsWith('/'))
    fc.assert(
      fc.property(
        name,
        fc.integer({ min: 0, max: 0o7777 }),
        fc.nat(2 ** 40),
        fc.nat(2 ** 33),
        fc.nat(5_000_000),
        (n, mode, size, mtime, uid) => {
          const one = member({ name: n, mode, size, mtime, uid })
          expect(decodeHeader(encodeHeader(one))).toEqual({ kind: 'member', member: one })
        },
      ),
    )
  })

  it('may be any garbage', () => {
    fc.assert(fc.property(fc.uint8Array({ minLength: 512, maxLength: 512 }), block => void decodeHeader(block)))
  })
})

describe('names of members', () => {
  it('lose what would leave the directory', () => {
    const cases: [string, string][] = [
      ['a/b', ''],
      ['/a', '/'],
      ['../a', '../'],
      ['a/../../b', 'a/../../'],
      ['..', '..'],
      ['a..b/c', ''],
      ['..a', ''],
      ['//x', '//'],
    ]
    for (const [name, prefix] of cases) expect([name, unsafePrefix(name)]).toEqual([name, prefix])
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('.', '/', 'a'), maxLength: 12 }), name => {
        const rest = name.slice(unsafePrefix(name).length)
        expect(rest.startsWith('/')).toBe(false)
        expect(rest.split('/')).not.toContain('..')
      }),
    )
  })

  it('belong to a directory that was asked for', () => {
    expect(wantedName('docs/b.txt', ['a', 'docs/'])).toBe('docs/')
    expect(wantedName('docsx', ['docs'])).toBeUndefined()
  })
})

describe('tar', () => {
  it('of busybox unpacks what it packed', async () => {
    const { stdout, stderr } = await run([
      step('tar', 'czf', '/t.tgz', '-C', '/src', '.'),
      step('mkdir', '/o'),
      step('tar', 'xzf', '/t.tgz', '-C', '/o'),
      step('cmp', '/src/docs/big', '/o/docs/big'),
      step('cat', '/o/a.txt', '/o/docs/b.txt'),
      step('tar', 'tzf', '/t.tgz', './docs/b.txt', 'nope'),
    ])
    expect({ stdout, stderr }).toEqual({
      stdout: 'hello\nworld\n./docs/b.txt\n[1]\n',
      stderr: 'tar: nope: not found in archive\n',
    })
  })

  it('of GNU speaks its own words', async () => {
    const { stdout, stderr } = await run(
      [
        step('tar', 'cvf', '/t.tar', '-C', '/src', 'a.txt', '-C', 'docs', 'b.txt'),
        step('tar', 'tvf', '/t.tar'),
        step('tar', 'xf', '/t.tar', '-C', '/nope'),
        step('tar', 'xf', '/t.tar', 'nope'),
        step('tar', 'cf', '/x.tar', '/nope'),
        step('tar', 'cf', '/x.tar'),
        step('tar', 'cf', '/x.tar', '/src/a.txt'),
        step('tar', 'xzf', '/t.tar'),
        step('tar', 'tf', '/src/a.txt'),
        step('tar', 'cf', '/x.tar', '-C', '/src', '--exclude=docs', '.'),
        step('tar', 'tf', '/x.tar'),
      ],
      { flavour: 'gnu' },
    )
    expect(stdout).toBe(
      'a.txt\nb.txt\n-rw-r--r-- root/root         6 2026-01-02 03:04 a.txt\n-rw-r--r-- root/root         6 2026-01-02 03:04 b.txt\n' +
        '[2]\n[2]\n[2]\n[2]\n[2]\n[2]\n./\n./a.txt\n',
    )
    expect(stderr).toBe(`tar: /nope: Cannot open: No such file or directory
tar: Error is not recoverable: exiting now
tar: nope: Not found in archive
tar: Exiting with failure status due to previous errors
tar: /nope: Cannot stat: No such file or directory
tar: Exiting with failure status due to previous errors
tar: Cowardly refusing to create an empty archive
Try 'tar --help' or 'tar --usage' for more information.
tar: Removing leading \`/' from member names

gzip: stdin: not in gzip format
tar: Child returned status 1
tar: Error is not recoverable: exiting now
tar: This does not look like a tar archive
tar: Exiting with failure status due to previous errors
`)
  })

  it('keeps hostile members within the directory', async () => {
    const hostile = archive(
      member({ name: '../../etc/passwd', type: 'symlink', target: '/x' }),
      member({ name: '/abs', type: 'dir' }),
    )
    const { stdout, stderr } = await run(
      [
        step('mkdir', '/o'),
        step('tar', 'xf', '/h.tar', '-C', '/o'),
        step('find', '/o'),
        step('grep', '-c', 'root', '/etc/passwd'),
      ],
      {
        prepare: rootfs => rootfs.writeFile('/h.tar', hostile),
      },
    )
    expect(stdout.split('\n').sort()).toEqual(['', '/o', '/o/abs', '/o/etc', '/o/etc/passwd', '1'].sort())
    expect(stderr).toBe(
      "tar: removing leading '../../' from member names\ntar: removing leading '/' from member names\n",
    )
  })

  it('gives up on any garbage', async () => {
    for (const bytes of [
      Buffer.from('garbage'),
      Buffer.alloc(512, 1),
      archive(member({ size: 5000 })).subarray(0, 700),
    ]) {
      const { stdout } = await run([step('tar', 'tf', '/g')], { prepare: rootfs => rootfs.writeFile('/g', bytes) })
      expect(stdout.endsWith('[1]\n')).toBe(true)
    }
  })
})

describe('zip and unzip', () => {
  it('pack and unpack', async () => {
    const { stdout, stderr } = await run(
      [
        step('zip', '-r', '/a.zip', 'src'),
        step('unzip', '-l', '/a.zip'),
        step('unzip', '-q', '/a.zip', '-d', '/o'),
        step('cmp', '/src/docs/big', '/o/src/docs/big'),
        step('unzip', '-p', '/a.zip', 'src/docs/b.txt'),
      ],
      { flavour: 'gnu' },
    )
    expect(stderr).toBe('')
    expect(stdout).toBe(`  adding: src/ (stored 0%)
  adding: src/a.txt (stored 0%)
  adding: src/docs/ (stored 0%)
  adding: src/docs/b.txt (stored 0%)
  adding: src/docs/big (deflated 100%)
Archive:  /a.zip
  Length      Date    Time    Name
---------  ---------- -----   ----
        0  2026-01-02 03:04   src/
        6  2026-01-02 03:04   src/a.txt
        0  2026-01-02 03:04   src/docs/
        6  2026-01-02 03:04   src/docs/b.txt
   300000  2026-01-02 03:04   src/docs/big
---------                     -------
   300012                     5 files
world
`)
  })
})

// The real tools, where this machine has them, read what ours wrote.
const hasTar = spawnSync('tar', ['--version']).status === 0

describe.skipIf(!hasTar)('a real tar', () => {
  it('reads ours', async () => {
    const { rootfs } = await runCommand(['tar', 'czf', '/t.tgz', '-C', '/src', 'a.txt', 'docs'], { files })
    const { stdout } = spawnSync('tar', ['tzf', '-'], { input: rootfs.readFile('/t.tgz'), encoding: 'utf8' })
    expect(stdout.split('\n').sort()).toEqual(['', 'a.txt', 'docs/', 'docs/b.txt', 'docs/big'])
  })
})
