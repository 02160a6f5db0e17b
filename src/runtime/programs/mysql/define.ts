/** CREATE, ALTER and DROP of databases, tables, views and indexes. */

import { commaGroups, is, quoteName } from '../sql-tokens.ts'
import { tableAt } from './change.ts'
import { foreignText } from './describe.ts'
import { runQuery } from './query.ts'
import { addColumn, addKey, createTable, type Drafting, isKeyPart, settle, tableSql } from './schema.ts'
import type { Field } from './select.ts'
import { done, type Result, type Session } from './session.ts'
import { type Column, innerName, system, type Table } from './storage.ts'
import { closeOf, isName, SqlError, SyntaxProblem, type Token, topLevel } from './tokens.ts'
import { translate } from './translate.ts'

const end = Number.MAX_SAFE_INTEGER

const drafting = (session: Session, text: string): Drafting => ({
  flavour: session.flavour,
  scope: session.scope('SELECT'),
  text,
})

/** Skips IF [NOT] EXISTS at `at`. */
function soft(tokens: readonly Token[], at: number): { soft: boolean; at: number } {
  if (!is(tokens[at], 'if')) return { soft: false, at }
  return { soft: true, at: at + (is(tokens[at + 1], 'not') ? 3 : 2) }
}

/** A name that need not be there yet: `[db.]name`. */
function newName(
  session: Session,
  tokens: readonly Token[],
  at: number,
): { database: string; name: string; next: number } {
  const first = tokens[at]
  if (!isName(first)) throw new SyntaxProblem(first?.at ?? end)
  const far = is(tokens[at + 1], '.')
  const database = session.databaseNamed(far ? first.text : undefined)
  if (database === 'information_schema')
    throw new SqlError(
      1044,
      '42000',
      `Access denied for user '${session.identity.account.user}'@'${session.identity.account.host}' to database '${database}'`,
    )
  return { database, name: far ? (tokens[at + 2]?.text ?? '') : first.text, next: far ? at + 3 : at + 1 }
}

export function createDatabase(session: Session, tokens: readonly Token[]): Result {
  const start = soft(tokens, 2)
  const name = tokens[start.at]
  if (!isName(name)) throw new SyntaxProblem(name?.at ?? end)
  session.need('CREATE', name.text)
  if (session.hasDatabase(name.text)) {
    if (!start.soft) throw new SqlError(1007, 'HY000', `Can't create database '${name.text}'; database exists`)
    session.warn(1007, `Can't create database '${name.text}'; database exists`, 'Note')
    return done(1)
  }
  session.store.meta.databases.push(name.text)
  session.changed = session.tablesChanged = true
  return done(1)
}

export function dropDatabase(session: Session, tokens: readonly Token[]): Result {
  const start = soft(tokens, 2)
  const name = tokens[start.at]
  if (!isName(name)) throw new SyntaxProblem(name?.at ?? end)
  session.need('DROP', name.text)
  if (system.includes(name.text.toLowerCase())) {
    const message = `Access to system schema '${name.text}' is rejected.`
    throw new SqlError(3552, 'HY000', message)
  }
  const { meta, sql } = session.store
  if (!meta.databases.includes(name.text)) {
    if (!start.soft) throw new SqlError(1008, 'HY000', `Can't drop database '${name.text}'; database doesn't exist`)
    return done(0)
  }
  const gone = meta.tables.filter(each => each.database === name.text)
  for (const table of gone) sql.run(`DROP ${table.kind} ${quoteName(innerName(table))}`)
  meta.tables = meta.tables.filter(each => each.database !== name.text)
  meta.databases = meta.databases.filter(each => each !== name.text)
  if (session.state.database === name.text) session.state.database = null
  session.changed = session.tablesChanged = true
  return done(gone.length)
}

