/** mysqladmin, mysqldump and mariadb-install-db. */
import type { CoroutineProgram, Proc, Routine } from '../../../kernel/program.ts'
import { isErrno } from '../../../vfs/errno.ts'
import { writeFileNow } from '../../whole-file.ts'
import { passwordOf, readArguments } from './arguments.ts'
import { type Answer, Client } from './connect.ts'
import { say } from './log.ts'
import { mariaTitle } from './session.ts'
import { flavourOf } from './settings.ts'
import { writeInitial } from './start.ts'
import { formatResult } from './table.ts'
import { type SqlError, tick } from './tokens.ts'
import type { Flavour } from './types.ts'

const groups = (flavour: Flavour, name: string): string[] => [
  'client',
  name,
  ...(flavour.maria ? ['client-mariadb', `mariadb-${name.slice(5)}`] : []),
]

export const admin: CoroutineProgram = {
  kind: 'coroutine',
  name: 'mysqladmin',
  *main(p) {
    const flavour = flavourOf(p)
    const given = readArguments(
      p,
      flavour,
      [
        ['sleep', 'i', 'value'],
        ['count', 'c', 'value'],
        ['relative', 'r'],
        ['vertical', 'E'],
        ['no_beep', 'b'],
      ],
      groups(flavour, 'mysqladmin'),
    )
    if ('problem' in given) {
      yield say(2, `${p.name}: ${given.problem}\n`)
      return 2
    }
    const machine = p.uname().machine
    const title = flavour.maria
      ? `${mariaTitle(flavour, p.name, '10.2', '10.0')} for debian-linux-gnu ${Number(flavour.version.split('.')[0]) >= 11 ? `(${machine})` : `on ${machine}`}`
      : `mysqladmin  Ver ${flavour.version} for Linux on ${machine} (MySQL Community Server - GPL)`
    if (given.options.has('version')) {
      yield say(1, `${title}\n`)
      return 0
    }
    if (given.operands.length === 0) {
      yield say(
        1,
        `${title}\n\nAdministration program for the mysqld daemon.\nUsage: ${p.name} [OPTIONS] command command....\n\nWhere command is a one or more of: create, drop, ping, processlist, shutdown, status, variables, version\n`,
      )
      return 1
    }
    yield* passwordOf(p, flavour, given)
    const client = new Client(p, flavour, given.target)
    let tries = given.options.has('wait') ? 60 : 1
    let problem: SqlError | undefined
    for (; tries > 0; tries--) {
      problem = yield* client.connect()
      if (!problem || problem.code < 2000 || tries === 1) break
      yield { op: 'sleep', ms: 1000 }
    }
    const silent = given.options.has('silent')
    if (problem) {
      if (!silent)
        yield say(
          2,
          `${p.name}: connect to server at '${given.target.host ?? 'localhost'}' failed\nerror: '${problem.message}'\n`,
        )
      if (problem.code >= 2000) {
        const where = flavour.maria ? given.target.socket.replace('/var/run', '/run') : given.target.socket
        const hint = client.local
          ? `Check that ${flavour.maria ? 'mariadbd' : 'mysqld'} is running and that the socket: '${where}' exists!\n`
          : `Check that ${flavour.maria ? 'mariadbd' : 'mysqld'} is running on ${given.target.host} and that the port is ${given.target.port}.\nYou can check this by doing 'telnet ${given.target.host} ${given.target.port}'\n`
        if (!silent) yield say(2, hint)
        return 1
      }
      // A server that refuses an account is there.
      return given.operands.every(each => each === 'ping') ? 0 : 1
    }
    return yield* administer(p, flavour, client, given.operands, { silent, force: given.options.has('force'), title })
  },
}

