/** The columns of a query: their names, as the text has them, and their types. */

import { commaGroups, is } from '../sql-tokens.ts'
import type { Column } from './storage.ts'
import { closeOf, isName, type Token, topLevel } from './tokens.ts'
import { type ColumnType, isInteger, isTime } from './types.ts'

export interface Field {
  name: string
  /** undefined: a text, or a number whose kind only its values tell. */
  type: ColumnType | undefined
  /** A column that may be NULL: clients leave room for the word. */
  nullable?: boolean
}

/** A table or a derived table of FROM. */
export interface Source {
  alias: string
  /** undefined where they are not known. */
  columns: Pick<Column, 'name' | 'type' | 'notNull'>[] | undefined
}

export interface Item {
  tokens: Token[]
  /** What it is called in the answer. */
  name: string
  /** `*` or `t.*`. */
  all: boolean
}

const clauses = [
  'from',
  'where',
  'group',
  'having',
  'order',
  'limit',
  'union',
  'for',
  'lock',
  'into',
  'window',
  'procedure',
]

/** Index of SELECT, after WITH's own queries; -1 where there is none at the outermost level. */
export const selectAt = (tokens: readonly Token[]): number => topLevel(tokens, ['select'])

/** The items of the select list that begins after `at`. `text`: the whole text that the places count in. */
export function selectItems(tokens: readonly Token[], at: number, text: string): { items: Item[]; end: number } {
  let from = at + 1
  while (is(tokens[from], 'all', 'distinct', 'distinctrow', 'sql_no_cache', 'sql_calc_found_rows', 'straight_join'))
    from++
  const stop = topLevel(tokens, clauses, from)
  const end = stop < 0 ? tokens.length : stop
  const items = commaGroups(tokens.slice(from, end)).map((part): Item => {
    const last = part.at(-1) as Token
    const before = part.at(-2)
    if (is(last, '*') && (part.length === 1 || is(before, '.'))) return { tokens: part, name: '*', all: true }
    if (is(before, 'as')) return { tokens: part.slice(0, -2), name: last.text, all: false }
    // An alias without AS: a name after something that ends an expression.
    const ended = before !== undefined && (before.kind !== 'symbol' || is(before, ')'))
    const plain =
      last.kind === 'quoted' ||
      last.kind === 'string' ||
      (last.kind === 'word' && !/^(end|null|true|false)$/i.test(last.text))
    if (
      part.length > 1 &&
      ended &&
      plain &&
      !(
        before.kind === 'word' &&
        /^(and|or|not|like|in|is|div|mod|then|else|when|between|interval|regexp|distinct|binary)$/i.test(before.text)
      )
    )
      return { tokens: part.slice(0, -1), name: last.text, all: false }
    const first = part[0] as Token
    const column = part.every((each, place) => (place % 2 === 0 ? isName(each) : is(each, '.')))
    const name = column || part.length === 1 ? last.text : text.slice(first.at, last.end)
    return { tokens: part, name, all: false }
  })
  return { items, end }
}

const whole: ColumnType = { base: 'bigint' }
const decimal = (scale: number): ColumnType => ({ base: 'decimal', length: 38, scale: Math.min(scale, 30) })
const double: ColumnType = { base: 'double' }
const wholeCalls =
  /^(count|length|char_length|year|month|day|hour|minute|second|quarter|dayofweek|weekday|datediff|timestampdiff|unix_timestamp|floor|ceil|ceiling|locate|instr|find_in_set|field|sign|row_number|rank|dense_rank|last_insert_id|row_count|connection_id|sleep|isnull|ascii|ntile|octet_length|extract)$/
const sameCalls = /^(min|max|ifnull|coalesce|greatest|least|nullif|abs|lag|lead|first_value|last_value|any_value)$/

