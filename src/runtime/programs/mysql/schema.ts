/** Columns and keys of tables: read from CREATE TABLE and ALTER TABLE, and written for SQLite. */

import { commaGroups, is, quoteName, quoteText } from '../sql-tokens.ts'
import type { Column, Key, Table } from './storage.ts'
import { innerName } from './storage.ts'
import { closeOf, isName, SqlError, SyntaxProblem, type Token, topLevel } from './tokens.ts'
import { type Scope, translate } from './translate.ts'
import { affinity, type Flavour, isInteger, isText, isTime, longest, rangeOf, readType } from './types.ts'

/** What CREATE TABLE needs to know. */
export interface Drafting {
  flavour: Flavour
  scope: Scope
  /** The statement's text, for what is shown as it was written. */
  text: string
}

const end = Number.MAX_SAFE_INTEGER

/** The names of a bracketed list at `open`; lengths and directions of index parts are left out. */
function names(part: readonly Token[], open: number): { names: string[]; next: number } {
  if (!is(part[open], '(')) throw new SyntaxProblem(part[open]?.at ?? end)
  const next = closeOf(part, open)
  return { names: commaGroups(part.slice(open + 1, next - 1)).map(each => each[0]?.text ?? ''), next }
}

export function addColumn(table: Table, part: readonly Token[], drafting: Drafting): Column {
  const [first] = part
  if (!isName(first)) throw new SyntaxProblem(first?.at ?? end)
  const { type, next } = readType(part, 1, drafting.flavour)
  const column: Column = { name: first.text, type, notNull: false, auto: false, onUpdate: false }
  const key = (kind: Key['kind']): void => {
    const name = kind === 'primary' ? 'PRIMARY' : freeName(table, column.name)
    table.keys.push({ name, kind, columns: [column.name] })
  }
  if (is(part[1], 'serial')) {
    column.notNull = column.auto = true
    key('unique')
  }
  for (let at = next; at < part.length; ) {
    const token = part[at]
    if (is(token, 'not') && is(part[at + 1], 'null')) {
      column.notNull = true
      at += 2
    } else if (is(token, 'null')) at++
    else if (is(token, 'auto_increment')) {
      column.auto = column.notNull = true
      at++
    } else if (is(token, 'primary')) {
      column.notNull = true
      key('primary')
      at += is(part[at + 1], 'key') ? 2 : 1
    } else if (is(token, 'unique')) {
      key('unique')
      at += is(part[at + 1], 'key') ? 2 : 1
    } else if (is(token, 'key')) {
      column.notNull = true
      key('primary')
      at++
    } else if (is(token, 'default')) at = defaultOf(column, part, at + 1, drafting)
    else if (is(token, 'on') && is(part[at + 1], 'update')) {
      column.onUpdate = true
      at += is(part[at + 3], '(') ? closeOf(part, at + 3) - at : 3
    } else if (is(token, 'comment') && part[at + 1]?.kind === 'string') {
      column.comment = part[at + 1]?.text ?? ''
      at += 2
    } else if (is(token, 'character') && is(part[at + 1], 'set')) at += 3
    else if (is(token, 'charset', 'collate')) at += 2
    else if (is(token, 'references'))
      // MySQL reads REFERENCES of a column and leaves it alone; MariaDB makes the key.
      at = drafting.flavour.maria ? foreignKey(table, part, at, [column.name], undefined) : part.length
    else if (is(token, 'check') || (is(token, 'constraint') && is(part[at + 2], 'check'))) {
      if (is(token, 'constraint')) at += 2
      at = checkKey(table, part, at, undefined, drafting)
    } else if (is(token, 'first')) at++
    else if (is(token, 'after')) at += 2
    else if (is(token, 'generated', 'as', 'virtual', 'stored'))
      throw new SqlError(1235, '42000', 'minidock: generated columns are not modelled')
    else throw new SyntaxProblem(token?.at ?? end)
  }
  return column
}

function defaultOf(column: Column, part: readonly Token[], at: number, { scope, text }: Drafting): number {
  const token = part[at]
  if (token === undefined) throw new SyntaxProblem(end)
  if (is(token, 'null')) return at + 1
  if (is(token, 'current_timestamp', 'now', 'localtime', 'localtimestamp')) {
    column.fallback = { sql: 'my_now()', shown: 'CURRENT_TIMESTAMP', kind: 'expression' }
    return is(part[at + 1], '(') ? closeOf(part, at + 1) : at + 1
  }
  if (is(token, '(')) {
    const next = closeOf(part, at)
    const shown = text.slice(token.at + 1, (part[next - 1] as Token).at)
    column.fallback = { sql: translate(part.slice(at, next), scope), shown, kind: 'expression' }
    return next
  }
  const minus = is(token, '-')
  const given = minus ? part[at + 1] : token
  if (given?.kind !== 'number' && given?.kind !== 'string' && !is(given, 'true', 'false'))
    throw new SyntaxProblem(token.at)
  const bool = is(given, 'true') ? '1' : is(given, 'false') ? '0' : undefined
  const plain = `${minus ? '-' : ''}${bool ?? given?.text ?? ''}`
  const shown = column.type.base === 'decimal' ? Number(plain).toFixed(column.type.scale ?? 0) : plain
  column.fallback = {
    sql: given?.kind === 'string' ? quoteText(plain) : plain,
    shown,
    kind: given?.kind === 'string' ? 'text' : 'number',
  }
  return minus ? at + 2 : at + 1
}

