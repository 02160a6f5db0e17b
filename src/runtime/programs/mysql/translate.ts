/** From MySQL's SQL to SQLite's: tables by database, operators, functions, words that SQLite does not have. */
import { commaGroups, is, quoteName, quoteText } from '../sql-tokens.ts'
import { closeOf, isName, SyntaxProblem, type Token } from './tokens.ts'
import type { Raw } from './types.ts'

/** What a statement can name. */
export interface Scope {
  /** SQLite's name of a table; throws SqlError when there is none. */
  table(database: string | undefined, name: string): string
  /** Value of @name or @@name; throws SqlError for a system variable that does not exist. */
  variable(name: string): Raw
  /** Value of a function of the session, as DATABASE(); undefined where it is none. */
  session(name: string): { value: Raw } | undefined
  /** Where VALUES(column) stands for what was to be inserted. */
  upsert?: boolean
}

/** SQLite's functions by MySQL's names. `my_` ones are of functions.ts. */
const calls: Record<string, string> = {
  if: 'iif',
  greatest: 'max',
  least: 'min',
  char_length: 'length',
  character_length: 'length',
  lcase: 'lower',
  ucase: 'upper',
  mid: 'substr',
  substring: 'substr',
  ceiling: 'ceil',
  pow: 'power',
  std: 'my_std',
  json_arrayagg: 'json_group_array',
  json_objectagg: 'json_group_object',
  json_unquote: 'trim',
  sha: 'my_sha1',
  instr: 'instr',
  dayofmonth: 'my_day',
  octet_length: 'my_length',
}
const own = [
  ...['rand', 'uuid', 'length', 'left', 'right', 'reverse', 'repeat', 'lpad', 'rpad', 'locate', 'substring_index'],
  ...['find_in_set', 'md5', 'sha1', 'sha2', 'date_format', 'datediff', 'unix_timestamp', 'from_unixtime', 'year'],
  ...['quarter', 'month', 'day', 'hour', 'minute', 'second', 'dayname', 'monthname', 'dayofweek', 'weekday', 'date'],
  ...['field', 'truncate', 'hex', 'unhex'],
]
const now = ['now', 'current_timestamp', 'localtime', 'localtimestamp', 'sysdate', 'utc_timestamp']
const dropped = [
  'straight_join',
  'sql_no_cache',
  'sql_calc_found_rows',
  'high_priority',
  'low_priority',
  'delayed',
  'binary',
]
const ends = ['where', 'group', 'order', 'having', 'limit', 'set', 'union', 'select', 'values', 'window']

export const literal = (value: Raw): string =>
  value === null ? 'NULL' : typeof value === 'number' ? String(value) : quoteText(String(value))

/** SQLite's text of an expression or a statement. */
export function translate(tokens: readonly Token[], scope: Scope): string {
  return new Translation(tokens, scope).text()
}

interface Frame {
  inFrom: boolean
  expectTable: boolean
  /** Inside the brackets of a function FROM is a part of its arguments. */
  call: boolean
}

class Translation {
  readonly #tokens: readonly Token[]
  readonly #scope: Scope
  readonly #out: string[] = []
  readonly #frames: Frame[] = [{ inFrom: false, expectTable: false, call: false }]

  constructor(tokens: readonly Token[], scope: Scope) {
    this.#tokens = tokens
    this.#scope = scope
  }

