/** curl's way to a server: the name, the connection, and what -v says of them. */
import { isErrno } from '../../../vfs/errno.ts'
import type { Proc, Routine } from '../../program.ts'
import { toBytes } from './bytes.ts'
import type { options } from './curl-options.ts'
import type { ProgressTable } from './curl-progress.ts'
import type { Transfer } from './curl-transfer.ts'
import { Failure } from './failure.ts'
import { resolveName } from './hosts.ts'
import type { Url } from './http.ts'
import type { Options } from './options.ts'

export type Given = Options<typeof options>

/** Connects to a URL's server. Fails with 6 (no such name), 7 (no connection), 28 (too late) or 35 (TLS). */
export function* connect(
  p: Proc,
  given: Given,
  t: Transfer,
  url: Url,
  deadline: number,
  table: ProgressTable | undefined,
): Routine<number> {
  const fixed = given
    .values('resolve')
    .map(spec => /^\+?([^:]+):(\d+):\[?([^\]]+)\]?$/.exec(spec))
    .find(m => m?.[1] === url.host && Number(m[2]) === url.port)
  const family = given.has('four') ? 4 : given.has('six') ? 6 : undefined
  const found = fixed?.[3] === undefined ? yield* resolveName(p, url.host, family) : [fixed[3]]
  t.lookup = p.now()
  const address = found[0]
  if (address === undefined) {
    yield* trace(given, [`* Could not resolve host: ${url.host}`, '* Closing connection 0'])
    throw new Failure(`(6) Could not resolve host: ${url.host}`, 6)
  }
  const shown = address.includes(':') ? `[${address}]:${url.port}` : `${address}:${url.port}`
  yield* trace(given, [`*   Trying ${shown}...`])
  const started = p.now()
  const limit = Math.min(Number(given.value('connectTimeout') ?? 300) * 1000, deadline - started)
  const ended = table ? () => table.finish({ total: undefined, received: 0, toSend: 0, sent: 0 }) : undefined
  let fd: number
  try {
    fd = (yield { op: 'connect', address, port: url.port, protocol: 'tcp', timeoutMs: limit }) as number
  } catch (error) {
    if (!isErrno(error)) throw error
    const ms = Math.round(p.now() - started)
    const late = error.code === 'ETIMEDOUT'
    yield* trace(
      given,
      late
        ? [`* Connection timed out after ${ms} milliseconds`, '* Closing connection 0']
        : [
            `* connect to ${address} port ${url.port} failed: ${error.message}`,
            `* Failed to connect to ${url.host} port ${url.port} after ${ms} ms: Couldn't connect to server`,
            '* Closing connection 0',
          ],
    )
    if (ended) yield* ended()
    if (late) throw new Failure(`(28) Connection timed out after ${ms} milliseconds`, 28)
    throw new Failure(
      `(7) Failed to connect to ${url.host} port ${url.port} after ${ms} ms: Couldn't connect to server`,
      7,
    )
  }
  t.connected = p.now()
  t.remote = { address, port: url.port }
  t.local = p.sockname(fd).local
  yield* trace(given, [`* Connected to ${url.host} (${address}) port ${url.port} (#0)`])
  if (url.scheme === 'https') {
    if (ended) yield* ended()
    throw new Failure('(35) TLS is not modelled by minidock: use http', 35)
  }
  return fd
}

/** Lines of -v. */
export function* trace(given: Given, lines: string[]): Routine<void> {
  if (given.has('verbose')) yield { op: 'write', fd: 2, data: toBytes(lines.map(line => `${line}\n`).join('')) }
}