/** A name for an index that nobody named: its first column, with a number when that is taken. */
function freeName(table: Table, column: string): string {
  for (let count = 1; ; count++) {
    const name = count === 1 ? column : `${column}_${count}`
    if (!table.keys.some(each => each.name === name)) return name
  }
}

function foreignKey(
  table: Table,
  part: readonly Token[],
  at: number,
  columns: string[],
  label: string | undefined,
): number {
  const first = part[at + 1]
  if (!isName(first)) throw new SyntaxProblem(first?.at ?? end)
  const far = is(part[at + 2], '.')
  const target = { database: far ? first.text : table.database, name: far ? (part[at + 3]?.text ?? '') : first.text }
  const listed = names(part, far ? at + 4 : at + 2)
  let next = listed.next
  const actions: string[] = []
  while (is(part[next], 'on')) {
    const size = is(part[next + 2], 'set', 'no') ? 4 : 3
    const words = part.slice(next, next + size).map(each => each.text.toUpperCase())
    if (!words.join(' ').endsWith('NO ACTION')) actions.push(words.join(' '))
    next += size
  }
  const count = table.keys.filter(each => each.kind === 'foreign').length + 1
  const name = label ?? `${table.name}_ibfk_${count}`
  if (
    !table.keys.some(each => each.kind !== 'check' && columns.every((column, place) => each.columns[place] === column))
  )
    table.keys.push({ name: label ?? freeName(table, columns[0] ?? ''), kind: 'index', columns })
  table.keys.push({
    name,
    kind: 'foreign',
    columns,
    table: target,
    references: listed.names,
    actions: actions.join(' '),
  })
  return next
}

function checkKey(
  table: Table,
  part: readonly Token[],
  at: number,
  label: string | undefined,
  { scope, text }: Drafting,
): number {
  const next = closeOf(part, at + 1)
  const count = table.keys.filter(each => each.kind === 'check').length + 1
  const shown = text.slice((part[at + 1] as Token).at, (part[next - 1] as Token).end)
  const sql = translate(part.slice(at + 2, next - 1), scope)
  table.keys.push({ name: label ?? `${table.name}_chk_${count}`, kind: 'check', columns: [], check: { sql, shown } })
  return next
}

/** Whether a part of CREATE TABLE is a key and no column. */
export const isKeyPart = (part: readonly Token[]): boolean =>
  is(part[0], 'primary', 'unique', 'key', 'index', 'constraint', 'foreign', 'check', 'fulltext', 'spatial')

export function addKey(table: Table, given: readonly Token[], drafting: Drafting): void {
  let part = given
  let label: string | undefined
  if (is(part[0], 'constraint')) {
    const named = !is(part[1], 'primary', 'unique', 'foreign', 'check')
    if (named) label = part[1]?.text
    part = part.slice(named ? 2 : 1)
  }
  if (is(part[0], 'check')) {
    checkKey(table, part, 0, label, drafting)
    return
  }
  let at = is(part[1], 'key', 'index') ? 2 : 1
  if (isName(part[at]) && !is(part[at], 'using')) {
    label = part[at]?.text
    at++
  }
  if (is(part[at], 'using')) at += 2
  const listed = names(part, at)
  for (const name of listed.names)
    if (!table.columns.some(each => each.name.toLowerCase() === name.toLowerCase()))
      throw new SqlError(1072, '42000', `Key column '${name}' doesn't exist in table`)
  if (is(part[0], 'foreign')) {
    if (!is(part[listed.next], 'references')) throw new SyntaxProblem(part[listed.next]?.at ?? end)
    foreignKey(table, part, listed.next, listed.names, label)
  } else if (is(part[0], 'primary')) {
    if (table.keys.some(each => each.kind === 'primary'))
      throw new SqlError(1068, '42000', 'Multiple primary key defined')
    table.keys.unshift({ name: 'PRIMARY', kind: 'primary', columns: listed.names })
  } else {
    const name = label ?? freeName(table, listed.names[0] ?? '')
    if (table.keys.some(each => each.name === name)) throw new SqlError(1061, '42000', `Duplicate key name '${name}'`)
    table.keys.push({ name, kind: is(part[0], 'unique') ? 'unique' : 'index', columns: listed.names })
  }
}

