/** adduser and addgroup (busybox; and Debian's adduser, which says what it does). */
import type { Routine } from '../program.ts'
import { has, nextId, readLines, today, writeLines } from './lib/account-files.ts'
import { type Call, command } from './lib/command.ts'
import { Failure, UsageError } from './lib/failure.ts'
import { makeHome } from './lib/skeleton.ts'

export const options = {
  home: '-h=DIR --home=DIR  home directory',
  gecos: '-g=GECOS --gecos=GECOS --comment=GECOS  comment',
  shell: '-s=SHELL --shell=SHELL  login shell',
  group: '-G=GRP --ingroup=GRP  group instead of one of its own',
  system: '-S --system  a system user',
  noPassword: '-D --disabled-password  no password',
  disabledLogin: 'gnu: --disabled-login  no login',
  noHome: '-H --no-create-home  do not make the home directory',
  uid: '-u=UID --uid=UID  number',
  skeleton: '-k=SKEL  accepted',
  gid: '-g=GID --gid=GID  number of the group',
  makeGroup: 'gnu: --group  a group of its own for a system user, or a group only',
  quiet: 'gnu: --quiet -q  no messages',
  force: 'gnu: --force-badname --allow-bad-names --allow-badname  accepted',
  ingroup: 'gnu: --add_extra_groups  accepted',
}

const cannot = (path: string, reason: string) => `${path}: ${reason}`

export const program = command('adduser', options, function* (call) {
  const { p, args, gnu, options: given } = call
  const isGroup = p.name === 'addgroup' || (gnu && given.has('makeGroup') && !given.has('system'))
  if (p.cred.uid !== 0) {
    if (!gnu) throw new Failure('permission denied (are you root?)')
    throw new Failure(`Only root may add a user or group to the system.`)
  }
  if (args.length === 0) throw gnu ? new Failure('Only one or two names allowed.') : new UsageError('')
  const [first = '', second] = args
  if (second !== undefined) return yield* joinGroup(call, first, second)
  return isGroup ? yield* addGroup(call, first) : yield* addUser(call, first)
})

/** `adduser USER GROUP`. */
function* joinGroup(call: Call<typeof options>, user: string, group: string): Routine<number> {
  const { p, gnu, out } = call
  const users = yield* readLines(p, 'passwd')
  if (!users.some(([name]) => name === user))
    throw new Failure(gnu ? `The user \`${user}' does not exist.` : `unknown user ${user}`)
  const groups = yield* readLines(p, 'group')
  const line = groups.find(([name]) => name === group)
  if (!line) throw new Failure(gnu ? `The group \`${group}' does not exist.` : `unknown group ${group}`)
  const members = (line[3] ?? '').split(',').filter(name => name !== '')
  if (members.includes(user)) {
    if (gnu) yield* out.write(`The user \`${user}' is already a member of \`${group}'.\n`)
    return 0
  }
  if (gnu) yield* out.write(`Adding user \`${user}' to group \`${group}' ...\n`)
  line[3] = [...members, user].join(',')
  yield* writeLines(p, 'group', groups, cannot)
  if (gnu) yield* out.write('Done.\n')
  return 0
}

function* addGroup(call: Call<typeof options>, name: string): Routine<number> {
  const { p, gnu, options: given, out } = call
  checkName(name, gnu)
  const groups = yield* readLines(p, 'group')
  if (groups.some(([one]) => one === name))
    throw new Failure(gnu ? `The group \`${name}' already exists.` : `group '${name}' in use`)
  const system = given.has('system')
  // -g is a comment to adduser and a number to addgroup.
  const asked = given.value('gid') ?? (gnu ? undefined : given.value('gecos'))
  if (asked !== undefined && groups.some(fields => fields[2] === asked))
    throw new Failure(gnu ? `The GID \`${asked}' is already in use.` : `gid '${asked}' in use`)
  const gid = asked === undefined ? nextId(groups, system ? 100 : 1000, system ? 999 : 59_999) : Number(asked)
  if (gid === undefined) throw new Failure('no free gid')
  if (gnu && !given.has('quiet')) yield* out.write(`Adding group \`${name}' (GID ${gid}) ...\n`)
  yield* saveGroup(call, groups, name, gid)
  if (gnu && !given.has('quiet')) yield* out.write('Done.\n')
  return 0
}

function* saveGroup(call: Call<typeof options>, groups: string[][], name: string, gid: number): Routine<void> {
  groups.push([name, 'x', String(gid), ''])
  yield* writeLines(call.p, 'group', groups, cannot)
  if (!has(call.p, 'gshadow')) return
  const lines = yield* readLines(call.p, 'gshadow')
  yield* writeLines(call.p, 'gshadow', [...lines, [name, '!', '', '']], cannot)
}