export function createTableStatement(session: Session, text: string, tokens: readonly Token[]): Result {
  const start = soft(tokens, is(tokens[1], 'temporary') ? 3 : 2)
  const { database, name, next } = newName(session, tokens, start.at)
  session.need('CREATE', database, name)
  if (session.store.table(database, name)) {
    if (!start.soft) throw new SqlError(1050, '42S01', `Table '${name}' already exists`)
    session.warn(1050, `Table '${name}' already exists`, 'Note')
    return done(0)
  }
  session.changed = session.tablesChanged = true
  const like = is(tokens[next], 'like')
    ? next + 1
    : is(tokens[next], '(') && is(tokens[next + 1], 'like')
      ? next + 2
      : 0
  if (like > 0) {
    const { table } = tableAt(session, tokens, like)
    return make(session, { ...structuredClone(table), database, name, created: session.p.now() })
  }
  const query = topLevel(tokens, ['select', 'as'], next)
  if (query > 0 && !is(tokens[next], '(')) {
    const from = tokens.slice(is(tokens[query], 'as') ? query + 1 : query)
    const found = runQuery(session, text, from)
    if (found.kind !== 'rows') throw new SyntaxProblem(end)
    const columns = columnsOf(found.fields)
    const table: Table = {
      database,
      name,
      kind: 'table',
      columns,
      keys: [],
      created: session.p.now(),
      engine: 'InnoDB',
    }
    make(session, table)
    session.store.sql.run(`INSERT INTO ${quoteName(innerName(table))} ${translate(from, session.scope('SELECT'))}`)
    return done(found.rows.length, { info: `Records: ${found.rows.length}  Duplicates: 0  Warnings: 0` })
  }
  if (!is(tokens[next], '(')) throw new SyntaxProblem(tokens[next]?.at ?? end)
  return make(session, createTable(database, name, tokens, next, drafting(session, text), session.p.now()))
}

/** Columns that take what a query gives. */
const columnsOf = (fields: readonly Field[]): Column[] =>
  fields.map(({ name, type }) => ({
    name,
    type: type ?? { base: 'varchar', length: 255 },
    notNull: false,
    auto: false,
    onUpdate: false,
  }))

function make(session: Session, table: Table): Result {
  for (const key of table.keys) {
    if (key.kind !== 'foreign' || !key.table) continue
    const own = key.table.database === table.database && key.table.name === table.name
    const target = own ? table : session.store.table(key.table.database, key.table.name)
    const fits = target?.keys.some(
      each =>
        each.kind !== 'foreign' &&
        key.references?.every((column, at) => each.columns[at]?.toLowerCase() === column.toLowerCase()),
    )
    if (target && fits) continue
    if (session.flavour.maria)
      throw new SqlError(
        1005,
        'HY000',
        `Can't create table \`${table.database}\`.\`${table.name}\` (errno: 150 "Foreign key constraint is incorrectly formed")`,
      )
    if (!target) throw new SqlError(1824, 'HY000', `Failed to open the referenced table '${key.table.name}'`)
    throw new SqlError(
      1822,
      'HY000',
      `Failed to add the foreign key constraint. Missing index for constraint '${key.name}' in the referenced table '${key.table.name}'`,
    )
  }
  for (const statement of tableSql(table)) session.store.sql.run(statement)
  session.store.meta.tables.push(table)
  return done(0)
}

export function createView(session: Session, text: string, tokens: readonly Token[]): Result {
  const at = topLevel(tokens, ['view'])
  const replace = is(tokens[1], 'or')
  const { database, name, next } = newName(session, tokens, at + 1)
  session.need('CREATE VIEW', database, name)
  const from = topLevel(tokens, ['as'], next)
  if (from < 0) throw new SyntaxProblem(tokens[next]?.at ?? end)
  const old = session.store.table(database, name)
  if (old && (!replace || old.kind === 'table')) throw new SqlError(1050, '42S01', `Table '${name}' already exists`)
  const query = tokens.slice(from + 1)
  const found = runQuery(session, text, query)
  if (found.kind !== 'rows') throw new SyntaxProblem(end)
  if (old) dropTable(session, old)
  const inner = innerName({ database, name })
  const columns = columnsOf(found.fields)
  session.store.sql.run(
    `CREATE VIEW ${quoteName(inner)} (${columns.map(each => quoteName(each.name)).join(', ')}) AS ${translate(query, session.scope('SELECT'))}`,
  )
  const shown = text.slice((query[0] as Token).at, (query.at(-1) as Token).end)
  session.store.meta.tables.push({
    database,
    name,
    kind: 'view',
    columns,
    keys: [],
    text: shown,
    created: session.p.now(),
    engine: 'InnoDB',
  })
  session.changed = session.tablesChanged = true
  return done(0)
}

