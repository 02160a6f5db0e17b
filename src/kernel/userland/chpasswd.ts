/** chpasswd and passwd: passwords. What is stored is a salted SHA-512 digest in crypt's clothes; nothing here ever checks one. */
import { createHash } from 'node:crypto'
import type { Proc, Routine } from '../program.ts'
import { has, readLines, today, writeLines } from './lib/account-files.ts'
import { command } from './lib/command.ts'
import { Failure } from './lib/failure.ts'
import { Lines } from './lib/input.ts'
import { readAccounts, userName } from './lib/users.ts'

export const options = {
  encrypted: '-e --encrypted  the passwords are encrypted',
  md5: '-m --md5  accepted',
  method: '-c=METHOD --crypt-method=METHOD -a=METHOD  accepted',
  remove: '-d --delete  take the password away (passwd)',
  lock: '-l --lock  lock it (passwd)',
  unlock: '-u --unlock  unlock it (passwd)',
  status: '-S --status  its state (passwd)',
  quiet: '-q --quiet  accepted',
}

const cannot = (path: string, reason: string) => `${path}: ${reason}`

export const program = command('chpasswd', options, function* ({ p, out, options: given, args, gnu, error }) {
  if (p.name === 'passwd') return yield* passwd()
  if (p.cred.uid !== 0)
    throw new Failure(gnu ? 'cannot lock /etc/passwd; try again later.' : 'permission denied (are you root?)')
  const lines = new Lines(p, 0)
  let number = 0
  for (let line = yield* lines.next(); line !== undefined; line = yield* lines.next()) {
    number++
    const colon = line.indexOf(':')
    if (colon === -1) throw new Failure(gnu ? `line ${number}: missing new password` : 'missing new password')
    const name = line.slice(0, colon)
    const password = line.slice(colon + 1)
    if (!(yield* setPassword(p, name, given.has('encrypted') ? password : crypt(p, password)))) {
      throw new Failure(
        gnu
          ? `(user ${name}) pam_chauthtok() failed, error:\nAuthentication token manipulation error`
          : `unknown user ${name}`,
      )
    }
    if (!gnu) yield* error(`password for '${name}' changed`)
  }
  return 0

  function* passwd(): Routine<number> {
    // A setuid passwd works for who called it.
    const { uid: asker } = p.realIds()
    const own = userName(yield* readAccounts(p), asker)
    const name = args[0] ?? own ?? ''
    if (asker !== 0 && name !== own)
      throw new Failure(
        gnu
          ? `You may not view or modify password information for ${name}.`
          : `${own} can't change password for ${name}`,
      )
    if (given.has('status')) {
      const line = (yield* readLines(p, 'shadow')).find(([one]) => one === name)
      const state = line?.[1] === '' ? 'NP' : /^[!*]/.test(line?.[1] ?? '!') ? 'L' : 'P'
      yield* out.write(
        `${name} ${state} ${new Date(Number(line?.[2] ?? 0) * 86_400_000).toISOString().slice(0, 10)} ${line?.[3] || 0} ${line?.[4] || 99_999} ${line?.[5] || 7} -1\n`,
      )
      return 0
    }
    const change = given.last('remove', 'lock', 'unlock')
    if (change !== undefined) {
      const line = (yield* readLines(p, 'shadow')).find(([one]) => one === name)
      const old = line?.[1] ?? ''
      const hash = change === 'remove' ? '' : change === 'lock' ? `!${old.replace(/^!/, '')}` : old.replace(/^!/, '')
      if (!(yield* setPassword(p, name, hash)))
        throw new Failure(gnu ? `user '${name}' does not exist` : `unknown user ${name}`)
      yield* out.write(gnu ? 'passwd: password changed.\n' : `passwd: password for ${name} changed by ${own}\n`)
      return 0
    }
    if (asker !== 0) {
      // The old one is asked for, and none fits: accounts of images are locked.
      if (!gnu && p.cred.uid !== 0) throw new Failure('must be suid to work properly')
      yield* out.write(
        gnu ? `Changing password for ${name}.\nCurrent password: ` : `Changing password for ${name}\nOld password: \n`,
      )
      if (!gnu) throw new Failure(`password for ${name} is unchanged`)
      yield* error('Authentication token manipulation error')
      yield* error('password unchanged')
      return 10
    }
    yield* out.write(gnu ? 'New password: ' : `Changing password for ${name}\nNew password: `)
    yield* out.flush()
    const terminal = p.isatty(0)
    const before = terminal ? p.termios(0, { echo: false }) : undefined
    const lines = new Lines(p, 0)
    const first = yield* lines.next()
    yield* out.write(gnu ? '\nRetype new password: ' : '\nRetype password: ')
    yield* out.flush()
    const second = yield* lines.next()
    if (before) p.termios(0, before)
    yield* out.write('\n')
    if (first === undefined || first !== second) {
      if (gnu) {
        yield* out.write(
          first === undefined ? 'Password change has been aborted.\n' : 'Sorry, passwords do not match.\n',
        )
        yield* error('Authentication token manipulation error')
        yield* error('password unchanged')
        return 10
      }
      throw new Failure(`password for ${name} is unchanged`)
    }
    if (!(yield* setPassword(p, name, crypt(p, first)))) throw new Failure(`unknown user ${name}`)
    yield* out.write(
      gnu ? 'passwd: password updated successfully\n' : `passwd: password for ${name} changed by ${own}\n`,
    )
    return 0
  }
})

function* setPassword(p: Proc, name: string, hash: string): Routine<boolean> {
  const users = yield* readLines(p, 'passwd')
  const user = users.find(([one]) => one === name)
  if (!user) return false
  if (!has(p, 'shadow')) {
    user[1] = hash
    yield* writeLines(p, 'passwd', users, cannot)
    return true
  }
  const shadow = yield* readLines(p, 'shadow')
  const line = shadow.find(([one]) => one === name)
  if (line) {
    line[1] = hash
    line[2] = today(p)
  } else shadow.push([name, hash, today(p), '0', '99999', '7', '', '', ''])
  yield* writeLines(p, 'shadow', shadow, cannot)
  return true
}

function crypt(p: Proc, password: string): string {
  const salt = Buffer.from(p.random(12)).toString('base64').replace(/\+/g, '.')
  const digest = createHash('sha512')
    .update(`${salt}${password}`, 'latin1')
    .digest('base64')
    .replace(/\+/g, '.')
    .replace(/=+$/, '')
  return `$6$${salt}$${digest}`
}
