/** Accounts and what they may do. */
import { createHash } from 'node:crypto'
import { SqlError, tick } from './tokens.ts'
import type { Flavour } from './types.ts'

export interface Account {
  user: string
  host: string
  /** `*` and 40 digits, as mysql_native_password keeps it; empty: no password. */
  secret: string
  locked: boolean
  /** Privileges by what they are on: `*.*`, `shop.*`, `shop.items`; ALL for all. */
  grants: Record<string, string[]>
  /** Where WITH GRANT OPTION was said. */
  grantOption: string[]
}

const sha1 = (...parts: (Uint8Array | string)[]): Buffer => {
  const hash = createHash('sha1')
  for (const part of parts) hash.update(part)
  return hash.digest()
}

/** The form in which a password is kept. */
export const secretOf = (password: string): string =>
  password === '' ? '' : `*${sha1(sha1(password)).toString('hex').toUpperCase()}`

/** What a client answers to a server's scramble. */
export function scrambled(password: string, salt: Uint8Array): Buffer {
  if (password === '') return Buffer.alloc(0)
  const once = sha1(password)
  const mask = sha1(salt, sha1(once))
  return Buffer.from(once.map((byte, at) => byte ^ (mask[at] ?? 0)))
}

/** Whether an answer to a scramble is that of who knows the password. */
export function answersScramble(answer: Uint8Array, salt: Uint8Array, secret: string): boolean {
  if (secret === '' || answer.length === 0) return secret === '' && answer.length === 0
  const stored = Buffer.from(secret.slice(1), 'hex')
  const mask = sha1(salt, stored)
  const once = Buffer.from(answer.map((byte, at) => byte ^ (mask[at] ?? 0)))
  return sha1(once).equals(stored)
}

export const accountText = (account: { user: string; host: string }): string => `'${account.user}'@'${account.host}'`

function hostFits(pattern: string, host: string): boolean {
  if (pattern === host) return true
  if (!/[%_]/.test(pattern)) return false
  const words = pattern
    .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
    .replaceAll('%', '.*')
    .replaceAll('_', '.')
  return new RegExp(`^${words}$`).test(host)
}

/** The account that a connection is: exact hosts before patterns. */
export function accountFor(accounts: readonly Account[], user: string, host: string): Account | undefined {
  const weight = (each: Account): number => (/[%_]/.test(each.host) ? each.host.length : 1000)
  return accounts
    .filter(each => each.user === user && hostFits(each.host, host))
    .sort((one, two) => weight(two) - weight(one))[0]
}

const databaseFits = (given: string, database: string): boolean => {
  const name = given.slice(0, given.lastIndexOf('.')).replaceAll('\\_', '\u0000')
  if (name === '*') return true
  const words = name
    .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
    .replaceAll('%', '.*')
    .replaceAll('_', '.')
  return new RegExp(`^${words.replaceAll('\u0000', '_')}$`).test(database)
}

/** Whether an account has a privilege on a table, a whole database (table undefined) or all (database `*`). */
export function may(account: Account, privilege: string, database: string, table?: string): boolean {
  return Object.entries(account.grants).some(([on, held]) => {
    if (!held.includes('ALL') && !held.includes(privilege)) return false
    if (on === '*.*') return true
    if (database === '*') return false
    if (on.endsWith('.*')) return databaseFits(on, database)
    return table !== undefined && on === `${database}.${table}`
  })
}

/** Whether an account sees a database at all. */
export const sees = (account: Account, database: string): boolean =>
  Object.entries(account.grants).some(
    ([on, held]) => held.some(each => each !== 'USAGE') && (on === '*.*' || databaseFits(on, database)),
  )

/** The lines of SHOW GRANTS. */
export function grantLines(account: Account, flavour: Flavour): string[] {
  const name = `${tick(account.user)}@${tick(account.host)}`
  const secret = flavour.maria && account.secret !== '' ? ` IDENTIFIED BY PASSWORD '${account.secret}'` : ''
  const option = (on: string): string => (account.grantOption.includes(on) ? ' WITH GRANT OPTION' : '')
  const words = (held: readonly string[]): string => (held.includes('ALL') ? 'ALL PRIVILEGES' : held.join(', '))
  const scope = (on: string): string => {
    const at = on.lastIndexOf('.')
    const [database, table] = [on.slice(0, at), on.slice(at + 1)]
    return `${database === '*' ? '*' : tick(database)}.${table === '*' ? '*' : tick(table)}`
  }
  const all = account.grants['*.*']
  const lines = [`GRANT ${all?.length ? words(all) : 'USAGE'} ON *.* TO ${name}${secret}${option('*.*')}`]
  for (const [on, held] of Object.entries(account.grants))
    if (on !== '*.*' && held.length > 0) lines.push(`GRANT ${words(held)} ON ${scope(on)} TO ${name}${option(on)}`)
  return lines
}

export const failedFor = (verb: string, accounts: readonly { user: string; host: string }[]): SqlError =>
  new SqlError(1396, 'HY000', `Operation ${verb} failed for ${accounts.map(accountText).join(',')}`)
