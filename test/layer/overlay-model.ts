/** Random operations on an overlay over random layers, and a naive model of one tree of files. */
import fc from 'fast-check'
import { Layer } from '../../src/layer/layer.ts'
import type { LayerEntry } from '../../src/layer/layer-index.ts'
import { isErrno } from '../../src/vfs/errno.ts'
import type { RootFs } from '../../src/vfs/rootfs.ts'

interface ModelNode {
  type: 'file' | 'dir' | 'symlink'
  mode: number
  data: string
  /** Comes from a layer and was never removed: cannot be renamed when it is a directory. */
  lower: boolean
}

export type Model = Map<string, ModelNode>

export const NOW = 1_700_000_000_000
const noBlobs = { readAt: () => new Uint8Array(0) }

const name = fc.constantFrom('a', 'b', 'c')
const path = fc.array(name, { minLength: 1, maxLength: 3 }).map(names => names.join('/'))

export interface RawEntry {
  path: string
  kind: 'file' | 'dir' | 'whiteout' | 'opaque'
  text: string
  mode: number
}

export const rawEntry: fc.Arbitrary<RawEntry> = fc.record({
  path,
  kind: fc.constantFrom('file', 'dir', 'dir', 'whiteout', 'opaque'),
  text: fc.string({ maxLength: 5 }),
  mode: fc.constantFrom(0o755, 0o644, 0o700),
})

/** The entries of a layer that make sense together: no entry below a file of the same layer, no path twice. */
function layerEntries(raw: RawEntry[]): LayerEntry[] {
  const entries = new Map<string, LayerEntry>()
  const notDirs = new Set<string>()
  const dirs = new Set<string>()
  for (const { path, kind, text, mode } of raw) {
    const parents = parentsOf(path)
    if (parents.some(parent => notDirs.has(parent))) continue
    const base = path.slice(path.lastIndexOf('/') + 1)
    const dir = parents.at(-1)
    if (kind === 'whiteout') {
      if (dirs.has(path) || notDirs.has(path)) continue
      const marker = `${dir === undefined ? '' : `${dir}/`}.wh.${base}`
      entries.set(marker, { path: marker, type: 'file', mode: 0, mtime: 1 })
    } else if (kind === 'opaque') {
      if (notDirs.has(path)) continue
      entries.set(`${path}/.wh..wh..opq`, { path: `${path}/.wh..wh..opq`, type: 'file', mode: 0, mtime: 1 })
      dirs.add(path)
    } else if (kind === 'file') {
      if (dirs.has(path) || notDirs.has(path)) continue
      entries.set(path, { path, type: 'file', mode, mtime: 1, text, size: Buffer.byteLength(text) })
      notDirs.add(path)
    } else if (!notDirs.has(path)) {
      entries.set(path, { path, type: 'dir', mode, mtime: 1 })
      dirs.add(path)
    }
    for (const parent of parents) dirs.add(parent)
  }
  return [...entries.values()]
}

function parentsOf(path: string): string[] {
  const names = path.split('/')
  return names.slice(1).map((_, index) => names.slice(0, index + 1).join('/'))
}

function removeTree(model: Model, path: string): void {
  for (const key of [...model.keys()]) if (key === path || key.startsWith(`${path}/`)) model.delete(key)
}

/** What extracting a layer over a tree does. */
function applyLayer(model: Model, entries: LayerEntry[]): void {
  for (const { path } of entries) {
    const slash = path.lastIndexOf('/')
    const base = path.slice(slash + 1)
    if (base === '.wh..wh..opq') {
      const dir = path.slice(0, slash)
      for (const key of [...model.keys()]) if (key.startsWith(`${dir}/`)) model.delete(key)
    } else if (base.startsWith('.wh.')) removeTree(model, path.slice(0, slash + 1) + base.slice(4))
  }
  const own = new Map(entries.filter(entry => !entry.path.includes('.wh.')).map(entry => [entry.path, entry]))
  for (const { path } of entries)
    for (const parent of parentsOf(path)) setDir(model, parent, own.get(parent)?.mode ?? 0o755)
  for (const entry of own.values()) {
    if (entry.type === 'dir') setDir(model, entry.path, entry.mode)
    else {
      removeTree(model, entry.path)
      model.set(entry.path, { type: 'file', mode: entry.mode, data: entry.text ?? '', lower: true })
    }
  }
}

