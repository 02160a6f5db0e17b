/** mysqld and mariadbd: connections of a server and their messages. */

import type { Json, Proc, Routine } from '../../../kernel/program.ts'
import { isErrno } from '../../../vfs/errno.ts'
import { received } from '../listener.ts'
import { is } from '../sql-tokens.ts'
import { accountFor, answersScramble } from './accounts.ts'
import { note, remove, shutdownLines } from './log.ts'
import {
  command,
  errorPacket,
  greeting,
  okPacket,
  packet,
  readLogin,
  resultPackets,
  switchPlugin,
  takePacket,
} from './protocol.ts'
import { runStatement, useDatabase } from './run.ts'
import { type Identity, type Result, Session, type SessionState, serverVersion } from './session.ts'
import { readMeta } from './storage.ts'
import { SqlError, SyntaxProblem, splitStatements, type Token } from './tokens.ts'
import type { Flavour } from './types.ts'

interface Connection {
  fd: number
  id: number
  local: boolean
  address: string
  port: number
  since: number
  stage: 'login' | 'switch' | 'ready'
  /** 20 bytes, base64. */
  salt: string
  /** Sent and no whole packet yet, base64. */
  pending: string
  user: string
  account: { user: string; host: string }
  state: SessionState
}

export interface Kept {
  data: string
  socket: string
  flavour: Flavour
  listeners: { fd: number; local: boolean }[]
  connections: Connection[]
  nextId: number
  questions: number
  startedAt: number
}

const autocommit = 2
const inTransaction = 1

export class Server {
  readonly #p: Proc
  readonly #kept: Kept
  /** Sessions inside a transaction. */
  readonly #open = new Map<number, Session>()

  constructor(p: Proc, kept: Kept) {
    this.#p = p
    this.#kept = structuredClone(kept)
  }

