/** sudo: runs a command as another user. Root may always; others when they are in the sudo or wheel group. */
import { isErrno } from '../../vfs/errno.ts'
import type { Env } from '../program.ts'
import { toBytes } from './lib/bytes.ts'
import { command } from './lib/command.ts'
import { credGroups } from './lib/group-list.ts'
import { textOf } from './lib/interfaces.ts'
import { execProgram } from './lib/spawn.ts'
import { findGid, findUid, groupName, readAccounts, userName } from './lib/users.ts'

export const options = {
  user: '-u=USER --user=USER  run as this user (default root)',
  group: '-g=GROUP --group=GROUP  primary group',
  environment: '-E --preserve-env  keep the environment',
  login: '-i --login  a login shell',
  shell: '-s --shell  a shell',
  nonInteractive: '-n --non-interactive  never ask',
  home: '-H --set-home  HOME of the user',
  list: '-l --list  what is allowed',
  background: '-b --background  accepted',
  validate: '-v --validate  accepted',
  forget: '-k --reset-timestamp  accepted',
}

export const program = command(
  'sudo',
  options,
  function* ({ p, options: given, args, out }) {
    const accounts = yield* readAccounts(p)
    const caller = userName(accounts, p.cred.uid) ?? String(p.cred.uid)
    const say = function* (text: string) {
      yield { op: 'write' as const, fd: 2, data: toBytes(`${text}\n`) }
    }
    const name = given.value('user') ?? 'root'
    const uid = name.startsWith('#') ? Number(name.slice(1)) : findUid(accounts, name)
    const user = accounts.users.find(one => one.uid === uid)
    if (uid === undefined || !user) {
      yield* say(`sudo: unknown user ${name}\nsudo: error initializing audit plugin sudoers_audit`)
      return 1
    }
    if (p.cred.uid !== 0) {
      const rules = yield* textOf(p, '/etc/sudoers')
      const groups = p.cred.groups.map(gid => groupName(accounts, gid))
      const free = new RegExp(
        `^(?:${quoted(caller)}|%(?:${groups.map(g => quoted(g ?? '')).join('|')}))\\s.*NOPASSWD:`,
        'm',
      ).test(rules)
      if (!free) {
        if (given.has('nonInteractive') || !p.isatty(0)) {
          yield* say(
            given.has('nonInteractive')
              ? 'sudo: a password is required'
              : 'sudo: a terminal is required to read the password; either use the -S option to read from standard input or configure an askpass helper\nsudo: a password is required',
          )
          return 1
        }
        yield* say(`[sudo] password for ${caller}: \nsudo: a password is required`)
        return 1
      }
    }
    if (given.has('list')) {
      yield* out.write(`User ${caller} may run the following commands on ${p.uname().nodename}:\n    (ALL : ALL) ALL\n`)
      return 0
    }
    const env: Env = given.has('environment') ? new Map(p.env) : new Map()
    if (!given.has('environment')) {
      for (const key of ['TERM', 'LANG', 'DISPLAY', 'COLORTERM']) {
        const value = p.env.get(key)
        if (value !== undefined) env.set(key, value)
      }
      env.set('PATH', '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin')
    }
    for (const [key, value] of [
      ['MAIL', `/var/mail/${user.name}`],
      ['LOGNAME', user.name],
      ['USER', user.name],
      ['HOME', user.home],
      ['SHELL', user.shell],
      ['SUDO_COMMAND', args.join(' ')],
      ['SUDO_USER', caller],
      ['SUDO_UID', String(p.cred.uid)],
      ['SUDO_GID', String(p.cred.gid)],
    ] as const)
      env.set(key, value)
    const rest = [...args]
    for (let word = rest[0]; word !== undefined && /^[A-Za-z_]\w*=/.test(word); word = rest[0]) {
      env.set(word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1))
      rest.shift()
    }
    if (given.has('login') || given.has('shell')) {
      const shell = user.shell === '' ? '/bin/sh' : user.shell
      rest.splice(
        0,
        rest.length,
        shell,
        ...(rest.length > 0 ? ['-c', rest.join(' ')] : given.has('login') ? ['-l'] : []),
      )
    }
    if (rest.length === 0) {
      yield* say(
        'usage: sudo -h | -K | -k | -V\nusage: sudo -v [-ABkNnS] [-g group] [-h host] [-p prompt] [-u user]\nusage: sudo [-ABbEHkNnPS] [-g group] [-u user] [VAR=value] [-i | -s] [command [arg ...]]',
      )
      return 1
    }
    const gid = given.has('group') ? findGid(accounts, given.value('group') ?? '') : user.gid
    p.setCred({ gid: gid ?? user.gid, groups: credGroups(accounts, user) })
    p.setCred({ uid: user.uid })
    if (given.has('login')) p.chdir(user.home)
    try {
      yield* execProgram(p, rest, env)
    } catch (error) {
      if (!isErrno(error)) throw error
      yield* say(
        error.code === 'ENOENT'
          ? `sudo: ${rest[0]}: command not found`
          : `sudo: unable to execute ${rest[0]}: ${error.message}`,
      )
    }
    return 1
  },
  { stopAtOperand: true },
)

function quoted(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
