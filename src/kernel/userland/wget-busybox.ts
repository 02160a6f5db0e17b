/** Busybox's wget. */
import { isErrno } from '../../vfs/errno.ts'
import type { Proc, Routine } from '../program.ts'
import { toBytes } from './lib/bytes.ts'
import { type Call, command, isDebianBusybox } from './lib/command.ts'
import { Failure, UsageError } from './lib/failure.ts'
import {
  Connection,
  eachBodyPart,
  header,
  hostHeader,
  parseUrl,
  type ResponseHead,
  readResponseHead,
  resolveUrl,
  type Url,
} from './lib/http.ts'
import { readFile } from './lib/input.ts'
import { addressAndPort, hostAddress, requireSocket } from './lib/net-words.ts'
import { sizeOf } from './lib/wget-files.ts'
import { progressBar } from './lib/wget-progress.ts'

export const options = {
  go: '-c --continue  go on with a file that was begun',
  quiet: '-q --quiet  quiet',
  prefix: '-P=DIR --directory-prefix=DIR  save to DIR',
  server: "-S --server-response  show the server's answer",
  spider: '--spider  only see whether it is there',
  output: '-O=FILE --output-document=FILE  save to FILE (-: standard output)',
  log: '-o=FILE --output-file=FILE  messages to FILE',
  header: '--header=TEXT  add a header',
  postData: '--post-data=TEXT  send TEXT with POST',
  postFile: '--post-file=FILE  send a file with POST',
  noCheck: '--no-check-certificate  do not check certificates',
  agent: '-U=AGENT --user-agent=AGENT  User-Agent header',
  timeout: '-T=SEC --timeout=SEC  give up after so long without an answer',
  tries: '-t=N --tries=N  accepted',
  proxy: '-Y=on --proxy=on  accepted',
  ignored: '-n=X  accepted (-nv, -nc)',
  passive: '--passive-ftp --no-verbose --no-clobber --no-cache  accepted',
}

interface Job {
  output: string | undefined
  log: number
  quiet: boolean
  timeoutMs: number
}

export const program = command('wget', options, function* (call) {
  const { p, options: given, args } = call
  const prefix = given.value('prefix')
  const timeout = given.value('timeout')
  if (timeout !== undefined && !/^\d+$/.test(timeout)) throw new Failure(`invalid number '${timeout}'`)
  // Debian builds its wget without timeouts: -T is still read, and its number stored nowhere.
  if (timeout !== undefined && isDebianBusybox(p)) yield { op: 'fault', signal: 'SEGV' }
  const log = given.value('log')
  const job: Job = {
    output: given.value('output'),
    log: log === undefined ? 2 : p.open(log, { write: true, create: true, truncate: true }, 0o666),
    quiet: given.has('quiet'),
    timeoutMs: timeout === undefined ? 900_000 : Number(timeout) * 1000,
  }
  if (args.length === 0) throw new UsageError('')
  // One output file takes all addresses one after another.
  const shared = job.output === undefined || job.output === '-' ? undefined : { fd: -1 }
  for (const text of args) yield* fetchOne(call, job, text, prefix, shared)
  return 0
})

