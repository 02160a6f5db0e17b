/** Statements on a database: what SQLite does itself is handed over, the rest is done here. */
import type { Proc } from '../../../kernel/program.ts'
import { is, quoteName, quoteText } from '../sql-tokens.ts'
import { install, type Session, Thrown, timeNow } from './functions.ts'
import { alterTable, createIndex, createTable } from './schema.ts'
import { type Cluster, type Constraint, readCluster, Store, type Table, writeCluster } from './storage.ts'
import { nameOf, SqlError, splitCommas, type Token } from './tokens.ts'
import { readType, translate } from './translate.ts'
import { type Raw, type SqlType, show, typeOf } from './types.ts'

export interface Result {
  /** `SELECT 2`, `CREATE TABLE`. */
  tag: string
  fields?: { name: string; type: SqlType }[]
  rows?: (string | null)[][]
  notices?: string[]
}

/** Most rows and text of one answer. */
const mostRows = 200_000

export class Database implements Session {
  readonly p: Proc
  readonly user: string
  readonly version: string
  readonly data: string
  readonly store: Store
  readonly cluster: Cluster
  readonly #thrown = new Thrown()
  #current: Record<string, number> = {}
  notices: string[] = []

  constructor(p: Proc, data: string, user: string, name: string, version: string) {
    this.p = p
    this.user = user
    this.data = data
    this.version = version
    this.cluster = readCluster(p, data)
    const found = this.cluster.databases.find(each => each.name === name)
    if (!found) throw new SqlError('3D000', `database "${name}" does not exist`)
    this.store = new Store(p, data, found)
    install(this.store.sql, this, this.#thrown)
  }

  get database(): string {
    return this.store.name
  }

  nextval(name: string): number {
    const key = name.replace(/^public\./, '').replace(/"/g, '')
    const known = this.store.meta.sequences[key]
    if (known === undefined) throw new SqlError('42P01', `relation "${key}" does not exist`)
    this.store.meta.sequences[key] = known + 1
    this.#current[key] = known + 1
    return known + 1
  }

  currval(name: string): number {
    return this.#current[name] ?? this.store.meta.sequences[name] ?? 0
  }

  /** One statement. Throws SqlError. */
  run(text: string, tokens: readonly Token[], params: readonly (string | null)[]): Result {
    const [first, second, third] = tokens
    const verb = first?.text.toLowerCase() ?? ''
    const values = params.map(each =>
      each === null ? 'NULL' : /^-?\d{1,15}(\.\d+)?$/.test(each) ? each : quoteText(each),
    )
    const object = second?.text.toLowerCase() ?? ''
    switch (verb) {
      case 'select':
      case 'with':
      case 'values':
      case 'table':
        return this.#query(text, tokens, values)
      case 'insert':
      case 'update':
      case 'delete':
      case 'truncate':
        return this.#change(verb, text, tokens, values)
      case 'create':
        if (object === 'database') return this.#createDatabase(tokens)
        if (object === 'user' || object === 'role') return this.#createRole(tokens, object === 'user')
        if (
          object === 'table' ||
          ((object === 'temp' || object === 'temporary' || object === 'unlogged') && is(third, 'table'))
        )
          return this.#createTable(tokens, values)
        if (object === 'index' || object === 'unique') return this.#createIndex(text, tokens)
        if (object === 'view' || is(tokens[2], 'replace')) return this.#createView(text, tokens)
        if (object === 'sequence') return this.#createSequence(tokens)
        if (
          [
            'extension',
            'schema',
            'function',
            'trigger',
            'type',
            'policy',
            'procedure',
            'materialized',
            'domain',
          ].includes(object)
        ) {
          if (object === 'extension' || object === 'schema') return { tag: `CREATE ${object.toUpperCase()}` }
          throw new SqlError('0A000', `minidock: CREATE ${object.toUpperCase()} is not modelled`)
        }
        break
      case 'drop':
        return this.#drop(object, tokens)
      case 'alter':
        if (object === 'table') return this.#alter(text, tokens, values)
        if (object === 'user' || object === 'role') return this.#alterRole(tokens)
        return { tag: `ALTER ${object.toUpperCase()}` }
      case 'grant':
      case 'revoke':
      case 'analyze':
      case 'vacuum':
      case 'checkpoint':
      case 'comment':
      case 'listen':
      case 'notify':
      case 'reindex':
      case 'discard':
      case 'lock':
        return { tag: verb.toUpperCase() }
      case 'set':
      case 'reset':
        return { tag: verb.toUpperCase() }
      case 'show':
        return this.#show(tokens)
      case 'explain': {
        const table = tokens.find((_, at) => is(tokens[at - 1], 'from'))
        const line = table
          ? `Seq Scan on ${nameOf(table)}  (cost=0.00..22.70 rows=1270 width=36)`
          : 'Result  (cost=0.00..0.01 rows=1 width=4)'
        return { tag: 'EXPLAIN', fields: [{ name: 'QUERY PLAN', type: typeOf('text') }], rows: [[line]] }
      }
      case 'do':
      case 'copy':
      case 'call':
      case 'declare':
      case 'prepare':
      case 'execute':
        throw new SqlError('0A000', `minidock: ${verb.toUpperCase()} is not modelled`)
    }
    throw new SqlError('42601', `syntax error at or near "${first?.text ?? ''}"`, { position: 1 })
  }

  #fail(error: unknown, text: string, tokens: readonly Token[]): never {
    const own = this.#thrown.last
    this.#thrown.last = undefined
    if (error instanceof SqlError) throw error
    if (own) throw own.position === undefined ? locate(own, tokens) : own
    throw this.#explain(error instanceof Error ? error.message : String(error), text, tokens)
  }

  #explain(message: string, text: string, tokens: readonly Token[]): SqlError {
    const place = (name: string): number | undefined => {
      const token = tokens.find(
        each => (each.kind === 'word' || each.kind === 'quoted') && nameOf(each) === name.toLowerCase(),
      )
      return token && token.at + 1
    }
    let match = /no such table: (?:main\.)?(.+)/.exec(message)
    if (match)
      return new SqlError('42P01', `relation "${match[1]}" does not exist`, { position: place(match[1] ?? '') })
    match = /no such column: (?:(\w+)\.)?(.+)/.exec(message) ?? /has no column named ()(.+)/.exec(message)
    if (match) {
      const [, table, column = ''] = match
      const target = /table (\w+) has no column/.exec(message)?.[1]
      if (target)
        return new SqlError('42703', `column "${column}" of relation "${target}" does not exist`, {
          position: place(column),
        })
      if (
        table &&
        !tokens.some(each => nameOf(each) === table && this.store.table(table)) &&
        !tokens.some((each, at) => nameOf(each) === table && is(tokens[at + 1], '.') === false)
      )
        return new SqlError('42P01', `missing FROM-clause entry for table "${table}"`, { position: place(table) })
      return new SqlError('42703', `column ${table ? `${table}.${column}` : `"${column}"`} does not exist`, {
        position: place(table ?? column),
      })
    }
    match = /ambiguous column name: (.+)/.exec(message)
    if (match)
      return new SqlError('42702', `column reference "${match[1]}" is ambiguous`, { position: place(match[1] ?? '') })
    match = /near "(.*)": syntax error/.exec(message)
    if (match) {
      const wrong = (match[1] ?? '').replace(/^"|"$/g, '')
      const token = tokens.findLast(each => each.text.toLowerCase() === wrong.toLowerCase())
      return new SqlError('42601', `syntax error at or near "${token ? token.text : wrong}"`, {
        position: token ? token.at + 1 : undefined,
      })
    }
    if (/incomplete input/.test(message))
      return new SqlError('42601', 'syntax error at end of input', { position: text.length + 1 })
    match = /no such function: (\w+)/.exec(message) ?? /wrong number of arguments to function (\w+)\(\)/.exec(message)
    if (match)
      return new SqlError('42883', `function ${match[1]?.toLowerCase()}() does not exist`, {
        position: place(match[1] ?? ''),
        hint: 'No function matches the given name and argument types. You might need to add explicit type casts.',
      })
    match = /UNIQUE constraint failed: (.+)/.exec(message)
    if (match) return this.#duplicate(match[1] ?? '', tokens)
    match = /NOT NULL constraint failed: (\w+)\.(\w+)/.exec(message)
    if (match)
      return new SqlError(
        '23502',
        `null value in column "${match[2]}" of relation "${match[1]}" violates not-null constraint`,
        { detail: this.#failingRow(match[1] ?? '', tokens) },
      )
    if (/FOREIGN KEY constraint failed/.test(message)) return this.#foreign(tokens)
    match = /CHECK constraint failed: (.+)/.exec(message)
    if (match) return this.#check(match[1] ?? '', tokens)
    match = /table (\S+) has (\d+) columns but (\d+) values were supplied/.exec(message)
    if (match)
      return new SqlError(
        '42601',
        Number(match[3]) > Number(match[2])
          ? 'INSERT has more expressions than target columns'
          : 'INSERT has more target columns than expressions',
      )
    match = /(\d+) values for (\d+) columns/.exec(message)
    if (match)
      return new SqlError(
        '42601',
        Number(match[1]) > Number(match[2])
          ? 'INSERT has more expressions than target columns'
          : 'INSERT has more target columns than expressions',
      )
    if (/misuse of aggregate/.test(message))
      return new SqlError('42803', 'aggregate functions are not allowed in WHERE')
    return new SqlError('XX000', message)
  }

  /** Table and rows of an INSERT: expressions by column, as SQLite has them. */
  #inserted(tokens: readonly Token[]): { table: Table; columns: string[]; rows: string[][] } | undefined {
    if (!is(tokens[0], 'insert')) return undefined
    const at = is(tokens[2], 'public') ? 4 : 2
    const table = tokens[at] && this.store.table(nameOf(tokens[at] as Token))
    if (!table) return undefined
    const values = tokens.findIndex(each => is(each, 'values'))
    if (values < 0) return undefined
    const columns = is(tokens[at + 1], '(')
      ? tokens
          .slice(at + 2, values - 1)
          .filter(each => !is(each, ','))
          .map(nameOf)
      : table.columns.map(each => each.name)
    const rows: string[][] = []
    for (const group of splitCommas(tokens.slice(values + 1))) {
      if (!is(group[0], '(')) break
      let depth = 0
      const end = group.findIndex(each => {
        if (is(each, '(')) depth++
        return is(each, ')') && --depth === 0
      })
      rows.push(splitCommas(group.slice(1, end)).map(each => translate(each)))
    }
    return { table, columns, rows }
  }

