/** What SQLite says is wrong, in the server's words. */

import { is, quoteName, quoteText } from '../sql-tokens.ts'
import { type ChangeInfo, valueOf } from './change.ts'
import { foreignText } from './describe.ts'
import type { Session } from './session.ts'
import { innerName, type Key, type Table } from './storage.ts'
import { SqlError, SyntaxProblem, type Token, tick } from './tokens.ts'

/** The words for the place of a statement where a column is not known. */
function placeOf(session: Session, tokens: readonly Token[], at: number): string {
  const maria = session.flavour.maria
  let depth = 0
  for (let step = at; step >= 0; step--) {
    const token = tokens[step]
    if (is(token, ')')) depth++
    else if (is(token, '(')) depth--
    if (depth > 0) continue
    if (is(token, 'where')) return maria ? 'WHERE' : 'where clause'
    if (is(token, 'order') && is(tokens[step + 1], 'by')) return maria ? 'ORDER BY' : 'order clause'
    if (is(token, 'group') && is(tokens[step + 1], 'by')) return maria ? 'GROUP BY' : 'group statement'
    if (is(token, 'having')) return maria ? 'HAVING' : 'having clause'
    if (is(token, 'on') && !is(tokens[step + 1], 'duplicate')) return maria ? 'ON' : 'on clause'
    if (is(token, 'set', 'update')) return maria ? 'SET' : 'field list'
    if (is(token, 'into')) return maria ? 'INSERT INTO' : 'field list'
    if (is(token, 'select')) break
  }
  return maria ? 'SELECT' : 'field list'
}

const named = (tokens: readonly Token[], name: string): number =>
  tokens.findIndex(
    each => (each.kind === 'word' || each.kind === 'quoted') && each.text.toLowerCase() === name.toLowerCase(),
  )

function duplicate(session: Session, where: string, info: ChangeInfo | undefined): SqlError {
  const columns = where.split(', ').map(each => each.slice(each.lastIndexOf('.') + 1))
  const table = info?.table
  const same = (key: Key): boolean =>
    key.columns.length === columns.length && columns.every(each => key.columns.includes(each))
  const key = table?.keys.find(each => (each.kind === 'primary' || each.kind === 'unique') && same(each))
  const name = key?.name ?? 'PRIMARY'
  const shown = session.flavour.maria ? name : `${table?.name}.${name}`
  const entry = info?.rows
    .map(row => columns.map(column => valueOf(session, row.get(column.toLowerCase()))))
    .find(
      (values, at, all) =>
        values.every(each => each !== null) &&
        (all.findIndex(other => other.join('\n').toLowerCase() === values.join('\n').toLowerCase()) < at ||
          stands(session, table as Table, columns, values as string[])),
    )
  return new SqlError(1062, '23000', `Duplicate entry '${entry?.join('-') ?? ''}' for key '${shown}'`)
}

/** Whether a row with these values is there. */
function stands(
  session: Session,
  table: Table,
  columns: readonly string[],
  values: readonly (string | null)[],
): boolean {
  const test = columns.map((column, at) => `${quoteName(column)} = ${quoteText(String(values[at]))}`).join(' AND ')
  const found = session.store.sql.exec(`SELECT 1 FROM ${quoteName(innerName(table))} WHERE ${test} LIMIT 1`)
  return found.length > 0
}

function foreign(session: Session, info: ChangeInfo | undefined): SqlError {
  const table = info?.table
  const text = (key: Key, of: Table): string => `(${tick(of.database)}.${tick(of.name)}, ${foreignText(key, of)})`
  for (const key of table?.keys ?? []) {
    if (key.kind !== 'foreign' || !key.table || !table) continue
    for (const row of info?.rows ?? []) {
      const values = key.columns.map(column => valueOf(session, row.get(column.toLowerCase())))
      if (values.includes(null)) continue
      const target = session.store.table(key.table.database, key.table.name)
      if (!target || !stands(session, target, key.references ?? [], values))
        return new SqlError(
          1452,
          '23000',
          `Cannot add or update a child row: a foreign key constraint fails ${text(key, table)}`,
        )
    }
  }
  for (const other of session.store.meta.tables)
    for (const key of other.keys)
      if (key.kind === 'foreign' && key.table?.database === table?.database && key.table?.name === table?.name)
        return new SqlError(
          1451,
          '23000',
          `Cannot delete or update a parent row: a foreign key constraint fails ${text(key, other)}`,
        )
  return new SqlError(1451, '23000', 'Cannot delete or update a parent row: a foreign key constraint fails')
}

