/** From PostgreSQL's SQL to SQLite's: casts, operators, functions, words that SQLite does not have. */
import { is, quoteName, quoteText } from '../sql-tokens.ts'
import { closeOf, nameOf, type Token } from './tokens.ts'
import { typeOf } from './types.ts'

const calls: Record<string, string> = {
  greatest: 'max',
  least: 'min',
  string_agg: 'group_concat',
  char_length: 'length',
  character_length: 'length',
  bool_and: 'min',
  bool_or: 'max',
  every: 'min',
  strpos: 'instr',
  ceiling: 'ceil',
  json_build_object: 'json_object',
  jsonb_build_object: 'json_object',
  json_agg: 'json_group_array',
  jsonb_agg: 'json_group_array',
  array_agg: 'json_group_array',
  now: 'pg_now',
  clock_timestamp: 'pg_now',
  transaction_timestamp: 'pg_now',
  statement_timestamp: 'pg_now',
  random: 'pg_random',
}
const multiWord: readonly string[] = [
  'double precision',
  'character varying',
  'timestamp without time zone',
  'timestamp with time zone',
  'time without time zone',
  'time with time zone',
]

/** A type's name at `at`: its words, its sizes, and where what follows begins. */
export function readType(tokens: readonly Token[], at: number): { name: string; sizes: number[]; next: number } {
  let next = at + 1
  let name = tokens[at] ? nameOf(tokens[at] as Token) : ''
  for (const each of multiWord) {
    const words = each.split(' ')
    if (words.every((word, step) => is(tokens[at + step], word))) {
      name = each
      next = at + words.length
      break
    }
  }
  const sizes: number[] = []
  if (is(tokens[next], '(')) {
    const end = closeOf(tokens, next)
    for (const token of tokens.slice(next + 1, end - 1)) if (token.kind === 'number') sizes.push(Number(token.text))
    next = end
  }
  if (name === 'timestamp' || name === 'time') {
    const zone = is(tokens[next], 'with', 'without') && is(tokens[next + 1], 'time') && is(tokens[next + 2], 'zone')
    if (zone) {
      name = `${name} ${tokens[next]?.text.toLowerCase()} time zone`
      next += 3
    }
    sizes.length = 0
  }
  if (is(tokens[next], '[') && is(tokens[next + 1], ']')) {
    name += '[]'
    next += 2
  }
  return { name, sizes, next }
}

