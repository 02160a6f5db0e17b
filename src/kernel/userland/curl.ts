/** curl: transfers over HTTP. */
import { isErrno } from '../../vfs/errno.ts'
import type { Proc, Routine } from '../program.ts'
import { toBytes } from './lib/bytes.ts'
import { command } from './lib/command.ts'
import { connect, type Given, trace } from './lib/curl-connect.ts'
import { helpText, options } from './lib/curl-options.ts'
import { ProgressTable } from './lib/curl-progress.ts'
import { type Payload, payload, requestFor } from './lib/curl-request.ts'
import { newTransfer, type Transfer, writeOut } from './lib/curl-transfer.ts'
import { Failure, UsageError } from './lib/failure.ts'
import {
  Connection,
  eachBodyPart,
  header,
  parseUrl,
  type ResponseHead,
  readResponseHead,
  resolveUrl,
  type Url,
} from './lib/http.ts'
import { parseOptions } from './lib/options.ts'

export { options }

export const program = command(
  'curl',
  options,
  function* ({ p, out, args }) {
    let given: Given
    try {
      given = parseOptions(options, args, { flavour: 'gnu' })
    } catch (error) {
      if (!(error instanceof UsageError)) throw error
      return yield* complain(usageWords(error.message))
    }
    if (given.has('version')) {
      yield* out.write(
        `curl ${p.marker.version ?? '7.88.1'} (x86_64-pc-linux-gnu) libcurl/${p.marker.version ?? '7.88.1'}\n`,
      )
      return 0
    }
    if (given.has('help')) {
      yield* out.write(helpText)
      return 0
    }
    const urls = [...given.values('url'), ...given.operands]
    if (urls.length === 0) return yield* complain(given.given.length > 0 ? 'no URL specified!' : undefined)
    const data = yield* payload(p, given)
    const outputs = given.given.filter(({ key }) => key === 'output' || key === 'remoteName')
    let status = 0
    for (const [i, text] of urls.entries()) {
      const output = outputs[i]
      status = yield* transferWithRetries(p, given, text, data, output?.key === 'remoteName' ? true : output?.value)
    }
    return status
  },
  { raw: true },
)

/** A wrong command line in curl's words, status 2. */
function* complain(text: string | undefined): Routine<number> {
  const first = text === undefined ? '' : `curl: ${text}\n`
  yield {
    op: 'write',
    fd: 2,
    data: toBytes(`${first}curl: try 'curl --help' or 'curl --manual' for more information\n`),
  }
  return 2
}

function usageWords(message: string): string {
  const unknown = /^unrecognized option '(.*)'$/.exec(message) ?? /^invalid option -- '(.)'$/.exec(message)
  if (unknown) return `option ${unknown[1]?.length === 1 ? '-' : ''}${unknown[1]}: is unknown`
  const missing =
    /^option requires an argument -- '(.)'$/.exec(message) ?? /^option '(.*)' requires an argument$/.exec(message)
  if (missing) return `option ${missing[1]?.length === 1 ? '-' : ''}${missing[1]}: requires parameter`
  return message
}

function* transferWithRetries(
  p: Proc,
  given: Given,
  text: string,
  data: Payload,
  output: string | true | undefined,
): Routine<number> {
  let left = Number(given.value('retry') ?? 0)
  let delay = given.has('retryDelay') ? Number(given.value('retryDelay')) : 1
  for (;;) {
    const transfer = newTransfer(p, text)
    yield* run(p, given, transfer, data, output)
    const reason = retryReason(given, transfer)
    if (left > 0 && reason !== undefined) {
      if (!given.has('silent')) {
        const retries = left === 1 ? '1 retry left' : `${left} retries left`
        yield {
          op: 'write',
          fd: 2,
          data: toBytes(`Warning: Problem: ${reason}. Will retry in ${delay} seconds. ${retries}.\n`),
        }
      }
      left--
      yield { op: 'sleep', ms: delay * 1000 }
      if (!given.has('retryDelay')) delay = Math.min(delay * 2, 600)
      continue
    }
    const format = given.value('writeOut')
    if (format !== undefined) yield { op: 'write', fd: 1, data: toBytes(writeOut(format, transfer)) }
    return transfer.exit
  }
}

function retryReason(given: Given, t: Transfer): string | undefined {
  if (t.exit === 28) return 'timeout'
  if ([408, 429, 500, 502, 503, 504].includes(t.code)) return 'HTTP error'
  if (t.exit === 7 && given.has('retryConnrefused')) return 'connection refused'
  return t.exit !== 0 && given.has('retryAllErrors') ? '(retrying all errors)' : undefined
}

