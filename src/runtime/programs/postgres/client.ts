/** A client of a server: connects as libpq does, with its words for what fails. */
import type { Proc, Routine } from '../../../kernel/program.ts'
import { isErrno } from '../../../vfs/errno.ts'
import { textNow } from '../../whole-file.ts'
import { type ErrorFields, int32, message, readError, socketFile, socketPort, take, text, texts } from './protocol.ts'

export interface Target {
  /** undefined: the Unix socket. */
  host: string | undefined
  port: number
  user: string
  database: string
  password: string | undefined
}

export type Answer =
  | { kind: 'rows'; fields: { name: string; oid: number }[]; rows: (string | null)[][]; tag: string }
  | { kind: 'done'; tag: string }
  | { kind: 'error'; error: ErrorFields }
  | { kind: 'notice'; error: ErrorFields }
  | { kind: 'lost' }

/** Who and where, from the environment. */
export function defaultTarget(p: Proc): Target {
  const { uid } = p.cred
  const line = (textNow(p, '/etc/passwd') ?? '').split('\n').find(each => each.split(':')[2] === String(uid))
  const user = p.env.get('PGUSER') ?? line?.split(':')[0] ?? 'postgres'
  const host = p.env.get('PGHOST')
  return {
    host: host === '' || host?.startsWith('/') ? undefined : host,
    port: Number(p.env.get('PGPORT') ?? 5432),
    user,
    database: p.env.get('PGDATABASE') ?? '',
    password: p.env.get('PGPASSWORD'),
  }
}

/** `postgresql://user:password@host:port/database`, or `host=… dbname=…`, over what is there. */
export function readConnectionText(given: string, target: Target): boolean {
  const url = /^postgres(?:ql)?:\/\/(?:([^:@/]*)(?::([^@/]*))?@)?([^:/?]*)(?::(\d+))?(?:\/([^?]*))?/.exec(given)
  if (url) {
    if (url[1]) target.user = decodeURIComponent(url[1])
    if (url[2] !== undefined) target.password = decodeURIComponent(url[2])
    if (url[3]) target.host = url[3]
    if (url[4]) target.port = Number(url[4])
    if (url[5]) target.database = url[5]
    return true
  }
  if (!given.includes('=')) return false
  for (const [, name, value = ''] of given.matchAll(/(\w+)\s*=\s*'?([^\s']*)'?/g)) {
    if (name === 'host') target.host = value.startsWith('/') ? undefined : value
    else if (name === 'port') target.port = Number(value)
    else if (name === 'user') target.user = value
    else if (name === 'dbname') target.database = value
    else if (name === 'password') target.password = value
  }
  return true
}

export class Client {
  readonly #p: Proc
  readonly target: Target
  #fd: number | undefined
  #bytes = Buffer.alloc(0)
  /** I, T or E. */
  status = 'I'
  serverVersion = ''

  constructor(p: Proc, target: Target) {
    this.#p = p
    this.target = target
  }

  /** Why there is no connection; undefined when there is. `ask` is called for a password. */
  *connect(ask: () => Routine<string | undefined>): Routine<string | undefined> {
    const { host, port } = this.target
    let where: string
    let address = '127.0.0.1'
    if (host === undefined) {
      where = `connection to server on socket "${socketFile(port)}" failed: `
      try {
        this.#p.stat(socketFile(port))
      } catch (error) {
        if (!isErrno(error)) throw error
        return `${where}${error.message}\n\tIs the server running locally and accepting connections on that socket?`
      }
    } else {
      const found = /^[\d.]+$/.test(host) ? [host] : ((yield { op: 'resolve', name: host }) as string[])
      if (found[0] === undefined) return `could not translate host name "${host}" to address: Name or service not known`
      address = found[0]
      where = `connection to server at "${host}"${address === host ? '' : ` (${address})`}, port ${port} failed: `
    }
    try {
      this.#fd = (yield {
        op: 'connect',
        address,
        port: host === undefined ? socketPort(port) : port,
        protocol: 'tcp',
      }) as number
    } catch (error) {
      if (!isErrno(error) || error.code === 'EINTR') throw error
      const hint =
        host === undefined
          ? '\n\tIs the server running locally and accepting connections on that socket?'
          : '\n\tIs the server running on that host and accepting TCP/IP connections?'
      return `${where}${error.message}${error.code === 'ECONNREFUSED' ? hint : ''}`
    }
    this.#bytes = Buffer.alloc(0)
    const { user, database } = this.target
    yield* this.#send(
      message('', int32(196_608), text('user'), text(user), text('database'), text(database || user), Buffer.from([0])),
    )
    for (;;) {
      const found = yield* this.#next()
      if (!found)
        return `${where}server closed the connection unexpectedly\n\tThis probably means the server terminated abnormally\n\tbefore or while processing the request.`
      if (found.type === 'R' && found.body.readInt32BE(0) === 3) {
        const password = this.target.password ?? (yield* ask())
        if (password === undefined) return `${where}fe_sendauth: no password supplied`
        this.target.password = password
        yield* this.#send(message('p', text(password)))
      } else if (found.type === 'S') {
        const [name, value] = texts(found.body)
        if (name === 'server_version') this.serverVersion = value ?? ''
      } else if (found.type === 'E')
        return `${where}${readError(found.body).severity}:  ${readError(found.body).message}`
      else if (found.type === 'Z') {
        this.status = String.fromCharCode(found.body[0] ?? 73)
        return undefined
      }
    }
  }

  get connected(): boolean {
    return this.#fd !== undefined
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

  *#next(): Routine<{ type: string; body: Buffer } | undefined> {
    for (;;) {
      const found = take(this.#bytes, true)
      if (found) {
        this.#bytes = Buffer.from(found.rest)
        return found
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

  /** All answers to a text of SQL. */
  *query(sql: string): Routine<Answer[]> {
    yield* this.#send(message('Q', text(sql)))
    const answers: Answer[] = []
    let rows: Extract<Answer, { kind: 'rows' }> | undefined
    for (;;) {
      const found = yield* this.#next()
      if (!found) {
        answers.push({ kind: 'lost' })
        return answers
      }
      const { type, body } = found
      if (type === 'T') rows = { kind: 'rows', fields: readFields(body), rows: [], tag: '' }
      else if (type === 'D') rows?.rows.push(readRow(body))
      else if (type === 'C') {
        const tag = texts(body)[0] ?? ''
        if (rows) answers.push({ ...rows, tag })
        else answers.push({ kind: 'done', tag })
        rows = undefined
      } else if (type === 'E') answers.push({ kind: 'error', error: readError(body) })
      else if (type === 'N') answers.push({ kind: 'notice', error: readError(body) })
      else if (type === 'Z') {
        this.status = String.fromCharCode(body[0] ?? 73)
        return answers
      }
    }
  }

  close(): void {
    if (this.#fd !== undefined) this.#p.close(this.#fd)
    this.#fd = undefined
  }
}

function readFields(body: Buffer): { name: string; oid: number }[] {
  const fields: { name: string; oid: number }[] = []
  let at = 2
  for (let each = 0; each < body.readInt16BE(0); each++) {
    const end = body.indexOf(0, at)
    fields.push({ name: body.subarray(at, end).toString(), oid: body.readInt32BE(end + 7) })
    at = end + 19
  }
  return fields
}

function readRow(body: Buffer): (string | null)[] {
  const row: (string | null)[] = []
  let at = 2
  for (let each = 0; each < body.readInt16BE(0); each++) {
    const size = body.readInt32BE(at)
    at += 4
    row.push(size < 0 ? null : body.subarray(at, at + size).toString())
    if (size > 0) at += size
  }
  return row
}
