/** Walking directory trees by path, as commands do. */
import type { Proc } from '../../program.ts'
import { compareBytes } from './bytes.ts'

/** `dir/name`, without doubling a slash. */
export function joinPath(dir: string, name: string): string {
  return dir.endsWith('/') ? dir + name : `${dir}/${name}`
}

/** Names in a directory in the C locale's order. Throws Errno. */
export function sortedNames(p: Proc, dir: string): string[] {
  return p
    .readdir(dir)
    .map(entry => entry.name)
    .sort(compareBytes)
}

/** The last component, slashes at the end left out (`/` for the root). */
export function baseName(path: string): string {
  const bare = path.replace(/\/+$/, '')
  if (bare === '') return path === '' ? '' : '/'
  return bare.slice(bare.lastIndexOf('/') + 1)
}

/** Everything before the last component: dirname(3). */
export function dirName(path: string): string {
  const bare = path.replace(/\/+$/, '')
  if (bare === '') return path.startsWith('/') ? '/' : '.'
  const slash = bare.lastIndexOf('/')
  if (slash === -1) return '.'
  return bare.slice(0, slash).replace(/\/+$/, '') || '/'
}