  #value(expression: string): Raw {
    try {
      return (this.store.sql.exec(`SELECT ${expression}`)[0]?.values[0]?.[0] ?? null) as Raw
    } catch {
      return null
    }
  }

  #duplicate(where: string, tokens: readonly Token[]): SqlError {
    const parts = where.split(', ').map(each => each.split('.'))
    const table = this.store.table(parts[0]?.[0] ?? '')
    const columns = parts.map(each => each[1] ?? '')
    const same = (each: Constraint): boolean =>
      each.columns.length === columns.length && each.columns.every(column => columns.includes(column))
    const constraint = table?.constraints.find(
      each => (each.kind === 'primary' || each.kind === 'unique') && same(each),
    )
    const name = constraint?.name ?? `${table?.name}_${columns.join('_')}_key`
    let detail: string | undefined
    const inserted = this.#inserted(tokens)
    for (const row of inserted?.rows ?? []) {
      const values = columns.map(column => this.#value(row[inserted?.columns.indexOf(column) ?? -1] ?? 'NULL'))
      if (values.includes(null)) continue
      const test = columns
        .map(
          (column, at) =>
            `${quoteName(column)} = ${typeof values[at] === 'number' ? values[at] : quoteText(String(values[at]))}`,
        )
        .join(' AND ')
      if (
        this.#value(`EXISTS (SELECT 1 FROM ${quoteName(table?.name ?? '')} WHERE ${test})`) === 1 ||
        (inserted?.rows.length ?? 0) > 1
      ) {
        detail = `Key (${columns.join(', ')})=(${values.join(', ')}) already exists.`
        break
      }
    }
    return new SqlError('23505', `duplicate key value violates unique constraint "${name}"`, { detail })
  }

  #failingRow(name: string, tokens: readonly Token[]): string | undefined {
    const inserted = this.#inserted(tokens)
    const table = this.store.table(name)
    const row = inserted?.rows[0]
    if (!table || !inserted || !row) return undefined
    const shown = table.columns.map(column => {
      const at = inserted.columns.indexOf(column.name)
      if (at >= 0) return show(this.#value(row[at] ?? 'NULL'), column.type) ?? 'null'
      if (column.serial) return String(this.currval(`${table.name}_${column.name}_seq`))
      if (column.shown === 'now()' || column.shown === 'CURRENT_TIMESTAMP') return show(timeNow(this.p), column.type)
      return column.shown === ''
        ? 'null'
        : (show(this.#value(column.shown.replace(/::[\w ]+$/, '')), column.type) ?? 'null')
    })
    return `Failing row contains (${shown.join(', ')}).`
  }

  #foreign(tokens: readonly Token[]): SqlError {
    const inserted = this.#inserted(tokens)
    for (const constraint of inserted?.table.constraints ?? []) {
      if (constraint.kind !== 'foreign') continue
      for (const row of inserted?.rows ?? []) {
        const values = constraint.columns.map(column =>
          this.#value(row[inserted?.columns.indexOf(column) ?? -1] ?? 'NULL'),
        )
        if (values.includes(null)) continue
        const test = (constraint.references ?? [])
          .map(
            (column, at) =>
              `${quoteName(column)} = ${typeof values[at] === 'number' ? values[at] : quoteText(String(values[at]))}`,
          )
          .join(' AND ')
        if (this.#value(`EXISTS (SELECT 1 FROM ${quoteName(constraint.table ?? '')} WHERE ${test})`) === 1) continue
        return new SqlError(
          '23503',
          `insert or update on table "${inserted?.table.name}" violates foreign key constraint "${constraint.name}"`,
          {
            detail: `Key (${constraint.columns.join(', ')})=(${values.join(', ')}) is not present in table "${constraint.table}".`,
          },
        )
      }
    }
    const target = tokens.find((_, at) => is(tokens[at - 1], 'from', 'update'))
    const name = target ? nameOf(target) : ''
    for (const table of this.store.meta.tables)
      for (const constraint of table.constraints)
        if (constraint.kind === 'foreign' && constraint.table === name)
          return new SqlError(
            '23503',
            `update or delete on table "${name}" violates foreign key constraint "${constraint.name}" on table "${table.name}"`,
            {
              detail: `Key is still referenced from table "${table.name}".`,
            },
          )
    return new SqlError('23503', 'insert or update violates foreign key constraint')
  }

  #check(name: string, tokens: readonly Token[]): SqlError {
    const length = /^_length_(\d+)_/.exec(name)
    if (length) return new SqlError('22001', `value too long for type character varying(${length[1]})`)
    const kind = /^_type_(\w+?)_col_(.+)$/.exec(name)
    if (kind) {
      const inserted = this.#inserted(tokens)
      const at = inserted?.columns.indexOf(kind[2] ?? '') ?? -1
      const value = inserted?.rows.map(row => this.#value(row[at] ?? 'NULL')).find(each => typeof each === 'string')
      const word = tokens.find(each => each.kind === 'string' && each.text === value)
      return new SqlError(
        '22P02',
        `invalid input syntax for type ${(kind[1] ?? '').replaceAll('_', ' ')}: "${value ?? ''}"`,
        { position: word && word.at + 1 },
      )
    }
    const table = tokens.find((_, at) => is(tokens[at - 1], 'into', 'update'))
    return new SqlError(
      '23514',
      `new row for relation "${table ? nameOf(table) : ''}" violates check constraint "${name}"`,
      { detail: this.#failingRow(table ? nameOf(table) : '', tokens) },
    )
  }

  /** Views that stand for the system's catalogue, where a statement asks for them. */
  #catalogue(tokens: readonly Token[]): void {
    const wanted = tokens.some(each => /^(pg_|information_schema)/i.test(each.text))
    if (!wanted) return
    const { sql } = this.store
    const rows = (name: string, columns: string, values: string[]): void => {
      sql.run(`DROP TABLE IF EXISTS temp.${name}; CREATE TEMP TABLE ${name} (${columns})`)
      for (const each of values) sql.run(`INSERT INTO temp.${name} VALUES (${each})`)
    }
    const tables = this.store.meta.tables
    const text = quoteText
    rows(
      'information_schema_tables',
      'table_catalog, table_schema, table_name, table_type',
      tables.map(
        each =>
          `${text(this.database)}, 'public', ${text(each.name)}, ${each.kind === 'view' ? "'VIEW'" : "'BASE TABLE'"}`,
      ),
    )
    rows(
      'information_schema_columns',
      'table_schema, table_name, column_name, ordinal_position, column_default, is_nullable, data_type',
      tables.flatMap(table =>
        table.columns.map(
          (each, at) =>
            `'public', ${text(table.name)}, ${text(each.name)}, ${at + 1}, ${each.shown === '' ? 'NULL' : text(each.shown)}, ${each.notNull ? "'NO'" : "'YES'"}, ${text(each.type.name.replace(/\(.*\)/, ''))}`,
        ),
      ),
    )
    rows(
      'pg_tables',
      'schemaname, tablename, tableowner',
      tables.filter(each => each.kind === 'table').map(each => `'public', ${text(each.name)}, ${text(each.owner)}`),
    )
    rows(
      'pg_database',
      'oid, datname, datistemplate, datallowconn',
      this.cluster.databases.map(
        each => `${each.oid}, ${text(each.name)}, ${each.name.startsWith('template') ? 1 : 0}, 1`,
      ),
    )
    rows(
      'pg_roles',
      'rolname, rolsuper, rolcreatedb, rolcanlogin',
      this.cluster.roles.map(
        each => `${text(each.name)}, ${Number(each.superuser)}, ${Number(each.createdb)}, ${Number(each.login)}`,
      ),
    )
    rows(
      'pg_user',
      'usename, usesuper, usecreatedb',
      this.cluster.roles
        .filter(each => each.login)
        .map(each => `${text(each.name)}, ${Number(each.superuser)}, ${Number(each.createdb)}`),
    )
    rows('pg_stat_activity', 'pid, datname, usename, state, query', [
      `${this.p.pid}, ${text(this.database)}, ${text(this.user)}, 'active', ''`,
    ])
    rows('pg_extension', 'extname, extversion', ["'plpgsql', '1.0'"])
  }

  #query(text: string, tokens: readonly Token[], params: readonly string[]): Result {
    checkDivision(tokens)
    this.#catalogue(tokens)
    const into = tokens.findIndex(each => is(each, 'into'))
    if (into > 0 && is(tokens[0], 'select')) throw new SqlError('0A000', 'minidock: SELECT INTO is not modelled')
    try {
      const { names, rows } = this.#rows(translate(tokens, params))
      return this.#answer(text, tokens, names, rows, `SELECT ${rows.length}`)
    } catch (error) {
      return this.#fail(error, text, tokens)
    }
  }

  #rows(sql: string): { names: string[]; rows: Raw[][] } {
    const statement = this.store.sql.prepare(sql)
    try {
      const rows: Raw[][] = []
      while (statement.step()) {
        rows.push(statement.get() as Raw[])
        if (rows.length > mostRows) throw new SqlError('53200', 'out of memory')
      }
      return { names: statement.getColumnNames(), rows }
    } finally {
      statement.free()
    }
  }

  #answer(text: string, tokens: readonly Token[], names: string[], rows: Raw[][], tag: string): Result {
    const fields = describeFields(this.store, tokens, names, rows, text)
    return {
      tag,
      fields,
      rows: rows.map(row => row.map((value, at) => show(value, fields[at]?.type ?? typeOf('text')))),
    }
  }

  #change(verb: string, text: string, tokens: readonly Token[], params: readonly string[]): Result {
    checkDivision(tokens)
    try {
      if (verb === 'truncate') {
        const names = splitCommas(tokens.slice(is(tokens[1], 'table') ? 2 : 1))
          .map(each => each[0])
          .filter(each => each !== undefined && !is(each, 'restart', 'cascade')) as Token[]
        for (const each of names) {
          this.store.sql.run(`DELETE FROM ${quoteName(nameOf(each))}`)
          if (tokens.some(one => is(one, 'restart')))
            for (const key of Object.keys(this.store.meta.sequences))
              if (key.startsWith(`${nameOf(each)}_`)) this.store.meta.sequences[key] = 0
        }
        return { tag: 'TRUNCATE TABLE' }
      }
      const returning = tokens.some(each => is(each, 'returning'))
      const { names, rows } = this.#rows(this.#withDefaults(tokens, params))
      const changed = returning ? rows.length : this.store.sql.getRowsModified()
      const tag = verb === 'insert' ? `INSERT 0 ${changed}` : `${verb.toUpperCase()} ${changed}`
      return returning ? this.#answer(text, tokens, names, rows, tag) : { tag }
    } catch (error) {
      return this.#fail(error, text, tokens)
    }
  }

  /** DEFAULT among the values of an INSERT is what the column has. */
  #withDefaults(tokens: readonly Token[], params: readonly string[]): string {
    const inserted = tokens.some(each => is(each, 'default')) ? this.#inserted(tokens) : undefined
    if (!inserted) return translate(tokens, params)
    let column = -1
    let depth = 0
    const values = tokens.findIndex(each => is(each, 'values'))
    const changed = tokens.map((token, at) => {
      if (at <= values) return token
      if (is(token, '(')) {
        if (depth++ === 0) column = 0
      } else if (is(token, ')')) depth--
      else if (is(token, ',') && depth === 1) column++
      if (!is(token, 'default')) return token
      const found = inserted.table.columns.find(each => each.name === inserted.columns[column])
      const shown = found?.serial ? `nextval('${inserted.table.name}_${found.name}_seq')` : (found?.shown ?? '')
      return {
        kind: 'param' as const,
        text: `$${params.length + defaults.push(shown === '' ? 'NULL' : shown.replace(/::[\w ]+$/, '').replace('now()', 'pg_now()'))}`,
        at: token.at,
      }
    })
    const defaults: string[] = []
    return translate(changed, [...params, ...defaults])
  }

  #createTable(tokens: readonly Token[], params: readonly string[]): Result {
    const at = tokens.findIndex(each => is(each, 'table')) + 1
    const gentle = is(tokens[at], 'if')
    const start = gentle ? at + 3 : at
    const nameAt = is(tokens[start], 'public') && is(tokens[start + 1], '.') ? start + 2 : start
    const token = tokens[nameAt]
    if (!token) throw new SqlError('42601', 'syntax error at end of input')
    const name = nameOf(token)
    if (this.store.table(name)) {
      if (!gentle) throw new SqlError('42P07', `relation "${name}" already exists`)
      this.notices.push(`NOTICE:  relation "${name}" already exists, skipping`)
      return { tag: 'CREATE TABLE' }
    }
    if (is(tokens[nameAt + 1], 'as')) return this.#createAs(name, tokens.slice(nameAt + 2), params)
    const made = createTable(this.store, name, this.user, tokens, nameAt + 1)
    try {
      this.store.sql.run(made.sql)
    } catch (error) {
      this.#fail(error, '', tokens)
    }
    this.store.meta.tables.push(made.table)
    for (const column of made.table.columns)
      if (column.serial) this.store.meta.sequences[`${name}_${column.name}_seq`] = 0
    return { tag: 'CREATE TABLE' }
  }

  #createAs(name: string, tokens: readonly Token[], params: readonly string[]): Result {
    const result = this.#query('', tokens, params)
    const columns = (result.fields ?? []).map(each => ({
      name: each.name,
      type: each.type,
      notNull: false,
      shown: '',
      serial: false,
    }))
    this.store.sql.run(`CREATE TABLE ${quoteName(name)} AS ${translate(tokens, params)}`)
    this.store.meta.tables.push({ name, kind: 'table', owner: this.user, columns, constraints: [] })
    return { tag: `SELECT ${result.rows?.length ?? 0}` }
  }

  #createIndex(text: string, tokens: readonly Token[]): Result {
    try {
      const made = createIndex(this.store, tokens)
      if (made.notice) this.notices.push(made.notice)
      if (made.sql) this.store.sql.run(made.sql)
    } catch (error) {
      this.#fail(error, text, tokens)
    }
    return { tag: 'CREATE INDEX' }
  }

  #createView(text: string, tokens: readonly Token[]): Result {
    const at = tokens.findIndex(each => is(each, 'view')) + 1
    const token = tokens[at]
    const as = tokens.findIndex(each => is(each, 'as'))
    if (!token || as < 0) throw new SqlError('42601', 'syntax error at end of input')
    const name = nameOf(token)
    const replace = is(tokens[2], 'replace')
    if (this.store.table(name)) {
      if (!replace) throw new SqlError('42P07', `relation "${name}" already exists`)
      this.store.sql.run(`DROP VIEW ${quoteName(name)}`)
      this.store.meta.tables = this.store.meta.tables.filter(each => each.name !== name)
    }
    const body = tokens.slice(as + 1)
    const result = this.#query(text, body, [])
    this.store.sql.run(`CREATE VIEW ${quoteName(name)} AS ${translate(body)}`)
    const columns = (result.fields ?? []).map(each => ({
      name: each.name,
      type: each.type,
      notNull: false,
      shown: '',
      serial: false,
    }))
    this.store.meta.tables.push({
      name,
      kind: 'view',
      owner: this.user,
      columns,
      constraints: [],
      text: text.slice(body[0]?.at ?? 0),
    })
    return { tag: 'CREATE VIEW' }
  }

  #createSequence(tokens: readonly Token[]): Result {
    const at = is(tokens[2], 'if') ? 5 : 2
    const name = tokens[at] ? nameOf(tokens[at] as Token) : ''
    const start = tokens.findIndex(each => is(each, 'start'))
    const first = start < 0 ? 1 : Number(tokens.slice(start).find(each => each.kind === 'number')?.text ?? 1)
    this.store.meta.sequences[name] ??= first - 1
    return { tag: 'CREATE SEQUENCE' }
  }

  #alter(text: string, tokens: readonly Token[], params: readonly string[]): Result {
    void params
    try {
      for (const sql of alterTable(this.store, tokens)) this.store.sql.run(sql)
    } catch (error) {
      this.#fail(error, text, tokens)
    }
    return { tag: 'ALTER TABLE' }
  }

  #drop(object: string, tokens: readonly Token[]): Result {
    const gentle = is(tokens[2], 'if')
    const cascade = tokens.some(each => is(each, 'cascade'))
    const names = splitCommas(tokens.slice(gentle ? 4 : 2))
      .map(each => each.findLast(one => !is(one, 'cascade', 'restrict', '.', 'public') && one.kind !== 'symbol'))
      .filter(each => each !== undefined)
    const tag = `DROP ${object.toUpperCase()}`
    for (const token of names) {
      const name = nameOf(token)
      const skip = (kind: string): boolean => {
        if (!gentle) return false
        this.notices.push(`NOTICE:  ${kind} "${name}" does not exist, skipping`)
        return true
      }
      if (object === 'table' || object === 'view') {
        const table = this.store.table(name)
        if (!table || table.kind !== object) {
          if (skip(object)) continue
          if (table)
            throw new SqlError('42809', `"${name}" is not a ${object}`, {
              hint: `Use DROP ${table.kind.toUpperCase()} to remove a ${table.kind}.`,
            })
          throw new SqlError('42P01', `${object} "${name}" does not exist`)
        }
        const users = this.store.meta.tables.filter(
          each => each !== table && each.constraints.some(one => one.kind === 'foreign' && one.table === name),
        )
        if (users.length > 0 && !cascade) {
          const [user] = users
          const constraint = user?.constraints.find(one => one.table === name)
          throw new SqlError('2BP01', `cannot drop table ${name} because other objects depend on it`, {
            detail: `constraint ${constraint?.name} on table ${user?.name} depends on table ${name}`,
            hint: 'Use DROP ... CASCADE to drop the dependent objects too.',
          })
        }
        this.store.sql.run(
          `PRAGMA foreign_keys = OFF; DROP ${object.toUpperCase()} ${quoteName(name)}; PRAGMA foreign_keys = ON`,
        )
        this.store.meta.tables = this.store.meta.tables.filter(each => each !== table)
        for (const key of Object.keys(this.store.meta.sequences))
          if (table.columns.some(column => key === `${name}_${column.name}_seq`)) delete this.store.meta.sequences[key]
      } else if (object === 'database') {
        const found = this.cluster.databases.find(each => each.name === name)
        if (!found) {
          if (skip('database')) continue
          throw new SqlError('3D000', `database "${name}" does not exist`)
        }
        if (name === this.database) throw new SqlError('55006', 'cannot drop the currently open database')
        this.cluster.databases = this.cluster.databases.filter(each => each !== found)
        writeCluster(this.p, this.data, this.cluster)
      } else if (object === 'user' || object === 'role') {
        if (!this.cluster.roles.some(each => each.name === name)) {
          if (skip('role')) continue
          throw new SqlError('42704', `role "${name}" does not exist`)
        }
        this.cluster.roles = this.cluster.roles.filter(each => each.name !== name)
        writeCluster(this.p, this.data, this.cluster)
        return { tag: 'DROP ROLE' }
      } else if (object === 'index') {
        for (const table of this.store.meta.tables)
          table.constraints = table.constraints.filter(each => each.name !== name)
        this.store.sql.run(`DROP INDEX IF EXISTS ${quoteName(name)}`)
      } else if (object === 'sequence') delete this.store.meta.sequences[name]
    }
    return { tag }
  }

  #createDatabase(tokens: readonly Token[]): Result {
    const token = tokens[2]
    if (!token) throw new SqlError('42601', 'syntax error at end of input')
    const name = nameOf(token)
    if (this.cluster.databases.some(each => each.name === name))
      throw new SqlError('42P04', `database "${name}" already exists`)
    const ownerAt = tokens.findIndex(each => is(each, 'owner'))
    const owner =
      ownerAt < 0 ? this.user : nameOf(tokens[is(tokens[ownerAt + 1], '=') ? ownerAt + 2 : ownerAt + 1] as Token)
    const oid = Math.max(16_383, ...this.cluster.databases.map(each => each.oid)) + 1
    this.cluster.databases.push({ name, oid, owner })
    writeCluster(this.p, this.data, this.cluster)
    try {
      this.p.mkdir(`${this.data}/base/${oid}`, 0o700)
    } catch {
      // It is there already.
    }
    return { tag: 'CREATE DATABASE' }
  }

  #createRole(tokens: readonly Token[], login: boolean): Result {
    const name = tokens[2] ? nameOf(tokens[2] as Token) : ''
    if (this.cluster.roles.some(each => each.name === name))
      throw new SqlError('42710', `role "${name}" already exists`)
    const has = (word: string): boolean => tokens.slice(3).some(each => is(each, word))
    this.cluster.roles.push({
      name,
      password: passwordOf(tokens),
      superuser: has('superuser'),
      createdb: has('createdb') || has('superuser'),
      login: login || has('login'),
    })
    writeCluster(this.p, this.data, this.cluster)
    return { tag: 'CREATE ROLE' }
  }

  #alterRole(tokens: readonly Token[]): Result {
    const name = tokens[2] ? nameOf(tokens[2] as Token) : ''
    const role = this.cluster.roles.find(each => each.name === name)
    if (!role) throw new SqlError('42704', `role "${name}" does not exist`)
    role.password = passwordOf(tokens) ?? role.password
    if (tokens.some(each => is(each, 'superuser'))) role.superuser = true
    if (tokens.some(each => is(each, 'createdb'))) role.createdb = true
    writeCluster(this.p, this.data, this.cluster)
    return { tag: 'ALTER ROLE' }
  }

  #show(tokens: readonly Token[]): Result {
    const name = tokens
      .slice(1)
      .map(each => each.text.toLowerCase())
      .join(' ')
    // What psql's backslash commands are answered from.
    const catalogue = (): string =>
      JSON.stringify({
        ...this.store.meta,
        cluster: {
          databases: this.cluster.databases,
          roles: this.cluster.roles.map(each => ({ ...each, password: undefined })),
        },
      })
    if (name === 'minidock . catalogue')
      return { tag: 'SHOW', fields: [{ name: 'catalogue', type: typeOf('text') }], rows: [[catalogue()]] }
    const values: Record<string, string> = {
      server_version: this.version.split(' ')[1] ?? '',
      data_directory: this.data,
      max_connections: '100',
      timezone: 'Etc/UTC',
      'time zone': 'Etc/UTC',
      server_encoding: 'UTF8',
      client_encoding: 'UTF8',
      search_path: '"$user", public',
      port: '5432',
      listen_addresses: '*',
      shared_buffers: '128MB',
      datestyle: 'ISO, MDY',
      work_mem: '4MB',
      config_file: `${this.data}/postgresql.conf`,
      hba_file: `${this.data}/pg_hba.conf`,
      transaction_isolation: 'read committed',
    }
    const value = values[name]
    if (value === undefined) throw new SqlError('42704', `unrecognized configuration parameter "${name}"`)
    return {
      tag: 'SHOW',
      fields: [{ name: name === 'timezone' ? 'TimeZone' : name, type: typeOf('text') }],
      rows: [[value]],
    }
  }
}

