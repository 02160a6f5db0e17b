/** mysql and mariadb, the command-line clients. */
import type { CoroutineProgram, Proc, Routine } from '../../../kernel/program.ts'
import { Lines, readFile } from '../../../kernel/userland/lib/input.ts'
import { isErrno } from '../../../vfs/errno.ts'
import { type Arguments, passwordOf, readArguments } from './arguments.ts'
import { type Answer, Client } from './connect.ts'
import { say } from './log.ts'
import { mariaTitle } from './session.ts'
import { flavourOf } from './settings.ts'
import { formatResult, type Shape } from './table.ts'
import type { SqlError } from './tokens.ts'
import type { Flavour } from './types.ts'

const rows = [
  ['database', 'D', 'value'],
  ['execute', 'e', 'value'],
  ['batch', 'B'],
  ['table', 't'],
  ['vertical', 'E'],
  ['skip_column_names', 'N'],
  ['column_names', ''],
  ['raw', 'r'],
  ['html', 'H'],
  ['xml', 'X'],
  ['auto_rehash', ''],
  ['no_auto_rehash', 'A'],
  ['disable_auto_rehash', ''],
  ['quick', 'q'],
  ['unbuffered', 'n'],
  ['comments', 'c'],
  ['max_allowed_packet', '', 'value'],
  ['init_command', '', 'value'],
  ['safe_updates', 'U'],
  ['show_warnings', ''],
  ['reconnect', ''],
  ['delimiter', '', 'value'],
  ['local_infile', '', 'maybe'],
  ['binary_mode', ''],
] as const

export const program: CoroutineProgram = {
  kind: 'coroutine',
  name: 'mysql',
  *main(p) {
    const flavour = flavourOf(p)
    const given = readArguments(p, flavour, rows, [
      'client',
      flavour.maria ? 'client-mariadb' : 'mysql',
      'mysql',
      ...(flavour.maria ? ['mariadb-client'] : []),
    ])
    if ('problem' in given) {
      yield say(2, `${p.name}: ${given.problem}\n`)
      return 2
    }
    if (given.options.has('version')) {
      const machine = p.uname().machine
      yield say(
        1,
        flavour.maria
          ? `${mariaTitle(flavour, p.name, '15.2', '15.1')} for debian-linux-gnu (${machine}) using  EditLine wrapper\n`
          : `mysql  Ver ${flavour.version} for Linux on ${machine} (MySQL Community Server - GPL)\n`,
      )
      return 0
    }
    for (const name of ['html', 'xml', 'safe_updates'])
      if (given.options.has(name)) {
        yield say(2, `${p.name}: minidock does not model --${name.replaceAll('_', '-')}\n`)
        return 126
      }
    yield* passwordOf(p, flavour, given)
    return yield* new Monitor(p, flavour, given).main()
  },
}

class Monitor {
  readonly #p: Proc
  readonly #flavour: Flavour
  readonly #given: Arguments
  readonly #client: Client
  readonly #shape: Shape
  readonly #force: boolean
  readonly #verbose: number
  #interactive = false
  #delimiter = ';'
  #buffer = ''
  /** Line of the input in which the statement begins. */
  #line = 1
  #failed = false

  constructor(p: Proc, flavour: Flavour, given: Arguments) {
    this.#p = p
    this.#flavour = flavour
    this.#given = given
    const { options, operands, target } = given
    target.database = options.get('database')?.at(-1) ?? operands[0] ?? ''
    this.#client = new Client(p, flavour, target)
    const count = (name: string): number => options.get(name)?.length ?? 0
    const terminal = p.isatty(0) && p.isatty(1)
    const batch = count('batch') > 0 || !terminal
    this.#force = count('force') > 0
    this.#verbose = count('verbose')
    const table = count('table') > 0 || (!batch && count('silent') === 0) || (this.#verbose > 2 && !count('batch'))
    this.#shape = {
      kind: count('vertical') > 0 ? 'vertical' : table ? 'table' : 'tabs',
      names: count('skip_column_names') === 0 && count('silent') < 2,
      raw: count('raw') > 0,
    }
  }

