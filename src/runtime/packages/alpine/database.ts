/** apk's database: /lib/apk/db/installed, and /etc/apk/world, what was asked for. */
import type { Proc, Routine } from '../../../kernel/program.ts'
import { textOf } from '../../../kernel/userland/lib/interfaces.ts'
import { put } from '../lib/place.ts'

/** One installed package. */
export interface Entry {
  name: string
  version: string
  /** Bytes; what comes with the image is not told. */
  size: number
  depends: string[]
  files: string[]
  description: string
  arch: string
}

export interface Database {
  entries: Map<string, Entry>
  world: Set<string>
}

const installedFile = '/lib/apk/db/installed'
const worldFile = '/etc/apk/world'

/** About what the packages of the base system take. */
const baseSizes: Record<string, number> = {
  musl: 640_000,
  busybox: 950_000,
  libcrypto3: 4_500_000,
  libssl3: 850_000,
  'apk-tools': 320_000,
  'alpine-baselayout': 10_000,
  'alpine-keys': 24_000,
  'ca-certificates-bundle': 220_000,
  zlib: 110_000,
  'musl-utils': 135_000,
  scanelf: 90_000,
  ssl_client: 28_000,
  'libc-utils': 4096,
  'alpine-release': 4096,
}

export function* readDatabase(p: Proc): Routine<Database> {
  const entries = new Map<string, Entry>()
  for (const block of (yield* textOf(p, installedFile)).split(/\n\n+/)) {
    const entry: Entry = { name: '', version: '', size: 0, depends: [], files: [], description: '', arch: '' }
    let folder = ''
    for (const line of block.split('\n')) {
      const value = line.slice(2)
      switch (line.slice(0, 2)) {
        case 'P:':
          entry.name = value
          break
        case 'V:':
          entry.version = value
          break
        case 'A:':
          entry.arch = value
          break
        case 'I:':
          entry.size = Number(value)
          break
        case 'T:':
          entry.description = value
          break
        case 'D:':
          entry.depends = value.split(' ')
          break
        case 'F:':
          folder = value
          break
        case 'R:':
          entry.files.push(`/${folder === '' ? '' : `${folder}/`}${value}`)
          break
      }
    }
    if (entry.name === '') continue
    if (entry.size === 0) entry.size = baseSizes[entry.name] ?? 8192
    entries.set(entry.name, entry)
  }
  const world = (yield* textOf(p, worldFile)).split(/\s+/).filter(word => word !== '')
  return { entries, world: new Set(world) }
}

export function* writeDatabase(p: Proc, db: Database): Routine<void> {
  let text = ''
  for (const entry of db.entries.values()) {
    text += `P:${entry.name}\nV:${entry.version}\nA:${entry.arch}\nI:${entry.size}\n`
    if (entry.description !== '') text += `T:${entry.description}\n`
    if (entry.depends.length > 0) text += `D:${entry.depends.join(' ')}\n`
    let folder: string | undefined
    for (const file of [...entry.files].sort()) {
      const slash = file.lastIndexOf('/')
      if (file.slice(1, slash) !== folder) text += `F:${(folder = file.slice(1, Math.max(slash, 1)))}\n`
      text += `R:${file.slice(slash + 1)}\n`
    }
    text += '\n'
  }
  yield* put(p, `${installedFile}.new`, { text })
  p.rename(`${installedFile}.new`, installedFile)
  yield* put(p, worldFile, {
    text: [...db.world]
      .sort()
      .map(word => `${word}\n`)
      .join(''),
  })
}

/** `OK: 8 MiB in 16 packages`. */
export function sumLine(db: Database): string {
  const bytes = [...db.entries.values()].reduce((sum, entry) => sum + entry.size, 0)
  return `OK: ${bytes < 1024 * 1024 ? `${Math.round(bytes / 1024)} KiB` : `${Math.floor(bytes / (1024 * 1024))} MiB`} in ${db.entries.size} packages\n`
}