function passwordOf(tokens: readonly Token[]): string | undefined {
  const at = tokens.findIndex(each => is(each, 'password'))
  return at < 0 ? undefined : tokens[at + 1]?.kind === 'string' ? tokens[at + 1]?.text : undefined
}

function checkDivision(tokens: readonly Token[]): void {
  for (const [at, token] of tokens.entries())
    if (is(token, '/', '%') && tokens[at + 1]?.kind === 'number' && Number(tokens[at + 1]?.text) === 0)
      throw new SqlError('22012', 'division by zero')
}

function locate(error: SqlError, tokens: readonly Token[]): SqlError {
  const value = /: "(.*)"$/.exec(error.message)?.[1]
  const token = tokens.find(each => each.kind === 'string' && each.text.trim() === value)
  return token ? new SqlError(error.code, error.message, { detail: error.detail, position: token.at + 1 }) : error
}

const bool = typeOf('boolean')
const int4 = typeOf('integer')
const int8 = typeOf('bigint')
const textType = typeOf('text')

/** Names and types of an answer's columns, from the list of the statement and the tables that it reads. */
function describeFields(
  store: Store,
  tokens: readonly Token[],
  names: readonly string[],
  rows: readonly Raw[][],
  text: string,
): { name: string; type: SqlType }[] {
  void text
  const items = selectItems(tokens)
  const sources = tablesOf(store, tokens)
  const found: { name: string; type: SqlType | undefined }[] = []
  for (const item of items) {
    const last = item.at(-1)
    if (last && is(last, '*') && (item.length === 1 || is(item[1], '.'))) {
      const only = item.length > 1 ? nameOf(item[0] as Token) : undefined
      const wanted = sources.filter(each => only === undefined || each.alias === only)
      for (const source of wanted)
        for (const column of source.table.columns) found.push({ name: column.name, type: column.type })
      continue
    }
    const as = item.findLastIndex((each, at) => is(each, 'as') && at === item.length - 2)
    const bareAlias =
      as < 0 &&
      item.length > 1 &&
      last &&
      (last.kind === 'word' || last.kind === 'quoted') &&
      endsOperand(item.at(-2)) &&
      !is(last, 'end', 'null', 'true', 'false')
    const expression = as > 0 ? item.slice(0, as) : bareAlias ? item.slice(0, -1) : item
    const type = inferType(expression, sources)
    const name = (as > 0 || bareAlias) && last ? nameOf(last) : defaultName(expression)
    found.push({ name, type })
  }
  const exact = found.length === names.length
  return names.map((name, at) => ({
    name: (exact ? found[at]?.name : undefined) ?? name.toLowerCase().replace(/^"|"$/g, ''),
    type:
      (exact ? found[at]?.type : undefined) ??
      sources.flatMap(each => each.table.columns).find(each => each.name === name.toLowerCase())?.type ??
      byValues(rows, at),
  }))
}

