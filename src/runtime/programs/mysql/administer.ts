/** Statements about accounts: CREATE, ALTER, DROP USER, RENAME USER, GRANT, REVOKE, SET PASSWORD. */

import { commaGroups, is } from '../sql-tokens.ts'
import { type Account, failedFor, secretOf } from './accounts.ts'
import { done, type Result, type Session } from './session.ts'
import { isName, SqlError, SyntaxProblem, type Token, topLevel } from './tokens.ts'

const end = Number.MAX_SAFE_INTEGER

/** `'user'@'host'` at `at`; without a host: from anywhere. */
export function readAccount(
  session: Session,
  tokens: readonly Token[],
  at: number,
): { user: string; host: string; next: number } {
  const first = tokens[at]
  if (is(first, 'current_user')) {
    const { user, host } = session.identity.account
    return { user, host, next: is(tokens[at + 1], '(') ? at + 3 : at + 1 }
  }
  if (!isName(first) && first?.kind !== 'string') throw new SyntaxProblem(first?.at ?? end)
  const mark = tokens[at + 1]
  if (is(mark, '@')) return { user: first.text, host: tokens[at + 2]?.text ?? '%', next: at + 3 }
  // `'u'@localhost` is one word after the at sign.
  if (mark?.kind === 'variable') {
    const host = mark.text.slice(1).replace(/^`(.*)`$/, '$1')
    return host === ''
      ? { user: first.text, host: tokens[at + 2]?.text ?? '%', next: at + 3 }
      : { user: first.text, host, next: at + 2 }
  }
  return { user: first.text, host: '%', next: at + 1 }
}

const find = (session: Session, given: { user: string; host: string }): Account | undefined =>
  session.store.meta.accounts.find(each => each.user === given.user && each.host === given.host)

/** The secret of IDENTIFIED BY and its like; undefined where none is told. */
function readSecret(tokens: readonly Token[], at: number): string | undefined {
  const by = topLevel(tokens, ['by', 'using', 'as'], at)
  if (!is(tokens[at], 'identified')) return undefined
  if (by < 0) return ''
  if (is(tokens[by + 1], 'password')) return tokens[by + 2]?.text ?? ''
  const given = is(tokens[by + 1], '(') ? tokens[by + 2] : tokens[by + 1]
  if (given?.kind !== 'string') throw new SyntaxProblem(given?.at ?? end)
  return is(tokens[by], 'as') ? given.text : secretOf(given.text)
}

export function createUser(session: Session, tokens: readonly Token[]): Result {
  session.needGlobal('CREATE USER')
  const soft = is(tokens[2], 'if')
  const replace = is(tokens[1], 'or')
  const failed: { user: string; host: string }[] = []
  for (const part of commaGroups(tokens.slice(replace ? 4 : soft ? 5 : 2))) {
    const given = readAccount(session, part, 0)
    const old = find(session, given)
    const made = {
      user: given.user,
      host: given.host,
      secret: readSecret(part, given.next) ?? '',
      locked: topLevel(part, ['lock']) > 0,
      grants: {},
      grantOption: [],
    }
    if (!old) session.store.meta.accounts.push(made)
    else if (replace) Object.assign(old, made)
    else if (!soft) failed.push(given)
  }
  if (failed.length > 0) throw failedFor('CREATE USER', failed)
  session.changed = true
  return done(0)
}

export function alterUser(session: Session, tokens: readonly Token[]): Result {
  const soft = is(tokens[2], 'if')
  for (const part of commaGroups(tokens.slice(soft ? 4 : 2))) {
    const given = readAccount(session, part, is(part[0], 'user') ? 3 : 0)
    const { account } = session.identity
    if (given.user !== account.user || given.host !== account.host) session.needGlobal('CREATE USER')
    const found = find(session, given)
    if (!found) {
      if (soft) continue
      throw failedFor('ALTER USER', [given])
    }
    found.secret = readSecret(part, given.next) ?? found.secret
    if (topLevel(part, ['account']) > 0) found.locked = topLevel(part, ['lock']) > 0
  }
  session.changed = true
  return done(0)
}

export function dropUser(session: Session, tokens: readonly Token[]): Result {
  session.needGlobal('CREATE USER')
  const soft = is(tokens[2], 'if')
  const failed: { user: string; host: string }[] = []
  const { meta } = session.store
  for (const part of commaGroups(tokens.slice(soft ? 4 : 2))) {
    const given = readAccount(session, part, 0)
    if (find(session, given))
      meta.accounts = meta.accounts.filter(each => each.user !== given.user || each.host !== given.host)
    else if (!soft) failed.push(given)
  }
  if (failed.length > 0) throw failedFor('DROP USER', failed)
  session.changed = true
  return done(0)
}

