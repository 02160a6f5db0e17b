/** SHOW and DESCRIBE. */

import { is } from '../sql-tokens.ts'
import { accountText, grantLines } from './accounts.ts'
import { readAccount } from './administer.ts'
import { tableAt } from './change.ts'
import { collationOf, createText, describeColumns, indexRows } from './describe.ts'
import { listing, type Result, type Session } from './session.ts'
import { innerName, type Table } from './storage.ts'
import { isName, SqlError, SyntaxProblem, type Token, tick, topLevel } from './tokens.ts'
import { statusCounters, systemVariables } from './variables.ts'
import { countRows, visibleDatabases } from './virtual.ts'

/** What the server as a whole counts, and who is there. */
export interface ServerFacts {
  questions: number
  threads: { id: number; user: string; host: string; database: string | null; since: number }[]
}

const whole = { base: 'bigint' }

const likeTest = (pattern: string): RegExp => {
  const words = pattern
    .replace(/[.*+?^${}()|[\]]/g, '\\$&')
    .replace(/(?<!\\)%/g, '.*')
    .replace(/(?<!\\)_/g, '.')
  return new RegExp(`^${words}$`, 'is')
}

/** The pattern of LIKE in SHOW; undefined where there is none. */
function pattern(tokens: readonly Token[]): string | undefined {
  const at = topLevel(tokens, ['like'])
  return at < 0 ? undefined : (tokens[at + 1]?.text ?? '')
}

const matching = <T>(rows: readonly T[], nameOf: (row: T) => string, like: string | undefined): T[] =>
  rows.filter(row => like === undefined || likeTest(like).test(nameOf(row)))

/** The equality of `WHERE name = 'x'`, as SHOW VARIABLES and SHOW DATABASES are asked. */
function wanted(tokens: readonly Token[]): string | undefined {
  const at = topLevel(tokens, ['where'])
  return at < 0 || !is(tokens[at + 2], '=', 'like') ? undefined : tokens[at + 3]?.text
}

