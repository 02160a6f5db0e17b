import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { RootFs } from '../../../src/vfs/rootfs.ts'
import { TreeFs } from '../../../src/vfs/tree-fs.ts'
import { runCommand, testTime } from '../harness.ts'

/** Cases recorded from the real tools by scripts/record-userland.mjs. Contents are byte strings. */
interface Group {
  setup: { path: string; content?: string; dir?: boolean; link?: string; mode?: string; mtime?: number }[]
  cases: {
    argv: string[]
    stdin?: string
    stdout: string
    stderr: string
    status: number
    changed?: Record<string, string>
    removed?: string[]
  }[]
}

const kinds = [
  ['busybox', 'commands'],
  ['gnu', 'gnu'],
] as const

function prepare(rootfs: RootFs, setup: Group['setup']): void {
  rootfs.mkdirAll('/t')
  // Directories of a disk, not of a tmpfs: 4096 bytes.
  rootfs.mount('/t', new TreeFs({ type: 'ext4', root: { mode: 0o755, now: testTime } }))
  for (const { path, content, dir, link, mode } of setup) {
    if (dir) rootfs.mkdirAll(`/t/${path}`)
    else if (link !== undefined) rootfs.symlink(link, `/t/${path}`)
    else rootfs.writeFile(`/t/${path}`, Buffer.from(content ?? '', 'latin1'))
    if (mode !== undefined) rootfs.setattr(`/t/${path}`, { mode: Number.parseInt(mode, 8) })
  }
  for (const { path, mtime, link } of [...setup].reverse()) {
    if (mtime !== undefined)
      rootfs.setattr(`/t/${path}`, { mtime: mtime * 1000, atime: mtime * 1000 }, { follow: link === undefined })
  }
}

for (const [flavour, name] of kinds) {
  const folder = new URL(`../../../fixtures/userland/${name}/`, import.meta.url)
  for (const file of readdirSync(folder).filter(one => one.endsWith('.json'))) {
    const group: Group = JSON.parse(readFileSync(new URL(file, folder), 'utf8'))
    describe(`${flavour}, ${file.slice(0, -5)}`, () => {
      it.each(
        group.cases.map(
          one => [`${one.argv.join(' ')}${one.stdin === undefined ? '' : ` <<< ${one.stdin}`}`, one] as const,
        ),
      )('answers as the real one: %s', async (_, one) => {
        const result = await runCommand(one.argv, {
          cwd: '/t',
          flavour,
          stdin: Buffer.from(one.stdin ?? '', 'latin1'),
          prepare: rootfs => prepare(rootfs, group.setup),
        })
        const read = (path: string) => {
          try {
            return Buffer.from(result.rootfs.readFile(`/t/${path}`)).toString()
          } catch {
            return undefined
          }
        }
        const changed = one.changed && Object.fromEntries(Object.keys(one.changed).map(path => [path, read(path)]))
        const removed = one.removed?.filter(path => read(path) === undefined)
        expect({ stdout: result.stdout, stderr: result.stderr, status: result.status, changed, removed }).toEqual({
          stdout: one.stdout,
          stderr: one.stderr,
          status: one.status,
          changed: one.changed,
          removed: one.removed,
        })
      })
    })
  }
}
