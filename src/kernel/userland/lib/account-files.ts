/** Changing /etc/passwd, /etc/group and their shadows, line by line, so that what is not touched stays as it was. */
import { isErrno } from '../../../vfs/errno.ts'
import type { Proc, Routine } from '../../program.ts'
import { toBytes } from './bytes.ts'
import { Failure } from './failure.ts'
import { textOf } from './interfaces.ts'

export type Database = 'passwd' | 'group' | 'shadow' | 'gshadow'

/** The lines of a database, each as its fields. Missing: none. */
export function* readLines(p: Proc, name: Database): Routine<string[][]> {
  const text = yield* textOf(p, `/etc/${name}`)
  return text
    .split('\n')
    .filter(line => line !== '')
    .map(line => line.split(':'))
}

/** Writes a database back, as a new file that takes the old one's place and attributes. Fails with 1 when it may not. */
export function* writeLines(
  p: Proc,
  name: Database,
  lines: readonly (readonly string[])[],
  words: (path: string, reason: string) => string,
): Routine<void> {
  const path = `/etc/${name}`
  const fresh = `${path}-`
  try {
    const old = p.stat(path)
    const fd = p.open(`${path}+`, { write: true, create: true, truncate: true }, old.mode)
    yield { op: 'write', fd, data: toBytes(lines.map(fields => `${fields.join(':')}\n`).join('')) }
    p.close(fd)
    p.setattr(`${path}+`, { uid: old.uid, gid: old.gid })
    p.setattr(`${path}+`, { mode: old.mode })
    p.rename(path, fresh)
    p.rename(`${path}+`, path)
  } catch (error) {
    if (isErrno(error)) throw new Failure(words(path, error.message))
    throw error
  }
}

/** Whether a database is there. */
export function has(p: Proc, name: Database): boolean {
  try {
    p.stat(`/etc/${name}`)
    return true
  } catch (error) {
    if (isErrno(error)) return false
    throw error
  }
}

/** The lowest free number from `from` to `to` that none of the lines has in its third field. */
export function freeId(lines: readonly (readonly string[])[], from: number, to: number): number | undefined {
  const taken = new Set(lines.map(fields => Number(fields[2])))
  for (let id = from; id <= to; id++) if (!taken.has(id)) return id
  return undefined
}

/** One more than the highest number in a range, as Debian's tools pick it; the lowest free one when that is past the end. */
export function nextId(lines: readonly (readonly string[])[], from: number, to: number): number | undefined {
  const used = lines.map(fields => Number(fields[2])).filter(id => id >= from && id <= to)
  const next = used.length === 0 ? from : Math.max(...used) + 1
  return next <= to ? next : freeId(lines, from, to)
}

/** Days since the epoch, for shadow. */
export function today(p: Proc): string {
  return String(Math.floor(p.now() / 86_400_000))
}
