/** From a layer's description to its entries. The digests of the catalogue depend on every line here. */
import type { LayerEntry } from '../../layer/layer-index.ts'
import { parseRfc3339 } from '../../util/time.ts'
import type { Architecture, LayerSpec } from './spec.ts'

/** Modes of directories that are made because something is in them. */
const IMPLIED_MODES: ReadonlyMap<string, number> = new Map([
  ['tmp', 0o1777],
  ['var/tmp', 0o1777],
  ['root', 0o700],
])
const MACHINES = { amd64: 'x86_64', arm64: 'aarch64' } as const
const PROGRAM_SIZE = 40_000

/** The entries of a layer in the order of its tar: directories first, then by path, hard links last. */
export function expandLayer(spec: LayerSpec, arch: Architecture): LayerEntry[] {
  const mtime = parseRfc3339(spec.time) / 1000
  const entries = new Map<string, LayerEntry>()
  const named = (text: string): string => text.replaceAll('@arch@', arch).replaceAll('@machine@', MACHINES[arch])
  const add = (name: string, entry: Omit<LayerEntry, 'path' | 'mtime'>): void => {
    const path = named(name)
    for (let slash = path.indexOf('/'); slash > 0; slash = path.indexOf('/', slash + 1)) {
      const dir = path.slice(0, slash)
      if (!entries.has(dir)) entries.set(dir, { path: dir, type: 'dir', mode: IMPLIED_MODES.get(dir) ?? 0o755, mtime })
    }
    entries.set(path, { path, ...entry, mtime })
  }
  for (const text of spec.dirs ?? []) {
    const { path, ...owner } = parsePath(text, 0o755)
    add(path, { type: 'dir', ...owner })
  }
  for (const [text, template] of Object.entries(spec.files ?? {})) {
    const { path, ...owner } = parsePath(text, 0o644)
    const content = named(template)
    add(path, { type: 'file', ...owner, size: Buffer.byteLength(content), text: content })
  }
  for (const group of spec.programs ?? []) {
    for (const word of group.names.split(/\s+/).filter(Boolean)) {
      const [name = '', size] = word.split(/=(?=\d+$)/)
      const text = programHead(group.program ?? named(name), group.says, arch)
      const bytes = Math.max(Buffer.byteLength(text), Number(size ?? group.size ?? PROGRAM_SIZE))
      const path = group.dir === '' ? name : `${group.dir.slice(1)}/${name}`
      add(path, { type: 'file', mode: group.mode ?? 0o755, size: bytes, text })
    }
  }
  for (const [text, target] of Object.entries(spec.links ?? {})) {
    add(text.slice(1), { type: 'symlink', mode: 0o777, target: named(target) })
  }
  for (const group of spec.linkGroups ?? []) {
    for (const name of group.names.split(/\s+/).filter(Boolean)) {
      const path = `${group.dir.slice(1)}/${name}`
      if (group.hard) add(path, { type: 'link', mode: 0o755, target: group.to.slice(1) })
      else add(path, { type: 'symlink', mode: 0o777, target: group.to })
    }
  }
  for (const text of spec.removes ?? []) {
    const slash = text.lastIndexOf('/')
    add(`${text.slice(1, slash + 1)}.wh.${text.slice(slash + 1)}`, { type: 'file', mode: 0o644 })
  }
  addFill(spec, arch, entries, add)
  return [...entries.values()].sort(
    (a, b) => Number(a.type === 'link') - Number(b.type === 'link') || (a.path < b.path ? -1 : 1),
  )
}

/** The large files that bring a layer to its size. The first ones get the larger shares. */
function addFill(
  spec: LayerSpec,
  arch: Architecture,
  entries: ReadonlyMap<string, LayerEntry>,
  add: (path: string, entry: Omit<LayerEntry, 'path' | 'mtime'>) => void,
): void {
  const fill = spec.fill ?? []
  if (fill.length === 0) return
  let have = 0
  for (const entry of entries.values()) have += entry.type === 'file' ? (entry.size ?? 0) : 0
  const missing = Math.max(0, (spec.size ?? 0) - have)
  const shares = (fill.length * (fill.length + 1)) / 2
  let given = 0
  for (const [index, text] of fill.entries()) {
    const { path, ...owner } = parsePath(text, 0o644)
    const last = index === fill.length - 1
    const size = last ? missing - given : Math.floor((missing * (fill.length - index)) / shares)
    given += size
    const head = `\x7fELFminidock-data: ${path.slice(path.lastIndexOf('/') + 1)} arch=${arch}\n`
    add(path, { type: 'file', ...owner, size, ...(size >= head.length && { text: head }) })
  }
}

/** The first bytes of a placeholder: what executes it reads its name and what it says of itself. */
function programHead(name: string, says: string | undefined, arch: Architecture): string {
  return `\x7fELFminidock-program: ${[name, ...(says ? [says] : []), `arch=${arch}`].join(' ')}\n`
}

/** `/tmp 1777`, `/data 755 999:1000`. */
function parsePath(text: string, mode: number): { path: string; mode: number; uid?: number; gid?: number } {
  const [path = '', ...rest] = text.split(' ')
  const given = rest.find(word => /^[0-7]+$/.test(word))
  const owner = rest.find(word => word.includes(':'))
  const [uid = 0, gid = 0] = owner?.split(':').map(Number) ?? []
  return {
    path: path.slice(1),
    mode: given === undefined ? mode : Number.parseInt(given, 8),
    ...(uid !== 0 && { uid }),
    ...(gid !== 0 && { gid }),
  }
}
