/** INSERT, REPLACE, UPDATE, DELETE. */

import { commaGroups, is, quoteName } from '../sql-tokens.ts'
import { selectItems } from './select.ts'
import { done, type Result, type Session } from './session.ts'
import { innerName, type Table } from './storage.ts'
import { closeOf, isName, SqlError, SyntaxProblem, type Token, topLevel } from './tokens.ts'
import { translate } from './translate.ts'
import { type Raw, show } from './types.ts'

/** What a statement was to change: SQLite's expressions of its rows by column, in small letters. */
export interface ChangeInfo {
  table: Table
  rows: Map<string, string>[]
}

/** The value of an expression as text; null also where it has none of its own. */
export function valueOf(session: Session, expression: string | undefined): string | null {
  if (expression === undefined) return null
  try {
    const value = (session.store.sql.exec(`SELECT ${expression}`)[0]?.values[0]?.[0] ?? null) as Raw
    return value === null ? null : show(value, undefined)
  } catch {
    return null
  }
}

const end = Number.MAX_SAFE_INTEGER

/** `[db.]table` at `at`. */
export function tableAt(session: Session, tokens: readonly Token[], at: number): { table: Table; next: number } {
  const first = tokens[at]
  if (!isName(first)) throw new SyntaxProblem(first?.at ?? end)
  if (!is(tokens[at + 1], '.')) return { table: session.table(undefined, first.text), next: at + 1 }
  return { table: session.table(first.text, tokens[at + 2]?.text ?? ''), next: at + 3 }
}

const changes = (session: Session): number => session.store.sql.getRowsModified()
const scalar = (session: Session, sql: string): number => Number(session.store.sql.exec(sql)[0]?.values[0]?.[0] ?? 0)

export class Change {
  readonly #session: Session
  readonly #tokens: readonly Token[]
  /** For the words of what fails. */
  info: ChangeInfo | undefined

  constructor(session: Session, tokens: readonly Token[]) {
    this.#session = session
    this.#tokens = tokens
  }

  run(verb: string, text: string): Result {
    this.#session.changed = true
    if (verb === 'insert' || verb === 'replace') return this.#insert(verb, text)
    return verb === 'update' ? this.#update() : this.#delete()
  }