function setDir(model: Model, path: string, mode: number): void {
  if (model.get(path)?.type !== 'dir') removeTree(model, path)
  model.set(path, { type: 'dir', mode, data: '', lower: true })
}

export type Operation =
  | { op: 'write' | 'append'; path: string; data: string; at: number }
  | { op: 'truncate'; path: string; at: number }
  | { op: 'mkdir' | 'rmdir' | 'unlink' | 'removeAll' | 'symlink'; path: string }
  | { op: 'rename' | 'link'; path: string; to: string }
  | { op: 'chmod'; path: string; mode: number }
  | { op: 'reload' }

export const operation: fc.Arbitrary<Operation> = fc.oneof(
  fc.record({
    op: fc.constantFrom('write' as const, 'append' as const),
    path,
    data: fc.string({ maxLength: 6 }),
    at: fc.nat(9),
  }),
  fc.record({ op: fc.constant('truncate' as const), path, at: fc.nat(9) }),
  fc.record({
    op: fc.constantFrom(
      'mkdir' as const,
      'rmdir' as const,
      'unlink' as const,
      'removeAll' as const,
      'symlink' as const,
    ),
    path,
  }),
  fc.record({ op: fc.constantFrom('rename' as const, 'link' as const), path, to: path }),
  fc.record({ op: fc.constant('chmod' as const), path, mode: fc.constantFrom(0o700, 0o755, 0o600) }),
  fc.constant({ op: 'reload' as const }),
)

/** The operation on the model: 'ok' or the errno. */
export function applyToModel(model: Model, operation: Exclude<Operation, { op: 'reload' }>): string {
  const node = model.get(operation.path)
  const bad = parentError(model, operation.path)
  if (bad) return bad
  switch (operation.op) {
    case 'write':
    case 'append': {
      if (node?.type === 'dir') return 'EISDIR'
      if (node?.type === 'symlink') return 'ENOENT'
      if (!node) model.set(operation.path, { type: 'file', mode: 0o644, data: operation.data, lower: false })
      else node.data = operation.op === 'write' ? operation.data : node.data + operation.data
      return 'ok'
    }
    case 'truncate':
      if (!node || node.type === 'symlink') return 'ENOENT'
      if (node.type === 'dir') return 'EISDIR'
      node.data = node.data.slice(0, operation.at).padEnd(operation.at, '\0')
      return 'ok'
    case 'mkdir':
    case 'symlink':
      if (node) return 'EEXIST'
      model.set(
        operation.path,
        operation.op === 'mkdir'
          ? { type: 'dir', mode: 0o755, data: '', lower: false }
          : { type: 'symlink', mode: 0o777, data: 'nowhere', lower: false },
      )
      return 'ok'
    case 'rmdir':
      if (!node) return 'ENOENT'
      if (node.type !== 'dir') return 'ENOTDIR'
      if (hasChildren(model, operation.path)) return 'ENOTEMPTY'
      model.delete(operation.path)
      return 'ok'
    case 'unlink':
      if (!node) return 'ENOENT'
      if (node.type === 'dir') return 'EISDIR'
      model.delete(operation.path)
      return 'ok'
    case 'removeAll':
      removeTree(model, operation.path)
      return 'ok'
    case 'chmod':
      if (!node || node.type === 'symlink') return 'ENOENT'
      node.mode = operation.mode
      return 'ok'
    case 'link': {
      if (!node) return 'ENOENT'
      const badTarget = parentError(model, operation.to)
      if (badTarget) return badTarget
      if (model.has(operation.to)) return 'EEXIST'
      if (node.type === 'dir') return 'EPERM'
      model.set(operation.to, node)
      return 'ok'
    }
    case 'rename':
      return renameInModel(model, operation.path, operation.to)
  }
}