  get #frame(): Frame {
    return this.#frames.at(-1) as Frame
  }

  text(): string {
    for (let at = 0; at < this.#tokens.length; ) at = this.#token(at)
    return this.#out.join(' ')
  }

  #part(from: number, to: number): string {
    return translate(this.#tokens.slice(from, to), this.#scope)
  }

  /** Writes the token at `at`; the place of the next. */
  #token(at: number): number {
    const token = this.#tokens[at] as Token
    if (this.#frame.expectTable && isName(token) && !is(token, 'select', 'lateral')) return this.#table(at)
    switch (token.kind) {
      case 'string':
        this.#out.push(quoteText(token.text))
        // Texts are the same whatever their case; between two literals nothing else says so.
        if (is(this.#tokens[at - 1], '=', '<>', '!=') && this.#tokens[at - 2]?.kind === 'string')
          this.#out.push('COLLATE NOCASE')
        // A pattern with a backslash has MySQL's escapes.
        if (is(this.#tokens[at - 1], 'like') && token.text.includes('\\')) this.#out.push("ESCAPE '\\'")
        return at + 1
      case 'quoted':
        this.#out.push(quoteName(token.text))
        return at + 1
      case 'number':
        this.#out.push(token.text)
        return at + 1
      case 'variable':
        this.#out.push(literal(this.#scope.variable(token.text)))
        return at + 1
      case 'symbol':
        return this.#symbol(at, token.text)
      default:
        return this.#word(at, token)
    }
  }

  #symbol(at: number, symbol: string): number {
    const before = this.#tokens[at - 1]
    if (symbol === '(') {
      const inner = this.#tokens[at + 1]
      const call = before?.kind === 'word' && !this.#frame.expectTable
      const join = this.#frame.expectTable && !is(inner, 'select', '(')
      this.#frame.expectTable = false
      this.#frames.push({ inFrom: join, expectTable: join, call: call && !is(inner, 'select') })
      this.#out.push('(')
    } else if (symbol === ')') {
      if (this.#frames.length > 1) this.#frames.pop()
      this.#out.push(')')
    } else if (symbol === ',') {
      if (this.#frame.inFrom) this.#frame.expectTable = true
      this.#out.push(',')
    } else if (symbol === '&&') this.#out.push('AND')
    else if (symbol === '||') this.#out.push('OR')
    else if (symbol === '!') this.#out.push('NOT')
    else if (symbol === '<=>') this.#out.push('IS')
    // Division has a point also between whole numbers.
    else if (symbol === '/') this.#out.push('* 1.0 /')
    else if ((symbol === '+' || symbol === '-') && is(this.#tokens[at + 1], 'interval'))
      return this.#interval(at, symbol)
    else if (symbol === '.') {
      // Of database.table.column the last two are kept.
      if (isName(before) && isName(this.#tokens[at + 1]) && is(this.#tokens[at + 2], '.')) {
        this.#out.pop()
        return at + 1
      }
      this.#out.push('.')
    } else this.#out.push(symbol)
    return at + 1
  }

  /** Where the operand that ends the text so far begins. */
  #operand(): number {
    const out = this.#out
    let at = out.length - 1
    if (out[at] === ')') {
      let depth = 0
      for (; at >= 0; at--) {
        if (out[at] === ')') depth++
        if (out[at] === '(' && --depth === 0) break
      }
      if (/^[a-z_]+$/.test(out[at - 1] ?? '')) at--
    }
    while (out[at - 1] === '.') at -= 2
    return Math.max(0, at)
  }

  #interval(at: number, sign: string): number {
    const value = this.#out.splice(this.#operand()).join(' ')
    const { count, unit, next } = this.#span(at + 1)
    this.#out.push('my_shift', '(', value, ',', `${sign}(${count})`, ',', quoteText(unit), ')')
    return next
  }

  /** `INTERVAL count unit` at `at`. */
  #span(at: number): { count: string; unit: string; next: number } {
    let end = at + 2
    if (is(this.#tokens[at + 1], '(')) end = closeOf(this.#tokens, at + 1)
    else if (is(this.#tokens[at + 1], '-')) end++
    const unit = this.#tokens[end]
    if (unit === undefined) throw new SyntaxProblem(Number.MAX_SAFE_INTEGER)
    return { count: this.#part(at + 1, end), unit: unit.text.toLowerCase(), next: end + 1 }
  }

  #table(at: number): number {
    const tokens = this.#tokens
    this.#frame.expectTable = false
    const first = tokens[at] as Token
    if (is(first, 'dual')) {
      // A query of nothing: FROM goes as well.
      this.#out.pop()
      return at + 1
    }
    let next = at + 1
    let database: string | undefined
    let name = first.text
    if (is(tokens[next], '.') && isName(tokens[next + 1])) {
      database = name
      name = (tokens[next + 1] as Token).text
      next += 2
    }
    let alias = name
    if (is(tokens[next], 'as')) next++
    const given = tokens[next]
    const clause = [...ends, ...['on', 'using', 'join', 'inner', 'left', 'right', 'cross', 'natural', 'use', 'force']]
    if (isName(given) && !is(given, ...clause, 'ignore', 'for', 'lock', 'straight_join', 'full')) {
      alias = given.text
      next++
    }
    while (is(tokens[next], 'use', 'force', 'ignore') && is(tokens[next + 1], 'index', 'key'))
      next = closeOf(tokens, next + 2)
    this.#out.push(quoteName(this.#scope.table(database, name)), 'AS', quoteName(alias))
    return next
  }

  #word(at: number, token: Token): number {
    const tokens = this.#tokens
    const lower = token.text.toLowerCase()
    const next = tokens[at + 1]
    const column = is(tokens[at - 1], '.')
    if (!column && is(next, '(')) {
      const called = this.#call(at, lower)
      if (called !== undefined) return called
    }
    if (column || is(next, '.')) {
      this.#out.push(quoteName(token.text))
      return at + 1
    }
    if (lower === 'from' && !this.#frame.call) {
      this.#frame.inFrom = true
      this.#frame.expectTable = true
    } else if (lower === 'join') this.#frame.expectTable = true
    else if (ends.includes(lower)) this.#frame.inFrom = false
    if (dropped.includes(lower)) return at + 1
    if (lower === 'collate') return at + 2
    if (/^_(utf8|latin1|binary)/.test(lower) && next?.kind === 'string') return at + 1
    if (lower === 'for' && is(next, 'update', 'share')) return tokens.length
    if (lower === 'lock' && is(next, 'in')) return tokens.length
    if (lower === 'as' && next?.kind === 'string') {
      this.#out.push('AS', quoteName(next.text))
      return at + 2
    }
    if (now.includes(lower) && !is(next, '(')) this.#out.push('my_now', '(', ')')
    else if (lower === 'current_date') this.#out.push('substr', '(', 'my_now()', ',', '1', ',', '10', ')')
    else if (lower === 'current_user') this.#out.push(literal(this.#scope.session('current_user')?.value ?? null))
    else if (lower === 'div') {
      const left = this.#out.splice(this.#operand()).join(' ')
      const from = this.#out.length
      const after = this.#token(at + 1)
      const right = this.#out.splice(from).join(' ')
      this.#out.push('my_to_int', '(', left, '/', right, ')')
      return after
    } else if (lower === 'mod') this.#out.push('%')
    else if (lower === 'xor') this.#out.push('<>')
    else if (lower === 'rlike' || lower === 'regexp') this.#out.push('REGEXP')
    else this.#out.push(/^(true|false|null)$/.test(lower) ? lower.toUpperCase() : token.text)
    return at + 1
  }

  /** A call at `at`; undefined where its name needs no more than the bracket. */
  #call(at: number, lower: string): number | undefined {
    const tokens = this.#tokens
    const end = closeOf(tokens, at + 1)
    const inner = tokens.slice(at + 2, end - 1)
    const args = commaGroups(inner)
    const put = (name: string, ...parts: string[]): number => {
      this.#out.push(name, '(', parts.join(' , '), ')')
      return end
    }
    const each = (from: readonly Token[]): string => translate(from, this.#scope)
    const found = this.#scope.session(lower)
    if (found) {
      this.#out.push(literal(found.value))
      return end
    }
    if (now.includes(lower)) return put('my_now')
    if (lower === 'curdate' || lower === 'current_date' || lower === 'utc_date')
      return put('substr', 'my_now()', '1', '10')
    if (lower === 'curtime' || lower === 'current_time') return put('substr', 'my_now()', '12')
    if (lower === 'concat') {
      this.#out.push('(', args.map(part => `( ${each(part)} )`).join(' || '), ')')
      return end
    }
    if (lower === 'values' && this.#scope.upsert && args.length === 1 && isName(inner[0])) {
      this.#out.push('excluded', '.', quoteName(inner[0].text))
      return end
    }
    if (/^(date_add|adddate|date_sub|subdate)$/.test(lower) && args.length === 2) {
      const [value = [], by = []] = args
      const from = tokens.indexOf(by[0] as Token)
      const { count, unit } = is(by[0], 'interval') ? this.#span(from) : { count: each(by), unit: 'day' }
      return put('my_shift', each(value), `${/sub/.test(lower) ? '-' : '+'}(${count})`, quoteText(unit))
    }
    if (lower === 'timestampdiff') {
      const [unit = [], one = [], two = []] = args
      return put('my_timestampdiff', quoteText(unit[0]?.text.toLowerCase() ?? ''), each(one), each(two))
    }
    if (lower === 'extract') {
      const from = inner.findIndex(token => is(token, 'from'))
      return put(`my_${inner[0]?.text.toLowerCase()}`, each(inner.slice(from + 1)))
    }
    if (lower === 'cast' || lower === 'convert') return this.#cast(lower, inner, end)
    if (lower === 'group_concat') {
      const by = inner.findIndex(token => is(token, 'separator'))
      const order = inner.findIndex(token => is(token, 'order'))
      const stops = [by, order].filter(place => place >= 0)
      const distinct = is(inner[0], 'distinct')
      const value = inner.slice(distinct ? 1 : 0, stops.length > 0 ? Math.min(...stops) : undefined)
      const mark = by >= 0 ? quoteText(inner[by + 1]?.text ?? ',') : "','"
      const sorted = order < 0 ? '' : ` ${each(inner.slice(order, by > order ? by : undefined))}`
      // SQLite joins distinct values by a comma only.
      return put('group_concat', distinct ? `DISTINCT ${each(value)}${sorted}` : `${each(value)} , ${mark}${sorted}`)
    }
    if (lower === 'date' && args.length !== 1) return undefined
    if (lower === 'isnull') return put('', `${each(inner)} IS NULL`)
    if (lower === 'substring' || lower === 'substr' || lower === 'trim') {
      const from = inner.findIndex(token => is(token, 'from'))
      const many = inner.findIndex(token => is(token, 'for'))
      if (from < 0) return put(lower === 'trim' ? 'trim' : 'substr', ...args.map(each))
      if (lower === 'trim') {
        const side = is(inner[0], 'leading') ? 'ltrim' : is(inner[0], 'trailing') ? 'rtrim' : 'trim'
        const what = inner.slice(is(inner[0], 'leading', 'trailing', 'both') ? 1 : 0, from)
        return put(side, each(inner.slice(from + 1)), each(what))
      }
      const parts = [inner.slice(0, from), inner.slice(from + 1, many < 0 ? undefined : many)]
      if (many >= 0) parts.push(inner.slice(many + 1))
      return put('substr', ...parts.map(each))
    }
    const name = own.includes(lower) ? `my_${lower}` : calls[lower]
    return name === undefined ? undefined : put(name, ...args.map(each))
  }

  #cast(lower: string, inner: readonly Token[], end: number): number {
    const using = inner.findIndex(token => is(token, 'using'))
    const split =
      lower === 'cast' ? inner.findLastIndex(token => is(token, 'as')) : inner.findIndex(token => is(token, ','))
    const cut = using >= 0 ? using : split
    const value = translate(inner.slice(0, cut), this.#scope)
    const type = using >= 0 ? 'char' : (inner[cut + 1]?.text.toLowerCase() ?? 'char')
    const digits = inner.slice(cut + 1).filter(token => token.kind === 'number')
    if (/^(signed|unsigned|int|integer)$/.test(type)) this.#out.push('my_to_int', '(', value, ')')
    else if (type === 'decimal') this.#out.push('my_to_decimal', '(', value, ',', digits[1]?.text ?? '0', ')')
    else if (/^(double|float|real)$/.test(type)) this.#out.push('CAST', '(', value, 'AS REAL )')
    else if (type === 'date') this.#out.push('my_date', '(', value, ')')
    else if (type === 'datetime') this.#out.push('my_date_format', '(', value, ',', "'%Y-%m-%d %T'", ')')
    else this.#out.push('CAST', '(', value, 'AS TEXT )')
    return end
  }
}
