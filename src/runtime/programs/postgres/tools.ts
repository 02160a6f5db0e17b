/** The small programs around a server: initdb, pg_ctl, pg_isready, createdb, dropdb, createuser, pg_dump. */
import type { CoroutineProgram, Proc, Routine } from '../../../kernel/program.ts'
import { findProgram } from '../../../kernel/userland/lib/spawn.ts'
import { isErrno } from '../../../vfs/errno.ts'
import { textNow, writeFileNow } from '../../whole-file.ts'
import { quoteText } from '../sql-tokens.ts'
import { Client, defaultTarget, readConnectionText, type Target } from './client.ts'
import type { Description } from './describe.ts'
import { writeCluster } from './storage.ts'

const say = (fd: number, text: string) => ({ op: 'write' as const, fd, data: Buffer.from(text, 'utf8') })
const tool = (name: string, main: (p: Proc) => Routine<number>): CoroutineProgram => ({ kind: 'coroutine', name, main })
const value = (args: readonly string[], ...flags: string[]): string | undefined => {
  for (const [at, word] of args.entries())
    for (const flag of flags) {
      if (word === flag) return args[at + 1]
      if (word.startsWith(`${flag}=`)) return word.slice(flag.length + 1)
      if (/^-\w$/.test(flag) && word.startsWith(flag) && word.length > 2) return word.slice(2)
    }
  return undefined
}

export const initdb = tool('initdb', function* (p) {
  const args = p.argv.slice(1)
  const version = p.marker['version'] ?? '16.9'
  const data = value(args, '-D', '--pgdata') ?? (args.find(each => !each.startsWith('-')) || p.env.get('PGDATA'))
  if (args.includes('--version') || args.includes('-V')) {
    yield say(1, `initdb (PostgreSQL) ${version}\n`)
    return 0
  }
  if (p.cred.uid === 0) {
    yield say(
      2,
      'initdb: error: cannot be run as root\ninitdb: hint: Please log in (using, e.g., "su") as the (unprivileged) user that will own the server process.\n',
    )
    return 1
  }
  if (data === undefined) {
    yield say(2, 'initdb: error: no data directory specified\n')
    return 1
  }
  const line = (textNow(p, '/etc/passwd') ?? '').split('\n').find(each => each.split(':')[2] === String(p.cred.uid))
  const user = line?.split(':')[0] ?? 'postgres'
  yield say(
    1,
    `The files belonging to this database system will be owned by user "${user}".\nThis user must also own the server process.\n\nThe database cluster will be initialized with locale "en_US.utf8".\nThe default database encoding has accordingly been set to "UTF8".\nThe default text search configuration will be set to "english".\n\nData page checksums are disabled.\n\n`,
  )
  let there = false
  try {
    if (p.readdir(data).length > 0) {
      yield say(
        2,
        `initdb: error: directory "${data}" exists but is not empty\ninitdb: hint: If you want to create a new database system, either remove or empty the directory "${data}" or run initdb with an argument other than "${data}".\n`,
      )
      return 1
    }
    there = true
  } catch (error) {
    if (!isErrno(error)) throw error
  }
  try {
    if (!there) p.mkdir(data, 0o700)
    yield say(
      1,
      there ? `fixing permissions on existing directory ${data} ... ok\n` : `creating directory ${data} ... ok\n`,
    )
    p.setattr(data, { mode: 0o700 })
    for (const folder of [
      'base',
      'base/1',
      'base/4',
      'base/5',
      'global',
      'pg_wal',
      'pg_wal/archive_status',
      'pg_xact',
      'pg_multixact',
      'pg_stat',
      'pg_stat_tmp',
      'pg_tblspc',
      'pg_twophase',
      'pg_subtrans',
      'pg_snapshots',
      'pg_serial',
      'pg_replslot',
      'pg_notify',
      'pg_logical',
      'pg_dynshmem',
      'pg_commit_ts',
    ])
      p.mkdir(`${data}/${folder}`, 0o700)
  } catch (error) {
    if (!isErrno(error)) throw error
    yield say(2, `initdb: error: could not change permissions of directory "${data}": ${error.message}\n`)
    return 1
  }
  const superuser = value(args, '-U', '--username') ?? user
  const passwordFile = value(args, '--pwfile')
  const password = passwordFile === undefined ? undefined : (textNow(p, passwordFile) ?? '').replace(/\n$/, '')
  const auth = value(args, '-A', '--auth') ?? 'trust'
  yield say(
    1,
    'creating subdirectories ... ok\nselecting dynamic shared memory implementation ... posix\nselecting default max_connections ... 100\nselecting default shared_buffers ... 128MB\nselecting default time zone ... Etc/UTC\ncreating configuration files ... ok\nrunning bootstrap script ... ',
  )
  yield { op: 'cpu', ms: 180 }
  yield say(1, 'ok\nperforming post-bootstrap initialization ... ')
  yield { op: 'cpu', ms: 420 }
  yield say(1, 'ok\nsyncing data to disk ... ok\n\n')
  const major = version.split('.')[0] ?? '16'
  writeFileNow(p, `${data}/PG_VERSION`, `${major}\n`, 0o600)
  writeFileNow(
    p,
    `${data}/postgresql.conf`,
    "# PostgreSQL configuration file\nlisten_addresses = '*'\n#port = 5432\nmax_connections = 100\nshared_buffers = 128MB\ndynamic_shared_memory_type = posix\nmax_wal_size = 1GB\nmin_wal_size = 80MB\nlog_timezone = 'Etc/UTC'\ndatestyle = 'iso, mdy'\ntimezone = 'Etc/UTC'\nlc_messages = 'en_US.utf8'\ndefault_text_search_config = 'pg_catalog.english'\n",
    0o600,
  )
  writeFileNow(
    p,
    `${data}/postgresql.auto.conf`,
    '# Do not edit this file manually!\n# It will be overwritten by the ALTER SYSTEM command.\n',
    0o600,
  )
  writeFileNow(p, `${data}/pg_ident.conf`, '# PostgreSQL User Name Maps\n', 0o600)
  writeFileNow(
    p,
    `${data}/pg_hba.conf`,
    `# PostgreSQL Client Authentication Configuration File\n# TYPE  DATABASE        USER            ADDRESS                 METHOD\n\n# "local" is for Unix domain socket connections only\nlocal   all             all                                     ${auth}\n# IPv4 local connections:\nhost    all             all             127.0.0.1/32            ${auth}\n# IPv6 local connections:\nhost    all             all             ::1/128                 ${auth}\n`,
    0o600,
  )
  writeFileNow(p, `${data}/global/pg_control`, `shut ${p.now()}`, 0o600)
  writeFileNow(p, `${data}/pg_wal/000000010000000000000001`, '', 0o600)
  writeCluster(p, data, {
    roles: [{ name: superuser, password, superuser: true, createdb: true, login: true }],
    databases: [
      { name: 'postgres', oid: 5, owner: superuser },
      { name: 'template0', oid: 4, owner: superuser },
      { name: 'template1', oid: 1, owner: superuser },
    ],
  })
  if (auth === 'trust')
    yield say(
      2,
      'initdb: warning: enabling "trust" authentication for local connections\ninitdb: hint: You can change this by editing pg_hba.conf or using the option -A, or --auth-local and --auth-host, the next time you run initdb.\n',
    )
  yield say(1, `\nSuccess. You can now start the database server using:\n\n    pg_ctl -D ${data} -l logfile start\n\n`)
  return 0
})