function* addUser(call: Call<typeof options>, name: string): Routine<number> {
  const { p, gnu, options: given, out } = call
  const say = (text: string) => (gnu && !given.has('quiet') ? out.write(`${text}\n`) : out.write(''))
  checkName(name, gnu)
  const users = yield* readLines(p, 'passwd')
  const groups = yield* readLines(p, 'group')
  if (users.some(([one]) => one === name))
    throw new Failure(gnu ? `The user \`${name}' already exists.` : `user '${name}' in use`)
  const system = given.has('system')
  const asked = given.value('uid')
  if (asked !== undefined && users.some(fields => fields[2] === asked))
    throw new Failure(gnu ? `The UID ${asked} is already in use.` : `uid '${asked}' in use`)
  const uid = asked === undefined ? nextId(users, system ? 100 : 1000, system ? 999 : 59_999) : Number(asked)
  if (uid === undefined) throw new Failure('no free uid')
  yield* say(`Adding ${system ? 'system ' : ''}user \`${name}' ${system ? `(UID ${uid}) ` : ''}...`)
  let gid: number
  const groupName = given.value('group')
  if (groupName !== undefined) {
    const line = groups.find(([one]) => one === groupName)
    if (!line) throw new Failure(gnu ? `The group \`${groupName}' does not exist.` : `unknown group ${groupName}`)
    gid = Number(line[2])
  } else if (gnu && system && !given.has('makeGroup')) gid = 65_534
  else {
    // A group of the same name and, where it is free, number.
    const taken = groups.some(fields => Number(fields[2]) === uid)
    gid = taken ? (nextId(groups, system ? 100 : 1000, system ? 999 : 59_999) ?? uid) : uid
    if (groups.some(([one]) => one === name))
      throw new Failure(gnu ? `The group \`${name}' already exists.` : `group '${name}' in use`)
    yield* say(`Adding new group \`${name}' (${gid}) ...`)
    yield* saveGroup(call, groups, name, gid)
  }
  yield* say(
    `Adding new user \`${name}' (${uid})${gnu ? ` with group \`${groupName ?? name}${system ? '' : ` (${gid})`}'` : ''} ...`,
  )
  const home = given.value('home') ?? (gnu && system ? '/nonexistent' : `/home/${name}`)
  const shell =
    given.value('shell') ??
    (gnu ? (system ? '/usr/sbin/nologin' : '/bin/bash') : system ? '/bin/false' : (p.env.get('SHELL') ?? '/bin/sh'))
  const comment =
    (gnu ? given.values('gecos').at(-1) : given.values('gecos')[0]) ?? (gnu ? (system ? '' : ',,,') : 'Linux User,,,')
  users.push([name, 'x', String(uid), String(gid), comment, home, shell])
  yield* writeLines(p, 'passwd', users, cannot)
  if (has(p, 'shadow')) {
    const shadow = yield* readLines(p, 'shadow')
    yield* writeLines(p, 'shadow', [...shadow, [name, '!', today(p), '0', '99999', '7', '', '', '']], cannot)
  }
  if (
    !given.has('noHome') &&
    !(gnu && system && given.value('home') === undefined) &&
    !(system && !gnu && given.has('noHome'))
  ) {
    if (yield* makeHome(p, home, uid, gid, gnu ? 0o700 : 0o2755)) {
      yield* say(`Creating home directory \`${home}' ...`)
      yield* say(`Copying files from \`/etc/skel' ...`)
    } else yield* say(`The home directory \`${home}' already exists.  Not copying from \`/etc/skel'.`)
  } else if (gnu && !given.has('quiet') && system) yield* say(`Not creating home directory \`${home}'.`)
  if (!given.has('noPassword') && !given.has('disabledLogin') && !system) {
    // A password cannot be typed where there is no terminal: the account stays locked.
    if (!gnu) {
      yield* out.write(`Changing password for ${name}\nNew password: \n`)
      yield* call.error(`password for ${name} is unchanged`)
      return 1
    }
  }
  return 0
}

function checkName(name: string, gnu: boolean): void {
  if (/^[A-Za-z_][A-Za-z0-9_.-]*\$?$/.test(name)) return
  if (!gnu) throw new Failure(`illegal character with code ${name.charCodeAt(0)} at position 0`)
  throw new Failure(
    "Please enter a username matching the regular expression configured\nvia the NAME_REGEX[_SYSTEM] configuration variable.  Use the `--allow-bad-names'\noption to relax this check or reconfigure NAME_REGEX.",
  )
}
