/** postgres: the server of a cluster. */

import type { CoroutineProgram, Json, Proc, Routine } from '../../../kernel/program.ts'
import { backgroundTask, cleanEnv } from '../../../kernel/userland/lib/daemon.ts'
import { isErrno } from '../../../vfs/errno.ts'
import { databaseTime } from '../../clock-words.ts'
import { textNow, writeFileNow } from '../../whole-file.ts'
import { received } from '../listener.ts'
import { is } from '../sql-tokens.ts'
import { Database, type Result } from './execute.ts'
import { errorMessage, int16, int32, message, socketFile, socketPort, take, text, texts } from './protocol.ts'
import { type Role, readCluster } from './storage.ts'
import { SqlError, splitStatements } from './tokens.ts'
import { isNumeric } from './types.ts'

interface Connection {
  fd: number
  local: boolean
  address: string
  stage: 'new' | 'password' | 'ready'
  user: string
  database: string
  /** Sent and no whole message yet, base64. */
  pending: string
  /** Statements by name, and what is bound. */
  prepared: Record<string, string>
  bound: { text: string; params: (string | null)[] } | undefined
  /** After an error in the extended protocol: until Sync. */
  skipping: boolean
}

interface Kept {
  data: string
  port: number
  listeners: { fd: number; local: boolean }[]
  connections: Connection[]
  children: number[]
  hba: string
  startedAt: number
}

const helpers = [
  'checkpointer ',
  'background writer ',
  'walwriter ',
  'autovacuum launcher ',
  'logical replication launcher ',
]
const say = (fd: number, words: string) => ({ op: 'write' as const, fd, data: Buffer.from(words, 'utf8') })

export function versionText(p: Proc): string {
  const version = p.marker['version'] ?? '16.9'
  const alpine = textNow(p, '/etc/alpine-release') !== undefined
  const machine = p.uname().machine
  return alpine
    ? `PostgreSQL ${version} on ${machine}-pc-linux-musl, compiled by gcc (Alpine 14.2.0) 14.2.0, 64-bit`
    : `PostgreSQL ${version} (Debian ${version}-1.pgdg120+1) on ${machine}-pc-linux-gnu, compiled by gcc (Debian 12.2.0-14) 12.2.0, 64-bit`
}

export const program: CoroutineProgram = {
  kind: 'coroutine',
  name: 'postgres',
  *main(p, saved) {
    const helper = backgroundTask(p)
    if (helper !== undefined) return yield* help(p, helper)
    if (saved !== undefined) return yield* new Server(p, saved as unknown as Kept).serve()
    const version = p.marker['version'] ?? '16.9'
    const args = [...p.argv.slice(1)]
    if (args.includes('--version') || args.includes('-V')) {
      yield say(
        1,
        `postgres (PostgreSQL) ${version}${textNow(p, '/etc/alpine-release') === undefined ? ` (Debian ${version}-1.pgdg120+1)` : ''}\n`,
      )
      return 0
    }
    if (args.includes('--help') || args.includes('-?')) {
      yield say(1, `postgres is the PostgreSQL server.\n\nUsage:\n  postgres [OPTION]...\n`)
      return 0
    }
    let data = p.env.get('PGDATA')
    const settings = new Map<string, string>()
    for (let at = 0; at < args.length; at++) {
      const word = args[at] ?? ''
      const pair = /^(?:-c)?([\w.]+)=(.*)$/.exec(word.replace(/^--/, '').replace(/^-c(?=\w)/, ''))
      if (word === '-D') data = args[++at]
      else if (word === '-p') settings.set('port', args[++at] ?? '')
      else if (word === '-c') {
        const [, name = '', value = ''] = /^([\w.]+)=(.*)$/.exec(args[++at] ?? '') ?? []
        settings.set(name, value)
      } else if (pair) settings.set(pair[1] ?? '', pair[2] ?? '')
    }
    return yield* start(p, data, settings)
  },
}

