/** SELECT, WITH, VALUES and TABLE. */

import { commaGroups, is, quoteName } from '../sql-tokens.ts'
import { columnOf, type Field, inferType, type Source, selectAt, selectItems } from './select.ts'
import type { Result, Session } from './session.ts'
import { isName, SqlError, SyntaxProblem, type Token, topLevel } from './tokens.ts'
import { translate } from './translate.ts'
import { type Raw, show } from './types.ts'

/** Most rows of one answer. */
const mostRows = 200_000

/** Names that WITH gives to its queries. */
export function ownNames(tokens: readonly Token[]): string[] {
  if (!is(tokens[0], 'with')) return []
  return tokens
    .filter((each, at) => isName(each) && is(tokens[at + 1], 'as', '(') && is(tokens[at - 1], 'with', 'recursive', ','))
    .map(each => each.text)
}

/** Tables of FROM, as far as their columns are known. */
function sources(session: Session, tokens: readonly Token[], from: number): Source[] {
  if (!is(tokens[from], 'from')) return []
  const stop = topLevel(tokens, ['where', 'group', 'having', 'order', 'limit', 'union', 'for', 'window'], from)
  const part = tokens.slice(from + 1, stop < 0 ? undefined : stop)
  const found: Source[] = []
  let depth = 0
  for (let at = 0; at < part.length; at++) {
    if (is(part[at], '(')) depth++
    if (is(part[at], ')')) depth--
    const before = part[at - 1]
    if (depth > 0 || !isName(part[at]) || !(at === 0 || is(before, ',', 'join', '('))) continue
    const far = is(part[at + 1], '.')
    const name = (far ? part[at + 2] : part[at])?.text ?? ''
    const database = far ? part[at]?.text : (session.state.database ?? undefined)
    let next = far ? at + 3 : at + 1
    if (is(part[next], 'as')) next++
    const alias = part[next]
    const named =
      isName(alias) && !is(alias, 'on', 'using', 'join', 'inner', 'left', 'right', 'cross', 'natural', 'use')
    found.push({
      alias: named ? alias.text : name,
      columns: database === undefined ? undefined : session.store.table(database, name)?.columns,
    })
  }
  return found
}

/** `text`: the whole text that the places of the tokens count in. */
export function runQuery(session: Session, text: string, tokens: readonly Token[]): Result {
  const into = topLevel(tokens, ['into'])
  if (into > 0) throw new SqlError(1235, '42000', 'minidock: SELECT ... INTO is not modelled')
  const scope = session.scope('SELECT', { own: ownNames(tokens) })
  const at = selectAt(tokens)
  let sql: string
  let known: Field[] | undefined
  if (at < 0) sql = translate(tokens, scope)
  else {
    const { items, end } = selectItems(tokens, at, text)
    if (items.length === 0) throw new SyntaxProblem(tokens[at + 1]?.at ?? Number.MAX_SAFE_INTEGER)
    if (items.some(each => each.all && each.tokens.length === 1) && !is(tokens[end], 'from'))
      throw new SqlError(1096, 'HY000', 'No tables used')
    const from = sources(session, tokens, end)
    const columns = items.map(item => {
      if (!item.all)
        return [
          {
            name: item.name,
            type: inferType(item.tokens, from),
            nullable: columnOf(item.tokens, from)?.notNull === false,
          },
        ]
      const alias = item.tokens.length > 1 ? item.tokens[0]?.text : undefined
      const listed = from.filter(each => alias === undefined || each.alias === alias)
      return listed.every(each => each.columns !== undefined)
        ? listed
            .flatMap(each => each.columns ?? [])
            .map(each => ({ name: each.name, type: each.type, nullable: !each.notNull }))
        : undefined
    })
    if (columns.every(each => each !== undefined)) {
      known = columns.flat()
    }
    const head = tokens.slice(0, at + 1)
    const first = items[0]?.tokens[0]
    const modifiers = tokens.slice(at + 1, tokens.indexOf(first as Token))
    const list = items
      .map(item =>
        item.all ? translate(item.tokens, scope) : `${translate(item.tokens, scope)} AS ${quoteName(item.name)}`,
      )
      .join(', ')
    // The select list goes on its own, so that each item has the name that the text gives it.
    sql = `${translate(head, scope)} ${translate(modifiers, scope)} ${list} ${translate(tokens.slice(end), scope)}`
  }
  const statement = session.store.sql.prepare(sql)
  try {
    const shown = statement.getColumnNames()
    const fields: Field[] = shown.map(
      (name, place) => (known?.length === shown.length && known[place]) || { name, type: undefined },
    )
    const raw: Raw[][] = []
    while (raw.length < mostRows && statement.step()) raw.push(statement.get() as Raw[])
    // Where the text does not tell, numbers alone make a column of numbers.
    for (const [place, field] of fields.entries())
      if (
        field.type === undefined &&
        raw.length > 0 &&
        raw.some(row => typeof row[place] === 'number') &&
        raw.every(row => row[place] === null || typeof row[place] === 'number')
      )
        field.type = { base: raw.every(row => Number.isInteger(row[place] ?? 0)) ? 'bigint' : 'double' }
    return { kind: 'rows', fields, rows: raw.map(row => row.map((value, place) => show(value, fields[place]?.type))) }
  } finally {
    statement.free()
  }
}

/** The variables of SET, their values found. */
export function assignVariables(session: Session, tokens: readonly Token[]): void {
  for (const part of commaGroups(tokens)) {
    const equals = part.findIndex(each => is(each, '=', ':='))
    const [first] = part
    if (equals < 1 || first === undefined) continue
    const sql = translate(part.slice(equals + 1), session.scope('SELECT'))
    if (first.kind === 'variable' && !first.text.startsWith('@@')) {
      const value = (session.store.sql.exec(`SELECT ${sql}`)[0]?.values[0]?.[0] ?? null) as string | number | null
      session.state.variables[first.text.slice(1).toLowerCase()] = value
      continue
    }
    const name = (part[equals - 1]?.text ?? '').replace(/^@@/, '').split('.').at(-1)?.toLowerCase() ?? ''
    const words = part.slice(equals + 1)
    const plain =
      words.length === 1
        ? (words[0]?.text ?? '')
        : String(session.store.sql.exec(`SELECT ${sql}`)[0]?.values[0]?.[0] ?? '')
    session.state.settings[name] = /^(on|off)$/i.test(plain) ? plain.toUpperCase() : plain
  }
}