function* fetchOne(
  call: Call<typeof options>,
  job: Job,
  text: string,
  prefix: string | undefined,
  shared: { fd: number } | undefined,
): Routine<void> {
  const { p, options: given, out } = call
  const say = function* (line: string): Routine<void> {
    if (job.quiet) return
    yield* out.flush()
    yield { op: 'write', fd: job.log, data: toBytes(line) }
  }
  const first = parseUrl(text)
  if (first === undefined) throw new Failure(`bad port spec '${text}'`)
  if (!['http', 'https', 'ftp'].includes(first.scheme)) throw new Failure(`not an http or ftp url: ${text}`)
  let url: Url = first
  const name = job.output ?? fileName(url, prefix)
  for (let redirects = 0; ; redirects++) {
    const address = yield* hostAddress(p, url.host, { named: url.explicitPort ? `${url.host}:${url.port}` : url.host })
    if (url.scheme !== 'http') {
      // Neither TLS nor FTP is modelled: only what comes before the handshake.
      yield* say(`Connecting to ${hostHeader(url)} (${addressAndPort(address, url.port)})\n`)
      p.close(yield* connect(p, address, url, job))
      throw new Failure(
        url.scheme === 'ftp' ? 'ftp is not modelled by minidock' : 'TLS is not modelled by minidock: use http',
      )
    }
    yield* say(`Connecting to ${hostHeader(url)} (${addressAndPort(address, url.port)})\n`)
    const fd = yield* connect(p, address, url, job)
    const begun = given.has('go') && name !== '-' ? sizeOf(p, name) : 0
    yield { op: 'write', fd, data: toBytes(yield* request(call, url, begun)) }
    const connection = new Connection(fd, () => job.timeoutMs)
    const timedOut = (error: unknown) => (isErrno(error, 'ETIMEDOUT') ? new Failure('download timed out') : error)
    let answer: ResponseHead | undefined
    try {
      answer = yield* readResponseHead(connection)
    } catch (error) {
      throw timedOut(error)
    }
    if (!answer || answer.status === 0) throw new Failure('error getting response')
    if (given.has('server')) {
      for (const line of [...answer.lines, '']) yield { op: 'write', fd: job.log, data: toBytes(`  ${line}\n`) }
    }
    const location = header(answer.headers, 'Location')
    if ([301, 302, 303, 307, 308].includes(answer.status) && location !== undefined) {
      p.close(fd)
      if (redirects >= 4) throw new Failure('too many redirections')
      const next = resolveUrl(url, location)
      if (!next) throw new Failure('bad redirection')
      url = next
      continue
    }
    const fine = answer.status === 200 || answer.status === 204 || (answer.status === 206 && begun > 0)
    if (!fine) {
      throw new Failure(`server returned error: ${answer.statusLine.trimEnd()}`)
    }
    if (given.has('spider')) {
      yield* say('remote file exists\n')
      p.close(fd)
      return
    }
    const goOn = answer.status === 206
    if (begun > 0 && !goOn) yield* call.error('restart failed')
    let target = 1
    if (name === '-') yield* say('writing to stdout\n')
    else {
      target = shared && shared.fd >= 0 ? shared.fd : openTarget(p, name, job.output !== undefined, goOn, begun)
      if (shared) shared.fd = target
      yield* say(`saving to '${name}'\n`)
    }
    const length = header(answer.headers, 'Content-Length')
    const total = length === undefined ? undefined : Number(length) + (goOn ? begun : 0)
    const bar =
      job.quiet || job.log !== 2 ? undefined : progressBar(p, name.split('/').pop() ?? name, total, goOn ? begun : 0)
    try {
      const { complete } = yield* eachBodyPart(connection, answer.headers, function* (data) {
        yield { op: 'write', fd: target, data }
        if (bar) yield* bar.advance(data.length)
      })
      if (bar) yield* bar.finish()
      if (!complete) throw new Failure('connection closed prematurely')
    } catch (error) {
      throw timedOut(error)
    }
    p.close(fd)
    if (name === '-') yield* say('written to stdout\n')
    else {
      yield* say(`'${name}' saved\n`)
      if (!shared) p.close(target)
    }
    return
  }
}

function* connect(p: Proc, address: string, url: Url, job: Job): Routine<number> {
  requireSocket(p, address.includes(':') ? 'inet6' : 'inet', 'stream')
  try {
    return (yield { op: 'connect', address, port: url.port, protocol: 'tcp', timeoutMs: job.timeoutMs }) as number
  } catch (error) {
    if (!isErrno(error)) throw error
    if (error.code === 'ETIMEDOUT' && job.timeoutMs < 900_000) throw new Failure('download timed out')
    throw new Failure(`can't connect to remote host (${address}): ${error.message}`)
  }
}

function* request(call: Call<typeof options>, url: Url, begun: number): Routine<string> {
  const { p, options: given } = call
  const file = given.value('postFile')
  const body = given.value('postData') ?? (file === undefined ? undefined : yield* readFile(p, file))
  const extra = given.values('header')
  const has = (name: string) => extra.some(line => line.toLowerCase().startsWith(`${name.toLowerCase()}:`))
  const lines = [`${body === undefined ? 'GET' : 'POST'} ${url.path} HTTP/1.1`]
  if (!has('Host')) lines.push(`Host: ${hostHeader(url)}`)
  if (!has('User-Agent')) lines.push(`User-Agent: ${given.value('agent') ?? 'Wget'}`)
  lines.push('Connection: close')
  if (url.user !== undefined)
    lines.push(`Authorization: Basic ${Buffer.from(decodeURIComponent(url.user), 'latin1').toString('base64')}`)
  if (begun > 0) lines.push(`Range: bytes=${begun}-`)
  lines.push(...extra)
  if (body !== undefined) {
    if (!has('Content-Type')) lines.push('Content-Type: application/x-www-form-urlencoded')
    lines.push(`Content-Length: ${body.length}`)
  }
  return `${lines.join('\r\n')}\r\n\r\n${body ?? ''}`
}

function fileName(url: Url, prefix: string | undefined): string {
  const last = url.path.replace(/\?.*/, '').split('/').pop() ?? ''
  const name = last === '' ? 'index.html' : last
  return prefix === undefined ? name : `${prefix.replace(/\/$/, '')}/${name}`
}

function openTarget(p: Proc, name: string, replace: boolean, goOn: boolean, begun: number): number {
  try {
    const flags = goOn ? { append: true } : replace || begun > 0 ? { truncate: true } : { exclusive: true }
    return p.open(name, { write: true, create: true, ...flags }, 0o666)
  } catch (error) {
    if (!isErrno(error)) throw error
    throw new Failure(`can't open '${name}': ${error.message}`)
  }
}