  *serve(): Routine<number> {
    for (;;) {
      // An open transaction lives in the journal until it ends.
      if (this.#open.size === 0) this.#p.checkpoint(structuredClone(this.#kept) as unknown as Json)
      const fds = [...this.#kept.listeners, ...this.#kept.connections].map(({ fd }) => ({ fd, event: 'in' as const }))
      let ready: number[]
      try {
        ready = (yield { op: 'poll', fds, ms: Number.POSITIVE_INFINITY }) as number[]
      } catch (error) {
        if (!isErrno(error, 'EINTR')) throw error
        for (let signal = this.#p.takeSignal(); signal !== undefined; signal = this.#p.takeSignal())
          if (signal !== 'HUP') return yield* this.#shutdown(undefined)
        continue
      }
      for (const fd of ready) {
        const listener = this.#kept.listeners.find(each => each.fd === fd)
        if (listener) yield* this.#accept(listener)
        else if (yield* this.#hear(fd))
          return yield* this.#shutdown(this.#kept.connections.find(each => each.fd === fd)?.user)
      }
    }
  }

  /** `user`: whose command it was; undefined: a signal's. */
  *#shutdown(user: string | undefined): Routine<number> {
    for (const connection of [...this.#kept.connections]) this.#drop(connection)
    yield* shutdownLines(this.#p, this.#kept.flavour, this.#kept.data, user)
    // Whoever waits for the end looks for the socket.
    remove(this.#p, this.#kept.socket.replace(/\.sock$/, '.pid'))
    remove(this.#p, this.#kept.socket)
    return 0
  }

  *#accept(listener: { fd: number; local: boolean }): Routine<void> {
    try {
      const fd = (yield { op: 'accept', fd: listener.fd, now: true }) as number
      const peer = this.#p.sockname(fd).peer
      // No byte of a scramble is zero: it ends a text.
      const salt = this.#p.random(20).map(each => (each % 126) + 1)
      const connection: Connection = {
        fd,
        id: this.#kept.nextId++,
        local: listener.local,
        address: listener.local ? 'localhost' : (peer?.address ?? ''),
        port: peer?.port ?? 0,
        since: this.#p.now(),
        stage: 'login',
        salt: Buffer.from(salt).toString('base64'),
        pending: '',
        user: '',
        account: { user: '', host: '' },
        state: { database: null, variables: {}, insertId: 0, rowCount: 0, settings: {}, warnings: [] },
      }
      this.#kept.connections.push(connection)
      yield* this.#send(connection, packet(0, greeting(serverVersion(this.#kept.flavour), connection.id, salt)))
    } catch (error) {
      if (!isErrno(error)) throw error
    }
  }

  #drop(connection: Connection): void {
    this.#open.get(connection.fd)?.store.close()
    this.#open.delete(connection.fd)
    this.#kept.connections = this.#kept.connections.filter(each => each !== connection)
    this.#p.close(connection.fd)
  }

  *#send(connection: Connection, data: Uint8Array): Routine<void> {
    try {
      yield { op: 'write', fd: connection.fd, data }
    } catch (error) {
      if (!isErrno(error)) throw error
    }
  }

  /** Whether the server is to end. */
  *#hear(fd: number): Routine<boolean> {
    const connection = this.#kept.connections.find(each => each.fd === fd)
    if (!connection) return false
    const data = yield* received(fd, 1 << 20)
    if (data.length === 0) {
      this.#drop(connection)
      return false
    }
    let bytes: Buffer = Buffer.concat([Buffer.from(connection.pending, 'base64'), data])
    while (this.#kept.connections.includes(connection)) {
      const found = takePacket(bytes)
      if (!found) break
      bytes = found.rest
      if (connection.stage !== 'ready') yield* this.#login(connection, found.sequence, found.body)
      else if (yield* this.#command(connection, found.sequence, found.body)) return true
    }
    connection.pending = bytes.toString('base64')
    return false
  }

  *#refuse(connection: Connection, sequence: number, error: SqlError): Routine<void> {
    if (this.#kept.flavour.maria) yield* note(this.#p, error.message, 'Warning', connection.id)
    yield* this.#send(connection, packet(sequence + 1, errorPacket(error)))
    this.#drop(connection)
  }

  *#login(connection: Connection, sequence: number, body: Buffer): Routine<void> {
    const salt = Buffer.from(connection.salt, 'base64')
    let answer: Buffer = body
    if (connection.stage === 'login') {
      const given = readLogin(body)
      connection.user = given.user
      connection.state.database = given.database || null
      answer = given.answer
      if (given.plugin !== 'mysql_native_password') {
        connection.stage = 'switch'
        return yield* this.#send(connection, packet(sequence + 1, switchPlugin(salt)))
      }
    }
    const meta = readMeta(this.#p, this.#kept.data)
    const account = accountFor(meta?.accounts ?? [], connection.user, connection.address)
    if (!account || !answersScramble(answer, salt, account.secret)) {
      const words = `Access denied for user '${connection.user}'@'${connection.address}' (using password: ${answer.length > 0 ? 'YES' : 'NO'})`
      return yield* this.#refuse(connection, sequence, new SqlError(1045, '28000', words))
    }
    if (account.locked) {
      const words = `Access denied for user '${account.user}'@'${account.host}'. Account is locked.`
      return yield* this.#refuse(connection, sequence, new SqlError(3118, 'HY000', words))
    }
    connection.account = { user: account.user, host: account.host }
    const database = connection.state.database
    if (database !== null) {
      connection.state.database = null
      const session = this.#session(connection)
      try {
        useDatabase(session, database)
      } catch (error) {
        if (!(error instanceof SqlError)) throw error
        return yield* this.#refuse(connection, sequence, error)
      } finally {
        session.store.close()
      }
    }
    connection.stage = 'ready'
    yield* this.#send(connection, packet(sequence + 1, okPacket(0, 0, autocommit, 0, '')))
  }

  #session(connection: Connection): Session {
    const identity: Identity = {
      user: connection.user,
      host: connection.address,
      account: { ...connection.account, secret: '', locked: false, grants: {}, grantOption: [] },
      connectionId: connection.id,
      fd: connection.fd,
      startedAt: this.#kept.startedAt,
    }
    return new Session(this.#p, this.#kept.data, this.#kept.flavour, connection.state, identity)
  }

  /** Whether the server is to end. */
  *#command(connection: Connection, sequence: number, body: Buffer): Routine<boolean> {
    const [kind] = body
    const next = sequence + 1
    const ok = packet(next, okPacket(0, 0, autocommit, 0, ''))
    if (kind === command.quit) this.#drop(connection)
    else if (kind === command.ping) yield* this.#send(connection, ok)
    else if (kind === command.query) return yield* this.#query(connection, next, body.subarray(1).toString('utf8'))
    else if (kind === command.initDb)
      return yield* this.#query(connection, next, `USE \`${body.subarray(1).toString('utf8')}\``)
    else if (kind === command.statistics) yield* this.#send(connection, packet(next, Buffer.from(this.#statistics())))
    else
      yield* this.#send(
        connection,
        packet(
          next,
          errorPacket(new SqlError(1235, '42000', 'minidock: prepared statements of the protocol are not modelled')),
        ),
      )
    return false
  }

  #statistics(): string {
    const uptime = Math.max(1, Math.floor((this.#p.now() - this.#kept.startedAt) / 1000))
    const { questions, connections } = this.#kept
    const flush = this.#kept.flavour.maria ? '' : '  Flush tables: 3'
    return `Uptime: ${uptime}  Threads: ${connections.length}  Questions: ${questions}  Slow queries: 0  Opens: 120${flush}  Open tables: 39  Queries per second avg: ${(questions / uptime).toFixed(3)}`
  }

  *#query(connection: Connection, sequence: number, text: string): Routine<boolean> {
    this.#kept.questions++
    const open = this.#open.get(connection.fd)
    const session = open ?? this.#session(connection)
    let ends = false
    try {
      const [statement] = splitStatements(text)
      if (!statement) throw new SqlError(1065, '42000', 'Query was empty')
      if (is(statement.tokens[0], 'shutdown')) {
        session.needGlobal('SHUTDOWN')
        ends = true
      }
      const pause = sleepOf(statement.tokens)
      if (pause > 0) yield { op: 'sleep', ms: pause }
      const result = ends
        ? undefined
        : (this.#transaction(connection, session, statement.tokens) ?? this.#run(session, text, statement.tokens))
      yield* this.#answer(connection, sequence, session, result ?? { kind: 'done', affected: 0 })
      if (session.changed && !this.#open.has(connection.fd)) session.store.save(session.tablesChanged)
    } catch (error) {
      if (isErrno(error, 'EINTR')) throw error
      const problem = this.#problem(error, text)
      session.state.warnings = [{ level: 'Error', code: problem.code, text: problem.message }]
      yield* this.#send(connection, packet(sequence, errorPacket(problem)))
      if (session.changed && !this.#open.has(connection.fd)) session.store.save(session.tablesChanged)
    } finally {
      if (!this.#open.has(connection.fd)) session.store.close()
    }
    return ends
  }

  #problem(error: unknown, text: string): SqlError {
    if (error instanceof SqlError) return error
    if (error instanceof SyntaxProblem) {
      const near = text.slice(error.at).replace(/;\s*$/, '')
      const line = text.slice(0, Math.min(error.at, text.length)).split('\n').length
      const server = this.#kept.flavour.maria ? 'MariaDB' : 'MySQL'
      return new SqlError(
        1064,
        '42000',
        `You have an error in your SQL syntax; check the manual that corresponds to your ${server} server version for the right syntax to use near '${near.slice(0, 80)}' at line ${line}`,
      )
    }
    if (isErrno(error))
      return new SqlError(1026, 'HY000', `Error writing file './ibdata1' (errno: 28 "${error.message}")`)
    throw error
  }

  #run(session: Session, text: string, tokens: readonly Token[]): Result {
    const { sql } = session.store
    const threads = this.#kept.connections.map(each => ({
      id: each.id,
      user: each.user,
      host: each.local ? 'localhost' : `${each.address}:${each.port}`,
      database: each.state.database,
      since: each.since,
    }))
    const facts = { questions: this.#kept.questions, threads }
    const unchecked = /^(0|OFF)$/.test(session.state.settings['foreign_key_checks'] ?? '1')
    // Rows go with their table, or into its new form, whoever points to them.
    const defines = is(tokens[0], 'alter', 'create', 'drop', 'rename', 'truncate')
    if (!this.#open.has(session.identity.fd)) sql.run(`PRAGMA foreign_keys = ${unchecked || defines ? 'OFF' : 'ON'}`)
    // What fails half-way leaves nothing.
    sql.run('SAVEPOINT statement')
    try {
      const result = runStatement(session, text, tokens, facts)
      sql.run('RELEASE statement')
      return result
    } catch (error) {
      sql.run('ROLLBACK TO statement; RELEASE statement')
      session.changed = this.#open.has(session.identity.fd) && session.changed
      if (error instanceof SqlError && (error.code === 1062 || error.code === 1452)) session.skipNumbers()
      throw error
    }
  }

  /** BEGIN, COMMIT and their like; undefined for other statements. */
  #transaction(connection: Connection, session: Session, tokens: readonly Token[]): Result | undefined {
    const [first, second] = tokens
    const { fd } = connection
    const done: Result = { kind: 'done', affected: 0 }
    const { sql } = session.store
    const finish = (keep: boolean): void => {
      if (!this.#open.has(fd)) return
      sql.run(keep ? 'COMMIT' : 'ROLLBACK')
      this.#open.delete(fd)
      if (!keep) session.changed = false
    }
    const begin = (): void => {
      finish(true)
      if (session.changed) session.store.save(session.tablesChanged)
      session.changed = session.tablesChanged = false
      sql.run('BEGIN')
      this.#open.set(fd, session)
    }
    if (is(first, 'begin') || (is(first, 'start') && is(second, 'transaction'))) {
      begin()
      return done
    }
    if (is(first, 'commit') || (is(first, 'rollback') && !is(second, 'to'))) {
      finish(is(first, 'commit'))
      if (connection.state.settings['autocommit'] === '0') begin()
      return done
    }
    if (is(first, 'savepoint', 'release') || is(first, 'rollback')) {
      const name = tokens.at(-1)?.text ?? ''
      if (this.#open.has(fd))
        sql.run(
          `${is(first, 'savepoint') ? 'SAVEPOINT' : is(first, 'release') ? 'RELEASE' : 'ROLLBACK TO'} "${name.replaceAll('"', '')}"`,
        )
      return done
    }
    // What defines things commits what was open.
    if (is(first, 'create', 'drop', 'alter', 'truncate', 'grant', 'revoke', 'rename')) finish(true)
    else if (
      connection.state.settings['autocommit'] === '0' &&
      !this.#open.has(fd) &&
      is(first, 'insert', 'update', 'delete', 'select', 'replace')
    )
      begin()
    return undefined
  }

  *#answer(connection: Connection, sequence: number, session: Session, result: Result): Routine<void> {
    const status = this.#open.has(connection.fd) ? autocommit | inTransaction : autocommit
    const warnings = session.state.warnings.length
    yield* this.#send(
      connection,
      result.kind === 'rows'
        ? resultPackets(sequence, result.fields, result.rows, status, warnings)
        : packet(sequence, okPacket(result.affected, result.insertId ?? 0, status, warnings, result.info ?? '')),
    )
  }
}

/** Milliseconds that `SELECT SLEEP(n)` waits. */
function sleepOf(tokens: readonly Token[]): number {
  const at = tokens.findIndex(each => is(each, 'sleep'))
  const count = is(tokens[0], 'select') && at > 0 && is(tokens[at + 1], '(') ? tokens[at + 2] : undefined
  return count?.kind === 'number' ? Math.min(Number(count.text), 3600) * 1000 : 0
}