/** SQLite's text of an expression or a statement. `params`: values of $1, $2, … as SQL texts. */
export function translate(tokens: readonly Token[], params: readonly string[] = []): string {
  const out: string[] = []
  /** Index in `out` where the operand that ends there begins. */
  const operand = (): number => {
    let at = out.length - 1
    if (out[at] === ')') {
      let depth = 0
      for (; at >= 0; at--) {
        if (out[at] === ')') depth++
        if (out[at] === '(' && --depth === 0) break
      }
      if (
        /^[A-Za-z_"]/.test(out[at - 1] ?? '') &&
        !/^(AND|OR|NOT|IN|SELECT|WHERE|ON|VALUES|WHEN|THEN|ELSE|BY|FROM|AS|RETURNING|SET|HAVING|LIMIT)$/i.test(
          out[at - 1] ?? '',
        )
      )
        at--
    }
    while (out[at - 1] === '.') at -= 2
    return Math.max(0, at)
  }
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at] as Token
    const next = tokens[at + 1]
    const lower = token.text.toLowerCase()
    if (token.kind === 'string') out.push(quoteText(token.text))
    else if (token.kind === 'quoted') out.push(quoteName(token.text))
    else if (token.kind === 'param') out.push(params[Number(token.text.slice(1)) - 1] ?? 'NULL')
    else if (token.kind === 'symbol') {
      if (token.text === '::') {
        const { name, sizes, next: after } = readType(tokens, at + 1)
        const type = typeOf(name, sizes, tokens[at + 1] ? (tokens[at + 1] as Token).at + 1 : undefined)
        const start = operand()
        const value = out.splice(start).join(' ')
        out.push('pg_cast', '(', value, ',', quoteText(type.name), ')')
        at = after - 1
      } else if (token.text === '~') out.push('REGEXP')
      else if (token.text === '~*') out.push('REGEXP', "'(?i)'", '||')
      else if (token.text === '!~') out.push('NOT', 'REGEXP')
      else if (token.text === '!~*') out.push('NOT', 'REGEXP', "'(?i)'", '||')
      else out.push(token.text)
    } else if (token.kind === 'number') out.push(token.text)
    else if (lower === 'cast' && is(next, '(')) {
      const end = closeOf(tokens, at + 1)
      let as = end - 2
      let depth = 0
      for (; as > at + 1; as--) {
        if (is(tokens[as], ')')) depth++
        if (is(tokens[as], '(')) depth--
        if (depth === 0 && is(tokens[as], 'as')) break
      }
      const { name, sizes } = readType(tokens, as + 1)
      out.push(
        'pg_cast',
        '(',
        translate(tokens.slice(at + 2, as), params),
        ',',
        quoteText(typeOf(name, sizes).name),
        ')',
      )
      at = end - 1
    } else if (lower === 'extract' && is(next, '(')) {
      const end = closeOf(tokens, at + 1)
      const from = tokens.findIndex((each, index) => index > at && is(each, 'from'))
      out.push(
        'pg_extract',
        '(',
        quoteText(tokens[at + 2]?.text.toLowerCase() ?? ''),
        ',',
        translate(tokens.slice(from + 1, end - 1), params),
        ')',
      )
      at = end - 1
    } else if (lower === 'interval' && next?.kind === 'string') {
      // `x - interval '1 day'`: the operator becomes a call.
      const sign = out.pop() ?? '+'
      const start = operand()
      const value = out.splice(start).join(' ')
      out.push('pg_shift', '(', value, ',', quoteText(sign), ',', quoteText(next.text), ')')
      at++
    } else if (lower === 'ilike') out.push('GLOB')
    else if (['current_timestamp', 'localtimestamp'].includes(lower)) out.push('pg_now', '(', ')')
    else if (lower === 'current_date') out.push('substr', '(', 'pg_now', '(', ')', ',', '1', ',', '10', ')')
    else if (['current_user', 'session_user', 'user'].includes(lower) && !is(next, '(', '.') && lower !== 'user')
      out.push('pg_user', '(', ')')
    else if (lower === 'public' && is(next, '.')) at++
    else if ((lower === 'information_schema' || lower === 'pg_catalog') && is(next, '.')) {
      out.push(
        lower === 'pg_catalog'
          ? nameOf(tokens[at + 2] as Token)
          : `information_schema_${nameOf(tokens[at + 2] as Token)}`,
      )
      at += 2
    } else if (lower === 'for' && is(next, 'update', 'share')) break
    else if (lower === 'fetch' && is(next, 'first', 'next')) {
      out.push('LIMIT', tokens[at + 2]?.text ?? '1')
      break
    } else if (lower === 'truncate') out.push('DELETE', 'FROM')
    else if (is(next, '(') && Object.hasOwn(calls, lower)) out.push(calls[lower] as string)
    else if (is(next, '(') && lower === 'generate_series') {
      const end = closeOf(tokens, at + 1)
      const inner = translate(tokens.slice(at + 2, end - 1), params)
      const [from = '1', to = '1', step = '1'] = inner.split(' , ')
      out.push(
        `( WITH RECURSIVE pg_series ( generate_series ) AS ( SELECT ${from} UNION ALL SELECT generate_series + ${step} FROM pg_series WHERE generate_series + ${step} <= ${to} ) SELECT generate_series FROM pg_series )`,
      )
      at = end - 1
    } else out.push(reserved.has(lower) ? token.text : token.text.toLowerCase())
  }
  return out.join(' ')
}

const reserved = new Set<string>()