  *main(): Routine<number> {
    const problem = yield* this.#client.connect()
    if (problem) {
      yield say(2, `${errorText(problem)}\n`)
      return 1
    }
    const commands = this.#given.options.get('execute')
    if (commands) {
      yield* this.#script(commands.join('\n'))
      return this.#failed && !this.#force ? 1 : 0
    }
    const p = this.#p
    this.#interactive = p.isatty(0) && p.isatty(1) && !this.#given.options.has('batch')
    if (this.#interactive) return yield* this.#prompt()
    yield* this.#script(Buffer.from(yield* readFile(p, '-'), 'latin1').toString('utf8'))
    return this.#failed && !this.#force ? 1 : 0
  }

  *#script(text: string): Routine<void> {
    this.#line = 1
    for (const [at, line] of text.split('\n').entries()) {
      if (this.#buffer.trim() === '') {
        this.#buffer = ''
        this.#line = at + 1
      }
      if (!(yield* this.#take(line))) return
      if (this.#failed && !this.#force) return
    }
    const rest = this.#buffer
    this.#buffer = ''
    if (stripped(rest).trim() !== '') yield* this.#send(rest)
  }

  *#prompt(): Routine<number> {
    const { maria } = this.#flavour
    const company = maria
      ? 'Copyright (c) 2000, 2018, Oracle, MariaDB Corporation Ab and others.\n'
      : 'Copyright (c) 2000, 2025, Oracle and/or its affiliates.\n\nOracle is a registered trademark of Oracle Corporation and/or its\naffiliates. Other names may be trademarks of their respective\nowners.\n'
    const name = maria ? 'MariaDB' : 'MySQL'
    yield say(
      1,
      `Welcome to the ${name} monitor.  Commands end with ; or \\g.\nYour ${name} connection id is ${this.#client.id}\nServer version: ${this.#client.version} ${maria ? 'mariadb.org binary distribution' : 'MySQL Community Server - GPL'}\n\n${company}\nType 'help;' or '\\h' for help. Type '\\c' to clear the current input statement.\n\n`,
    )
    const lines = new Lines(this.#p, 0)
    for (;;) {
      yield say(1, this.#mark())
      let line: string | undefined
      try {
        line = yield* lines.next()
      } catch (error) {
        if (!isErrno(error, 'EINTR')) throw error
        this.#buffer = ''
        yield say(1, '^C\n')
        continue
      }
      if (line === undefined) {
        yield say(1, 'Bye\n')
        return 0
      }
      if (!(yield* this.#take(Buffer.from(line, 'latin1').toString('utf8')))) {
        yield say(1, 'Bye\n')
        return 0
      }
    }
  }

  #mark(): string {
    const prompt = this.#flavour.maria ? `MariaDB [${this.#client.target.database || '(none)'}]> ` : 'mysql> '
    if (this.#buffer === '') return prompt
    const open = openQuote(this.#buffer) ?? '-'
    return `${open}> `.padStart(prompt.length)
  }

  /** One line of input. false: the end. */
  *#take(line: string): Routine<boolean> {
    const word = line.trim().replace(/;$/, '').toLowerCase()
    if (this.#buffer === '') {
      if (/^(exit|quit|\\q)$/.test(word)) return false
      if (/^(help|\\h|\?|\\\?)$/.test(word)) {
        yield say(1, help(this.#flavour))
        return true
      }
      if (/^(status|\\s)$/.test(word)) {
        yield* this.#status()
        return true
      }
      const source = /^\s*(?:source|\\\.)\s+(\S+?);?\s*$/i.exec(line)?.[1]
      if (source !== undefined) {
        yield* this.#source(source)
        return true
      }
      const delimiter = /^\s*delimiter\s+(\S+)\s*$/i.exec(line)?.[1]
      if (delimiter !== undefined) {
        this.#delimiter = delimiter
        return true
      }
      const use = /^\s*(?:use|\\u)\s+[`'"]?([^\s;`'"]+)[`'"]?\s*;?\s*$/i.exec(line)?.[1]
      if (use !== undefined) {
        yield* this.#use(use)
        return true
      }
    }
    if (/(^|[^\\])\\c\s*$/.test(line) && openQuote(this.#buffer + line) === undefined) {
      this.#buffer = ''
      return true
    }
    if (this.#buffer === '' && line.trim() === '') return true
    this.#buffer += `${line}\n`
    for (;;) {
      const found = statementEnd(this.#buffer, this.#delimiter)
      if (!found) break
      const statement = this.#buffer.slice(0, found.at)
      const rest = this.#buffer.slice(found.next)
      const skipped = statement.length - statement.trimStart().length
      const from = this.#line + (statement.slice(0, skipped).match(/\n/g)?.length ?? 0)
      this.#buffer = ''
      const use = /^\s*use\s+[`'"]?([^\s;`'"]+)[`'"]?\s*$/i.exec(stripped(statement))?.[1]
      if (use !== undefined) yield* this.#use(use)
      else yield* this.#send(statement.trim(), found.vertical, from)
      this.#line += this.#lines(statement)
      if (this.#failed && !this.#force && !this.#interactive) return true
      this.#buffer = rest.replace(/^[ \t]*\n?/, '')
      if (this.#buffer.trim() === '') {
        this.#buffer = ''
        break
      }
    }
    return true
  }

  #lines(text: string): number {
    return text.match(/\n/g)?.length ?? 0
  }

  *#use(name: string): Routine<void> {
    const answer = yield* this.#client.useDatabase(name)
    if (answer.kind === 'error') return yield* this.#error(answer.error, undefined, this.#line)
    this.#client.target.database = name
    if (!this.#interactive) return
    const found = yield* this.#client.query('SHOW TABLES')
    if (found.kind === 'rows' && found.rows.length > 0 && !this.#given.options.has('no_auto_rehash'))
      yield say(
        1,
        'Reading table information for completion of table and column names\nYou can turn off this feature to get a quicker startup with -A\n\n',
      )
    yield say(1, 'Database changed\n')
  }

  *#source(path: string): Routine<void> {
    try {
      const text = Buffer.from(yield* readFile(this.#p, path), 'latin1').toString('utf8')
      const before = this.#line
      for (const line of text.split('\n')) yield* this.#take(line)
      this.#line = before
    } catch (error) {
      if (!isErrno(error)) throw error
      yield say(
        2,
        `ERROR${this.#interactive ? '' : ` at line ${this.#line}`}: Failed to open file '${path}', error: ${error.code === 'ENOENT' ? 2 : 13}\n`,
      )
      this.#failed = true
    }
  }

  *#send(text: string, vertical = false, line = this.#line): Routine<void> {
    const sql = text.trim()
    if (stripped(sql).trim() === '') {
      if (this.#interactive) yield* this.#error({ code: 0 } as SqlError, undefined, line)
      return
    }
    if (this.#verbose > 0) yield say(1, `--------------\n${sql}\n--------------\n\n`)
    const began = this.#p.now()
    const answer = yield* this.#client.query(sql)
    if (answer.kind === 'error') return yield* this.#error(answer.error, sql, line)
    yield* this.#show(answer, vertical, began)
  }

  *#error(error: SqlError, sql: string | undefined, line: number): Routine<void> {
    this.#failed = true
    if (error.code === 0) yield say(1, 'ERROR: No query specified\n\n')
    else if (this.#interactive) yield say(1, `${errorText(error)}\n`)
    else {
      // MariaDB's client says which statement it was.
      const which = this.#flavour.maria && sql !== undefined ? `--------------\n${sql}\n--------------\n\n` : ''
      yield say(2, `${which}${errorText(error, line)}\n`)
    }
  }

  *#show(answer: Answer, vertical: boolean, began: number): Routine<void> {
    const told = this.#interactive || this.#verbose > 1
    const digits = this.#flavour.maria ? 3 : 2
    const time =
      this.#interactive || this.#verbose > 2 ? ` (${((this.#p.now() - began) / 1000).toFixed(digits)} sec)` : ''
    const warned = (count: number): string => (count === 0 ? '' : `, ${count} warning${count === 1 ? '' : 's'}`)
    if (answer.kind === 'rows') {
      const shape: Shape = vertical ? { ...this.#shape, kind: 'vertical' } : this.#shape
      if (answer.rows.length > 0) yield say(1, formatResult(answer, shape))
      if (told)
        yield say(
          1,
          answer.rows.length === 0
            ? `Empty set${warned(answer.warnings)}${time}\n\n`
            : `${answer.rows.length} row${answer.rows.length === 1 ? '' : 's'} in set${warned(answer.warnings)}${time}\n\n`,
        )
    } else if (answer.kind === 'done' && told) {
      const count = `Query OK, ${answer.affected} row${answer.affected === 1 ? '' : 's'} affected`
      yield say(1, `${count}${warned(answer.warnings)}${time}\n${answer.info === '' ? '' : `${answer.info}\n`}\n`)
    }
  }

  *#status(): Routine<void> {
    const { target, id, version } = this.#client
    const line = (yield* this.#client.statistics()).replace(/^Uptime: (\d+) +/, '')
    const { maria } = this.#flavour
    yield say(
      1,
      `--------------\n${maria ? `mariadb from ${version}` : `mysql  Ver ${version} for Linux on ${this.#p.uname().machine} (MySQL Community Server - GPL)`}\n\nConnection id:\t\t${id}\nCurrent database:\t${target.database}\nCurrent user:\t\t${target.user}@localhost\nSSL:\t\t\tNot in use\nCurrent pager:\t\tstdout\nUsing outfile:\t\t''\nUsing delimiter:\t${this.#delimiter}\nServer version:\t\t${version} ${maria ? 'mariadb.org binary distribution' : 'MySQL Community Server - GPL'}\nProtocol version:\t10\nConnection:\t\t${this.#client.local ? 'Localhost via UNIX socket' : `${target.host} via TCP/IP`}\n${this.#client.local ? `UNIX socket:\t\t${target.socket}` : `TCP port:\t\t${target.port}`}\n\n${line}\n--------------\n\n`,
    )
  }
}

const errorText = (error: SqlError, line?: number): string =>
  `ERROR ${error.code} (${error.state})${line === undefined ? '' : ` at line ${line}`}: ${error.message}`

const stripped = (text: string): string => text.replace(/^\s*(?:-- |#).*$/gm, '').replace(/\/\*(?!!)[\s\S]*?\*\//g, '')

/** Pieces in which a delimiter means nothing. */
const skip = /^(?:-- [^\n]*|#[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^'\\]|\\[\s\S]|'')*'|"(?:[^"\\]|\\[\s\S]|"")*"|`[^`]*`)/

/** Where a statement ends; undefined while it goes on. */
function statementEnd(text: string, delimiter: string): { at: number; next: number; vertical: boolean } | undefined {
  for (let at = 0; at < text.length; ) {
    const rest = text.slice(at)
    const piece = skip.exec(rest)
    if (piece) {
      at += piece[0].length
      continue
    }
    if (/^['"`]|^\/\*/.test(rest)) return undefined
    if (rest.startsWith(delimiter)) return { at, next: at + delimiter.length, vertical: false }
    if (/^\\[gG]/.test(rest)) {
      const next = at + 2
      return { at, next: text.startsWith(delimiter, next) ? next + delimiter.length : next, vertical: rest[1] === 'G' }
    }
    at++
  }
  return undefined
}

/** The quote that a text leaves open. */
function openQuote(text: string): string | undefined {
  for (let at = 0; at < text.length; ) {
    const rest = text.slice(at)
    const piece = skip.exec(rest)
    if (piece) at += piece[0].length
    else if (/^['"`]/.test(rest)) return rest[0]
    else if (rest.startsWith('/*')) return '/*'
    else at++
  }
  return undefined
}

const help = (flavour: Flavour): string =>
  `\nFor information about ${flavour.maria ? 'MariaDB' : 'MySQL'} products and services, visit:\n   http://www.${flavour.maria ? 'mariadb' : 'mysql'}.com/\n\nList of all ${flavour.maria ? 'client' : 'MySQL'} commands:\nNote that all text commands must be first on line and end with ';'\n?         (\\?) Synonym for \`help'.\nclear     (\\c) Clear the current input statement.\ndelimiter (\\d) Set statement delimiter.\nego       (\\G) Send command to ${flavour.maria ? 'MariaDB' : 'MySQL'} server, display result vertically.\nexit      (\\q) Exit ${flavour.maria ? 'mysql' : 'mysql'}. Same as quit.\ngo        (\\g) Send command to ${flavour.maria ? 'MariaDB' : 'MySQL'} server.\nhelp      (\\h) Display this help.\nquit      (\\q) Quit mysql.\nsource    (\\.) Execute an SQL script file. Takes a file name as an argument.\nstatus    (\\s) Get status information from the server.\nuse       (\\u) Use another database. Takes database name as argument.\n\n`