/** A helper process: it waits to be told to end. */
function* help(p: Proc, name: string): Routine<number> {
  for (const signal of ['TERM', 'QUIT', 'INT']) p.sigaction(signal, 'catch')
  p.setTitle('postgres', [`postgres: ${name}`])
  p.memory(1_500_000)
  p.checkpoint(null)
  try {
    yield { op: 'pause' }
  } catch (error) {
    if (!isErrno(error, 'EINTR')) throw error
  }
  return name.startsWith('logical') ? 1 : 0
}

function* log(p: Proc, level: string, words: string): Routine<void> {
  yield say(2, `${databaseTime(p.now())} [${p.pid}] ${level}:  ${words}\n`)
}

function* start(p: Proc, data: string | undefined, settings: Map<string, string>): Routine<number> {
  if (p.cred.uid === 0) {
    yield say(
      2,
      '"root" execution of the PostgreSQL server is not permitted.\nThe server must be started under an unprivileged user ID to prevent\npossible system security compromise.  See the documentation for\nmore information on how to properly start the server.\n',
    )
    return 1
  }
  if (data === undefined) {
    yield say(
      2,
      'postgres does not know where to find the server configuration file.\nYou must specify the --config-file or -D invocation option or set the PGDATA environment variable.\n',
    )
    return 2
  }
  const config = textNow(p, `${data}/postgresql.conf`)
  if (config === undefined) {
    yield say(
      2,
      `postgres: could not access the server configuration file "${data}/postgresql.conf": No such file or directory\n`,
    )
    return 2
  }
  for (const [, name = '', value = ''] of config.matchAll(/^\s*([a-z_]+)\s*=\s*'?([^'#\n]*?)'?\s*(?:#.*)?$/gm))
    if (!settings.has(name)) settings.set(name, value)
  const major = (p.marker['version'] ?? '16').split('.')[0] ?? '16'
  const own = textNow(p, `${data}/PG_VERSION`)?.trim()
  if (own !== major) {
    yield* log(p, 'FATAL', 'database files are incompatible with server')
    yield* log(
      p,
      'DETAIL',
      `The data directory was initialized by PostgreSQL version ${own}, which is not compatible with this version ${p.marker['version']}.`,
    )
    return 1
  }
  const port = Number(settings.get('port') ?? 5432)
  yield* log(p, 'LOG', `starting ${versionText(p)}`)
  const listeners: Kept['listeners'] = []
  const addresses = settings.get('listen_addresses') ?? 'localhost'
  try {
    if (addresses === '*') {
      listeners.push({ fd: p.listen('0.0.0.0', port, 'tcp'), local: false })
      yield* log(p, 'LOG', `listening on IPv4 address "0.0.0.0", port ${port}`)
      yield* log(p, 'LOG', `listening on IPv6 address "::", port ${port}`)
    } else if (addresses !== '') {
      listeners.push({ fd: p.listen('127.0.0.1', port, 'tcp'), local: false })
      yield* log(p, 'LOG', `listening on IPv4 address "127.0.0.1", port ${port}`)
    }
    listeners.push({ fd: p.listen('127.0.0.1', socketPort(port), 'tcp'), local: true })
  } catch (error) {
    if (!isErrno(error)) throw error
    yield* log(p, 'LOG', `could not bind IPv4 address "0.0.0.0": ${error.message}`)
    yield* log(
      p,
      'HINT',
      `Is another postmaster already running on port ${port}? If not, wait a few seconds and retry.`,
    )
    yield* log(p, 'WARNING', 'could not create listen socket for "*"')
    yield* log(p, 'FATAL', 'could not create any TCP/IP sockets')
    return 1
  }
  remove(p, socketFile(port))
  try {
    p.mknod(socketFile(port), 'socket', 0o777)
  } catch (error) {
    if (!isErrno(error)) throw error
  }
  yield* log(p, 'LOG', `listening on Unix socket "${socketFile(port)}"`)
  writeFileNow(p, `${data}/postmaster.pid`, `${p.pid}\n${data}\n${Math.floor(p.now() / 1000)}\n${port}\n`, 0o600)
  for (const signal of ['TERM', 'INT', 'QUIT', 'HUP', 'CHLD']) p.sigaction(signal, 'catch')
  p.memory(24_000_000)
  const children: number[] = []
  for (const name of helpers) {
    try {
      const env = cleanEnv(p).set('minidock_background', name)
      children.push(p.spawn({ path: p.exe, argv: [`postgres: ${name}`], env, fds: new Map([[2, 2]]) }))
    } catch (error) {
      if (!isErrno(error)) throw error
    }
  }
  const state = textNow(p, `${data}/global/pg_control`)
  const [kind = '', when = '0'] = (state ?? 'shut 0').split(' ')
  yield* log(
    p,
    'LOG',
    kind === 'shut'
      ? `database system was shut down at ${databaseTime(Number(when) || p.now()).replace(/\.\d+/, '')}`
      : `database system was interrupted; last known up at ${databaseTime(Number(when) || p.now()).replace(/\.\d+/, '')}`,
  )
  if (kind !== 'shut') {
    yield* log(p, 'LOG', 'database system was not properly shut down; automatic recovery in progress')
    yield* log(p, 'LOG', 'redo starts at 0/14EE0F0')
    yield* log(p, 'LOG', 'redo done at 0/14EE1F8 system usage: CPU: user: 0.00 s, system: 0.00 s, elapsed: 0.00 s')
  }
  writeFileNow(p, `${data}/global/pg_control`, `up ${p.now()}`, 0o600)
  yield* log(p, 'LOG', 'database system is ready to accept connections')
  const hba = textNow(p, `${data}/pg_hba.conf`) ?? ''
  return yield* new Server(p, { data, port, listeners, connections: [], children, hba, startedAt: p.now() }).serve()
}

function remove(p: Proc, path: string): void {
  try {
    p.unlink(path)
  } catch (error) {
    if (!isErrno(error)) throw error
  }
}

class Server {
  readonly #p: Proc
  readonly #kept: Kept
  /** Databases of connections that are inside a transaction. */
  readonly #open = new Map<number, { database: Database; failed: boolean }>()

  constructor(p: Proc, kept: Kept) {
    this.#p = p
    this.#kept = structuredClone(kept)
  }

  *serve(): Routine<number> {
    const { p } = { p: this.#p }
    for (;;) {
      // An open transaction lives in the journal until it ends.
      if (this.#open.size === 0) p.checkpoint(structuredClone(this.#kept) as unknown as Json)
      const fds = [...this.#kept.listeners.map(each => each.fd), ...this.#kept.connections.map(each => each.fd)]
      let ready: number[]
      try {
        ready = (yield {
          op: 'poll',
          fds: fds.map(fd => ({ fd, event: 'in' as const })),
          ms: Number.POSITIVE_INFINITY,
        }) as number[]
      } catch (error) {
        if (!isErrno(error, 'EINTR')) throw error
        const ended = yield* this.#signals()
        if (ended) return 0
        continue
      }
      for (const fd of ready) {
        const listener = this.#kept.listeners.find(each => each.fd === fd)
        if (listener) yield* this.#accept(listener)
        else yield* this.#hear(fd)
      }
    }
  }

  *#signals(): Routine<boolean> {
    const p = this.#p
    for (let signal = p.takeSignal(); signal !== undefined; signal = p.takeSignal()) {
      if (signal === 'HUP') {
        yield* log(p, 'LOG', 'received SIGHUP, reloading configuration files')
        this.#kept.hba = textNow(p, `${this.#kept.data}/pg_hba.conf`) ?? ''
      } else if (signal !== 'CHLD') {
        yield* this.#shutdown(signal)
        return true
      }
    }
    return false
  }

  *#shutdown(signal: string): Routine<void> {
    const p = this.#p
    const kind = signal === 'TERM' ? 'smart' : signal === 'QUIT' ? 'immediate' : 'fast'
    yield* log(p, 'LOG', `received ${kind} shutdown request`)
    if (kind === 'fast') yield* log(p, 'LOG', 'aborting any active transactions')
    for (const connection of [...this.#kept.connections]) {
      if (kind === 'fast' && connection.stage === 'ready')
        yield* this.#send(
          connection,
          errorMessage('E', {
            severity: 'FATAL',
            code: '57P01',
            message: 'terminating connection due to administrator command',
          }),
        )
      this.#drop(connection)
    }
    const launcher = this.#kept.children.at(-1)
    for (const pid of this.#kept.children) {
      try {
        p.kill(pid, 'TERM')
      } catch (error) {
        if (!isErrno(error)) throw error
      }
    }
    if (launcher !== undefined)
      yield* log(p, 'LOG', `background worker "logical replication launcher" (PID ${launcher}) exited with exit code 1`)
    const checkpointer = this.#kept.children[0] ?? p.pid
    const stamp = (words: string) => say(2, `${databaseTime(p.now())} [${checkpointer}] LOG:  ${words}\n`)
    if (kind !== 'immediate') {
      yield stamp('shutting down')
      yield stamp('checkpoint starting: shutdown immediate')
      yield stamp(
        'checkpoint complete: wrote 3 buffers (0.0%); 0 WAL file(s) added, 0 removed, 0 recycled; write=0.001 s, sync=0.001 s, total=0.005 s; sync files=2, longest=0.001 s, average=0.001 s; distance=0 kB, estimate=0 kB; lsn=0/14EE1F8, redo lsn=0/14EE1F8',
      )
      writeFileNow(p, `${this.#kept.data}/global/pg_control`, `shut ${p.now()}`, 0o600)
    }
    yield* log(p, 'LOG', 'database system is shut down')
    remove(p, `${this.#kept.data}/postmaster.pid`)
    remove(p, socketFile(this.#kept.port))
  }

  *#accept(listener: { fd: number; local: boolean }): Routine<void> {
    try {
      const fd = (yield { op: 'accept', fd: listener.fd, now: true }) as number
      const address = this.#p.sockname(fd).peer?.address ?? ''
      this.#kept.connections.push({
        fd,
        local: listener.local,
        address,
        stage: 'new',
        user: '',
        database: '',
        pending: '',
        prepared: {},
        bound: undefined,
        skipping: false,
      })
    } catch (error) {
      if (!isErrno(error)) throw error
    }
  }

  #drop(connection: Connection): void {
    this.#open.get(connection.fd)?.database.store.close()
    this.#open.delete(connection.fd)
    this.#kept.connections = this.#kept.connections.filter(each => each !== connection)
    this.#p.close(connection.fd)
  }

  *#send(connection: Connection, ...parts: Uint8Array[]): Routine<void> {
    try {
      yield { op: 'write', fd: connection.fd, data: Buffer.concat(parts) }
    } catch (error) {
      if (!isErrno(error)) throw error
    }
  }

  *#hear(fd: number): Routine<void> {
    const connection = this.#kept.connections.find(each => each.fd === fd)
    if (!connection) return
    const data = yield* received(fd, 1 << 20)
    if (data.length === 0) return this.#drop(connection)
    let bytes: Buffer = Buffer.concat([Buffer.from(connection.pending, 'base64'), data])
    while (this.#kept.connections.includes(connection)) {
      const found = take(bytes, connection.stage !== 'new')
      if (!found) break
      bytes = found.rest
      if (found.type === '!') {
        yield* log(this.#p, 'LOG', 'invalid length of startup packet')
        return this.#drop(connection)
      }
      yield* this.#message(connection, found.type, found.body)
    }
    connection.pending = bytes.toString('base64')
  }

  *#message(connection: Connection, type: string, body: Buffer): Routine<void> {
    if (connection.stage === 'new') return yield* this.#startup(connection, body)
    if (connection.stage === 'password') {
      if (type === 'p') yield* this.#password(connection, texts(body)[0] ?? '')
      return
    }
    if (type === 'X') return this.#drop(connection)
    if (type === 'Q') {
      yield* this.#simple(connection, texts(body)[0] ?? '')
      return yield* this.#ready(connection)
    }
    if (type === 'S') {
      connection.skipping = false
      return yield* this.#ready(connection)
    }
    if (connection.skipping) return
    if (type === 'P') {
      const [name = '', statement = ''] = texts(body)
      connection.prepared[name] = statement
      yield* this.#send(connection, message('1'))
    } else if (type === 'B') {
      yield* this.#bind(connection, body)
    } else if (type === 'D') return
    else if (type === 'E') yield* this.#execute(connection)
    else if (type === 'C') yield* this.#send(connection, message('3'))
  }

  *#fatal(connection: Connection, code: string, words: string): Routine<void> {
    yield* log(this.#p, 'FATAL', words)
    yield* this.#send(connection, errorMessage('E', { severity: 'FATAL', code, message: words }))
    this.#drop(connection)
  }

  *#startup(connection: Connection, body: Buffer): Routine<void> {
    const protocol = body.readInt32BE(0)
    // TLS and GSS are refused with one letter, and the client goes on in the clear.
    if (protocol === 80_877_103 || protocol === 80_877_104) return yield* this.#send(connection, Buffer.from('N'))
    const words = texts(body.subarray(4))
    const given = new Map<string, string>()
    for (let at = 0; at + 1 < words.length && words[at] !== ''; at += 2) given.set(words[at] ?? '', words[at + 1] ?? '')
    connection.user = given.get('user') ?? ''
    connection.database = given.get('database') || connection.user
    const method = this.#method(connection)
    if (method === undefined || method === 'reject')
      return yield* this.#fatal(
        connection,
        '28000',
        `no pg_hba.conf entry for host "${connection.address}", user "${connection.user}", database "${connection.database}", no encryption`,
      )
    if (method === 'trust' || method === 'peer') return yield* this.#welcome(connection)
    connection.stage = 'password'
    yield* this.#send(connection, message('R', int32(3)))
  }

  /** The first line of pg_hba.conf that fits. */
  #method(connection: Connection): string | undefined {
    for (const line of this.#kept.hba.split('\n')) {
      const words = line.replace(/#.*/, '').trim().split(/\s+/)
      const [kind, databases = '', users = '', ...rest] = words
      if (kind !== 'local' && kind !== 'host' && kind !== 'hostnossl') continue
      if ((kind === 'local') !== connection.local) continue
      if (databases === 'replication' || (databases !== 'all' && !databases.split(',').includes(connection.database)))
        continue
      if (users !== 'all' && !users.split(',').includes(connection.user)) continue
      if (kind === 'local') return rest[0]
      const [address = '', method] = rest
      if (
        address === 'all' ||
        address === '0.0.0.0/0' ||
        address === connection.address ||
        (address === 'localhost' && connection.address.startsWith('127.')) ||
        inNetwork(connection.address, address)
      )
        return method
    }
    return undefined
  }

  #role(connection: Connection): Role | undefined {
    return readCluster(this.#p, this.#kept.data).roles.find(each => each.name === connection.user)
  }

  *#password(connection: Connection, password: string): Routine<void> {
    const role = this.#role(connection)
    if (role?.password === undefined || role.password !== password) {
      yield* log(this.#p, 'FATAL', `password authentication failed for user "${connection.user}"`)
      yield* log(
        this.#p,
        'DETAIL',
        role
          ? `Connection matched file "${this.#kept.data}/pg_hba.conf" line 128: "host all all all scram-sha-256"`
          : `Role "${connection.user}" does not exist.\n\tConnection matched file "${this.#kept.data}/pg_hba.conf" line 128: "host all all all scram-sha-256"`,
      )
      yield* this.#send(
        connection,
        errorMessage('E', {
          severity: 'FATAL',
          code: '28P01',
          message: `password authentication failed for user "${connection.user}"`,
        }),
      )
      return this.#drop(connection)
    }
    yield* this.#welcome(connection)
  }

  *#welcome(connection: Connection): Routine<void> {
    const role = this.#role(connection)
    if (!role) return yield* this.#fatal(connection, '28000', `role "${connection.user}" does not exist`)
    if (!role.login)
      return yield* this.#fatal(connection, '28000', `role "${connection.user}" is not permitted to log in`)
    if (!readCluster(this.#p, this.#kept.data).databases.some(each => each.name === connection.database))
      return yield* this.#fatal(connection, '3D000', `database "${connection.database}" does not exist`)
    connection.stage = 'ready'
    const settings = {
      server_version: `${this.#p.marker['version'] ?? '16.9'}`,
      server_encoding: 'UTF8',
      client_encoding: 'UTF8',
      DateStyle: 'ISO, MDY',
      TimeZone: 'Etc/UTC',
      integer_datetimes: 'on',
      standard_conforming_strings: 'on',
      is_superuser: role.superuser ? 'on' : 'off',
    }
    const parameters = Object.entries(settings).map(([name, value]) => message('S', text(name), text(value)))
    yield* this.#send(
      connection,
      message('R', int32(0)),
      ...parameters,
      message('K', int32(this.#p.pid + connection.fd), int32(1)),
    )
    yield* this.#ready(connection)
  }

  *#ready(connection: Connection): Routine<void> {
    const open = this.#open.get(connection.fd)
    yield* this.#send(connection, message('Z', Buffer.from(open ? (open.failed ? 'E' : 'T') : 'I')))
  }

  *#simple(connection: Connection, statementText: string): Routine<void> {
    let statements: ReturnType<typeof splitStatements>
    try {
      statements = splitStatements(statementText)
    } catch (error) {
      if (!(error instanceof SqlError)) throw error
      yield* this.#failed(connection, error, statementText)
      return
    }
    if (statements.length === 0) return yield* this.#send(connection, message('I'))
    // Several statements in one message are one transaction.
    const database = this.#open.get(connection.fd) ? undefined : this.#database(connection)
    let done = true
    for (const statement of statements) {
      const ok = yield* this.#statement(connection, database, statement, [])
      if (!ok) {
        done = false
        break
      }
    }
    if (database && !this.#open.has(connection.fd)) {
      if (done) database.store.save()
      else database.store.saveSequences()
      database.store.close()
    }
  }

  #database(connection: Connection): Database {
    return new Database(this.#p, this.#kept.data, connection.user, connection.database, versionText(this.#p))
  }

  *#bind(connection: Connection, body: Buffer): Routine<void> {
    const portalEnd = body.indexOf(0)
    const nameEnd = body.indexOf(0, portalEnd + 1)
    const name = body.subarray(portalEnd + 1, nameEnd).toString()
    let at = nameEnd + 1
    at += 2 + body.readInt16BE(at) * 2
    const count = body.readInt16BE(at)
    at += 2
    const params: (string | null)[] = []
    for (let each = 0; each < count; each++) {
      const size = body.readInt32BE(at)
      at += 4
      params.push(size < 0 ? null : body.subarray(at, at + size).toString())
      if (size > 0) at += size
    }
    connection.bound = { text: connection.prepared[name] ?? '', params }
    yield* this.#send(connection, message('2'))
  }

  *#execute(connection: Connection): Routine<void> {
    const { bound } = connection
    if (!bound) return
    let statements: ReturnType<typeof splitStatements>
    try {
      statements = splitStatements(bound.text)
    } catch (error) {
      if (!(error instanceof SqlError)) throw error
      connection.skipping = true
      yield* this.#failed(connection, error, bound.text)
      return
    }
    const [statement] = statements
    if (!statement) return yield* this.#send(connection, message('I'))
    const database = this.#open.get(connection.fd) ? undefined : this.#database(connection)
    const ok = yield* this.#statement(connection, database, statement, bound.params)
    if (!ok) connection.skipping = true
    if (database && !this.#open.has(connection.fd)) {
      if (ok) database.store.save()
      else database.store.saveSequences()
      database.store.close()
    }
  }

  /** One statement, its answer sent. Whether it worked. */
  *#statement(
    connection: Connection,
    fresh: Database | undefined,
    statement: { text: string; tokens: ReturnType<typeof splitStatements>[number]['tokens'] },
    params: (string | null)[],
  ): Routine<boolean> {
    const open = this.#open.get(connection.fd)
    const [first, second] = statement.tokens
    const done = function* (this: Server, tag: string): Routine<boolean> {
      yield* this.#send(connection, message('C', text(tag)))
      return true
    }.bind(this)
    if (is(first, 'begin', 'start')) {
      if (open) yield* this.#notice(connection, 'WARNING', 'there is already a transaction in progress')
      else if (fresh) {
        fresh.store.sql.run('BEGIN')
        this.#open.set(connection.fd, { database: fresh, failed: false })
      }
      return yield* done(is(first, 'start') ? 'START TRANSACTION' : 'BEGIN')
    }
    if (is(first, 'commit', 'end', 'rollback', 'abort') && !is(second, 'to')) {
      if (!open) {
        yield* this.#notice(connection, 'WARNING', 'there is no transaction in progress')
        return yield* done(is(first, 'commit', 'end') ? 'COMMIT' : 'ROLLBACK')
      }
      const keep = is(first, 'commit', 'end') && !open.failed
      open.database.store.sql.run(keep ? 'COMMIT' : 'ROLLBACK')
      if (keep) open.database.store.save()
      open.database.store.close()
      this.#open.delete(connection.fd)
      return yield* done(keep ? 'COMMIT' : 'ROLLBACK')
    }
    if (is(first, 'savepoint', 'release') || (is(first, 'rollback') && is(second, 'to'))) {
      const database = open?.database
      database?.store.sql.run(statement.text)
      if (open && is(first, 'rollback')) open.failed = false
      return yield* done(first?.text.toUpperCase() ?? '')
    }
    if (open?.failed)
      return yield* this.#failed(
        connection,
        new SqlError('25P02', 'current transaction is aborted, commands ignored until end of transaction block'),
        statement.text,
      )
    const database = open?.database ?? fresh
    if (!database) return false
    let result: Result
    try {
      result = database.run(statement.text, statement.tokens, params)
    } catch (error) {
      if (!(error instanceof SqlError)) throw error
      if (open) open.failed = true
      return yield* this.#failed(connection, error, statement.text)
    }
    for (const notice of database.notices.splice(0))
      yield* this.#notice(connection, 'NOTICE', notice.replace(/^NOTICE: {2}/, ''))
    const parts: Buffer[] = []
    if (result.fields)
      parts.push(
        message(
          'T',
          int16(result.fields.length),
          ...result.fields.flatMap(({ name, type }) => [
            text(name),
            int32(0),
            int16(0),
            int32(type.oid),
            int16(isNumeric(type.oid) ? 4 : -1),
            int32(-1),
            int16(0),
          ]),
        ),
      )
    for (const row of result.rows ?? [])
      parts.push(
        message(
          'D',
          int16(row.length),
          ...row.flatMap(value =>
            value === null ? [int32(-1)] : [int32(Buffer.byteLength(value)), Buffer.from(value, 'utf8')],
          ),
        ),
      )
    yield* this.#send(connection, ...parts)
    return yield* done(result.tag)
  }

  *#notice(connection: Connection, severity: string, words: string): Routine<void> {
    yield* this.#send(connection, errorMessage('N', { severity, code: '00000', message: words }))
  }

  *#failed(connection: Connection, error: SqlError, statement: string): Routine<false> {
    const p = this.#p
    yield* log(p, 'ERROR', `${error.message}${error.position === undefined ? '' : ` at character ${error.position}`}`)
    if (error.detail !== undefined) yield* log(p, 'DETAIL', error.detail)
    if (error.hint !== undefined) yield* log(p, 'HINT', error.hint)
    yield* log(p, 'STATEMENT', `${statement}${statement.endsWith(';') ? '' : ';'}`)
    yield* this.#send(
      connection,
      errorMessage('E', {
        severity: 'ERROR',
        code: error.code,
        message: error.message,
        detail: error.detail,
        hint: error.hint,
        position: error.position,
      }),
    )
    return false
  }
}

function inNetwork(address: string, network: string): boolean {
  const [base = '', bits] = network.split('/')
  if (bits === undefined || base.includes(':') || address.includes(':')) return false
  const number = (value: string): number => value.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
  const span = 2 ** (32 - Number(bits))
  return Math.floor(number(base) / span) === Math.floor(number(address) / span)
}