function* administer(
  p: Proc,
  flavour: Flavour,
  client: Client,
  words: readonly string[],
  how: { silent: boolean; force: boolean; title: string },
): Routine<number> {
  const failed = function* (what: string, answer: Answer): Routine<boolean> {
    if (answer.kind !== 'error') return false
    yield say(2, `${p.name}: ${what} failed; error: '${answer.error.message}'\n`)
    return true
  }
  for (let at = 0; at < words.length; at++) {
    switch (words[at]) {
      case 'ping':
        if (!how.silent || !flavour.maria) yield say(1, 'mysqld is alive\n')
        break
      case 'status':
        yield say(1, `${yield* client.statistics()}\n`)
        break
      case 'version': {
        const [, seconds = '0', rest = ''] = /^Uptime: (\d+) +(.*)$/.exec(yield* client.statistics()) ?? []
        const { host, socket, port } = client.target
        const where = client.local
          ? `Connection\t\tLocalhost via UNIX socket\nUNIX socket\t\t${socket}`
          : `Connection\t\t${host} via TCP/IP\nTCP port\t\t${port}`
        yield say(
          1,
          `${how.title}\nCopyright (c) 2000, ${flavour.maria ? '2018, Oracle, MariaDB Corporation Ab and others' : '2025, Oracle and/or its affiliates'}.\n\nServer version\t\t${client.version}\nProtocol version\t10\n${where}\nUptime:\t\t\t${Number(seconds) >= 60 ? `${Math.floor(Number(seconds) / 60)} min ` : ''}${Number(seconds) % 60} sec\n\n${rest}\n`,
        )
        break
      }
      case 'shutdown':
        if (yield* failed('shutdown', yield* client.query('SHUTDOWN'))) return 1
        for (let turn = 0; turn < 600; turn++) {
          try {
            p.stat(client.target.socket)
          } catch (error) {
            if (!isErrno(error)) throw error
            break
          }
          yield { op: 'sleep', ms: 20 }
        }
        break
      case 'create':
      case 'drop': {
        const name = words[++at]
        const verb = words[at - 1] === 'create' ? 'CREATE' : 'DROP'
        if (name === undefined) {
          yield say(2, `${p.name}: Too few arguments to ${verb.toLowerCase()}\n`)
          return 1
        }
        if (verb === 'DROP' && !how.force) {
          yield say(
            1,
            `Dropping the database is potentially a very bad thing to do.\nAny data stored in the database will be destroyed.\n\nDo you really want to drop the '${name}' database [y/N] \nOK, aborting database drop!\n`,
          )
          return 1
        }
        if (
          yield* failed(
            verb === 'CREATE' ? 'CREATE DATABASE' : 'DROP DATABASE',
            yield* client.query(`${verb} DATABASE ${tick(name)}`),
          )
        )
          return 1
        if (verb === 'DROP') yield say(1, `Database "${name}" dropped\n`)
        break
      }
      case 'password': {
        const answer = yield* client.query(`SET PASSWORD = '${(words[++at] ?? '').replaceAll("'", "''")}'`)
        if (yield* failed('unable to change password', answer)) return 1
        break
      }
      case 'processlist':
      case 'variables':
      case 'extended-status': {
        const sql =
          { processlist: 'SHOW PROCESSLIST', variables: 'SHOW GLOBAL VARIABLES' }[words[at] as string] ??
          'SHOW GLOBAL STATUS'
        const answer = yield* client.query(sql)
        if (answer.kind === 'rows') yield say(1, formatResult(answer, { kind: 'table', names: true, raw: true }))
        else if (yield* failed('process list', answer)) return 1
        break
      }
      case 'flush-privileges':
      case 'reload':
      case 'refresh':
        if (yield* failed('reload', yield* client.query('FLUSH PRIVILEGES'))) return 1
        break
      default:
        yield say(2, `${p.name}: Unknown command: '${words[at]}'\n`)
        return 1
    }
  }
  return 0
}

const boolean = [
  'single_transaction',
  'no_data',
  'no_create_info',
  'add_drop_table',
  'skip_add_drop_table',
  'skip_lock_tables',
  'lock_tables',
  'routines',
  'triggers',
  'events',
  'quick',
  'opt',
  'skip_comments',
  'no_tablespaces',
  'hex_blob',
  'complete_insert',
  'extended_insert',
  'skip_extended_insert',
  'skip_triggers',
] as const