const endsOperand = (token: Token | undefined): boolean =>
  token !== undefined &&
  (token.kind !== 'symbol'
    ? !is(token, 'and', 'or', 'not', 'is', 'in', 'like', 'distinct', 'case', 'when', 'then', 'else', 'as', 'select')
    : is(token, ')', ']'))

function byValues(rows: readonly Raw[][], at: number): SqlType {
  for (const row of rows) {
    const value = row[at]
    if (typeof value === 'number') return Number.isInteger(value) ? int4 : typeOf('numeric')
    if (value !== null) return textType
  }
  return textType
}

/** The items of the list that the outermost SELECT or RETURNING has. */
function selectItems(tokens: readonly Token[]): Token[][] {
  let depth = 0
  let start = -1
  let end = tokens.length
  const returning = is(tokens[0], 'insert', 'update', 'delete')
  for (const [at, token] of tokens.entries()) {
    if (is(token, '(')) depth++
    if (is(token, ')')) depth--
    if (depth !== 0) continue
    if (start < 0 && (returning ? is(token, 'returning') : is(token, 'select'))) {
      start = at + 1
      if (is(tokens[start], 'distinct', 'all')) start++
    } else if (
      start >= 0 &&
      is(token, 'from', 'where', 'group', 'order', 'limit', 'union', 'intersect', 'except', 'having', 'window') &&
      !(is(token, 'from') && is(tokens[at - 1], 'distinct'))
    ) {
      end = at
      break
    }
  }
  return start < 0 ? [] : splitCommas(tokens.slice(start, end))
}