/** A check of schema.ts that failed. */
function badValue(session: Session, kind: string, column: string, info: ChangeInfo | undefined): SqlError {
  const type = info?.table.columns.find(each => each.name === column)?.type
  const values = (info?.rows ?? []).map(row => valueOf(session, row.get(column.toLowerCase())))
  const wrong = (value: string | null): boolean => {
    if (value === null) return false
    if (kind === 'whole' || kind === 'number') return Number.isNaN(Number(value)) || value.trim() === ''
    if (kind === 'length') return value.length > (type?.length ?? 65_535)
    return kind !== 'list' || !(type?.values ?? []).some(each => each.toLowerCase() === value.toLowerCase())
  }
  const at = Math.max(0, values.findIndex(wrong))
  const shown = values[at] ?? ''
  const where =
    session.flavour.maria && info
      ? `${tick(info.table.database)}.${tick(info.table.name)}.${tick(column)}`
      : `'${column}'`
  switch (kind) {
    case 'whole':
      return new SqlError(
        1366,
        session.flavour.maria ? '22007' : 'HY000',
        `Incorrect integer value: '${shown}' for column ${where} at row ${at + 1}`,
      )
    case 'number':
      return new SqlError(
        1366,
        session.flavour.maria ? '22007' : 'HY000',
        `Incorrect ${type?.base ?? 'decimal'} value: '${shown}' for column ${where} at row ${at + 1}`,
      )
    case 'range':
      return new SqlError(1264, '22003', `Out of range value for column '${column}' at row ${at + 1}`)
    case 'length':
      return new SqlError(1406, '22001', `Data too long for column '${column}' at row ${at + 1}`)
    case 'time':
      return new SqlError(
        1292,
        '22007',
        `Incorrect ${type?.base === 'date' ? 'date' : 'datetime'} value: '${shown}' for column ${where} at row ${at + 1}`,
      )
  }
  return new SqlError(1265, '01000', `Data truncated for column '${column}' at row ${at + 1}`)
}

/** The error that a failed statement gets. `info`: what it was to change. */
export function explain(
  session: Session,
  error: unknown,
  tokens: readonly Token[],
  info: ChangeInfo | undefined,
): Error {
  if (error instanceof SqlError || error instanceof SyntaxProblem) return error
  const message = error instanceof Error ? error.message : String(error)
  let match = /no such column: (.+)/.exec(message) ?? /has no column named (.+)/.exec(message)
  if (match) {
    const written = match[1] ?? ''
    const at = named(tokens, written.slice(written.lastIndexOf('.') + 1))
    const token = tokens[at]
    const shown = token && !written.includes('.') ? token.text : written
    return new SqlError(1054, '42S22', `Unknown column '${shown}' in '${placeOf(session, tokens, at)}'`)
  }
  match = /ambiguous column name: (.+)/.exec(message)
  if (match) {
    const at = named(tokens, match[1] ?? '')
    return new SqlError(1052, '23000', `Column '${match[1]}' in ${placeOf(session, tokens, at)} is ambiguous`)
  }
  match = /near "(.*)": syntax error/s.exec(message)
  if (match) {
    const wrong = (match[1] ?? '').replace(/^["']|["']$/g, '').toLowerCase()
    const at = tokens.findLastIndex(each => each.text.toLowerCase() === wrong)
    return new SyntaxProblem(tokens[at]?.at ?? Number.MAX_SAFE_INTEGER)
  }
  if (/incomplete input/.test(message)) return new SyntaxProblem(Number.MAX_SAFE_INTEGER)
  match = /no such function: (\w+)/.exec(message)
  if (match)
    return new SqlError(
      1305,
      '42000',
      `FUNCTION ${session.state.database}.${match[1]?.replace(/^my_/, '')} does not exist`,
    )
  match = /wrong number of arguments to function (\w+)/.exec(message)
  if (match)
    return new SqlError(
      1582,
      '42000',
      `Incorrect parameter count in the call to native function '${match[1]?.replace(/^my_/, '').toUpperCase()}'`,
    )
  match = /UNIQUE constraint failed: (.+)/.exec(message)
  if (match) return duplicate(session, match[1] ?? '', info)
  match = /NOT NULL constraint failed: (.+)/.exec(message)
  if (match) {
    const column = (match[1] ?? '').slice((match[1] ?? '').lastIndexOf('.') + 1)
    const given = info === undefined || info.rows.some(row => row.has(column.toLowerCase()))
    return given
      ? new SqlError(1048, '23000', `Column '${column}' cannot be null`)
      : new SqlError(1364, 'HY000', `Field '${column}' doesn't have a default value`)
  }
  if (/FOREIGN KEY constraint failed/.test(message)) return foreign(session, info)
  match = /CHECK constraint failed: my (\w+) (.+)/.exec(message)
  if (match) return badValue(session, match[1] ?? '', match[2] ?? '', info)
  match = /CHECK constraint failed: (.+)/.exec(message)
  if (match) {
    const maria = `CONSTRAINT ${tick(match[1] ?? '')} failed for ${tick(info?.table.database ?? '')}.${tick(info?.table.name ?? '')}`
    return session.flavour.maria
      ? new SqlError(4025, '23000', maria)
      : new SqlError(3819, 'HY000', `Check constraint '${match[1]}' is violated.`)
  }
  if (/misuse of aggregate/.test(message)) return new SqlError(1111, 'HY000', 'Invalid use of group function')
  if (/SELECTs to the left and right/.test(message))
    return new SqlError(1222, '21000', 'The used SELECT statements have a different number of columns')
  match = /sub-select returns (\d+) columns/.exec(message)
  if (match) return new SqlError(1241, '21000', 'Operand should contain 1 column(s)')
  return new SqlError(1105, 'HY000', message)
}
