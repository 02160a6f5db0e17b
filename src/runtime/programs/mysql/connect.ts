/** A client's connection to a server, with the words for what fails. */
import type { Proc, Routine } from '../../../kernel/program.ts'
import { isErrno } from '../../../vfs/errno.ts'
import { textNow } from '../../whole-file.ts'
import { scrambled } from './accounts.ts'
import {
  command,
  login,
  packet,
  Reader,
  readColumn,
  readErrorPacket,
  readGreeting,
  socketPort,
  takePacket,
  type WireField,
} from './protocol.ts'
import { defaultSocket } from './settings.ts'
import { SqlError } from './tokens.ts'
import type { Flavour } from './types.ts'

export interface Target {
  /** undefined and localhost: the Unix socket. */
  host: string | undefined
  port: number
  socket: string
  user: string
  password: string
  database: string
  /** TCP also to localhost. */
  tcp: boolean
}

export type Answer =
  | { kind: 'rows'; fields: WireField[]; rows: (string | null)[][]; warnings: number }
  | { kind: 'done'; affected: number; warnings: number; info: string }
  | { kind: 'text'; text: string }
  | { kind: 'error'; error: SqlError }

/** Who a client is when nobody says: the user of the process. */
export function userName(p: Proc): string {
  const line = (textNow(p, '/etc/passwd') ?? '').split('\n').find(each => each.split(':')[2] === String(p.cred.uid))
  return p.env.get('USER') ?? line?.split(':')[0] ?? 'root'
}

export const emptyTarget = (p: Proc): Target => ({
  host: undefined,
  port: 3306,
  socket: defaultSocket,
  user: userName(p),
  password: '',
  database: '',
  tcp: false,
})

export class Client {
  readonly #p: Proc
  readonly #flavour: Flavour
  readonly target: Target
  #fd: number | undefined
  #bytes = Buffer.alloc(0)
  #sequence = 0
  version = ''
  id = 0

  constructor(p: Proc, flavour: Flavour, target: Target) {
    this.#p = p
    this.#flavour = flavour
    this.target = target
  }

  get local(): boolean {
    const { host, tcp } = this.target
    return !tcp && (host === undefined || host === 'localhost')
  }