/** Columns of primary keys are NOT NULL; a table counts up in at most one column, which must be a key. */
export function settle(table: Table): void {
  const primary = table.keys.find(each => each.kind === 'primary')
  for (const column of table.columns)
    if (primary?.columns.some(each => each.toLowerCase() === column.name.toLowerCase())) column.notNull = true
  const counting = table.columns.filter(each => each.auto)
  if (counting.length > 1 || (counting[0] && !table.keys.some(each => each.columns[0] === counting[0]?.name)))
    throw new SqlError(
      1075,
      '42000',
      'Incorrect table definition; there can be only one auto column and it must be defined as a key',
    )
}

/** A table of CREATE TABLE from its bracket at `open`. */
export function createTable(
  database: string,
  name: string,
  tokens: readonly Token[],
  open: number,
  drafting: Drafting,
  created: number,
): Table {
  const table: Table = { database, name, kind: 'table', columns: [], keys: [], created, engine: 'InnoDB' }
  const close = closeOf(tokens, open)
  const parts = commaGroups(tokens.slice(open + 1, close - 1))
  if (parts.length === 0 || is(tokens[close - 2], ',')) throw new SyntaxProblem(tokens[close - 1]?.at ?? end)
  for (const part of parts) {
    if (isKeyPart(part)) continue
    const column = addColumn(table, part, drafting)
    if (table.columns.some(each => each.name.toLowerCase() === column.name.toLowerCase()))
      throw new SqlError(1060, '42S21', `Duplicate column name '${column.name}'`)
    table.columns.push(column)
  }
  for (const part of parts) if (isKeyPart(part)) addKey(table, part, drafting)
  const engine = topLevel(tokens, ['engine'], close)
  if (engine > 0) {
    const value = tokens[is(tokens[engine + 1], '=') ? engine + 2 : engine + 1]
    const known = ['InnoDB', 'MyISAM', 'MEMORY', 'CSV', 'ARCHIVE'].find(
      each => each.toLowerCase() === value?.text.toLowerCase(),
    )
    if (known === undefined) throw new SqlError(1286, '42000', `Unknown storage engine '${value?.text}'`)
    table.engine = known
  }
  settle(table)
  return table
}

/** Marks of the checks that stand for MySQL's own tests of values. */
export const valueCheck = (kind: 'whole' | 'range' | 'length' | 'list' | 'time' | 'number', column: string): string =>
  `my ${kind} ${column}`

function checks(column: Column): string {
  const { type } = column
  const name = quoteName(column.name)
  const out: string[] = []
  const add = (kind: Parameters<typeof valueCheck>[0], test: string): void => {
    out.push(`CONSTRAINT ${quoteName(valueCheck(kind, column.name))} CHECK (${name} IS NULL OR ${test})`)
  }
  if (isInteger(type)) {
    add('whole', `typeof(${name}) <> 'text'`)
    const range = rangeOf(type)
    if (range) add('range', `${name} BETWEEN ${range[0]} AND ${range[1]}`)
  } else if (['decimal', 'float', 'double'].includes(type.base)) {
    add('number', `typeof(${name}) <> 'text'`)
    if (type.base === 'decimal') add('range', `abs(${name}) < 1e${(type.length ?? 10) - (type.scale ?? 0)}`)
  } else if (type.base === 'enum') add('list', `${name} IN (${(type.values ?? []).map(quoteText).join(', ')})`)
  else if (isTime(type) && type.base !== 'time') add('time', `my_is_time(${name})`)
  const most = longest(type)
  if (most !== undefined && isText(type)) add('length', `length(${name}) <= ${most}`)
  return out.join(' ')
}

/** SQLite's statements that make a table as it is described. */
export function tableSql(table: Table, as = innerName(table)): string[] {
  const counting = table.columns.find(each => each.auto)
  const primary = table.keys.find(each => each.kind === 'primary')
  const lines = table.columns.map(column => {
    const name = quoteName(column.name)
    if (column === counting) return `${name} INTEGER PRIMARY KEY AUTOINCREMENT ${checks(column)}`
    const fallback = column.fallback ? ` DEFAULT (${column.fallback.sql})` : ''
    return `${name} ${affinity(column.type)}${fallback}${column.notNull ? ' NOT NULL' : ''} ${checks(column)}`
  })
  const list = (columns: readonly string[]): string => columns.map(quoteName).join(', ')
  for (const key of table.keys) {
    const own = counting && key.columns.length === 1 && key.columns[0] === counting.name
    if (key === primary && !own)
      lines.push(counting ? `UNIQUE (${list(key.columns)})` : `PRIMARY KEY (${list(key.columns)})`)
    else if (key.kind === 'unique' && !own) lines.push(`UNIQUE (${list(key.columns)})`)
    else if (key.kind === 'check' && key.check) lines.push(`CONSTRAINT ${quoteName(key.name)} CHECK (${key.check.sql})`)
    else if (key.kind === 'foreign' && key.table)
      lines.push(
        `FOREIGN KEY (${list(key.columns)}) REFERENCES ${quoteName(innerName(key.table))} (${list(key.references ?? [])}) ${key.actions ?? ''}`,
      )
  }
  return [`CREATE TABLE ${quoteName(as)} (${lines.join(', ')})`]
}
