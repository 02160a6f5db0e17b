/** psql: SQL from the command line, a file, standard input or a prompt, and its backslash commands. */
import type { CoroutineProgram, Proc, Routine } from '../../../kernel/program.ts'
import { Lines, readFile } from '../../../kernel/userland/lib/input.ts'
import { isErrno } from '../../../vfs/errno.ts'
import { type Answer, Client, defaultTarget, readConnectionText, type Target } from './client.ts'
import {
  type Description,
  describeDatabases,
  describeRoles,
  describeTable,
  type Listing,
  relationList,
} from './describe.ts'
import type { ErrorFields } from './protocol.ts'
import { formatTable, type Style } from './table.ts'
import { splitStatements } from './tokens.ts'

const say = (fd: number, text: string) => ({ op: 'write' as const, fd, data: Buffer.from(text, 'utf8') })

interface Options extends Style {
  target: Target
  commands: { text: string; file: boolean }[]
  stopOnError: boolean
  quiet: boolean
  noPassword: boolean
  list: boolean
  variables: Map<string, string>
  single: boolean
}

export const program: CoroutineProgram = {
  kind: 'coroutine',
  name: 'psql',
  *main(p) {
    const options = yield* parse(p)
    if (typeof options === 'number') return options
    return yield* new Psql(p, options).main()
  },
}

function* parse(p: Proc): Routine<Options | number> {
  const version = p.marker['version'] ?? '16.9'
  const options: Options = {
    target: defaultTarget(p),
    commands: [],
    stopOnError: false,
    quiet: false,
    noPassword: false,
    list: false,
    variables: new Map(),
    single: false,
    tuplesOnly: false,
    aligned: true,
    separator: '|',
    expanded: false,
    html: false,
    csv: false,
  }
  const free: string[] = []
  const words = p.argv.slice(1).map(each => Buffer.from(each, 'latin1').toString('utf8'))
  const long: Record<string, string> = {
    '--username': '-U',
    '--dbname': '-d',
    '--host': '-h',
    '--port': '-p',
    '--command': '-c',
    '--file': '-f',
    '--tuples-only': '-t',
    '--no-align': '-A',
    '--field-separator': '-F',
    '--variable': '-v',
    '--set': '-v',
    '--quiet': '-q',
    '--no-password': '-w',
    '--password': '-W',
    '--no-psqlrc': '-X',
    '--list': '-l',
    '--expanded': '-x',
    '--version': '-V',
    '--single-transaction': '-1',
    '--echo-all': '-a',
    '--echo-errors': '-b',
    '--echo-queries': '-e',
    '--html': '-H',
  }
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    let inline: string | undefined
    if (word.startsWith('--') && word.includes('=')) {
      inline = word.slice(word.indexOf('=') + 1)
      word = word.slice(0, word.indexOf('='))
    }
    let rest = long[word] ?? word
    if (word === '--csv') {
      options.csv = true
      continue
    }
    if (word === '--help') {
      yield say(1, `psql is the PostgreSQL interactive terminal.\n\nUsage:\n  psql [OPTION]... [DBNAME [USERNAME]]\n`)
      return 0
    }
    if (!rest.startsWith('-') || rest === '-') {
      free.push(rest)
      continue
    }
    // Flags may stand together: -tAc 'SELECT 1'.
    for (; rest.length > 1; rest = `-${rest.slice(2)}`) {
      const flag = rest[1] ?? ''
      if ('UdhpcfvFPLoTR'.includes(flag)) {
        const value = inline ?? (rest.length > 2 ? rest.slice(2) : words.shift())
        if (value === undefined) {
          yield say(
            2,
            `psql: option requires an argument -- '${flag}'\npsql: hint: Try "psql --help" for more information.\n`,
          )
          return 1
        }
        if (flag === 'U') options.target.user = value
        else if (flag === 'd') {
          if (!readConnectionText(value, options.target)) options.target.database = value
        } else if (flag === 'h') options.target.host = value.startsWith('/') || value === '' ? undefined : value
        else if (flag === 'p') options.target.port = Number(value)
        else if (flag === 'c') options.commands.push({ text: value, file: false })
        else if (flag === 'f') options.commands.push({ text: value, file: true })
        else if (flag === 'F') options.separator = value
        else if (flag === 'v') {
          const [name = '', ...rest2] = value.split('=')
          options.variables.set(name, rest2.join('='))
          if (name === 'ON_ERROR_STOP') options.stopOnError = !/^(0|off|false)$/i.test(rest2.join('='))
        }
        break
      }
      if (flag === 't') options.tuplesOnly = true
      else if (flag === 'A') options.aligned = false
      else if (flag === 'q') options.quiet = true
      else if (flag === 'w') options.noPassword = true
      else if (flag === 'l') options.list = true
      else if (flag === 'x') options.expanded = true
      else if (flag === 'H') options.html = true
      else if (flag === '1') options.single = true
      else if (flag === 'V') {
        yield say(
          1,
          `psql (PostgreSQL) ${version}${p.exe.startsWith('/usr/lib') ? ` (Debian ${version}-1.pgdg120+1)` : ''}\n`,
        )
        return 0
      } else if (!'XWabenSzs0E'.includes(flag)) {
        yield say(2, `psql: unrecognized option '${word}'\npsql: hint: Try "psql --help" for more information.\n`)
        return 1
      }
    }
  }
  const [first, second] = free
  if (first !== undefined && !readConnectionText(first, options.target)) options.target.database = first
  if (second !== undefined) options.target.user = second
  return options
}