function dropTable(session: Session, table: Table): void {
  session.store.sql.run(`DROP ${table.kind} ${quoteName(innerName(table))}`)
  session.store.meta.tables = session.store.meta.tables.filter(each => each !== table)
  session.changed = session.tablesChanged = true
}

export function dropTables(session: Session, tokens: readonly Token[], kind: 'table' | 'view'): Result {
  const start = soft(tokens, is(tokens[1], 'temporary') ? 3 : 2)
  const missing: string[] = []
  const found: Table[] = []
  for (const part of commaGroups(tokens.slice(start.at).filter(each => !is(each, 'cascade', 'restrict')))) {
    const { database, name, next } = newName(session, part, 0)
    if (part[next] !== undefined) throw new SyntaxProblem(part[next]?.at ?? end)
    session.need('DROP', database, name)
    const table = session.store.table(database, name)
    if (table && table.kind === kind) found.push(table)
    else missing.push(`${database}.${name}`)
  }
  if (found.length + missing.length === 0) throw new SyntaxProblem(end)
  if (missing.length > 0 && !start.soft) throw new SqlError(1051, '42S02', `Unknown table '${missing.join(',')}'`)
  for (const table of found) {
    const user = session.store.meta.tables.find(
      other =>
        !found.includes(other) &&
        other.keys.some(
          key => key.kind === 'foreign' && key.table?.database === table.database && key.table.name === table.name,
        ),
    )
    if (user && session.state.settings['foreign_key_checks'] !== '0') {
      const key = user.keys.find(each => each.kind === 'foreign' && each.table?.name === table.name)
      if (session.flavour.maria)
        throw new SqlError(1451, '23000', 'Cannot delete or update a parent row: a foreign key constraint fails')
      throw new SqlError(
        3730,
        'HY000',
        `Cannot drop table '${table.name}' referenced by a foreign key constraint '${key?.name}' on table '${user.name}'.`,
      )
    }
  }
  for (const table of found) dropTable(session, table)
  return done(0)
}

export function truncate(session: Session, tokens: readonly Token[]): Result {
  const { table } = tableAt(session, tokens, is(tokens[1], 'table') ? 2 : 1)
  session.need('DROP', table.database, table.name)
  const points = session.store.meta.tables.find(
    other =>
      other !== table &&
      other.keys.some(
        key => key.kind === 'foreign' && key.table?.database === table.database && key.table.name === table.name,
      ),
  )
  const key = points?.keys.find(each => each.kind === 'foreign' && each.table?.name === table.name)
  if (points && key && session.state.settings['foreign_key_checks'] !== '0')
    throw new SqlError(
      1701,
      '42000',
      `Cannot truncate a table referenced in a foreign key constraint (\`${points.database}\`.\`${points.name}\`, ${foreignText(key, points, true)})`,
    )
  const name = innerName(table)
  session.store.sql.run(`DELETE FROM ${quoteName(name)}`)
  if (table.columns.some(each => each.auto)) session.store.sql.run('DELETE FROM sqlite_sequence WHERE name = ?', [name])
  session.changed = true
  return done(0)
}

export function createIndex(session: Session, text: string, tokens: readonly Token[]): Result {
  const at = topLevel(tokens, ['index'])
  const on = topLevel(tokens, ['on'], at)
  const name = tokens[at + 1]
  if (on < 0 || !isName(name)) throw new SyntaxProblem(name?.at ?? end)
  const { table, next } = tableAt(session, tokens, on + 1)
  const unique = is(tokens[1], 'unique')
  const kind: Token = { kind: 'word', text: unique ? 'unique' : 'index', at: name.at, end: name.end }
  return alter(session, text, table, [[{ ...kind, text: 'add' }, kind, name, ...tokens.slice(next)]])
}

