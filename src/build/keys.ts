/**
 * The keys of the build cache. A key is made of what a step is and of what it reads (buildkit docs/dev/solver.md): its
 * parents' keys, the instruction after expansion, the content of files; never of times or of what a step gave.
 */
import { createHash } from 'node:crypto'

/** What a key is made of, by name: the parts are kept, so that a miss can be explained. */
export type KeyParts = Record<string, string>

/** The sha256 of the parts, in the order of their names. */
export function keyOf(parts: KeyParts): string {
  const hash = createHash('sha256')
  for (const name of Object.keys(parts).sort()) hash.update(`${name}\0${parts[name]}\0`)
  return hash.digest('hex')
}

/** In what a step differs from what was built before, in words; undefined when it is the same. */
export function difference(before: KeyParts, now: KeyParts): string | undefined {
  for (const name of [...new Set([...Object.keys(now), ...Object.keys(before)])].sort(byWeight)) {
    if (before[name] === now[name]) continue
    if (name === 'parent') return 'the step before it changed'
    if (name.startsWith('file ')) {
      const path = name.slice('file '.length)
      if (before[name] === undefined) return `${path} is new`
      return now[name] === undefined ? `${path} is no longer there` : `${path} changed`
    }
    if (name.startsWith('env ')) {
      const variable = name.slice('env '.length)
      if (before[name] === undefined) return `the variable ${variable} is new`
      return now[name] === undefined
        ? `the variable ${variable} is gone`
        : `the variable ${variable} was ${before[name]} and is ${now[name]}`
    }
    if (name === 'instruction') return `the instruction was: ${before[name]}`
    return `its ${name} changed`
  }
  return undefined
}

/** The step's own parts say more than that its parent changed. */
const byWeight = (a: string, b: string): number => Number(a === 'parent') - Number(b === 'parent') || (a < b ? -1 : 1)