export const dump: CoroutineProgram = {
  kind: 'coroutine',
  name: 'mysqldump',
  *main(p) {
    const flavour = flavourOf(p)
    const given = readArguments(
      p,
      flavour,
      [
        ['databases', 'B'],
        ['all_databases', 'A'],
        ['result_file', 'r', 'value'],
        ['no_data', 'd'],
        ['no_create_info', 't'],
        ['quick', 'q'],
        ...boolean.map(name => [name, ''] as const),
        ['column_statistics', '', 'maybe'],
        ['set_gtid_purged', '', 'value'],
      ],
      groups(flavour, 'mysqldump'),
    )
    if ('problem' in given) {
      yield say(2, `${p.name}: ${given.problem}\n`)
      return 2
    }
    if (given.options.has('version')) {
      const machine = p.uname().machine
      const title = mariaTitle(flavour, p.name, '10.19', '10.19')
      yield say(
        1,
        flavour.maria
          ? `${title} for debian-linux-gnu (${machine})\n`
          : `mysqldump  Ver ${flavour.version} for Linux on ${machine} (MySQL Community Server - GPL)\n`,
      )
      return 0
    }
    const all = given.options.has('all_databases')
    const several = all || given.options.has('databases')
    if (given.operands.length === 0 && !all) {
      yield say(
        1,
        `Usage: ${p.name} [OPTIONS] database [tables]\nOR     ${p.name} [OPTIONS] --databases [OPTIONS] DB1 [DB2 DB3...]\nOR     ${p.name} [OPTIONS] --all-databases [OPTIONS]\nFor more options, use ${p.name} --help\n`,
      )
      return 1
    }
    yield* passwordOf(p, flavour, given)
    const client = new Client(p, flavour, given.target)
    const problem = yield* client.connect()
    if (problem) {
      yield say(
        2,
        `${p.name}: Got error: ${problem.code}: ${flavour.maria ? '"' : ''}${problem.message}${flavour.maria ? '"' : ''} when trying to connect\n`,
      )
      return 2
    }
    const names = all ? yield* databases(client) : several ? given.operands : given.operands.slice(0, 1)
    const out: string[] = [
      `-- ${flavour.maria ? 'MariaDB' : 'MySQL'} dump 10.13  Distrib ${flavour.version}, for Linux (${p.uname().machine})\n--\n-- Host: ${given.target.host ?? 'localhost'}    Database: ${several ? '' : (names[0] ?? '')}\n-- ------------------------------------------------------\n-- Server version\t${client.version}\n\n/*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT */;\n/*!40014 SET @OLD_FOREIGN_KEY_CHECKS=@@FOREIGN_KEY_CHECKS, FOREIGN_KEY_CHECKS=0 */;\n`,
    ]
    for (const name of names) {
      const answer = yield* client.useDatabase(name)
      if (answer.kind === 'error') {
        yield say(
          2,
          `${p.name}: Got error: ${answer.error.code}: ${flavour.maria ? '"' : ''}${answer.error.message}${flavour.maria ? '"' : ''} when selecting the database\n`,
        )
        return 2
      }
      if (several)
        out.push(
          `\n--\n-- Current Database: ${tick(name)}\n--\n\nCREATE DATABASE /*!32312 IF NOT EXISTS*/ ${tick(name)};\n\nUSE ${tick(name)};\n`,
        )
      const wanted = several ? [] : given.operands.slice(1)
      const status = yield* dumpTables(p, client, name, wanted, out, {
        structure: !given.options.has('no_create_info'),
        rows: !given.options.has('no_data'),
      })
      if (status !== 0) return status
    }
    out.push(
      `\n/*!40014 SET FOREIGN_KEY_CHECKS=@OLD_FOREIGN_KEY_CHECKS */;\n\n-- Dump completed on ${new Date(p.now())
        .toISOString()
        .slice(0, 19)
        .replace('T', ' ')
        .replace(/ 0(\d:)/, '  $1')}\n`,
    )
    const file = given.options.get('result_file')?.at(-1)
    if (file === undefined) yield say(1, out.join(''))
    else writeFileNow(p, file, Buffer.from(out.join(''), 'utf8'))
    return 0
  },
}

function* databases(client: Client): Routine<string[]> {
  const answer = yield* client.query('SHOW DATABASES')
  const own = ['information_schema', 'performance_schema', 'sys', 'mysql']
  return answer.kind === 'rows' ? answer.rows.map(row => row[0] ?? '').filter(name => !own.includes(name)) : []
}

function* dumpTables(
  p: Proc,
  client: Client,
  database: string,
  wanted: readonly string[],
  out: string[],
  what: { structure: boolean; rows: boolean },
): Routine<number> {
  const listed = yield* client.query('SHOW FULL TABLES')
  const found =
    listed.kind === 'rows' ? listed.rows.filter(row => row[1] === 'BASE TABLE').map(row => row[0] ?? '') : []
  for (const name of wanted.length > 0 ? wanted : found) {
    if (!found.includes(name)) {
      yield say(2, `${p.name}: Couldn't find table: "${name}"\n`)
      return 6
    }
    const made = yield* client.query(`SHOW CREATE TABLE ${tick(name)}`)
    if (what.structure && made.kind === 'rows')
      out.push(
        `\n--\n-- Table structure for table ${tick(name)}\n--\n\nDROP TABLE IF EXISTS ${tick(name)};\n${made.rows[0]?.[1] ?? ''};\n`,
      )
    const rows = yield* client.query(`SELECT * FROM ${tick(database)}.${tick(name)}`)
    if (!what.rows || rows.kind !== 'rows') continue
    const value = (text: string | null, numeric: boolean): string =>
      text === null
        ? 'NULL'
        : numeric
          ? text
          : `'${text.replace(/[\\'\n]/g, char => (char === '\n' ? '\\n' : `\\${char}`))}'`
    const values = rows.rows.map(
      row => `(${row.map((each, at) => value(each, rows.fields[at]?.numeric ?? false)).join(',')})`,
    )
    out.push(
      `\n--\n-- Dumping data for table ${tick(name)}\n--\n\nLOCK TABLES ${tick(name)} WRITE;\n${values.length > 0 ? `INSERT INTO ${tick(name)} VALUES ${values.join(',\n')};\n` : ''}UNLOCK TABLES;\n`,
    )
  }
  return 0
}

export const installDb: CoroutineProgram = {
  kind: 'coroutine',
  name: 'mariadb-install-db',
  *main(p) {
    const data = p.argv.find(each => each.startsWith('--datadir='))?.slice(10) ?? '/var/lib/mysql'
    yield { op: 'cpu', ms: 300 }
    try {
      writeInitial(p, flavourOf(p), data, '')
    } catch (error) {
      if (!isErrno(error)) throw error
      yield say(2, `mariadb-install-db: cannot make ${data}: ${error.message}\n`)
      return 1
    }
    return 0
  },
}