function tablesOf(store: Store, tokens: readonly Token[]): { alias: string; table: Table }[] {
  const found: { alias: string; table: Table }[] = []
  for (const [at, token] of tokens.entries()) {
    if (!is(token, 'from', 'join', 'into', 'update', ',')) continue
    let next = at + 1
    if (is(tokens[next], 'public') && is(tokens[next + 1], '.')) next += 2
    const word = tokens[next]
    if (!word || word.kind === 'symbol') continue
    const table = store.table(nameOf(word))
    if (!table) continue
    const alias = is(tokens[next + 1], 'as') ? tokens[next + 2] : tokens[next + 1]
    const named =
      alias &&
      (alias.kind === 'word' || alias.kind === 'quoted') &&
      !is(
        alias,
        'on',
        'where',
        'join',
        'left',
        'right',
        'inner',
        'outer',
        'cross',
        'full',
        'group',
        'order',
        'limit',
        'set',
        'values',
        'returning',
        'natural',
        'using',
        'union',
        'offset',
        'select',
        'default',
        'for',
        'having',
      )
    if (!found.some(each => each.table === table && each.alias === (named ? nameOf(alias) : table.name)))
      found.push({ alias: named ? nameOf(alias) : table.name, table })
  }
  return found
}

function defaultName(item: readonly Token[]): string {
  const [first, second] = item
  if (!first) return '?column?'
  const cast = item.findLastIndex(each => is(each, '::'))
  if (cast > 0) {
    const inner = item.slice(0, cast)
    const name = defaultName(inner)
    if (name !== '?column?') return name
    return readType(item, cast + 1)
      .name.replace('integer', 'int4')
      .replace(/^int$/, 'int4')
      .replace('boolean', 'bool')
  }
  if (item.length === 1 && (first.kind === 'word' || first.kind === 'quoted'))
    return is(first, 'null') || is(first, 'true', 'false') ? '?column?' : nameOf(first)
  if (is(first, 'case')) return 'case'
  if (is(first, 'exists', 'cast', 'extract') && is(second, '('))
    return is(first, 'cast')
      ? defaultName(
          item.slice(
            2,
            item.findIndex(each => is(each, 'as')),
          ),
        )
      : nameOf(first)
  if (item.length === 3 && is(second, '.')) return nameOf(item[2] as Token)
  if (first.kind === 'word' && is(second, '(')) {
    let depth = 0
    const close = item.findIndex((each, at) => {
      if (at === 0) return false
      if (is(each, '(')) depth++
      return is(each, ')') && --depth === 0
    })
    if (close === item.length - 1 || is(item[close + 1], 'over', 'filter')) return nameOf(first)
  }
  return '?column?'
}

