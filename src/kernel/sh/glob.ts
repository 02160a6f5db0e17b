/** File names that match a pattern. */

import type { MachineProc } from '../program.ts'
import { exists } from '../userland/lib/exists.ts'
import { compilePattern, type PatternOptions } from './pattern.ts'

export interface GlobOptions extends PatternOptions {
  /** `**` is every folder below. */
  globstar?: boolean
  /** Names that begin with a period match as well. */
  dotglob?: boolean
}

const maxMatches = 100_000

/** Names that match a pattern with escapes, sorted by bytes. */
export function glob(p: MachineProc, pattern: string, options: GlobOptions = {}): string[] {
  let bases = [pattern.startsWith('/') ? '/' : '']
  const segments = pattern.split('/').filter((segment, at, all) => segment !== '' || at === all.length - 1)
  for (const [index, segment] of segments.entries()) {
    const last = index === segments.length - 1
    if (segment === '')
      bases = bases.filter(base => isFolder(p, base)).map(base => (base.endsWith('/') ? base : `${base}/`))
    else if (options.globstar && segment === '**') bases = bases.flatMap(base => below(p, base, last))
    else bases = bases.flatMap(base => named(p, base, segment, last, options))
    if (bases.length > maxMatches) return []
  }
  return bases.sort()
}

const join = (base: string, name: string): string =>
  base === '' || base.endsWith('/') ? base + name : `${base}/${name}`

function named(p: MachineProc, base: string, segment: string, last: boolean, options: GlobOptions): string[] {
  const pattern = compilePattern(segment, options)
  if (pattern.literal !== undefined) {
    const path = join(base, pattern.literal)
    return exists(p, path) ? [path] : []
  }
  const matches = (name: string): boolean =>
    options.dotglob ? name !== '.' && name !== '..' && pattern.matches(name) : pattern.matchesName(name)
  return entries(p, base || '.')
    .filter(({ name, type }) => (last || type === 'dir' || type === 'symlink') && matches(name))
    .map(({ name }) => join(base, name))
}

/** A folder and all below it; at the end of a pattern its files as well. */
function below(p: MachineProc, base: string, files: boolean): string[] {
  const found = files && base !== '' ? [base.endsWith('/') ? base : `${base}/`] : files ? [] : [base]
  const queue = [base]
  for (let folder = queue.pop(); folder !== undefined && found.length <= maxMatches; folder = queue.pop())
    for (const { name, type } of entries(p, folder || '.')) {
      if (name.startsWith('.')) continue
      const path = join(folder, name)
      if (type === 'dir') queue.push(path)
      if (files || type === 'dir') found.push(path)
    }
  return found
}

function entries(p: MachineProc, path: string): { name: string; type: string }[] {
  try {
    const found = p.readdir(path).map(({ name, type }) => ({ name, type: type as string }))
    return [{ name: '.', type: 'dir' }, { name: '..', type: 'dir' }, ...found]
  } catch {
    return []
  }
}

function isFolder(p: MachineProc, path: string): boolean {
  try {
    return p.stat(path || '.').type === 'dir'
  } catch {
    return false
  }
}