export function runShow(session: Session, tokens: readonly Token[], facts: ServerFacts): Result {
  let at = 1
  const full = is(tokens[at], 'full')
  while (is(tokens[at], 'full', 'global', 'session', 'local', 'extended')) at++
  const what = tokens[at]?.text.toLowerCase()
  const like = pattern(tokens) ?? wanted(tokens)
  const from = topLevel(tokens, ['from', 'in'], at)
  const { flavour } = session
  switch (what) {
    case 'databases':
    case 'schemas':
      return listing(
        [pattern(tokens) === undefined ? 'Database' : `Database (${like})`],
        matching(visibleDatabases(session), name => name, like).map(name => [name]),
      )
    case 'tables': {
      const database = session.databaseNamed(from > 0 ? tokens[from + 1]?.text : undefined)
      const rows = matching(tablesOf(session, database), table => table.name, like)
      const head = `Tables_in_${database}${pattern(tokens) === undefined ? '' : ` (${like})`}`
      if (!full)
        return listing(
          [head],
          rows.map(table => [table.name]),
        )
      return listing(
        [head, 'Table_type'],
        rows.map(table => [table.name, table.kind === 'view' ? 'VIEW' : 'BASE TABLE']),
      )
    }
    case 'table': {
      if (!is(tokens[at + 1], 'status')) break
      return tableStatus(session, session.databaseNamed(from > 0 ? tokens[from + 1]?.text : undefined), like)
    }
    case 'columns':
    case 'fields': {
      if (from < 0) break
      const { table } = namedTable(session, tokens, from)
      return describe(session, table, like)
    }
    case 'index':
    case 'indexes':
    case 'keys': {
      if (from < 0) break
      const { table } = namedTable(session, tokens, from)
      return showIndex(session, table)
    }
    case 'create':
      return showCreate(session, tokens, at + 1)
    case 'variables':
      return listing(
        ['Variable_name', 'Value'],
        matching(
          Object.entries(systemVariables(session)).sort(([one], [two]) => (one < two ? -1 : 1)),
          ([name]) => name,
          like,
        ),
      )
    case 'status':
      return listing(
        ['Variable_name', 'Value'],
        matching(
          Object.entries(statusCounters(session, facts.threads.length, facts.questions)),
          ([name]) => name,
          like,
        ),
      )
    case 'warnings':
    case 'errors':
      return listing(
        ['Level', 'Code', 'Message'],
        session.state.warnings
          .filter(each => what === 'warnings' || each.level === 'Error')
          .map(each => [each.level, String(each.code), each.text]),
        { Code: whole },
      )
    case 'count':
      return listing([`@@session.warning_count`], [[String(session.state.warnings.length)]], {
        '@@session.warning_count': whole,
      })
    case 'grants': {
      const given = is(tokens[at + 1], 'for') ? readAccount(session, tokens, at + 2) : session.identity.account
      const account = session.store.meta.accounts.find(each => each.user === given.user && each.host === given.host)
      if (!account)
        throw new SqlError(
          1141,
          '42000',
          `There is no such grant defined for user '${given.user}' on host '${given.host}'`,
        )
      if (account !== session.identity.account) session.need('SELECT', 'mysql', 'user')
      return listing(
        [`Grants for ${given.user}@${given.host}`],
        grantLines(account, flavour).map(line => [line]),
      )
    }
    case 'processlist':
      return processList(session, facts)
    case 'engines':
      return listing(
        ['Engine', 'Support', 'Comment', 'Transactions', 'XA', 'Savepoints'],
        [['InnoDB', 'DEFAULT', 'Supports transactions, row-level locking, and foreign keys', 'YES', 'YES', 'YES']],
      )
    case 'privileges':
    case 'plugins':
    case 'events':
    case 'triggers':
    case 'procedure':
    case 'function':
    case 'open':
    case 'engine':
    case 'binary':
    case 'master':
    case 'slave':
    case 'replica':
    case 'charset':
    case 'character':
    case 'collation':
      throw new SqlError(1235, '42000', `minidock: SHOW ${what.toUpperCase()} is not modelled`)
  }
  throw new SyntaxProblem(tokens[at]?.at ?? Number.MAX_SAFE_INTEGER)
}

const tablesOf = (session: Session, database: string): Table[] => {
  if (!visibleDatabases(session).includes(database)) session.need('SELECT', database)
  return session.store.meta.tables
    .filter(each => each.database === database)
    .sort((one, two) => (one.name < two.name ? -1 : 1))
}

/** `FROM table [FROM database]`. */
function namedTable(session: Session, tokens: readonly Token[], from: number): { table: Table } {
  const again = topLevel(tokens, ['from', 'in'], from + 1)
  const first = tokens[from + 1]
  if (again > 0 && isName(first)) return { table: session.table(tokens[again + 1]?.text, first.text) }
  return tableAt(session, tokens, from + 1)
}

export const describe = (session: Session, table: Table, like?: string): Result => {
  session.need('SELECT', table.database, table.name)
  return listing(
    ['Field', 'Type', 'Null', 'Key', 'Default', 'Extra'],
    matching(describeColumns(table, session.flavour), row => row[0] ?? '', like),
  )
}

function showIndex(session: Session, table: Table): Result {
  const names = [
    'Table',
    'Non_unique',
    'Key_name',
    'Seq_in_index',
    'Column_name',
    'Collation',
    'Cardinality',
    'Sub_part',
    'Packed',
    'Null',
    'Index_type',
    'Comment',
    'Index_comment',
  ]
  const more = session.flavour.maria ? ['Ignored'] : ['Visible', 'Expression']
  const rows = indexRows(table, countRows(session, table.database, table.name)).map(row => [
    ...row,
    ...(session.flavour.maria ? ['NO'] : ['YES', null]),
  ])
  return listing([...names, ...more], rows, { Non_unique: whole, Seq_in_index: whole, Cardinality: whole })
}

