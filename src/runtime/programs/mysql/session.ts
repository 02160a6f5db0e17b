/** What the statements of one connection share: its database, account and variables, and the open rows. */
import type { Proc } from '../../../kernel/program.ts'
import { type Account, may } from './accounts.ts'
import { install } from './functions.ts'
import type { Field } from './select.ts'
import { innerName, Store, system, type Table } from './storage.ts'
import { SqlError } from './tokens.ts'
import type { Scope } from './translate.ts'
import type { ColumnType, Flavour, Raw } from './types.ts'
import { systemVariable } from './variables.ts'
import { virtualTable } from './virtual.ts'

/** What of it outlives a message; kept as JSON. */
export interface SessionState {
  database: string | null
  variables: Record<string, Raw & (string | number | null)>
  insertId: number
  rowCount: number
  /** System variables that SET changed. */
  settings: Record<string, string>
  warnings: { level: string; code: number; text: string }[]
}

export type Result =
  | { kind: 'rows'; fields: Field[]; rows: (string | null)[][] }
  | { kind: 'done'; affected: number; insertId?: number; info?: string; database?: string }

export const done = (affected = 0, more: { insertId?: number; info?: string; database?: string } = {}): Result => ({
  kind: 'done',
  affected,
  ...more,
})

/** Rows of texts under plain names. */
export const listing = (
  names: readonly string[],
  rows: (string | null)[][],
  types: Record<string, ColumnType> = {},
): Result => ({
  kind: 'rows',
  fields: names.map(name => ({ name, type: types[name] })),
  rows,
})

export interface Identity {
  /** As the client named itself, and where from. */
  user: string
  host: string
  account: Account
  connectionId: number
  fd: number
  startedAt: number
}

export class Session {
  readonly p: Proc
  readonly flavour: Flavour
  readonly state: SessionState
  readonly identity: Identity
  readonly store: Store
  /** Whether something is to be written, and whether tables came or went. */
  changed = false
  tablesChanged = false
  /** What an INSERT that is running takes from a counting column. */
  taken: { name: string; count: number } | undefined

  constructor(p: Proc, data: string, flavour: Flavour, state: SessionState, identity: Identity) {
    this.p = p
    this.flavour = flavour
    this.state = state
    this.identity = identity
    this.store = new Store(p, data)
    install(this.store.sql, p)
    // As it is now: rights given or taken since the connection began hold.
    const { account } = identity
    this.identity.account =
      this.store.meta.accounts.find(each => each.user === account.user && each.host === account.host) ?? account
  }

  /** The database that an unqualified name is in. Throws 1046. */
  get database(): string {
    if (this.state.database === null) throw new SqlError(1046, '3D000', 'No database selected')
    return this.state.database
  }

  allowed(privilege: string, database: string, table?: string): boolean {
    return may(this.identity.account, privilege, database, table)
  }

  /** Throws 1142 or 1044 where the account lacks a privilege. */
  need(privilege: string, database: string, table?: string): void {
    const { user, host, account } = this.identity
    if (this.allowed(privilege, database, table)) return
    if (table === undefined)
      throw new SqlError(
        1044,
        '42000',
        `Access denied for user '${account.user}'@'${account.host}' to database '${database}'`,
      )
    const what = this.flavour.maria ? `\`${database}\`.\`${table}\`` : `'${table}'`
    throw new SqlError(1142, '42000', `${privilege} command denied to user '${user}'@'${host}' for table ${what}`)
  }

  /** Throws 1227 where a privilege on everything is lacking. */
  needGlobal(privilege: string): void {
    if (this.allowed(privilege, '*')) return
    throw new SqlError(
      1227,
      '42000',
      `Access denied; you need (at least one of) the ${privilege} privilege(s) for this operation`,
    )
  }

  /** Throws 1049 or 1046. */
  databaseNamed(name: string | undefined): string {
    const found = name ?? this.database
    if (!this.hasDatabase(found)) throw new SqlError(1049, '42000', `Unknown database '${found}'`)
    return found
  }

  hasDatabase(name: string): boolean {
    return this.store.meta.databases.includes(name) || system.includes(name.toLowerCase())
  }

  /** A table of a statement. Throws 1046 or 1146. */
  table(database: string | undefined, name: string): Table {
    const where = database ?? this.database
    const found = this.store.table(where, name)
    if (!found) {
      // Who may not see a table is not told whether it is there.
      if (!this.allowed('SELECT', where, name)) this.need('SELECT', where, name)
      throw new SqlError(1146, '42S02', `Table '${where}.${name}' doesn't exist`)
    }
    return found
  }

  /** Numbers that a failed INSERT had taken from a counting column are not given again. */
  skipNumbers(): void {
    const { taken } = this
    if (!taken) return
    const { sql } = this.store
    sql.run('UPDATE sqlite_sequence SET seq = seq + ? WHERE name = ?', [taken.count, taken.name])
    if (sql.getRowsModified() === 0)
      sql.run('INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)', [taken.name, taken.count])
    this.changed = true
  }

  warn(code: number, text: string, level = 'Warning'): void {
    this.state.warnings.push({ level, code, text })
  }

  /** Names of a statement. `privilege`: what it takes to name a table; `own`: names of WITH. */
  scope(privilege: string, more: { own?: readonly string[]; upsert?: boolean } = {}): Scope {
    return {
      ...(more.upsert && { upsert: true }),
      table: (database, name) => {
        if (database === undefined && more.own?.includes(name)) return name
        const where = database ?? this.database
        const made = virtualTable(this, where, name)
        if (made !== undefined) return made
        const table = this.table(where, name)
        this.need(privilege, where, name)
        return innerName(table)
      },
      variable: name =>
        name.startsWith('@@')
          ? systemVariable(this, name)
          : (this.state.variables[name.slice(1).toLowerCase()] ?? null),
      session: name => this.#function(name),
    }
  }

  #function(name: string): { value: Raw } | undefined {
    const { user, host, account, connectionId } = this.identity
    switch (name) {
      case 'database':
      case 'schema':
        return { value: this.state.database }
      case 'user':
      case 'session_user':
      case 'system_user':
        return { value: `${user}@${host}` }
      case 'current_user':
        return { value: `${account.user}@${account.host}` }
      case 'version':
        return { value: serverVersion(this.flavour) }
      case 'connection_id':
        return { value: connectionId }
      case 'last_insert_id':
        return { value: this.state.insertId }
      case 'row_count':
        return { value: this.state.rowCount }
      case 'found_rows':
        return { value: this.state.rowCount }
      case 'sleep':
        return { value: 0 }
    }
    return undefined
  }
}

/** As VERSION() and the greeting tell it. */
export function serverVersion(flavour: Flavour): string {
  if (!flavour.maria) return flavour.version
  const major = Number(flavour.version.split('.')[0])
  return `${flavour.version}-MariaDB-ubu${major >= 11 ? '2404' : '2204'}`
}

/** How MariaDB's tools name themselves: `mariadb from 11.8.2-MariaDB, client 15.2`, before 11 by distribution. */
export function mariaTitle(flavour: Flavour, name: string, client: string, old: string): string {
  const version = serverVersion(flavour).replace(/-ubu\d+$/, '')
  return Number(flavour.version.split('.')[0]) >= 11
    ? `${name} from ${version}, client ${client}`
    : `${name}  Ver ${old} Distrib ${version},`
}