export function dropIndex(session: Session, text: string, tokens: readonly Token[]): Result {
  const on = topLevel(tokens, ['on'])
  if (on < 0) throw new SyntaxProblem(end)
  const { table } = tableAt(session, tokens, on + 1)
  return alter(session, text, table, [tokens.slice(0, on)])
}

export function alterTable(session: Session, text: string, tokens: readonly Token[]): Result {
  const { table, next } = tableAt(session, tokens, is(tokens[1], 'ignore') ? 3 : 2)
  return alter(session, text, table, commaGroups(tokens.slice(next)))
}

/** Changes what is known of a table, then makes it anew with the rows that it had. */
function alter(session: Session, text: string, table: Table, parts: readonly (readonly Token[])[]): Result {
  session.need('ALTER', table.database, table.name)
  const draft = structuredClone(table)
  const renamed = new Map<string, string>()
  for (const part of parts) change(session, draft, part, drafting(session, text), renamed)
  settle(draft)
  const { sql } = session.store
  const copied = draft.columns.filter(column =>
    table.columns.some(each => each.name === (renamed.get(column.name) ?? column.name)),
  )
  const temporary = `${innerName(draft)} (made anew)`
  const counted = table.columns.some(each => each.auto)
    ? sql.exec('SELECT seq FROM sqlite_sequence WHERE name = ?', [innerName(table)])[0]?.values[0]?.[0]
    : undefined
  try {
    for (const statement of tableSql(draft, temporary)) sql.run(statement)
    if (copied.length > 0)
      sql.run(
        `INSERT INTO ${quoteName(temporary)} (${copied.map(each => quoteName(each.name)).join(', ')}) SELECT ${copied.map(each => quoteName(renamed.get(each.name) ?? each.name)).join(', ')} FROM ${quoteName(innerName(table))}`,
      )
    sql.run(`DROP TABLE ${quoteName(innerName(table))}`)
    sql.run(`ALTER TABLE ${quoteName(temporary)} RENAME TO ${quoteName(innerName(draft))}`)
  } catch (error) {
    if (!(error instanceof Error && /^NOT NULL constraint/.test(error.message))) throw error
    const column = error.message.slice(error.message.lastIndexOf('.') + 1)
    throw session.flavour.maria
      ? new SqlError(1265, '01000', `Data truncated for column '${column}' at row 1`)
      : new SqlError(1138, '22004', 'Invalid use of NULL value')
  }
  // A copy counts on from its largest number; the table had perhaps come further.
  if (counted !== undefined) sql.run('UPDATE sqlite_sequence SET seq = ? WHERE name = ?', [counted, innerName(draft)])
  Object.assign(table, draft)
  session.changed = session.tablesChanged = true
  return done(0, { info: 'Records: 0  Duplicates: 0  Warnings: 0' })
}