const privileges = [
  ...['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'CREATE', 'DROP', 'RELOAD', 'SHUTDOWN', 'PROCESS', 'FILE', 'REFERENCES'],
  ...[
    'INDEX',
    'ALTER',
    'SHOW DATABASES',
    'SUPER',
    'CREATE TEMPORARY TABLES',
    'LOCK TABLES',
    'EXECUTE',
    'REPLICATION SLAVE',
  ],
  ...[
    'REPLICATION CLIENT',
    'CREATE VIEW',
    'SHOW VIEW',
    'CREATE ROUTINE',
    'ALTER ROUTINE',
    'CREATE USER',
    'EVENT',
    'TRIGGER',
    'USAGE',
    'PROXY',
  ],
]

/** GRANT and REVOKE. */
export function grant(session: Session, tokens: readonly Token[], give: boolean): Result {
  const on = topLevel(tokens, ['on'])
  const to = topLevel(tokens, [give ? 'to' : 'from'])
  if (to < 0) throw new SyntaxProblem(end)
  if (on < 0 && !give && is(tokens[1], 'all')) return revokeAll(session, tokens, to)
  if (on < 0) throw new SqlError(1235, '42000', 'minidock: roles are not modelled')
  const held = commaGroups(tokens.slice(1, on)).map(part => {
    const words = part
      .filter(each => each.kind === 'word')
      .map(each => each.text.toUpperCase())
      .join(' ')
    if (words === 'ALL' || words === 'ALL PRIVILEGES') return 'ALL'
    const known = privileges.find(each => words === each || words.startsWith(`${each} `))
    if (known === undefined && words !== 'GRANT OPTION') throw new SyntaxProblem(part[0]?.at ?? end)
    return known ?? words
  })
  const target = tokens.slice(on + 1, to).filter(each => !is(each, 'table'))
  const far = is(target[1], '.')
  const database = far
    ? (target[0]?.text ?? '*')
    : is(target[0], '*')
      ? (session.state.database ?? '*')
      : session.database
  const table = far ? (target[2]?.text ?? '*') : is(target[0], '*') ? '*' : (target[0]?.text ?? '*')
  const scope = `${database}.${table}`
  if (!session.identity.account.grantOption.includes('*.*') && !session.identity.account.grantOption.includes(scope))
    throw database === '*'
      ? new SqlError(
          1045,
          '28000',
          `Access denied for user '${session.identity.account.user}'@'${session.identity.account.host}' (using password: YES)`,
        )
      : new SqlError(
          1044,
          '42000',
          `Access denied for user '${session.identity.account.user}'@'${session.identity.account.host}' to database '${database}'`,
        )
  const option = topLevel(tokens, ['with'], to)
  for (const part of commaGroups(tokens.slice(to + 1, option < 0 ? undefined : option))) {
    const given = readAccount(session, part, 0)
    let account = find(session, given)
    if (!account) {
      if (give && session.flavour.maria && is(part[given.next], 'identified')) {
        account = {
          user: given.user,
          host: given.host,
          secret: readSecret(part, given.next) ?? '',
          locked: false,
          grants: {},
          grantOption: [],
        }
        session.store.meta.accounts.push(account)
      } else if (session.flavour.maria && give)
        throw new SqlError(1133, '28000', "Can't find any matching row in the user table")
      else if (give) throw new SqlError(1410, '42000', 'You are not allowed to create a user with GRANT')
      else
        throw new SqlError(
          1141,
          '42000',
          `There is no such grant defined for user '${given.user}' on host '${given.host}'`,
        )
    }
    const now = account.grants[scope] ?? []
    if (give) {
      account.grants[scope] = held.includes('ALL')
        ? ['ALL']
        : now.includes('ALL')
          ? now
          : privileges.filter(each => now.includes(each) || held.includes(each))
      if (option >= 0 && !account.grantOption.includes(scope)) account.grantOption.push(scope)
    } else {
      if (now.length === 0)
        throw new SqlError(
          1141,
          '42000',
          `There is no such grant defined for user '${given.user}' on host '${given.host}'`,
        )
      const all = privileges.filter(each => each !== 'USAGE' && each !== 'PROXY')
      account.grants[scope] = held.includes('ALL')
        ? []
        : (now.includes('ALL') ? all : now).filter(each => !held.includes(each))
    }
  }
  session.changed = true
  return done(0)
}

function revokeAll(session: Session, tokens: readonly Token[], from: number): Result {
  session.needGlobal('CREATE USER')
  for (const part of commaGroups(tokens.slice(from + 1))) {
    const given = readAccount(session, part, 0)
    const account = find(session, given)
    if (!account)
      throw new SqlError(1269, 'HY000', "Can't revoke all privileges for one or more of the requested users")
    account.grants = {}
    account.grantOption = []
  }
  session.changed = true
  return done(0)
}

export function setPassword(session: Session, tokens: readonly Token[]): Result {
  const target = is(tokens[2], 'for') ? readAccount(session, tokens, 3) : session.identity.account
  const found = find(session, target)
  if (!found) throw new SqlError(1133, '42000', "Can't find any matching row in the user table")
  if (found !== session.identity.account) session.needGlobal('CREATE USER')
  const given = tokens.findLast(each => each.kind === 'string')
  if (!given) throw new SyntaxProblem(end)
  found.secret = secretOf(given.text)
  session.changed = true
  return done(0)
}