/** Runs one transfer; failures end in `transfer.exit` with curl's message on stderr. */
function* run(p: Proc, given: Given, t: Transfer, data: Payload, output: string | true | undefined): Routine<void> {
  const toTerminal = output === undefined && p.isatty(1)
  const table =
    given.has('silent') || given.has('noProgress') || given.has('progressBar') || toTerminal
      ? undefined
      : new ProgressTable(p)
  try {
    yield* exchange(p, given, t, data, output, table)
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    t.exit = error.status ?? 1
    t.message = error.message.replace(/^\(\d+\) /, '')
    if (!given.has('silent') || given.has('showError')) {
      yield { op: 'write', fd: 2, data: toBytes(`curl: ${error.message}\n`) }
    }
  }
  t.end = p.now()
}

function* exchange(
  p: Proc,
  given: Given,
  t: Transfer,
  data: Payload,
  output: string | true | undefined,
  table: ProgressTable | undefined,
): Routine<void> {
  const first = parseUrl(data.query === undefined ? t.url : t.url + (t.url.includes('?') ? '&' : '?') + data.query)
  if (!first || first.host === '') throw new Failure('(3) URL using bad/illegal format or missing URL', 3)
  let url: Url = first
  if (url.scheme !== 'http' && url.scheme !== 'https') {
    throw new Failure(`(1) Protocol "${url.scheme}" not supported or disabled in libcurl`, 1)
  }
  const name = output === true ? (url.path.replace(/\?.*/, '').split('/').pop() ?? '') : output
  if (name === '') {
    yield { op: 'write', fd: 2, data: toBytes('curl: Remote file name has no length!\n') }
    throw new Failure('(23) Failed writing received data to disk/application', 23)
  }
  const target: Target = { fd: name === undefined || name === '-' ? 1 : -1, name: name ?? '-' }
  t.file = name ?? ''
  if (table) yield* table.start()
  const amounts = { total: undefined as number | undefined, received: 0, toSend: 0, sent: 0 }
  const deadline = t.began + Number(given.value('maxTime') ?? Number.POSITIVE_INFINITY) * 1000
  let keepMethod = true
  for (;;) {
    const fd = yield* connect(p, given, t, url, deadline, table)
    const request = requestFor(p, given, url, data, keepMethod)
    t.method = request.method
    const version = given.has('http10') ? '1.0' : '1.1'
    const lines = [
      `${request.method} ${url.path} HTTP/${version}`,
      ...request.headers.map(([k, v]) => (v === '' ? `${k}:` : `${k}: ${v}`)),
      '',
    ]
    yield* trace(
      given,
      lines.map(line => `> ${line}\r`),
    )
    yield { op: 'write', fd, data: toBytes(`${lines.join('\r\n')}\r\n${request.body ?? ''}`) }
    if (request.body !== undefined) {
      if (request.body.length > 0) yield* trace(given, [`} [${request.body.length} bytes data]`])
      t.uploaded = amounts.sent = amounts.toSend = request.body.length
    }
    const connection = new Connection(fd, () => deadline - p.now())
    const head = yield* readAnswer(p, t, connection)
    t.firstByte = p.now()
    t.code = head.status
    t.type = header(head.headers, 'Content-Type') ?? ''
    const raw = `${head.lines.join('\r\n')}\r\n\r\n`
    t.headerSize += raw.length
    yield* trace(
      given,
      [...head.lines, ''].map(line => `< ${line}\r`),
    )
    const dump = given.value('dumpHeader')
    if (dump !== undefined) yield* dumpHeaders(p, dump, raw)
    const location = header(head.headers, 'Location')
    const redirected = head.status >= 300 && head.status < 400 && location !== undefined
    const next: Url | undefined = redirected ? resolveUrl(url, location) : undefined
    const follow = next !== undefined && given.has('location')
    if (next && !follow) t.redirectUrl = text(next)
    const failed = head.status >= 400 && given.has('fail')
    const silentBody = follow || failed
    if ((given.has('include') || given.has('head')) && !failed) yield* emit(p, given, target, toBytes(raw))
    const length = header(head.headers, 'Content-Length')
    amounts.total = length === undefined || request.method === 'HEAD' ? undefined : Number(length)
    amounts.received = 0
    if (failed) {
      if (table) yield* table.finish({ ...amounts, total: amounts.total ?? 0 })
      throw new Failure(`(22) The requested URL returned error: ${head.status}`, 22)
    }
    if (follow) yield* trace(given, ['* Ignoring the response-body'])
    if (request.method !== 'HEAD' && head.status !== 204 && head.status !== 304) {
      const done = yield* receive(p, t, connection, head, function* (part) {
        amounts.received += part.length
        if (target.fd !== 1 || !p.isatty(1)) yield* trace(given, [`{ [${part.length} bytes data]`])
        if (!silentBody) yield* emit(p, given, target, part)
        if (table) yield* table.update(amounts)
      })
      if (!done)
        throw new Failure(`(18) transfer closed with ${Number(length) - amounts.received} bytes remaining to read`, 18)
    }
    t.size = amounts.received
    if (table) yield* table.finish(amounts)
    const close = header(head.headers, 'Connection')?.toLowerCase() === 'close'
    yield* trace(given, [close ? '* Closing connection 0' : `* Connection #0 to host ${url.host} left intact`])
    p.close(fd)
    if (!follow || !next) break
    if (t.redirects >= Number(given.value('maxRedirs') ?? 50)) {
      throw new Failure(`(47) Maximum (${given.value('maxRedirs') ?? 50}) redirects followed`, 47)
    }
    t.redirects++
    url = next
    t.effective = text(next)
    yield* trace(given, [`* Issue another request to this URL: '${t.effective}'`])
    if (head.status < 307 && request.method !== 'HEAD') keepMethod = false
  }
  if (target.fd > 2) p.close(target.fd)
  else if (target.fd === -1) yield* emit(p, given, target, new Uint8Array(0))
  if (t.code >= 400 && given.has('failWithBody'))
    throw new Failure(`(22) The requested URL returned error: ${t.code}`, 22)
}