  #insert(verb: string, text: string): Result {
    const session = this.#session
    const tokens = this.#tokens
    let at = 1
    let ignore = false
    for (; is(tokens[at], 'low_priority', 'delayed', 'high_priority', 'ignore', 'into'); at++)
      if (is(tokens[at], 'ignore')) ignore = true
    const { table, next } = tableAt(session, tokens, at)
    session.need('INSERT', table.database, table.name)
    if (verb === 'replace') session.need('DELETE', table.database, table.name)
    at = next
    let columns = table.columns.map(each => each.name)
    const known = (token: Token | undefined): string => {
      const found = table.columns.find(each => each.name.toLowerCase() === token?.text.toLowerCase())
      if (!found) {
        const place = session.flavour.maria ? 'INSERT INTO' : 'field list'
        throw new SqlError(1054, '42S22', `Unknown column '${token?.text ?? ''}' in '${place}'`)
      }
      return found.name
    }
    if (is(tokens[at], '(') && !is(tokens[at + 1], 'select')) {
      const close = closeOf(tokens, at)
      columns = commaGroups(tokens.slice(at + 1, close - 1)).map(each => known(each.at(-1)))
      if (new Set(columns).size < columns.length)
        throw new SqlError(
          1110,
          '42000',
          `Column '${columns.find((each, place) => columns.indexOf(each) < place)}' specified twice`,
        )
      at = close
    }
    const upsertAt = topLevel(tokens, ['on'], at)
    const upsert = upsertAt > 0 && is(tokens[upsertAt + 1], 'duplicate') ? upsertAt : tokens.length
    const scope = session.scope('SELECT')
    const auto = table.columns.find(each => each.auto)
    const rows: Map<string, string>[] = []
    let source: string
    if (is(tokens[at], 'values', 'value', 'set')) {
      if (is(tokens[at], 'set')) {
        const pairs = commaGroups(tokens.slice(at + 1, upsert))
        columns = pairs.map(each => known(each[0]))
        rows.push(
          new Map(
            pairs.map((each, place) => [
              columns[place]?.toLowerCase() ?? '',
              this.#cell(each.slice(2), table, columns[place]),
            ]),
          ),
        )
      } else
        for (const [count, group] of commaGroups(tokens.slice(at + 1, upsert)).entries()) {
          if (!is(group[0], '(') || closeOf(group, 0) !== group.length)
            throw new SyntaxProblem((group[0] ?? tokens[at])?.at ?? end)
          const cells = commaGroups(group.slice(1, -1))
          if (cells.length !== columns.length && cells.length > 0)
            throw new SqlError(1136, '21S01', `Column count doesn't match value count at row ${count + 1}`)
          rows.push(
            new Map(
              cells.map((each, place) => [
                columns[place]?.toLowerCase() ?? '',
                this.#cell(each, table, columns[place]),
              ]),
            ),
          )
        }
      if (rows.length === 0) throw new SyntaxProblem(end)
      source = `VALUES ${rows.map(row => `(${columns.map(each => row.get(each.toLowerCase()) ?? 'NULL').join(', ')})`).join(', ')}`
    } else {
      if (!is(tokens[at], 'select', 'with', '(')) throw new SyntaxProblem(tokens[at]?.at ?? end)
      const query = tokens.slice(at, upsert)
      const given = is(query[0], 'select') ? selectItems(query, 0, text).items : []
      if (given.length > 0 && !given.some(each => each.all) && given.length !== columns.length)
        throw new SqlError(1136, '21S01', "Column count doesn't match value count at row 1")
      // SQLite needs a WHERE before ON CONFLICT.
      source = translate(query, scope) + (upsert < tokens.length && topLevel(query, ['where']) < 0 ? ' WHERE true' : '')
    }
    this.info = { table, rows }
    const counted = auto && rows.filter(row => valueOf(session, row.get(auto.name.toLowerCase())) === null).length
    session.taken = counted ? { name: innerName(table), count: counted } : undefined
    const name = quoteName(innerName(table))
    const verbText = verb === 'replace' ? 'INSERT OR REPLACE' : ignore ? 'INSERT OR IGNORE' : 'INSERT'
    const tail =
      upsert < tokens.length
        ? ` ON CONFLICT DO UPDATE SET ${this.#assignments(tokens.slice(upsert + 4), table, true)
            .map(each => `${quoteName(each.column)} = ${each.value}`)
            .join(', ')}`
        : ''
    const before = scalar(session, `SELECT count(*) FROM ${name}`)
    session.store.sql.run(
      `${verbText} INTO ${name} AS ${quoteName(table.name)} (${columns.map(quoteName).join(', ')}) ${source}${tail}`,
    )
    const touched = changes(session)
    const added = scalar(session, `SELECT count(*) FROM ${name}`) - before
    // A row that was there counts twice: it went and came, or was changed.
    const affected = verb === 'replace' || tail !== '' ? touched + (touched - added) : touched
    let insertId = 0
    if (auto && added > 0) {
      const last = scalar(session, 'SELECT last_insert_rowid()')
      const given = rows.length > 0 && valueOf(session, rows[0]?.get(auto.name.toLowerCase())) !== null
      insertId = given ? last : last - Math.max(0, added - 1)
      if (!given) session.state.insertId = insertId
    }
    const many = rows.length !== 1 || !is(tokens[at], 'values', 'value', 'set')
    const duplicates = Math.max(0, (rows.length || touched) - added)
    const info = `Records: ${rows.length || touched}  Duplicates: ${duplicates}  Warnings: 0`
    return done(affected, { insertId, ...(many && { info }) })
  }

  #cell(cell: readonly Token[], table: Table, column: string | undefined): string {
    const found = table.columns.find(each => each.name === column)
    if (cell.length === 1 && is(cell[0], 'default')) return found?.auto ? 'NULL' : (found?.fallback?.sql ?? 'NULL')
    const sql = translate(cell, this.#session.scope('SELECT'))
    // Zero asks a counting column for its next number, as NULL does.
    return found?.auto && /^'?0'?$/.test(sql) ? 'NULL' : sql
  }

  #assignments(tokens: readonly Token[], table: Table, upsert: boolean): { column: string; value: string }[] {
    const scope = this.#session.scope('SELECT', { upsert })
    const found = commaGroups(tokens).map(part => {
      const equals = part.findIndex(each => is(each, '=', ':='))
      const name = part[equals - 1]
      if (equals < 1 || !isName(name)) throw new SyntaxProblem(part[0]?.at ?? end)
      const column = table.columns.find(each => each.name.toLowerCase() === name.text.toLowerCase())
      if (!column)
        throw new SqlError(
          1054,
          '42S22',
          `Unknown column '${name.text}' in '${this.#session.flavour.maria ? 'SET' : 'field list'}'`,
        )
      const value = part.slice(equals + 1)
      const fallback = value.length === 1 && is(value[0], 'default') ? (column.fallback?.sql ?? 'NULL') : undefined
      return { column: column.name, value: fallback ?? translate(value, scope) }
    })
    for (const column of table.columns)
      if (column.onUpdate && !found.some(each => each.column === column.name))
        found.push({ column: column.name, value: 'my_now()' })
    return found
  }

  /** WHERE, ORDER BY and LIMIT of a change, as a condition; `from`: where they may begin. */
  #condition(table: Table, alias: string, from: number): string {
    const tokens = this.#tokens
    const rest = tokens.slice(from)
    if (rest.length === 0) return 'true'
    if (!is(rest[0], 'where', 'order', 'limit')) throw new SyntaxProblem(rest[0]?.at ?? end)
    const order = topLevel(rest, ['order', 'limit'])
    const where = is(rest[0], 'where')
      ? translate(rest.slice(1, order < 0 ? undefined : order), this.#session.scope('SELECT'))
      : 'true'
    if (order < 0) return where
    const tail = translate(rest.slice(order), this.#session.scope('SELECT'))
    return `rowid IN (SELECT rowid FROM ${quoteName(innerName(table))} AS ${quoteName(alias)} WHERE ${where} ${tail})`
  }

  #update(): Result {
    const session = this.#session
    const tokens = this.#tokens
    let at = 1
    while (is(tokens[at], 'low_priority', 'ignore')) at++
    const { table, next } = tableAt(session, tokens, at)
    session.need('UPDATE', table.database, table.name)
    at = next
    let alias = table.name
    if (!is(tokens[at], 'set')) {
      if (is(tokens[at], 'as')) at++
      if (isName(tokens[at]) && is(tokens[at + 1], 'set')) alias = tokens[at++]?.text ?? alias
      else if (is(tokens[at], ',', 'join', 'inner', 'left'))
        throw new SqlError(1235, '42000', 'minidock: UPDATE of several tables is not modelled')
      else throw new SyntaxProblem(tokens[at]?.at ?? end)
    }
    const stop = topLevel(tokens, ['where', 'order', 'limit'], at + 1)
    const set = this.#assignments(tokens.slice(at + 1, stop < 0 ? undefined : stop), table, false)
    if (set.length === 0) throw new SyntaxProblem(end)
    this.info = { table, rows: [new Map(set.map(each => [each.column.toLowerCase(), each.value]))] }
    const where = this.#condition(table, alias, stop < 0 ? tokens.length : stop)
    const name = `${quoteName(innerName(table))} AS ${quoteName(alias)}`
    const matched = scalar(session, `SELECT count(*) FROM ${name} WHERE ${where}`)
    const given = set.filter(each => each.value !== 'my_now()')
    const differs = given.map(each => `${quoteName(each.column)} IS NOT (${each.value}) COLLATE BINARY`).join(' OR ')
    session.store.sql.run(
      `UPDATE ${name} SET ${set.map(each => `${quoteName(each.column)} = ${each.value}`).join(', ')} WHERE (${where})${differs === '' ? '' : ` AND (${differs})`}`,
    )
    const affected = changes(session)
    return done(affected, { info: `Rows matched: ${matched}  Changed: ${affected}  Warnings: 0` })
  }

  #delete(): Result {
    const session = this.#session
    const tokens = this.#tokens
    let at = 1
    while (is(tokens[at], 'low_priority', 'quick', 'ignore')) at++
    if (!is(tokens[at], 'from')) {
      if (isName(tokens[at]) && topLevel(tokens, ['from']) > 0)
        throw new SqlError(1235, '42000', 'minidock: DELETE from several tables is not modelled')
      throw new SyntaxProblem(tokens[at]?.at ?? end)
    }
    const { table, next } = tableAt(session, tokens, at + 1)
    session.need('DELETE', table.database, table.name)
    at = next
    let alias = table.name
    if (is(tokens[at], 'as')) at++
    if (isName(tokens[at]) && !is(tokens[at], 'where', 'order', 'limit', 'using')) alias = tokens[at++]?.text ?? alias
    this.info = { table, rows: [] }
    const where = this.#condition(table, alias, at)
    session.store.sql.run(`DELETE FROM ${quoteName(innerName(table))} AS ${quoteName(alias)} WHERE ${where}`)
    return done(changes(session))
  }
}
