/** crond and cron: run commands at times given in crontabs (busybox; Debian's cron under `gnu`). */
import { isErrno } from '../../vfs/errno.ts'
import type { Proc, Routine } from '../program.ts'
import { toBytes } from './lib/bytes.ts'
import { command } from './lib/command.ts'
import { type CronEntry, isDue, parseCrontab } from './lib/cron-table.ts'
import { backgroundTask, sendToBackground } from './lib/daemon.ts'
import { credGroups } from './lib/group-list.ts'
import { textOf } from './lib/interfaces.ts'
import { readAccounts } from './lib/users.ts'
import { breakDown, zoneFor } from './lib/zone.ts'

export const options = {
  foreground: '-f  stay in the foreground',
  background: 'busybox: -b  go to the background (default)',
  syslog: 'busybox: -S  log to the system log (default)',
  level: '-l=N  log level, 0 is the most',
  log: '-L=FILE  log to a file',
  dir: 'busybox: -c=DIR  directory of the tables',
  debug: 'busybox: -d=N  log to standard error',
}

interface Job extends CronEntry {
  readonly owner: string
  readonly env: ReadonlyMap<string, string>
}

export const program = command('crond', options, function* ({ p, options: given, gnu, saved }) {
  if (!given.has('foreground') && backgroundTask(p) === undefined) {
    sendToBackground(p, 'run')
    return 0
  }
  const dirs = given.has('dir') ? [given.value('dir') ?? ''] : ['/var/spool/cron/crontabs', '/etc/crontabs']
  const log = given.has('log') || given.has('debug')
  const level = Number(given.value('level') ?? given.value('debug') ?? 8)
  const say = function* (text: string): Routine<void> {
    if (!log) return
    const file = given.value('log')
    const fd = file === undefined ? 2 : p.open(file, { write: true, create: true, append: true }, 0o666)
    yield { op: 'write', fd, data: toBytes(`${text}\n`) }
    if (fd !== 2) p.close(fd)
  }
  if (saved === undefined)
    yield* say(`crond: crond (busybox ${p.marker.version ?? '1.35.0'}) started, log level ${level}`)
  if (saved === undefined) p.sigaction('CHLD', 'ignore')
  const zone = zoneFor(p.env.get('TZ'))
  for (;;) {
    p.checkpoint(1)
    const now = p.now()
    const next = (Math.floor(now / 60_000) + 1) * 60_000
    yield { op: 'sleep', ms: next - now }
    const time = breakDown(next, zone)
    for (const job of yield* jobs(p, dirs, gnu)) {
      if (!isDue(job, time)) continue
      yield* say(`crond: USER ${job.owner} pid ${yield* start(p, job)} cmd ${job.command}`)
    }
  }
})

function* jobs(p: Proc, dirs: readonly string[], gnu: boolean): Routine<Job[]> {
  const list: Job[] = []
  const add = (text: string, owner: string | undefined) => {
    const { entries, env } = parseCrontab(text, owner === undefined)
    for (const entry of entries) list.push({ ...entry, owner: owner ?? entry.user ?? 'root', env })
  }
  for (const dir of dirs) {
    let names: string[] = []
    try {
      names = p.readdir(dir).map(entry => entry.name)
    } catch (error) {
      if (!isErrno(error)) throw error
    }
    for (const name of names) add(yield* textOf(p, `${dir}/${name}`), name)
  }
  if (!gnu) return list
  add(yield* textOf(p, '/etc/crontab'), undefined)
  try {
    for (const { name } of p.readdir('/etc/cron.d'))
      if (!name.includes('.')) add(yield* textOf(p, `/etc/cron.d/${name}`), undefined)
  } catch (error) {
    if (!isErrno(error)) throw error
  }
  return list
}

/** Starts a job as its user; 0 when it could not be. */
function* start(p: Proc, job: Job): Routine<number> {
  const accounts = yield* readAccounts(p)
  const user = accounts.users.find(one => one.name === job.owner)
  if (!user) return 0
  const shell = job.env.get('SHELL') ?? '/bin/sh'
  const env = new Map([
    ['PATH', p.env.get('PATH') ?? '/usr/bin:/bin'],
    ...job.env,
    ['USER', user.name],
    ['LOGNAME', user.name],
    ['HOME', user.home],
    ['SHELL', shell],
  ])
  try {
    return p.spawn({
      path: shell,
      argv: [shell, '-c', job.command],
      env,
      newSession: true,
      cred: {
        uid: user.uid,
        gid: user.gid,
        groups: credGroups(accounts, user),
        caps: user.uid === 0 ? p.cred.caps : 0n,
      },
      cwd: isDirectory(p, user.home) ? user.home : '/',
    })
  } catch (error) {
    if (isErrno(error)) return 0
    throw error
  }
}

function isDirectory(p: Proc, path: string): boolean {
  try {
    return p.stat(path).type === 'dir'
  } catch (error) {
    if (isErrno(error)) return false
    throw error
  }
}
