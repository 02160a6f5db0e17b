/** The distribution registry as an HTTP server of this machine: `minidock registry serve`. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { systemClock } from '../clock.ts'
import { EngineError, invalid, messageOf } from '../errors.ts'
import { systemRandom } from '../util/random.ts'
import { RegistryFolder } from './folder.ts'
import type { FilePart, RegistryAnswer } from './serve.ts'

export interface ServerOptions {
  /** Folder of the registry's files. */
  root: string
  host: string
  /** 0 for any that is free. */
  port: number
  readOnly?: boolean
  /** Text of an htpasswd file with bcrypt hashes: who may come in. */
  htpasswd?: string
  /** Told of each request when it is answered: its method, its path without query, the status. */
  log?: (method: string, path: string, status: number) => void
}

/** Longest silence of a client, in ms. */
const IDLE = 60_000
/** Longest head of a request, in ms. */
const HEAD = 20_000
const CONNECTIONS = 512

export interface RunningServer {
  /** The port that it listens on. */
  port: number
  close(): Promise<void>
}

/** Starts the server. @throws Error when the address is taken or the htpasswd text is no such */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { root, host, port, readOnly = false, htpasswd, log } = options
  const folder = new RegistryFolder(root, { allowDelete: true, readOnly, modern: true, uploadId })
  await folder.sweep(systemClock().now())
  const admits = htpasswd === undefined ? undefined : await gate(htpasswd)
  const server = createServer((request, response) => {
    void handle(folder, admits, request, response).then(status => {
      log?.(request.method ?? '', (request.url ?? '').split('?', 1)[0] ?? '', status)
    })
  })
  server.headersTimeout = HEAD
  // A large upload may take long; silence ends it.
  server.requestTimeout = 0
  server.timeout = IDLE
  server.maxConnections = CONNECTIONS
  await listen(server, host, port)
  const address = server.address()
  return {
    port: typeof address === 'object' && address ? address.port : port,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** A name that nobody guesses. */
function uploadId(): string {
  const hex = Buffer.from(systemRandom().bytes(16)).toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

type Gate = (authorization: string | undefined) => Promise<boolean>

async function handle(
  folder: RegistryFolder,
  admits: Gate | undefined,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<number> {
  try {
    const answer =
      admits && !(await admits(request.headers.authorization))
        ? refused()
        : await folder.answer(
            { method: request.method ?? '', path: request.url ?? '/', headers: flat(request) },
            request,
          )
    response.writeHead(answer.status, { ...answer.headers, 'x-content-type-options': 'nosniff' })
    if (answer.body instanceof Uint8Array) response.end(answer.body)
    else await send(folder, answer.body, response)
    // What is left of a body that nobody wanted is not read for ever.
    if (!request.complete) response.once('finish', () => request.destroy())
    return answer.status
  } catch (error) {
    if (request.destroyed && !response.headersSent) return 499
    if (response.headersSent) {
      response.destroy()
      return 500
    }
    const body = JSON.stringify({ errors: [{ code: 'UNKNOWN', message: 'unknown error', detail: messageOf(error) }] })
    response.writeHead(500, { 'content-type': 'application/json; charset=utf-8', connection: 'close' }).end(`${body}\n`)
    return 500
  }
}

async function send(folder: RegistryFolder, part: FilePart, response: ServerResponse): Promise<void> {
  await pipeline(Readable.from(folder.bytes(part)), response)
}

function refused(): RegistryAnswer {
  const body = Buffer.from('{"errors":[{"code":"UNAUTHORIZED","message":"authentication required","detail":null}]}\n')
  const headers = {
    'www-authenticate': 'Basic realm="minidock registry"',
    'docker-distribution-api-version': 'registry/2.0',
    'content-type': 'application/json; charset=utf-8',
    'content-length': String(body.length),
  }
  return { status: 401, headers, body }
}

function flat(request: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = Object.create(null)
  for (const [name, value] of Object.entries(request.headers))
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value
  return headers
}

/** Reads an htpasswd file, as `registry:2` does: bcrypt alone. */
export function readHtpasswd(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new EngineError('invalid', `htpasswd: ${messageOf(error)}`, { byClient: true })
  }
}

/** Who is let in. Passwords are compared in the time that bcrypt takes, also those of unknown names; once each. */
async function gate(text: string): Promise<Gate> {
  const { compare, hashSync } = await import('bcryptjs')
  const hashes = new Map<string, string>()
  for (const [at, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue
    const match = /^([^:]+):(\$2[aby]\$\d\d\$[./A-Za-z0-9]{53})$/.exec(line.trim())
    if (!match) throw invalid(`htpasswd: line ${at + 1}: only bcrypt hashes are supported (htpasswd -B)`)
    hashes.set(match[1] ?? '', match[2] ?? '')
  }
  const nobody = hashSync('nobody', 5)
  const known = new Set<string>()
  return async authorization => {
    const match = /^Basic ([A-Za-z0-9+/=]{1,1024})$/i.exec(authorization ?? '')
    if (!match) return false
    const pair = Buffer.from(match[1] ?? '', 'base64').toString()
    const seen = createHash('sha256').update(pair).digest('hex')
    if (known.has(seen)) return true
    const colon = pair.indexOf(':')
    if (colon < 0) return false
    const hash = hashes.get(pair.slice(0, colon))
    const right = await compare(pair.slice(colon + 1), hash ?? nobody)
    if (!right || hash === undefined) return false
    known.add(seen)
    return true
  }
}
