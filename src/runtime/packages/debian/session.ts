/** What one call of an apt tool works with, and the words they share. */
import type { Proc, Routine } from '../../../kernel/program.ts'
import type { Call } from '../../../kernel/userland/lib/command.ts'
import { readChunk } from '../../../kernel/userland/lib/input.ts'
import type { Options } from '../../../kernel/userland/lib/options.ts'
import { isErrno } from '../../../vfs/errno.ts'
import { type Database, readDatabase } from './dpkg-db.ts'
import { type Index, indexOf } from './index.ts'
import { type Release, releaseOf } from './release.ts'
import { type options, quietness } from './settings.ts'
import { compareVersions } from './version.ts'

export const listsFolder = '/var/lib/apt/lists'

/** Ends the call with `E: message` lines and a status of 100. */
export class AptError extends Error {
  readonly lines: readonly string[]
  constructor(...lines: string[]) {
    super(lines.join('\n'))
    this.lines = lines
  }
}

export interface Session {
  p: Proc
  /** `amd64`, `arm64`. */
  arch: string
  release: Release
  index: Index
  db: Database
  given: Options<typeof options>
  quiet: number
  /** Standard output, unless it is quiet. */
  say(text: string): Routine<void>
  /** Standard output, always. */
  out(text: string): Routine<void>
  err(text: string): Routine<void>
}

export function* openSession(call: Call<Record<never, string>>, given: Options<typeof options>): Routine<Session> {
  const { p, out } = call
  const quiet = quietness(given)
  const arch = p.uname().machine === 'aarch64' ? 'arm64' : 'amd64'
  const release = yield* releaseOf(p)
  const err = function* (text: string): Routine<void> {
    yield* out.flush()
    yield { op: 'write', fd: 2, data: Buffer.from(text, 'latin1') }
  }
  return {
    p,
    arch,
    release,
    index: indexOf(release, arch),
    db: yield* readDatabase(p),
    given,
    quiet,
    *say(text) {
      if (quiet < 2) yield* out.write(text)
    },
    out: text => out.write(text),
    err,
  }
}

/** `Reading package lists...`, with what follows it on a terminal. */
export function* reading(s: Session, ...more: string[]): Routine<void> {
  const done = s.p.isatty(1) ? ' Done' : ''
  const state = s.db.hasMarks ? ['Reading state information...'] : []
  for (const line of ['Reading package lists...', 'Building dependency tree...', ...state, ...more])
    yield* s.say(`${line}${done}\n`)
}

/** Whether `apt-get update` has brought the lists. */
export function hasLists(p: Proc): boolean {
  try {
    return p.readdir(listsFolder).some(entry => entry.name.includes('_Packages'))
  } catch (error) {
    if (isErrno(error)) return false
    throw error
  }
}

/** Installed packages of which the lists have a newer version. */
export function upgradable(s: Session): string[] {
  if (!hasLists(s.p)) return []
  return s.db
    .allInstalled()
    .filter(entry => {
      const pkg = s.index.packages.get(entry.name)
      return pkg !== undefined && !pkg.guessed && compareVersions(pkg.version, entry.version) > 0
    })
    .map(entry => entry.name)
    .sort()
}

/** Files and folders that dpkg counts in its database. */
export function filesInstalled(s: Session): number {
  let sum = 380
  for (const entry of s.db.allInstalled()) sum += s.index.packages.get(entry.name)?.files ?? 10
  return sum
}

/** Throws AptError unless the caller may change what is below a folder that is locked first. */
export function requireRoot(s: Session, what: 'lists' | 'dpkg' | 'archives'): void {
  if (s.p.cred.uid === 0) return
  if (what === 'dpkg')
    throw new AptError(
      'Could not open lock file /var/lib/dpkg/lock-frontend - open (13: Permission denied)',
      'Unable to acquire the dpkg frontend lock (/var/lib/dpkg/lock-frontend), are you root?',
    )
  const folder = what === 'lists' ? listsFolder : '/var/cache/apt/archives'
  throw new AptError(
    `Could not open lock file ${folder}/lock - open (13: Permission denied)`,
    `Unable to lock directory ${folder}/`,
  )
}

/** Asks whether to go on. Throws the end of the call when the answer is no. */
export function* confirm(s: Session): Routine<boolean> {
  if (s.given.has('yes') || s.quiet >= 2) return true
  yield* s.out('Do you want to continue? [Y/n] ')
  if (s.given.has('no')) {
    yield* s.out('N\nAbort.\n')
    return false
  }
  yield* s.err('')
  const answer = yield* readChunk(0, 256)
  if (answer !== '' && /^(y.*)?\n?$/i.test(answer)) return true
  yield* s.out('Abort.\n')
  return false
}