const textCalls =
  'upper lower concat concat_ws trim ltrim rtrim replace substr substring initcap left right reverse repeat lpad rpad split_part md5 string_agg to_char version current_database current_schema coalesce_text translate quote_ident pg_size_pretty'.split(
    ' ',
  )

function inferType(item: readonly Token[], sources: readonly { alias: string; table: Table }[]): SqlType | undefined {
  const [first, second] = item
  if (!first) return undefined
  const column = (name: string, alias?: string): SqlType | undefined =>
    sources
      .filter(each => alias === undefined || each.alias === alias)
      .flatMap(each => each.table.columns)
      .find(each => each.name === name)?.type
  let depth = 0
  let logical = false
  let arithmetic = false
  for (const token of item) {
    if (is(token, '(')) depth++
    if (is(token, ')')) depth--
    if (depth > 0) continue
    if (
      is(
        token,
        '=',
        '<',
        '>',
        '<=',
        '>=',
        '<>',
        '!=',
        'and',
        'or',
        'not',
        'is',
        'in',
        'like',
        'ilike',
        'between',
        'exists',
        '~',
        '~*',
      )
    )
      logical = true
    if (is(token, '+', '-', '*', '/', '%')) arithmetic = true
    if (is(token, '||')) return textType
  }
  if (logical && !is(first, 'case')) return bool
  const cast = item.findLastIndex(each => is(each, '::'))
  if (cast > 0 && !arithmetic) {
    const { name, sizes } = readType(item, cast + 1)
    return typeOf(name, sizes)
  }
  if (item.length === 1) {
    if (first.kind === 'number')
      return first.text.includes('.')
        ? typeOf('numeric', [38, first.text.split('.')[1]?.length ?? 0])
        : Number(first.text) > 2_147_483_647
          ? int8
          : int4
    if (first.kind === 'string') return textType
    if (is(first, 'true', 'false')) return bool
    if (is(first, 'null')) return textType
    if (is(first, 'current_timestamp')) return typeOf('timestamptz')
    if (is(first, 'current_date')) return typeOf('date')
    return column(nameOf(first))
  }
  if (item.length === 3 && is(second, '.')) return column(nameOf(item[2] as Token), nameOf(first))
  if (arithmetic) {
    const types = splitOperators(item).map(each => inferType(each, sources))
    if (types.some(each => each?.oid === 1114 || each?.oid === 1184)) return typeOf('timestamptz')
    const numeric = types.filter(each => each?.oid === 1700)
    if (numeric.length > 0)
      return typeOf('numeric', [
        38,
        item.some(each => is(each, '*'))
          ? numeric.reduce((sum, each) => sum + (each?.scale ?? 0), 0)
          : Math.max(...numeric.map(each => each?.scale ?? 0)),
      ])
    return (
      types.find(each => each?.oid === 701) ??
      (types.every(each => each?.oid === 23) ? int4 : types.find(each => each?.oid === 20))
    )
  }
  if (is(second, '(')) {
    const name = nameOf(first)
    const inner = item.slice(2, -1)
    if (
      [
        'count',
        'row_number',
        'rank',
        'dense_rank',
        'nextval',
        'currval',
        'pg_database_size',
        'ntile',
        'length_big',
      ].includes(name)
    )
      return int8
    if (['length', 'char_length', 'position', 'strpos', 'pg_backend_pid', 'array_length'].includes(name)) return int4
    if (name === 'avg') return typeOf('numeric', [38, 16])
    if (name === 'sum') {
      const type = inferType(inner, sources)
      return type?.oid === 1700 ? type : type?.oid === 20 ? typeOf('numeric', [38, 0]) : type?.oid === 701 ? type : int8
    }
    if (
      [
        'min',
        'max',
        'greatest',
        'least',
        'coalesce',
        'nullif',
        'abs',
        'first_value',
        'last_value',
        'lag',
        'lead',
      ].includes(name)
    )
      return inferType(splitCommas(inner)[0] ?? [], sources)
    if (name === 'round') {
      const [, digits] = splitCommas(inner)
      return typeOf('numeric', [38, Number(digits?.[0]?.text ?? 0)])
    }
    if (['now', 'clock_timestamp', 'date_trunc', 'transaction_timestamp'].includes(name)) return typeOf('timestamptz')
    if (name === 'random') return typeOf('float8')
    if (name === 'extract') return typeOf('numeric')
    if (name === 'gen_random_uuid' || name === 'uuid_generate_v4') return typeOf('uuid')
    if (['json_agg', 'json_build_object', 'row_to_json', 'to_json'].includes(name)) return typeOf('json')
    if (['jsonb_agg', 'jsonb_build_object'].includes(name)) return typeOf('jsonb')
    if (['bool_and', 'bool_or', 'every', 'exists', 'starts_with', 'has_table_privilege'].includes(name)) return bool
    if (name === 'cast') {
      const as = item.findLastIndex(each => is(each, 'as'))
      const { name: target, sizes } = readType(item, as + 1)
      return typeOf(target, sizes)
    }
    if (textCalls.includes(name)) return textType
  }
  if (is(first, 'case')) {
    const then = item.findIndex(each => is(each, 'then'))
    const end = item.findIndex((each, at) => at > then && is(each, 'when', 'else', 'end'))
    return inferType(item.slice(then + 1, end), sources)
  }
  if (is(first, '(') && is(item.at(-1), ')')) return inferType(item.slice(1, -1), sources)
  return undefined
}

function splitOperators(item: readonly Token[]): Token[][] {
  const parts: Token[][] = [[]]
  let depth = 0
  for (const token of item) {
    if (is(token, '(')) depth++
    if (is(token, ')')) depth--
    if (depth === 0 && is(token, '+', '-', '*', '/', '%')) parts.push([])
    else parts.at(-1)?.push(token)
  }
  return parts.filter(each => each.length > 0)
}