  /** Why there is no connection; undefined when there is. */
  *connect(): Routine<SqlError | undefined> {
    const { target } = this
    const maria = this.#flavour.maria
    const host = target.host ?? 'localhost'
    let address = '127.0.0.1'
    if (this.local) {
      try {
        this.#p.stat(target.socket)
      } catch (error) {
        if (!isErrno(error)) throw error
        return this.#noSocket(error.code === 'EACCES' ? 13 : 2)
      }
    } else if (/^[\d.]+$|:/.test(host)) address = host
    else {
      const found = (yield { op: 'resolve', name: host }) as string[]
      if (found[0] === undefined)
        return new SqlError(2005, 'HY000', `Unknown ${maria ? '' : 'MySQL '}server host '${host}' (-2)`)
      address = found[0]
    }
    try {
      this.#fd = (yield {
        op: 'connect',
        address,
        port: this.local ? socketPort(target.socket) : target.port,
        protocol: 'tcp',
      }) as number
    } catch (error) {
      if (!isErrno(error) || error.code === 'EINTR') throw error
      if (this.local) return this.#noSocket(111)
      const number =
        { ECONNREFUSED: 111, EHOSTUNREACH: 113, ENETUNREACH: 101, ETIMEDOUT: 110 }[error.code as string] ?? 111
      return maria
        ? new SqlError(2002, 'HY000', `Can't connect to server on '${host}' (${number === 111 ? 115 : number})`)
        : new SqlError(2003, 'HY000', `Can't connect to MySQL server on '${host}:${target.port}' (${number})`)
    }
    const first = yield* this.#next()
    if (first === undefined)
      return new SqlError(
        2013,
        'HY000',
        `Lost connection to ${maria ? '' : 'MySQL '}server at 'reading initial communication packet', system error: 0`,
      )
    if (first[0] === 255) return readErrorPacket(first)
    const { version, id, salt } = readGreeting(first)
    this.version = version
    this.id = id
    yield* this.#send(packet(this.#sequence + 1, login(target.user, scrambled(target.password, salt), target.database)))
    const answer = yield* this.#next()
    if (answer === undefined) return this.#lost()
    if (answer[0] !== 255) return undefined
    this.close()
    return readErrorPacket(answer)
  }

  #noSocket(number: number): SqlError {
    const server = this.#flavour.maria ? '' : 'MySQL '
    const socket = this.#flavour.maria ? this.target.socket.replace('/var/run', '/run') : this.target.socket
    return new SqlError(2002, 'HY000', `Can't connect to local ${server}server through socket '${socket}' (${number})`)
  }

  #lost(): SqlError {
    return new SqlError(2013, 'HY000', `Lost connection to ${this.#flavour.maria ? '' : 'MySQL '}server during query`)
  }

  *#send(data: Uint8Array): Routine<void> {
    if (this.#fd === undefined) return
    try {
      yield { op: 'write', fd: this.#fd, data }
    } catch (error) {
      if (!isErrno(error)) throw error
      this.close()
    }
  }

  *#next(): Routine<Buffer | undefined> {
    for (;;) {
      const found = takePacket(this.#bytes)
      if (found) {
        this.#bytes = Buffer.from(found.rest)
        this.#sequence = found.sequence
        return found.body
      }
      if (this.#fd === undefined) return undefined
      const data = (yield { op: 'read', fd: this.#fd, length: 1 << 20 }) as Uint8Array
      if (data.length === 0) {
        this.close()
        return undefined
      }
      this.#bytes = Buffer.concat([this.#bytes, data])
    }
  }

  query(sql: string): Routine<Answer> {
    return this.#ask(command.query, sql)
  }

  useDatabase(name: string): Routine<Answer> {
    return this.#ask(command.initDb, name)
  }

  ping(): Routine<Answer> {
    return this.#ask(command.ping, '')
  }

  /** The line of COM_STATISTICS. */
  *statistics(): Routine<string> {
    yield* this.#send(packet(0, Buffer.from([command.statistics])))
    return ((yield* this.#next()) ?? Buffer.alloc(0)).toString('utf8')
  }

  *#ask(kind: number, text: string): Routine<Answer> {
    if (this.#fd === undefined)
      return {
        kind: 'error',
        error: new SqlError(2006, 'HY000', `${this.#flavour.maria ? 'Server' : 'MySQL server'} has gone away`),
      }
    yield* this.#send(packet(0, Buffer.concat([Buffer.from([kind]), Buffer.from(text, 'utf8')])))
    const first = yield* this.#next()
    if (first === undefined) return { kind: 'error', error: this.#lost() }
    if (first[0] === 255) return { kind: 'error', error: readErrorPacket(first) }
    const reader = new Reader(first)
    const count = reader.count() ?? 0
    if (count === 0) {
      const affected = reader.count() ?? 0
      reader.count()
      reader.number(2)
      return { kind: 'done', affected, warnings: reader.number(2), info: reader.rest() }
    }
    const fields: WireField[] = []
    while (fields.length < count) {
      const body = yield* this.#next()
      if (body === undefined) return { kind: 'error', error: this.#lost() }
      fields.push(readColumn(body))
    }
    yield* this.#next()
    const rows: (string | null)[][] = []
    for (;;) {
      const body = yield* this.#next()
      if (body === undefined) return { kind: 'error', error: this.#lost() }
      if (body[0] === 254 && body.length < 9) return { kind: 'rows', fields, rows, warnings: body.readUInt16LE(1) }
      const row = new Reader(body)
      rows.push(fields.map(() => row.counted()))
    }
  }

  close(): void {
    if (this.#fd !== undefined) this.#p.close(this.#fd)
    this.#fd = undefined
  }
}