interface Target {
  /** -1 until the first byte: the file is made when something arrives. */
  fd: number
  name: string
}

function* emit(p: Proc, given: Given, target: Target, data: Uint8Array): Routine<void> {
  if (target.fd === -1) {
    const dir = given.value('outputDir')
    const path = dir === undefined ? target.name : `${dir}/${target.name}`
    try {
      if (given.has('createDirs')) makeParents(p, path)
      target.fd = p.open(path, { write: true, create: true, truncate: true }, 0o666)
    } catch (error) {
      if (!isErrno(error)) throw error
      if (!given.has('silent') || given.has('showError')) {
        yield { op: 'write', fd: 2, data: toBytes(`Warning: Failed to open the file ${path}: ${error.message}\n`) }
      }
      throw new Failure('(23) Failure writing output to destination', 23)
    }
  }
  if (data.length > 0) yield { op: 'write', fd: target.fd, data }
}

function makeParents(p: Proc, path: string): void {
  const parts = path.split('/').slice(0, -1)
  for (let i = 1; i <= parts.length; i++) {
    const dir = parts.slice(0, i).join('/')
    if (dir === '') continue
    try {
      p.mkdir(dir, 0o777)
    } catch (error) {
      if (!isErrno(error, 'EEXIST')) throw error
    }
  }
}

function* readAnswer(p: Proc, t: Transfer, connection: Connection): Routine<ResponseHead> {
  let head: ResponseHead | undefined
  try {
    head = yield* readResponseHead(connection)
  } catch (error) {
    throw broken(p, t, error)
  }
  if (!head) throw new Failure('(52) Empty reply from server', 52)
  if (head.status === 0) throw new Failure('(1) Received HTTP/0.9 when not allowed', 1)
  return head
}

function* receive(
  p: Proc,
  t: Transfer,
  connection: Connection,
  head: ResponseHead,
  part: (data: Uint8Array) => Routine<void>,
): Routine<boolean> {
  try {
    return (yield* eachBodyPart(connection, head.headers, part)).complete
  } catch (error) {
    throw broken(p, t, error)
  }
}

/** An errno on the connection in curl's words; anything else as it is. */
function broken(p: Proc, t: Transfer, error: unknown): unknown {
  if (!isErrno(error)) return error
  if (error.code === 'ETIMEDOUT') {
    return new Failure(
      `(28) Operation timed out after ${Math.round(p.now() - t.began)} milliseconds with ${t.size} bytes received`,
      28,
    )
  }
  return error.code === 'EPIPE'
    ? new Failure('(23) Failure writing output to destination', 23)
    : new Failure(`(56) Recv failure: ${error.message}`, 56)
}

function* dumpHeaders(p: Proc, path: string, text: string): Routine<void> {
  const fd = path === '-' ? 1 : p.open(path, { write: true, create: true, truncate: true }, 0o666)
  yield { op: 'write', fd, data: toBytes(text) }
  if (fd !== 1) p.close(fd)
}

function text(url: Url): string {
  const host = url.host.includes(':') ? `[${url.host}]` : url.host
  return `${url.scheme}://${host}${url.explicitPort && url.port !== (url.scheme === 'https' ? 443 : 80) ? `:${url.port}` : ''}${url.path}`
}