export const pgCtl = tool('pg_ctl', function* (p) {
  const args = p.argv.slice(1)
  const data = value(args, '-D', '--pgdata') ?? p.env.get('PGDATA')
  const verb = args.find(each => ['start', 'stop', 'restart', 'status', 'reload', 'init', 'initdb'].includes(each))
  if (args.includes('--version') || args.includes('-V')) {
    yield say(1, `pg_ctl (PostgreSQL) ${p.marker['version'] ?? '16.9'}\n`)
    return 0
  }
  if (p.cred.uid === 0) {
    yield say(
      2,
      'pg_ctl: cannot be run as root\nPlease log in (using, e.g., "su") as the (unprivileged) user that will\nown the server process.\n',
    )
    return 1
  }
  if (data === undefined) {
    yield say(
      2,
      'pg_ctl: no database directory specified and environment variable PGDATA unset\nTry "pg_ctl --help" for more information.\n',
    )
    return 1
  }
  const running = (): number | undefined => {
    const pid = Number((textNow(p, `${data}/postmaster.pid`) ?? '').split('\n')[0])
    if (!pid) return undefined
    try {
      p.kill(pid, 0)
      return pid
    } catch {
      return undefined
    }
  }
  const pid = running()
  if (verb === 'status') {
    yield say(1, pid === undefined ? 'pg_ctl: no server running\n' : `pg_ctl: server is running (PID: ${pid})\n`)
    return pid === undefined ? 3 : 0
  }
  if (verb === 'reload') {
    if (pid !== undefined) p.kill(pid, 'HUP')
    yield say(1, 'server signaled\n')
    return 0
  }
  if (verb === 'stop' || verb === 'restart') {
    if (pid === undefined) {
      yield say(2, `pg_ctl: PID file "${data}/postmaster.pid" does not exist\nIs server running?\n`)
      if (verb === 'stop') return 1
    } else {
      const mode = value(args, '-m', '--mode') ?? 'fast'
      p.kill(pid, mode.startsWith('s') ? 'TERM' : mode.startsWith('i') ? 'QUIT' : 'INT')
      yield say(1, 'waiting for server to shut down...')
      for (let turn = 0; turn < 600 && running() !== undefined; turn++) yield { op: 'sleep', ms: 100 }
      yield say(1, '. done\nserver stopped\n')
    }
    if (verb === 'stop') return 0
  }
  if (verb === 'start' || verb === 'restart') {
    if (verb === 'start' && pid !== undefined) {
      yield say(2, 'pg_ctl: another server might be running; trying to start server anyway\n')
      return 1
    }
    const options =
      (value(args, '-o', '--options') ?? '').match(/(?:[^\s']+|'[^']*')+/g)?.map(each => each.replaceAll("'", '')) ?? []
    const logFile = value(args, '-l', '--log')
    const folder = p.exe.slice(0, p.exe.lastIndexOf('/'))
    const fds = new Map([
      [1, 1],
      [2, 2],
    ])
    if (logFile !== undefined) {
      const fd = p.open(logFile, { write: true, append: true, create: true }, 0o600)
      fds.set(1, fd).set(2, fd)
    }
    yield say(1, 'waiting for server to start...')
    p.spawn({
      path: p.access(`${folder}/postgres`, { execute: true }) ? `${folder}/postgres` : findProgram(p, 'postgres'),
      argv: ['postgres', '-D', data, ...options],
      fds,
      newSession: true,
    })
    for (let turn = 0; turn < 100 && !(textNow(p, `${data}/global/pg_control`) ?? '').startsWith('up'); turn++)
      yield { op: 'sleep', ms: 50 }
    const ready = running() !== undefined
    yield say(1, ready ? ' done\nserver started\n' : ' stopped waiting\n')
    if (!ready) yield say(2, 'pg_ctl: could not start server\nExamine the log output.\n')
    return ready ? 0 : 1
  }
  yield say(2, 'pg_ctl: no operation specified\nTry "pg_ctl --help" for more information.\n')
  return 1
})

function targetOf(p: Proc, args: readonly string[]): Target {
  const target = defaultTarget(p)
  const host = value(args, '-h', '--host')
  if (host !== undefined) target.host = host.startsWith('/') || host === '' ? undefined : host
  target.port = Number(value(args, '-p', '--port') ?? target.port)
  target.user = value(args, '-U', '--username') ?? target.user
  const database = value(args, '-d', '--dbname')
  if (database !== undefined && !readConnectionText(database, target)) target.database = database
  return target
}

// biome-ignore lint/correctness/useYield: nobody is asked
function* noPassword(): Routine<undefined> {
  return undefined
}

export const isReady = tool('pg_isready', function* (p) {
  const args = p.argv.slice(1)
  const quiet = args.includes('-q') || args.includes('--quiet')
  if (args.includes('--version') || args.includes('-V')) {
    yield say(1, `pg_isready (PostgreSQL) ${p.marker['version'] ?? '16.9'}\n`)
    return 0
  }
  const target = targetOf(p, args)
  const problem = yield* new Client(p, target).connect(noPassword)
  const where = `${target.host ?? '/var/run/postgresql'}:${target.port}`
  // A server that asks for a password, or refuses a role, is there.
  const there = problem === undefined || /FATAL|fe_sendauth/.test(problem)
  if (!quiet) yield say(1, `${where} - ${there ? 'accepting connections' : 'no response'}\n`)
  return there ? 0 : 2
})

function statementTool(
  name: string,
  sql: (args: readonly string[], operand: string) => string,
  failure: string,
): CoroutineProgram {
  return tool(name, function* (p) {
    const args = p.argv.slice(1)
    const target = targetOf(p, args)
    const flags = ['-h', '-p', '-U', '-d', '-O', '-E', '-T']
    const operand =
      args.findLast((each, at) => !each.startsWith('-') && !flags.includes(args[at - 1] ?? '')) ?? target.user
    target.database = 'postgres'
    const client = new Client(p, target)
    const problem = yield* client.connect(noPassword)
    if (problem !== undefined) {
      yield say(2, `${name}: error: ${problem}\n`)
      return 1
    }
    for (const answer of yield* client.query(sql(args, operand)))
      if (answer.kind === 'error') {
        yield say(2, `${name}: error: ${failure} failed: ERROR:  ${answer.error.message}\n`)
        return 1
      }
    return 0
  })
}

export const createDb = statementTool('createdb', (_, name) => `CREATE DATABASE "${name}"`, 'database creation')
export const dropDb = statementTool(
  'dropdb',
  (args, name) => `DROP DATABASE ${args.includes('--if-exists') ? 'IF EXISTS ' : ''}"${name}"`,
  'database removal',
)
export const createUser = statementTool(
  'createuser',
  (args, name) =>
    `CREATE ROLE "${name}" LOGIN ${args.includes('-s') || args.includes('--superuser') ? 'SUPERUSER' : ''}`,
  'creation of new role',
)

export const dump = tool('pg_dump', function* (p) {
  const args = p.argv.slice(1)
  const target = targetOf(p, args)
  const flags = ['-h', '-p', '-U', '-d', '-t', '-f', '-F', '-n']
  const operand = args.find((each, at) => !each.startsWith('-') && !flags.includes(args[at - 1] ?? ''))
  if (operand !== undefined) target.database = operand
  target.database ||= target.user
  const client = new Client(p, target)
  const problem = yield* client.connect(noPassword)
  if (problem !== undefined) {
    yield say(2, `pg_dump: error: ${problem}\n`)
    return 1
  }
  const [catalogue] = yield* client.query('SHOW minidock.catalogue')
  if (catalogue?.kind !== 'rows') return 1
  const found = JSON.parse(catalogue.rows[0]?.[0] ?? '{}') as Description
  const version = client.serverVersion
  const only = value(args, '-t', '--table')
  const schema = !args.includes('-a') && !args.includes('--data-only')
  const data = !args.includes('-s') && !args.includes('--schema-only')
  const out: string[] = [
    `--\n-- PostgreSQL database dump\n--\n\n-- Dumped from database version ${version}\n-- Dumped by pg_dump version ${p.marker['version'] ?? version}\n\nSET client_encoding = 'UTF8';\nSET standard_conforming_strings = on;\n`,
  ]
  for (const table of found.tables.filter(
    each => each.kind === 'table' && (only === undefined || each.name === only),
  )) {
    if (schema) {
      const lines = table.columns.map(
        each =>
          `    ${each.name} ${each.serial && each.shown.startsWith('nextval') ? (each.type.name === 'bigint' ? 'bigserial' : 'serial') : each.type.name}${!each.serial && each.shown !== '' ? ` DEFAULT ${each.shown}` : ''}${each.notNull ? ' NOT NULL' : ''}`,
      )
      for (const each of table.constraints.filter(
        one => one.kind === 'primary' || (one.kind === 'unique' && one.text !== 'index'),
      ))
        lines.push(
          `    CONSTRAINT ${each.name} ${each.kind === 'primary' ? 'PRIMARY KEY' : 'UNIQUE'} (${each.columns.join(', ')})`,
        )
      for (const each of table.constraints.filter(one => one.kind === 'foreign'))
        lines.push(
          `    CONSTRAINT ${each.name} FOREIGN KEY (${each.columns.join(', ')}) REFERENCES ${each.table}(${each.references?.join(', ')})${each.text ? ` ${each.text}` : ''}`,
        )
      out.push(
        `\n--\n-- Name: ${table.name}; Type: TABLE; Schema: public; Owner: ${table.owner}\n--\n\nCREATE TABLE public.${table.name} (\n${lines.join(',\n')}\n);\n`,
      )
    }
    if (data) {
      const [rows] = yield* client.query(`SELECT * FROM "${table.name}"`)
      if (rows?.kind === 'rows' && rows.rows.length > 0)
        out.push(
          `\n--\n-- Data for Name: ${table.name}; Type: TABLE DATA; Schema: public; Owner: ${table.owner}\n--\n\n${rows.rows.map(row => `INSERT INTO public.${table.name} VALUES (${row.map((each, at) => (each === null ? 'NULL' : [20, 21, 23, 701, 1700].includes(rows.fields[at]?.oid ?? 0) ? each : rows.fields[at]?.oid === 16 ? String(each === 't') : quoteText(each))).join(', ')});\n`).join('')}`,
        )
    }
  }
  out.push('\n--\n-- PostgreSQL database dump complete\n--\n\n')
  const file = value(args, '-f', '--file')
  if (file === undefined) yield say(1, out.join(''))
  else writeFileNow(p, file, Buffer.from(out.join(''), 'utf8').toString('latin1'))
  return 0
})