class Psql {
  readonly #p: Proc
  readonly #options: Options
  #client: Client
  #where = ''
  #status = 0
  #buffer = ''
  #interactive = false

  constructor(p: Proc, options: Options) {
    this.#p = p
    this.#options = options
    this.#client = new Client(p, options.target)
  }

  *#ask(): Routine<string | undefined> {
    if (this.#options.noPassword || !this.#p.isatty(0)) return undefined
    yield say(1, `Password for user ${this.#options.target.user}: `)
    const before = this.#p.termios(0, { echo: false })
    const line = yield* new Lines(this.#p, 0).next()
    this.#p.termios(0, { echo: before.echo })
    yield say(1, '\n')
    return line
  }

  *main(): Routine<number> {
    const options = this.#options
    if (options.list && options.target.database === '') options.target.database = 'postgres'
    const problem = yield* this.#client.connect(() => this.#ask())
    if (problem !== undefined) {
      yield say(2, `psql: error: ${problem}\n`)
      return 2
    }
    options.target.database ||= options.target.user
    if (options.list) {
      yield* this.#backslash('l', [])
      return this.#status
    }
    if (options.commands.length > 0) {
      for (const { text, file } of options.commands) {
        if (file) yield* this.#file(text)
        else if (text.trimStart().startsWith('\\')) yield* this.#line(text)
        else yield* this.#send(text)
        if (this.#status !== 0 && (options.stopOnError || !file)) return this.#status
      }
      return this.#status
    }
    return yield* this.#input()
  }

  *#file(path: string): Routine<void> {
    let text: string
    try {
      text = Buffer.from(
        path === '-' ? yield* readFile(this.#p, '-') : yield* readFile(this.#p, path),
        'latin1',
      ).toString('utf8')
    } catch (error) {
      if (!isErrno(error)) throw error
      yield say(2, `psql: error: ${path}: ${error.message}\n`)
      this.#status = 1
      return
    }
    yield* this.#script(text, path === '-' ? '<stdin>' : path)
  }

  /** A whole text, line by line, so that errors name their lines. */
  *#script(text: string, name: string): Routine<void> {
    for (const [at, line] of text.split('\n').entries()) {
      this.#where = `psql:${name}:${at + 1}: `
      const go = yield* this.#line(line)
      if (!go || (this.#status === 3 && this.#options.stopOnError)) break
    }
    if (this.#buffer.trim() !== '' && !(this.#status === 3 && this.#options.stopOnError)) {
      const rest = this.#buffer
      this.#buffer = ''
      yield* this.#send(rest)
    }
    this.#where = ''
  }

  *#input(): Routine<number> {
    const p = this.#p
    const version = p.marker['version'] ?? '16.9'
    this.#interactive = p.isatty(0)
    if (!this.#interactive) {
      yield* this.#script(Buffer.from(yield* readFile(p, '-'), 'latin1').toString('utf8'), '<stdin>')
      return this.#status
    }
    if (!this.#options.quiet)
      yield say(
        1,
        `psql (${version}${p.exe.startsWith('/usr/lib') ? ` (Debian ${version}-1.pgdg120+1)` : ''})\nType "help" for help.\n\n`,
      )
    const lines = new Lines(p, 0)
    for (;;) {
      const open = (this.#buffer.match(/\(/g)?.length ?? 0) > (this.#buffer.match(/\)/g)?.length ?? 0)
      const mark = this.#buffer.trim() === '' ? '=' : open ? '(' : '-'
      const state = this.#client.status === 'T' ? '*' : this.#client.status === 'E' ? '!' : ''
      yield say(1, `${this.#client.target.database}${mark}${state}# `)
      const line = yield* lines.next()
      if (line === undefined) {
        yield say(1, '\\q\n')
        return 0
      }
      if (!(yield* this.#line(Buffer.from(line, 'latin1').toString('utf8')))) return 0
    }
  }

  /** false: the end. */
  *#line(line: string): Routine<boolean> {
    const trimmed = line.trim()
    if (this.#buffer.trim() === '') {
      if (/^(quit|exit)$/i.test(trimmed)) return false
      if (this.#interactive && /^help$/i.test(trimmed)) {
        yield say(
          1,
          'You are using psql, the command-line interface to PostgreSQL.\nType:  \\copyright for distribution terms\n       \\h for help with SQL commands\n       \\? for help with psql commands\n       \\g or terminate with semicolon to execute query\n       \\q to quit\n',
        )
        return true
      }
    }
    const backslash = /^\s*\\(\S+)\s*(.*)$/.exec(line)
    if (backslash && !inQuote(this.#buffer)) {
      const [, name = '', rest = ''] = backslash
      if (name === 'q') return false
      if (name === 'g' || name === 'gx') {
        const text = this.#buffer
        this.#buffer = ''
        yield* this.#send(text)
        return true
      }
      yield* this.#backslash(
        name,
        rest
          .split(/\s+/)
          .filter(Boolean)
          .map(each => each.replace(/;$/, '').replace(/^(["'])(.*)\1$/, '$2')),
        rest,
      )
      return true
    }
    this.#buffer += `${line}\n`
    // Statements that have come to their semicolon are sent.
    for (let end = semicolon(this.#buffer); end >= 0; end = semicolon(this.#buffer)) {
      const statement = this.#buffer.slice(0, end + 1)
      this.#buffer = this.#buffer.slice(end + 1).replace(/^\s+/, '')
      yield* this.#send(statement.replace(/^\s+/, ''))
      if (this.#status === 3 && this.#options.stopOnError) return true
    }
    return true
  }

  *#send(text: string): Routine<void> {
    const sql = text
      .replace(/:'(\w+)'/g, (whole, name: string) =>
        this.#options.variables.has(name) ? `'${this.#options.variables.get(name)?.replaceAll("'", "''")}'` : whole,
      )
      .replace(/(?<![:\w]):(\w+)/g, (whole, name: string) => this.#options.variables.get(name) ?? whole)
    if (stripped(sql).trim() === '' || stripped(sql).trim() === ';') return
    const answers = yield* this.#client.query(sql)
    for (const answer of answers) yield* this.#show(answer, sql)
  }

  *#show(answer: Answer, sql: string): Routine<void> {
    const options = this.#options
    if (answer.kind === 'lost') {
      yield say(
        2,
        `${this.#where}server closed the connection unexpectedly\n\tThis probably means the server terminated abnormally\n\tbefore or while processing the request.\n`,
      )
      if (!this.#interactive) yield say(2, `${this.#where}error: connection to server was lost\n`)
      this.#status = 2
    } else if (answer.kind === 'error') {
      yield say(2, this.#where + errorText(answer.error, sql))
      this.#status = options.stopOnError ? 3 : options.commands.some(each => !each.file) ? 1 : this.#status
    } else if (answer.kind === 'notice') yield say(2, this.#where + errorText(answer.error, sql))
    else if (answer.kind === 'rows') {
      yield say(1, formatTable({ fields: answer.fields, rows: answer.rows }, options))
      if (!options.quiet && !answer.tag.startsWith('SELECT') && answer.tag !== 'SHOW' && answer.tag !== 'EXPLAIN')
        yield say(1, `${answer.tag}\n`)
    } else if (!options.quiet) yield say(1, `${answer.tag}\n`)
  }

  *#catalogue(): Routine<Description | undefined> {
    const [answer] = yield* this.#client.query('SHOW minidock.catalogue')
    if (answer?.kind === 'rows') return JSON.parse(answer.rows[0]?.[0] ?? '{}') as Description
    if (answer) yield* this.#show(answer, '')
    return undefined
  }

  *#list(listing: Listing | undefined, none: string): Routine<void> {
    if (listing) yield say(1, formatTable(listing, this.#options))
    else if (!this.#options.quiet) {
      // psql takes an empty list for an error only where nobody types.
      yield say(2, this.#interactive || this.#where === '' ? `${none}\n` : `${this.#where}error: ${none}\n`)
    }
  }

  *#backslash(name: string, args: string[], rest = ''): Routine<void> {
    const major = Number((this.#client.serverVersion || (this.#p.marker['version'] ?? '16')).split('.')[0])
    const plain = name.replace(/[+S]+$/, '')
    switch (plain) {
      case 'd':
      case 'dt':
      case 'dv':
      case 'ds':
      case 'di': {
        const found = yield* this.#catalogue()
        if (!found) return
        const [pattern] = args
        if (plain === 'd' && pattern !== undefined) {
          const listing = describeTable(found, pattern.replace(/^public\./, ''))
          if (listing) return yield* this.#list(listing, '')
          yield say(
            2,
            `${this.#where}${this.#where === '' ? '' : 'error: '}Did not find any relation named "${pattern}".\n`,
          )
          return
        }
        const kinds = plain === 'd' ? 'tvs' : (plain[1] ?? '')
        if (pattern !== undefined)
          found.tables = found.tables.filter(each => new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(each.name))
        return yield* this.#list(
          relationList(found, kinds, 'List of relations'),
          pattern === undefined ? 'Did not find any relations.' : `Did not find any relation named "${pattern}".`,
        )
      }
      case 'l':
      case 'list': {
        const found = yield* this.#catalogue()
        return found && (yield* this.#list(describeDatabases(found.cluster, major), ''))
      }
      case 'du':
      case 'dg': {
        const found = yield* this.#catalogue()
        return found && (yield* this.#list(describeRoles(found.cluster, major), ''))
      }
      case 'dn':
        return yield* this.#list(
          {
            title: 'List of schemas',
            fields: [
              { name: 'Name', oid: 25 },
              { name: 'Owner', oid: 25 },
            ],
            rows: [['public', 'pg_database_owner']],
          },
          '',
        )
      case 'c':
      case 'connect': {
        const [database, user] = args
        const target: Target = {
          ...this.#client.target,
          ...(database !== undefined && database !== '-' && { database }),
          ...(user !== undefined && { user }),
        }
        const next = new Client(this.#p, target)
        const problem = yield* next.connect(() => this.#ask())
        if (problem !== undefined) {
          yield say(
            2,
            `${this.#where}${this.#where === '' ? '' : 'error: '}\\connect: ${problem}\n`.replace(
              'error: \\connect: ',
              this.#where === '' ? '\\connect: ' : 'error: \\connect: ',
            ),
          )
          if (this.#interactive) yield say(2, 'Previous connection kept\n')
          else this.#status = 3
          return
        }
        this.#client.close()
        this.#client = next
        if (!this.#options.quiet)
          yield say(1, `You are now connected to database "${target.database}" as user "${target.user}".\n`)
        return
      }
      case 'conninfo': {
        const { host, port, user, database } = this.#client.target
        yield say(
          1,
          `You are connected to database "${database}" as user "${user}" ${host === undefined ? 'via socket in "/var/run/postgresql"' : `on host "${host}"`} at port "${port}".\n`,
        )
        return
      }
      case 'i':
      case 'ir': {
        const [path] = args
        if (path !== undefined) {
          const before = this.#where
          yield* this.#file(path)
          this.#where = before
        }
        return
      }
      case 'x':
        this.#options.expanded = args[0] === undefined ? !this.#options.expanded : args[0] === 'on'
        yield say(1, `Expanded display is ${this.#options.expanded ? 'on' : 'off'}.\n`)
        return
      case 't':
        this.#options.tuplesOnly = args[0] === undefined ? !this.#options.tuplesOnly : args[0] === 'on'
        yield say(1, `Tuples only is ${this.#options.tuplesOnly ? 'on' : 'off'}.\n`)
        return
      case 'a':
        this.#options.aligned = !this.#options.aligned
        yield say(1, `Output format is ${this.#options.aligned ? 'aligned' : 'unaligned'}.\n`)
        return
      case 'echo':
        yield say(1, `${args.join(' ')}\n`)
        return
      case 'set':
        if (args[0] !== undefined) {
          this.#options.variables.set(args[0], args.slice(1).join(''))
          if (args[0] === 'ON_ERROR_STOP') this.#options.stopOnError = !/^(0|off|false)$/i.test(args[1] ?? 'on')
        }
        return
      case 'timing':
        yield say(1, 'Timing is on.\n')
        return
      case 'pset':
      case 'encoding':
      case 'unset':
      case 'set_':
        return
      case 'p':
        yield say(1, this.#buffer === '' ? 'Query buffer is empty.\n' : this.#buffer)
        return
      case 'r':
        this.#buffer = ''
        yield say(1, 'Query buffer reset (cleared).\n')
        return
      case '?':
        yield say(
          1,
          'General\n  \\q                     quit psql\nInformational\n  \\d[S+]  NAME           describe table, view, sequence, or index\n  \\dt                    list tables\n  \\du                    list roles\n  \\l[+]                  list databases\nConnection\n  \\c[onnect] {[DBNAME|- USER|- HOST|- PORT|-] | conninfo}\n',
        )
        return
      case '!':
        yield say(2, 'minidock: \\! is not modelled\n')
        return
    }
    void rest
    yield say(
      2,
      `${this.#where}${this.#where === '' ? '' : 'error: '}invalid command \\${name}\n${this.#interactive ? 'Try \\? for help.\n' : ''}`,
    )
    if (!this.#interactive) this.#status = this.#options.stopOnError ? 3 : 1
  }
}

const stripped = (text: string): string => text.replace(/--[^\n]*/g, '').replace(/\/\*[\s\S]*?\*\//g, '')

const inQuote = (text: string): boolean => (stripped(text).match(/'/g)?.length ?? 0) % 2 === 1

/** Where the first semicolon that ends a statement stands; -1 when there is none. */
function semicolon(text: string): number {
  for (let at = 0; at < text.length; ) {
    const rest = text.slice(at)
    const skip = /^(?:--[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^']|'')*'|"(?:[^"]|"")*"|\$(\w*)\$[\s\S]*?\$\1\$)/.exec(rest)
    if (skip) {
      at += skip[0].length
      continue
    }
    if (/^(?:'|\/\*|\$\w*\$)/.test(rest)) return -1
    if (rest[0] === ';') return at
    at++
  }
  return -1
}

/** An error with the line of the statement that it is in, and a mark below. */
function errorText(error: ErrorFields, sql: string): string {
  let text = `${error.severity}:  ${error.message}\n`
  if (error.position !== undefined && sql !== '') {
    const first = splitSafe(sql)
    const at = error.position - 1
    const before = first.slice(0, at)
    const line = before.split('\n').length
    const start = before.lastIndexOf('\n') + 1
    const end = first.indexOf('\n', at)
    const shown = first.slice(start, end < 0 ? undefined : end)
    const label = `LINE ${line}: `
    text += `${label}${shown}\n${' '.repeat(label.length + at - start)}^\n`
  }
  if (error.detail !== undefined) text += `DETAIL:  ${error.detail}\n`
  if (error.hint !== undefined) text += `HINT:  ${error.hint}\n`
  return text
}

/** The first statement of a text, with its semicolon. */
function splitSafe(sql: string): string {
  try {
    const [first] = splitStatements(sql)
    if (!first) return sql
    const at = sql.indexOf(first.text)
    return sql.slice(at).replace(/\s+$/, '')
  } catch {
    return sql
  }
}