/** A type as far as the text tells. */
export function inferType(item: readonly Token[], sources: readonly Source[]): ColumnType | undefined {
  const [first, second] = item
  if (first === undefined) return undefined
  if (is(first, '-', '+') && item.length > 1) return inferType(item.slice(1), sources)
  if (item.length === 1) {
    if (first.kind === 'number') {
      if (/e/i.test(first.text)) return double
      const digits = first.text.split('.')[1]
      return digits === undefined ? whole : decimal(digits.length)
    }
    if (first.kind === 'word' && /^(true|false)$/i.test(first.text)) return whole
    if (first.kind === 'word' && /^(current_timestamp|now|localtime)$/i.test(first.text)) return { base: 'datetime' }
  }
  if (item.every((each, at) => (at % 2 === 0 ? isName(each) : is(each, '.')))) return columnOf(item, sources)?.type
  if (!is(first, 'case')) {
    const logic = [
      '=',
      '<',
      '>',
      '<=',
      '>=',
      '<>',
      '!=',
      '<=>',
      'and',
      'or',
      'not',
      'like',
      'in',
      'is',
      'between',
      'regexp',
      'rlike',
    ]
    if (topLevel(item, [...logic, '&&', '||', '!', 'exists', 'xor']) >= 0) return whole
    if (topLevel(item, ['interval']) >= 0) return undefined
    const operators = ['+', '-', '*', '/', '%', 'div', 'mod']
    const place = topLevel(item, operators, 1)
    if (place > 0) return arithmetic(item, operators, sources)
  }
  if (is(first, '(') && closeOf(item, 0) === item.length) {
    const inner = item.slice(1, -1)
    if (is(inner[0], 'select')) return undefined
    return inferType(inner, sources)
  }
  if (is(first, 'case')) {
    const then = item.findIndex(each => is(each, 'then'))
    const end = item.findIndex((each, at) => at > then && is(each, 'when', 'else', 'end'))
    return inferType(item.slice(then + 1, end), sources)
  }
  if (first.kind !== 'word' || !is(second, '(')) return undefined
  return callType(first.text.toLowerCase(), commaGroups(item.slice(2, closeOf(item, 1) - 1)), sources)
}

function callType(name: string, args: Token[][], sources: readonly Source[]): ColumnType | undefined {
  const argument = (at: number): ColumnType | undefined =>
    inferType(
      (args[at] ?? []).filter(each => !is(each, 'distinct')),
      sources,
    )
  if (wholeCalls.test(name)) return whole
  if (sameCalls.test(name)) return args.map((_, at) => argument(at)).find(each => each !== undefined)
  if (name === 'if') return argument(1) ?? argument(2)
  if (name === 'sum' || name === 'avg') {
    const type = argument(0)
    if (type === undefined || type.base === 'double' || type.base === 'float') return double
    const scale = type.base === 'decimal' ? (type.scale ?? 0) : 0
    return decimal(name === 'avg' ? scale + 4 : scale)
  }
  if (name === 'round' || name === 'truncate') {
    const type = argument(0)
    const digits = Number(args[1]?.[0]?.text ?? 0)
    if (type === undefined || type.base === 'double') return digits > 0 ? undefined : double
    return digits > 0 && !isInteger(type) ? decimal(Math.min(digits, type.scale ?? digits)) : whole
  }
  if (name === 'cast' || name === 'convert') {
    const words = args.flat()
    if (words.some(each => is(each, 'signed', 'unsigned'))) return whole
    const digits = words.filter(each => each.kind === 'number').map(each => Number(each.text))
    if (words.some(each => is(each, 'decimal'))) return decimal(digits.at(-1) ?? 0)
    return words.some(each => is(each, 'double', 'float')) ? double : undefined
  }
  if (/^(now|sysdate|current_timestamp|from_unixtime)$/.test(name)) return { base: 'datetime' }
  if (/^(rand|power|pow|sqrt|exp|ln|log|pi|std)$/.test(name)) return double
  return /^(curdate|current_date|date)$/.test(name) ? { base: 'date' } : undefined
}

/** The column that a name means; undefined where it is none of a known table. */
export function columnOf(
  item: readonly Token[],
  sources: readonly Source[],
): Pick<Column, 'name' | 'type' | 'notNull'> | undefined {
  if (!item.every((each, at) => (at % 2 === 0 ? isName(each) : is(each, '.')))) return undefined
  const name = item.at(-1)?.text.toLowerCase()
  const table = item.length > 1 ? item.at(-3)?.text : undefined
  for (const source of sources)
    if (table === undefined || source.alias === table) {
      const found = source.columns?.find(each => each.name.toLowerCase() === name)
      if (found) return found
    }
  return undefined
}

function arithmetic(item: readonly Token[], operators: string[], sources: readonly Source[]): ColumnType | undefined {
  const parts: Token[][] = [[]]
  const used: string[] = []
  let depth = 0
  for (const [at, token] of item.entries()) {
    if (is(token, '(')) depth++
    if (is(token, ')')) depth--
    if (depth === 0 && at > 0 && is(token, ...operators)) {
      parts.push([])
      used.push(token.text.toLowerCase())
    } else parts.at(-1)?.push(token)
  }
  const types = parts.map(each => inferType(each, sources))
  if (types.some(each => each === undefined || each.base === 'double' || each.base === 'float' || isTime(each)))
    return double
  const scales = types.map(each => (each?.base === 'decimal' ? (each.scale ?? 0) : 0))
  if (used.includes('div')) return whole
  if (used.includes('/')) return decimal((scales[0] ?? 0) + 4)
  if (!types.some(each => each?.base === 'decimal')) return whole
  return decimal(used.includes('*') ? scales.reduce((sum, each) => sum + each, 0) : Math.max(...scales))
}