function renameInModel(model: Model, from: string, to: string): string {
  const badTarget = parentError(model, to)
  if (badTarget) return badTarget
  const node = model.get(from)
  if (!node) return 'ENOENT'
  if (to.startsWith(`${from}/`)) return 'EINVAL'
  const target = model.get(to)
  if (target?.type === 'dir' && node.type !== 'dir') return 'EISDIR'
  if (target && target.type !== 'dir' && node.type === 'dir') return 'ENOTDIR'
  if (target === node) return 'ok'
  if (target?.type === 'dir' && hasChildren(model, to)) return 'ENOTEMPTY'
  if (node.type === 'dir' && node.lower) return 'EXDEV'
  const moved = [...model].filter(([key]) => key === from || key.startsWith(`${from}/`))
  removeTree(model, from)
  for (const [key, value] of moved) model.set(to + key.slice(from.length), value)
  return 'ok'
}

function parentError(model: Model, path: string): string | undefined {
  for (const parent of parentsOf(path)) {
    const node = model.get(parent)
    if (!node || node.type === 'symlink') return 'ENOENT'
    if (node.type !== 'dir') return 'ENOTDIR'
  }
  return undefined
}

function hasChildren(model: Model, path: string): boolean {
  return [...model.keys()].some(key => key.startsWith(`${path}/`))
}

export function applyToFs(root: RootFs, operation: Exclude<Operation, { op: 'reload' }>): string {
  const path = `/${operation.path}`
  try {
    switch (operation.op) {
      case 'write':
        if (root.exists(path, { follow: false }) && root.lstat(path).type === 'symlink') return 'ENOENT'
        root.writeFile(path, Buffer.from(operation.data))
        return 'ok'
      case 'append':
        if (root.exists(path, { follow: false }) && root.lstat(path).type === 'symlink') return 'ENOENT'
        root.appendFile(path, Buffer.from(operation.data))
        return 'ok'
      case 'truncate':
        root.truncate(path, operation.at)
        return 'ok'
      case 'chmod':
        root.setattr(path, { mode: operation.mode })
        return 'ok'
      case 'symlink':
        root.symlink('nowhere', path)
        return 'ok'
      case 'rename':
        root.rename(path, `/${operation.to}`)
        return 'ok'
      case 'link':
        root.link(path, `/${operation.to}`)
        return 'ok'
      default:
        root[operation.op](path)
        return 'ok'
    }
  } catch (error) {
    if (isErrno(error)) return error.code
    throw error
  }
}

/** Layers with their entries, top first, and the tree they make. */
export function stackOf(rawLayers: RawEntry[][]): { layers: Layer[]; model: Model } {
  const model: Model = new Map()
  const layers: Layer[] = []
  for (const raw of rawLayers) {
    const entries = layerEntries(raw.map(entry => ({ ...entry, text: ascii(entry.text) })))
    applyLayer(model, entries)
    layers.unshift(new Layer({ version: 1, diffID: 'x', tar: 'made', tarSize: 0, size: 0, entries }, noBlobs))
  }
  return { layers, model }
}

export function dumpFs(root: RootFs, path = '', out: Record<string, string> = {}): Record<string, string> {
  for (const { name } of root.readdir(`/${path}`)) {
    const child = path === '' ? name : `${path}/${name}`
    const { type, mode } = root.lstat(`/${child}`)
    const data =
      type === 'dir'
        ? ''
        : type === 'symlink'
          ? root.readlink(`/${child}`)
          : Buffer.from(root.readFile(`/${child}`)).toString()
    out[child] = `${type} ${mode.toString(8)} ${data}`
    if (type === 'dir') dumpFs(root, child, out)
  }
  return out
}

export function dumpModel(model: Model): Record<string, string> {
  return Object.fromEntries(
    [...model].map(([path, { type, mode, data }]) => [path, `${type} ${mode.toString(8)} ${data}`]),
  )
}

export const ascii = (text: string): string => text.replace(/[^\x20-\x7e]/g, '?')
