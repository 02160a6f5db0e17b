/** Tables that are views of what the server knows: information_schema, mysql.user. Made when a statement names one. */

import { quoteName } from '../sql-tokens.ts'
import { sees } from './accounts.ts'
import { collationOf, defaultText, extraText, keyMark } from './describe.ts'
import type { Session } from './session.ts'
import { innerName, system } from './storage.ts'
import { SqlError } from './tokens.ts'
import { literal } from './translate.ts'
import { type Raw, typeText } from './types.ts'

type Rows = Record<string, Raw>[]

/** Rows of a table. */
export const countRows = (session: Session, database: string, name: string): number =>
  Number(
    session.store.sql.exec(`SELECT count(*) FROM ${quoteName(innerName({ database, name }))}`)[0]?.values[0]?.[0] ?? 0,
  )

export const visibleDatabases = (session: Session): string[] => {
  const { account } = session.identity
  const open = session.flavour.maria ? ['information_schema'] : ['information_schema', 'performance_schema']
  return [...new Set([...session.store.meta.databases, ...system])]
    .filter(name => open.includes(name) || sees(account, name))
    .sort((one, two) => (one < two ? -1 : 1))
}

const visible = (session: Session) =>
  session.store.meta.tables.filter(each => visibleDatabases(session).includes(each.database))

const schemaTables: Record<string, (session: Session) => Rows> = {
  schemata: session =>
    visibleDatabases(session).map(SCHEMA_NAME => ({
      CATALOG_NAME: 'def',
      SCHEMA_NAME,
      DEFAULT_CHARACTER_SET_NAME: 'utf8mb4',
      DEFAULT_COLLATION_NAME: collationOf(session.flavour),
    })),
  tables: session =>
    visible(session).map(table => ({
      TABLE_CATALOG: 'def',
      TABLE_SCHEMA: table.database,
      TABLE_NAME: table.name,
      TABLE_TYPE: table.kind === 'view' ? 'VIEW' : 'BASE TABLE',
      ENGINE: table.kind === 'view' ? null : table.engine,
      TABLE_ROWS: table.kind === 'view' ? null : countRows(session, table.database, table.name),
      DATA_LENGTH: table.kind === 'view' ? null : 16_384,
      INDEX_LENGTH: table.kind === 'view' ? null : 0,
      TABLE_COLLATION: collationOf(session.flavour),
      TABLE_COMMENT: table.kind === 'view' ? 'VIEW' : '',
    })),
  columns: session =>
    visible(session).flatMap(table =>
      table.columns.map((column, at) => ({
        TABLE_SCHEMA: table.database,
        TABLE_NAME: table.name,
        COLUMN_NAME: column.name,
        ORDINAL_POSITION: at + 1,
        COLUMN_DEFAULT: defaultText(column, session.flavour),
        IS_NULLABLE: column.notNull ? 'NO' : 'YES',
        DATA_TYPE: column.type.base,
        COLUMN_TYPE: typeText(column.type, session.flavour),
        COLUMN_KEY: keyMark(table, column.name),
        EXTRA: extraText(column, session.flavour),
      })),
    ),
  engines: () => [
    { ENGINE: 'InnoDB', SUPPORT: 'DEFAULT', COMMENT: 'Supports transactions, row-level locking, and foreign keys' },
  ],
}

function accounts(session: Session): Rows {
  session.need('SELECT', 'mysql', 'user')
  return session.store.meta.accounts
    .toSorted((one, two) => (`${one.host}\n${one.user}` < `${two.host}\n${two.user}` ? -1 : 1))
    .map(account => ({
      Host: account.host,
      User: account.user,
      plugin: session.flavour.maria ? 'mysql_native_password' : 'caching_sha2_password',
      authentication_string: account.secret,
      account_locked: account.locked ? 'Y' : 'N',
      password_expired: 'N',
      Super_priv: account.grants['*.*']?.includes('ALL') ? 'Y' : 'N',
      Grant_priv: account.grantOption.includes('*.*') ? 'Y' : 'N',
    }))
}

/** SQLite's name of a table of the server's own databases; undefined in others. Throws 1146 for one that is not modelled. */
export function virtualTable(session: Session, database: string, name: string): string | undefined {
  const where = database.toLowerCase()
  if (!system.includes(where) || session.store.meta.databases.includes(database)) return undefined
  const table = name.toLowerCase()
  const rows =
    where === 'information_schema'
      ? schemaTables[table]?.(session)
      : where === 'mysql' && table === 'user'
        ? accounts(session)
        : undefined
  if (rows === undefined) {
    session.need('SELECT', where, name)
    if (where === 'information_schema')
      throw new SqlError(1109, '42S02', `Unknown table '${name.toUpperCase()}' in information_schema`)
    throw new SqlError(1146, '42S02', `Table '${where}.${name}' doesn't exist`)
  }
  const inner = `${where}.${table}`
  const columns = Object.keys(rows[0] ?? { EMPTY: null })
  const { sql } = session.store
  sql.run(`DROP TABLE IF EXISTS temp.${quoteName(inner)}`)
  sql.run(
    `CREATE TEMP TABLE ${quoteName(inner)} (${columns.map(each => `${quoteName(each)} COLLATE NOCASE`).join(', ')})`,
  )
  for (const row of rows)
    sql.run(
      `INSERT INTO temp.${quoteName(inner)} VALUES (${columns.map(each => literal(row[each] ?? null)).join(', ')})`,
    )
  return inner
}
