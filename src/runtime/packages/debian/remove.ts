/** apt-get remove, purge and autoremove. */
import type { Routine } from '../../../kernel/program.ts'
import { type Entry, writeDatabase } from './dpkg-db.ts'
import { triggers, unusedList, writeLogs } from './install.ts'
import { find, planRemove, unneeded } from './resolve.ts'
import {
  AptError,
  confirm,
  filesInstalled,
  hasLists,
  reading,
  requireRoot,
  type Session,
  upgradable,
} from './session.ts'
import { removeFiles } from './unpack.ts'
import { countsLine, nameList, readingDatabase, spaceLine } from './words.ts'

/** Removes packages by name, and with `auto` what nothing needs then; the exit status. */
export function* remove(
  s: Session,
  names: readonly string[],
  options: { purge: boolean; auto: boolean },
): Routine<number> {
  const { p, db } = s
  if (!s.given.has('simulate')) requireRoot(s, 'dpkg')
  yield* reading(s)
  const wanted: string[] = []
  const unknown: string[] = []
  for (const word of names) {
    const name = word.replace(/[-+]$/, '')
    const entry = db.entries.get(name)
    if (db.installed(name)) wanted.push(name)
    else if (entry && options.purge) wanted.push(name)
    else if (entry || (hasLists(p) && find(s.index, name).kind !== 'none'))
      yield* s.say(`Package '${name}' is not installed, so not removed\n`)
    else unknown.push(`Unable to locate package ${name}`)
  }
  if (unknown.length > 0) throw new AptError(...unknown)
  let gone = planRemove(s.index, db, wanted)
  const leftover = unneeded(s.index, db, new Set(gone))
  if (options.auto) gone = [...new Set([...gone, ...leftover])].sort()
  else yield* s.say(unusedList(leftover))
  const essential = gone.filter(name => s.index.packages.get(name)?.essential && db.installed(name))
  const mark = options.purge ? '*' : ''
  yield* s.say(
    nameList(
      'The following packages will be REMOVED:',
      gone.map(name => `${name}${mark}`),
    ),
  )
  if (essential.length > 0)
    yield* s.say(
      nameList(
        'WARNING: The following essential packages will be removed.\nThis should NOT be done unless you know exactly what you are doing!',
        essential,
      ),
    )
  const kept = upgradable(s).filter(name => !gone.includes(name)).length
  yield* s.say(countsLine({ upgraded: 0, installed: 0, removed: gone.length, kept }))
  if (gone.length === 0) return 0
  const entries = gone.flatMap(name => db.entries.get(name) ?? [])
  if (s.given.has('simulate')) {
    for (const entry of entries) yield* s.out(`${options.purge ? 'Purg' : 'Remv'} ${entry.name} [${entry.version}]\n`)
    return 0
  }
  const size = (entry: Entry): number =>
    Number(entry.fields.get('Installed-Size') ?? (s.index.packages.get(entry.name)?.installed ?? 0) / 1024) * 1024
  yield* s.say(
    spaceLine(-entries.filter(entry => db.installed(entry.name)).reduce((sum, entry) => sum + size(entry), 0)),
  )
  if (essential.length > 0 && s.given.has('yes') && !s.given.has('allow'))
    throw new AptError('Essential packages were removed and -y was used without --allow-remove-essential.')
  if (!(yield* confirm(s))) return 1
  yield* drop(s, entries, options.purge)
  return 0
}

/** Takes packages away, in dpkg's words. */
export function* drop(s: Session, entries: readonly Entry[], purge: boolean): Routine<void> {
  const { p, db } = s
  const stamp = new Date(p.now()).toISOString().slice(0, 19).replace('T', ' ')
  const log: string[] = []
  yield* s.out(readingDatabase(filesInstalled(s)))
  const packages = entries.flatMap(entry => s.index.packages.get(entry.name) ?? [])
  const withConfig: Entry[] = []
  for (const entry of entries) {
    const name = entry.fields.get('Multi-Arch') === 'same' ? `${entry.name}:${entry.arch}` : entry.name
    if (db.installed(entry.name)) yield* s.out(`Removing ${name} (${entry.version}) ...\n`)
    const config = yield* removeFiles(p, db, entry, false)
    log.push(`${stamp} remove ${entry.name}:${entry.arch} ${entry.version} <none>`)
    db.auto.delete(entry.name)
    if (config) {
      db.setStatus(entry, 'deinstall ok config-files')
      withConfig.push(entry)
    } else db.entries.delete(entry.name)
  }
  yield* triggers(
    s,
    packages.filter(pkg => pkg.name !== 'ca-certificates'),
  )
  if (purge && withConfig.length > 0) {
    yield* s.out(readingDatabase(filesInstalled(s)))
    for (const entry of withConfig) {
      yield* s.out(`Purging configuration files for ${entry.name} (${entry.version}) ...\n`)
      yield* removeFiles(p, db, entry, true)
      db.entries.delete(entry.name)
    }
  }
  yield* writeDatabase(p, db)
  yield* writeLogs(
    s,
    log,
    `${purge ? 'Purge' : 'Remove'}: ${entries.map(entry => `${entry.name}:${entry.arch} (${entry.version})`).join(', ')}`,
  )
}
