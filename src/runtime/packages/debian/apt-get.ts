/** apt-get, apt, apt-cache and apt-mark: one front, a table of commands for each. */
import type { CoroutineProgram, Routine } from '../../../kernel/program.ts'
import { command } from '../../../kernel/userland/lib/command.ts'
import { put } from '../lib/place.ts'
import { writeDatabase } from './dpkg-db.ts'
import { install, upgrade } from './install.ts'
import { depends, list, policy, search, show } from './query.ts'
import { remove } from './remove.ts'
import { find } from './resolve.ts'
import { AptError, hasLists, openSession, reading, requireRoot, type Session } from './session.ts'
import { parseApt, UnknownOption } from './settings.ts'
import { clean, update } from './update.ts'
import { usage } from './usage.ts'

type Verb = (s: Session, args: string[]) => Routine<number>

const purged = (s: Session): boolean => s.given.has('purge')

const changing: Record<string, Verb> = {
  install,
  reinstall: (s, args) => install(s, args),
  upgrade,
  'dist-upgrade': upgrade,
  'full-upgrade': upgrade,
  remove: (s, args) => remove(s, args, { purge: purged(s), auto: s.given.has('auto') }),
  purge: (s, args) => remove(s, args, { purge: true, auto: s.given.has('auto') }),
  autoremove: (s, args) => remove(s, args, { purge: purged(s), auto: true }),
  'auto-remove': (s, args) => remove(s, args, { purge: purged(s), auto: true }),
  autopurge: (s, args) => remove(s, args, { purge: true, auto: true }),
  clean: s => clean(s),
  distclean: s => clean(s),
}

const aptGet: Record<string, Verb> = {
  ...changing,
  update: s => update(s, 'apt-get'),
  autoclean: s => clean(s),
  *check(s) {
    yield* reading(s)
    return 0
  },
  *download(s, names) {
    for (const name of names) {
      const found = hasLists(s.p) ? find(s.index, name) : { kind: 'none' as const }
      if (found.kind !== 'real') throw new AptError(`Unable to locate package ${name}`)
      const { pkg } = found
      yield* put(s.p, `${s.p.cwd()}/${pkg.name}_${pkg.version.replaceAll(':', '%3a')}_${pkg.arch}.deb`, {
        text: `\x21<arch>\nminidock-deb: ${pkg.name}\n`,
        size: pkg.download,
      })
    }
    return 0
  },
}

const apt: Record<string, Verb> = {
  ...changing,
  update: s => update(s, 'apt'),
  list,
  show,
  policy,
  search: (s, args) => search(s, args, true),
  depends: (s, args) => depends(s, args, false),
  rdepends: (s, args) => depends(s, args, true),
  autoclean: s => clean(s),
}

const aptCache: Record<string, Verb> = {
  show,
  policy,
  search: (s, args) => search(s, args, false),
  depends: (s, args) => depends(s, args, false),
  rdepends: (s, args) => depends(s, args, true),
  *pkgnames(s, [prefix = '']) {
    for (const name of s.index.packages.keys()) if (hasLists(s.p) && name.startsWith(prefix)) yield* s.out(`${name}\n`)
    return 0
  },
}

const marked: Record<
  string,
  { words: (name: string) => string; already: (name: string) => string; change: (s: Session, name: string) => boolean }
> = {
  auto: {
    words: name => `${name} set to automatically installed.`,
    already: name => `${name} was already set to automatically installed.`,
    change: (s, name) => !s.db.auto.has(name) && s.db.auto.add(name) !== undefined,
  },
  manual: {
    words: name => `${name} set to manually installed.`,
    already: name => `${name} was already set to manually installed.`,
    change: (s, name) => s.db.auto.delete(name),
  },
  hold: {
    words: name => `${name} set on hold.`,
    already: name => `${name} was already set on hold.`,
    change: (s, name) => held(s, name, 'hold'),
  },
  unhold: {
    words: name => `Canceled hold on ${name}.`,
    already: name => `${name} was already not on hold.`,
    change: (s, name) => held(s, name, 'install'),
  },
}

function held(s: Session, name: string, want: string): boolean {
  const entry = s.db.installed(name)
  const status = `${want} ok installed`
  if (!entry || entry.status === status) return false
  s.db.setStatus(entry, status)
  return true
}

const aptMark: Record<string, Verb> = {
  *showmanual(s) {
    for (const { name } of s.db.allInstalled().sort((a, b) => (a.name < b.name ? -1 : 1)))
      if (!s.db.auto.has(name)) yield* s.out(`${name}\n`)
    return 0
  },
  *showauto(s) {
    for (const name of [...s.db.auto].sort()) if (s.db.installed(name)) yield* s.out(`${name}\n`)
    return 0
  },
  *showhold(s) {
    for (const entry of s.db.allInstalled()) if (entry.status.startsWith('hold')) yield* s.out(`${entry.name}\n`)
    return 0
  },
  ...Object.fromEntries(
    Object.entries(marked).map(([verb, mark]): [string, Verb] => [
      verb,
      function* (s, names) {
        const missing = names.filter(name => !s.db.installed(name))
        if (missing.length > 0) {
          for (const name of missing) yield* s.err(`E: Unable to locate package ${name}\n`)
          yield* s.err('E: No packages found\n')
          return 100
        }
        requireRoot(s, 'dpkg')
        for (const name of names) yield* s.out(`${mark.change(s, name) ? mark.words(name) : mark.already(name)}\n`)
        yield* writeDatabase(s.p, s.db)
        return 0
      },
    ]),
  ),
}

function tool(name: string, verbs: Record<string, Verb>): CoroutineProgram {
  return command(
    name,
    {},
    function* (call) {
      const { p } = call
      const fail = function* (...lines: string[]): Routine<number> {
        yield* call.out.flush()
        for (const line of lines) yield { op: 'write', fd: 2, data: Buffer.from(`E: ${line}\n`, 'latin1') }
        return 100
      }
      try {
        const given = parseApt(call.args)
        const s = yield* openSession(call, given)
        const version = p.marker['version'] ?? '2.6.1'
        if (given.has('version')) {
          yield* call.out.write(`apt ${version} (${s.arch})\n`)
          return 0
        }
        const [verb, ...args] = given.operands
        if (verb === undefined || given.has('help') || verb === 'help') {
          yield* call.out.write(usage(name, version, s.arch))
          return verb === undefined && !given.has('help') && name === 'apt-mark' ? 100 : 0
        }
        const run = Object.hasOwn(verbs, verb) ? verbs[verb] : undefined
        if (!run) return yield* fail(`Invalid operation ${verb}`)
        if (name === 'apt' && !p.isatty(1))
          yield* s.err('\nWARNING: apt does not have a stable CLI interface. Use with caution in scripts.\n\n')
        return yield* run(s, args)
      } catch (error) {
        if (error instanceof AptError) return yield* fail(...error.lines)
        if (error instanceof UnknownOption) return yield* fail(error.message)
        throw error
      }
    },
    { raw: true },
  )
}

export const aptGetProgram = tool('apt-get', aptGet)
export const aptProgram = tool('apt', apt)
export const aptCacheProgram = tool('apt-cache', aptCache)
export const aptMarkProgram = tool('apt-mark', aptMark)