function showCreate(session: Session, tokens: readonly Token[], at: number): Result {
  if (is(tokens[at], 'database', 'schema')) {
    const name = tokens[at + (is(tokens[at + 1], 'if') ? 4 : 1)]?.text ?? ''
    session.databaseNamed(name)
    const charset = `DEFAULT CHARACTER SET utf8mb4 COLLATE ${collationOf(session.flavour)}`
    const encryption = session.flavour.maria ? '' : " /*!80016 DEFAULT ENCRYPTION='N' */"
    return listing(
      ['Database', 'Create Database'],
      [[name, `CREATE DATABASE ${tick(name)} /*!40100 ${charset} */${encryption}`]],
    )
  }
  if (is(tokens[at], 'user')) {
    const given = readAccount(session, tokens, at + 1)
    const account = session.store.meta.accounts.find(each => each.user === given.user && each.host === given.host)
    if (!account) throw new SqlError(1396, 'HY000', `Operation SHOW CREATE USER failed for ${accountText(given)}`)
    return listing(
      [`CREATE USER for ${given.user}@${given.host}`],
      [
        [
          `CREATE USER ${tick(given.user)}@${tick(given.host)} IDENTIFIED ${session.flavour.maria ? `BY PASSWORD '${account.secret}'` : `WITH 'caching_sha2_password' AS '${account.secret}'`}`,
        ],
      ],
    )
  }
  if (!is(tokens[at], 'table', 'view')) throw new SyntaxProblem(tokens[at]?.at ?? Number.MAX_SAFE_INTEGER)
  const { table } = tableAt(session, tokens, at + 1)
  const kind = table.kind === 'view' ? 'View' : 'Table'
  const found = table.columns.some(each => each.auto)
    ? session.store.sql.exec('SELECT seq FROM sqlite_sequence WHERE name = ?', [innerName(table)])[0]?.values[0]?.[0]
    : undefined
  return listing(
    [kind, `Create ${kind}`],
    [[table.name, createText(table, session.flavour, found === undefined ? undefined : Number(found) + 1)]],
  )
}

function tableStatus(session: Session, database: string, like: string | undefined): Result {
  const names = [
    'Name',
    'Engine',
    'Version',
    'Row_format',
    'Rows',
    'Avg_row_length',
    'Data_length',
    'Max_data_length',
    'Index_length',
    'Data_free',
    'Auto_increment',
    'Create_time',
    'Update_time',
    'Check_time',
    'Collation',
    'Checksum',
    'Create_options',
    'Comment',
  ]
  const rows = matching(tablesOf(session, database), table => table.name, like).map(table => {
    const count = countRows(session, database, table.name)
    const made = new Date(table.created).toISOString().slice(0, 19).replace('T', ' ')
    return [
      table.name,
      table.engine,
      '10',
      'Dynamic',
      String(count),
      count === 0 ? '0' : String(Math.floor(16_384 / count)),
      '16384',
      '0',
      '0',
      '0',
      null,
      made,
      null,
      null,
      collationOf(session.flavour),
      null,
      '',
      '',
    ]
  })
  return listing(names, rows, { Rows: whole, Version: whole, Data_length: whole })
}

function processList(session: Session, facts: ServerFacts): Result {
  const { connectionId } = session.identity
  const all = session.allowed('PROCESS', '*')
  const rows = facts.threads
    .filter(each => all || each.user === session.identity.user)
    .map(each => {
      const own = each.id === connectionId
      const seconds = String(Math.max(0, Math.floor((session.p.now() - each.since) / 1000)))
      const state = own ? (session.flavour.maria ? 'starting' : 'init') : ''
      const row = [
        String(each.id),
        each.user,
        each.host,
        each.database,
        own ? 'Query' : 'Sleep',
        own ? '0' : seconds,
        state,
        own ? 'SHOW PROCESSLIST' : null,
      ]
      return session.flavour.maria ? [...row, '0.000'] : row
    })
  const names = ['Id', 'User', 'Host', 'db', 'Command', 'Time', 'State', 'Info']
  return listing(session.flavour.maria ? [...names, 'Progress'] : names, rows, { Id: whole, Time: whole })
}
