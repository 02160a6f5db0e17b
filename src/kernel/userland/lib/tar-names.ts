/** Names of members: what is left out, what is made harmless, what was asked for. */
import { fnmatch } from './fnmatch.ts'

/** Whether --exclude leaves a name out: a pattern matches it, or any part of it that starts after a slash. */
export function isExcluded(path: string, patterns: readonly string[], gnu: boolean): boolean {
  if (patterns.length === 0) return false
  const name = path.replace(/\/+$/, '')
  return patterns.some(raw => {
    const pattern = raw.replace(/\/+$/, '')
    if (fnmatch(pattern, name) || name.startsWith(`${pattern}/`)) return true
    if (!gnu && pattern.includes('/')) return false
    for (let at = name.indexOf('/'); at !== -1; at = name.indexOf('/', at + 1)) {
      const rest = name.slice(at + 1)
      if (fnmatch(pattern, rest) || fnmatch(pattern, rest.split('/')[0] ?? '') || rest.startsWith(`${pattern}/`))
        return true
    }
    return fnmatch(pattern, name.split('/')[0] ?? '')
  })
}

/** Where the harmless part of a name starts: after leading slashes and the last `..`. */
export function unsafePrefix(name: string): string {
  const prefix = /^(?:.*(?:^|\/)\.\.(?:\/|$)|\/)?\/*/.exec(name)?.[0] ?? ''
  return prefix.includes('..') || prefix.startsWith('/') ? prefix : ''
}

/** Which of the wanted names a member belongs to: the same, or a directory above it. */
export function wantedName(name: string, wanted: readonly string[]): string | undefined {
  const plain = name.replace(/\/+$/, '')
  return wanted.find(want => {
    const base = want.replace(/\/+$/, '')
    return plain === base || plain.startsWith(`${base}/`)
  })
}

/** Drops the first parts of a name; undefined when nothing is left. */
export function stripParts(name: string, count: number): string | undefined {
  if (count === 0) return name
  const slash = name.endsWith('/') ? '/' : ''
  const parts = name.split('/').filter(part => part !== '' && part !== '.')
  return parts.length > count ? parts.slice(count).join('/') + slash : undefined
}
