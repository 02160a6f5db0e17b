/** HTTP to a registry on this machine. Nothing else is ever reached: minidock needs no network, and uses none. */
import { request } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { codeOf, EngineError, messageOf } from '../errors.ts'
import { unreachable } from './source.ts'

export interface Answer {
  status: number
  /** By lower-case name. */
  headers: Readonly<Record<string, string | string[] | undefined>>
  /** The body; to be read or dropped. */
  body: AsyncIterable<Uint8Array>
  drop(): void
}

/** What carries a request to a registry and its answer back: HTTP, or the simulated network. */
export type Transport = (host: string, call: Call) => Promise<Answer>

export interface Call {
  method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH'
  /** Path and query. */
  path: string
  headers?: Record<string, string>
  body?: Uint8Array | AsyncIterable<Uint8Array>
}

/** Longest silence before a call is given up, in ms. */
const TIMEOUT = 60_000
/** Longest document that is read; blobs are streamed. */
const TEXT_MAX = 8 << 20

/** Whether a host, with or without a port, is this machine. */
export function isLoopback(host: string): boolean {
  return /^(localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])(:\d+)?$/.test(host)
}

/** Sends one request. @throws EngineError as Docker words it when nothing answers */
export const send: Transport = async (host, call) => {
  if (!isLoopback(host)) throw unreachable(host)
  const { method, path, headers = {}, body } = call
  return new Promise((resolve, reject) => {
    const fail = (error: unknown): void => reject(failure(host, call, error))
    const outgoing = request(`http://${host}${path}`, { method, headers }, incoming =>
      resolve({
        status: incoming.statusCode ?? 0,
        headers: incoming.headers,
        body: incoming,
        drop: () => void incoming.resume(),
      }),
    )
    outgoing.setTimeout(TIMEOUT, () => outgoing.destroy(new Error('i/o timeout')))
    outgoing.on('error', fail)
    if (body === undefined || body instanceof Uint8Array) outgoing.end(body)
    else pipeline(Readable.from(body), outgoing).catch(fail)
  })
}

function failure(host: string, call: Call, error: unknown): EngineError {
  if (error instanceof EngineError) return error
  const code = codeOf(error)
  const refused = code === 'ECONNREFUSED' || (error instanceof AggregateError && error.errors.some(isRefused))
  if (refused) return unreachable(host)
  return new EngineError('system', `${call.method} "http://${host}${call.path}": ${messageOf(error)}`)
}

const isRefused = (error: unknown): boolean => codeOf(error) === 'ECONNREFUSED'

/** The whole body as text. @throws EngineError for one that is too long */
export async function textOf(answer: Answer): Promise<string> {
  const parts: Uint8Array[] = []
  let length = 0
  for await (const part of answer.body) {
    length += part.length
    if (length > TEXT_MAX) throw new EngineError('invalid', 'document too large')
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}