function change(
  session: Session,
  draft: Table,
  part: readonly Token[],
  given: Drafting,
  renamed: Map<string, string>,
): void {
  const [verb, second] = part
  const columnAt = is(second, 'column') ? 2 : 1
  const find = (token: Token | undefined): number =>
    draft.columns.findIndex(each => each.name.toLowerCase() === token?.text.toLowerCase())
  const place = (at: number, column: Table['columns'][number]): void => {
    const after = topLevel(part, ['after', 'first'])
    if (after < 0) draft.columns.splice(at, 0, column)
    else draft.columns.splice(is(part[after], 'first') ? 0 : find(part[after + 1]) + 1, 0, column)
  }
  if (is(verb, 'add')) {
    if (isKeyPart(part.slice(1))) return addKey(draft, part.slice(1), given)
    const from = soft(part, columnAt)
    const lists = is(part[from.at], '(')
      ? commaGroups(part.slice(from.at + 1, closeOf(part, from.at) - 1))
      : [part.slice(from.at)]
    for (const list of lists) {
      if (find(list[0]) >= 0) {
        if (from.soft) continue
        throw new SqlError(1060, '42S21', `Duplicate column name '${list[0]?.text}'`)
      }
      place(draft.columns.length, addColumn(draft, list, given))
    }
  } else if (is(verb, 'drop')) dropPart(session, draft, part, columnAt)
  else if (is(verb, 'modify', 'change')) {
    const old = part[columnAt]
    const at = find(old)
    const before = draft.columns[at]
    if (!before) throw new SqlError(1054, '42S22', `Unknown column '${old?.text}' in '${draft.name}'`)
    const column = addColumn(draft, part.slice(is(verb, 'modify') ? columnAt : columnAt + 1), given)
    draft.columns.splice(at, 1)
    place(at, column)
    renameIn(draft, renamed, before.name, column.name)
  } else if (is(verb, 'rename')) {
    if (is(second, 'column')) {
      const column = draft.columns[find(part[2])]
      if (!column) throw new SqlError(1054, '42S22', `Unknown column '${part[2]?.text}' in '${draft.name}'`)
      const to = part[4]?.text ?? ''
      renameIn(draft, renamed, column.name, to)
      column.name = to
    } else if (is(second, 'index', 'key')) {
      const key = draft.keys.find(each => each.name === part[2]?.text)
      if (key) key.name = part[4]?.text ?? key.name
    } else {
      const to = part[is(second, 'to', 'as') ? 2 : 1]?.text ?? ''
      if (session.store.table(draft.database, to)) throw new SqlError(1050, '42S01', `Table '${to}' already exists`)
      draft.name = to
    }
  } else if (is(verb, 'alter')) {
    const column = draft.columns[find(part[columnAt])]
    if (column && is(part[columnAt + 1], 'drop')) delete column.fallback
    else if (column) {
      const made = addColumn(
        { ...draft, keys: [] },
        [part[columnAt] as Token, { ...(verb as Token), text: 'int' }, ...part.slice(columnAt + 2)],
        given,
      )
      if (made.fallback) column.fallback = made.fallback
    }
  } else if (
    !is(
      verb,
      'engine',
      'auto_increment',
      'default',
      'charset',
      'character',
      'collate',
      'comment',
      'convert',
      'row_format',
      'order',
      'enable',
      'disable',
    )
  )
    throw new SyntaxProblem(verb?.at ?? end)
}

function renameIn(draft: Table, renamed: Map<string, string>, from: string, to: string): void {
  if (from !== to) renamed.set(to, from)
  for (const key of draft.keys) key.columns = key.columns.map(each => (each === from ? to : each))
}

function dropPart(session: Session, draft: Table, part: readonly Token[], columnAt: number): void {
  const maria = session.flavour.maria
  const cannot = (kind: string, name: string): SqlError =>
    new SqlError(
      1091,
      '42000',
      maria
        ? `Can't DROP ${kind} \`${name}\`; check that it exists`
        : `Can't DROP '${name}'; check that column/key exists`,
    )
  const second = part[1]
  if (is(second, 'primary', 'index', 'key', 'foreign', 'constraint', 'check')) {
    const name = is(second, 'primary') ? 'PRIMARY' : (part[is(second, 'foreign') ? 3 : 2]?.text ?? '')
    const wanted = is(second, 'foreign') ? 'foreign' : is(second, 'check') ? 'check' : undefined
    const found = draft.keys.find(each => each.name === name && (wanted === undefined || each.kind === wanted))
    if (!found)
      throw cannot(is(second, 'foreign') ? 'FOREIGN KEY' : is(second, 'constraint') ? 'CONSTRAINT' : 'INDEX', name)
    draft.keys = draft.keys.filter(each => each !== found)
    return
  }
  const from = soft(part, columnAt)
  const name = part[from.at]?.text ?? ''
  const at = draft.columns.findIndex(each => each.name.toLowerCase() === name.toLowerCase())
  if (at < 0) {
    if (from.soft) return
    throw cannot('COLUMN', name)
  }
  if (draft.columns.length === 1)
    throw new SqlError(1090, '42000', `You can't delete all columns with ALTER TABLE; use DROP TABLE instead`)
  draft.columns.splice(at, 1)
  draft.keys = draft.keys
    .map(key => ({ ...key, columns: key.columns.filter(each => each.toLowerCase() !== name.toLowerCase()) }))
    .filter(key => key.kind === 'check' || key.columns.length > 0)
}
