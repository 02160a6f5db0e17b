/** GNU wget, for single files: no recursion, FTP or TLS. */
import { isErrno } from '../../vfs/errno.ts'
import type { Proc, Routine } from '../program.ts'
import { toBytes } from './lib/bytes.ts'
import { type Call, command } from './lib/command.ts'
import { isIPv4, isIPv6, resolveName } from './lib/hosts.ts'
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
import { strftime } from './lib/strftime.ts'
import { DotProgress, rate } from './lib/wget-dots.ts'
import { exists, makeDirectory, sizeOf } from './lib/wget-files.ts'
import { breakDown, zoneFor } from './lib/zone.ts'

export const options = {
  output: '-O=FILE --output-document=FILE  write to FILE (-: standard output)',
  quiet: '-q --quiet  no messages',
  brief: '-nv --no-verbose  few messages',
  noClobber: '--no-clobber  do not fetch what is there',
  server: "-S --server-response  show the server's answer",
  spider: '--spider  only see whether it is there',
  goOn: '-c --continue  go on with a file that was begun',
  prefix: '-P=DIR --directory-prefix=DIR  save to DIR',
  log: '-o=FILE --output-file=FILE  messages to FILE',
  header: '--header=LINE  add a header',
  agent: '-U=AGENT --user-agent=AGENT  User-Agent header',
  postData: '--post-data=TEXT  send TEXT with POST',
  postFile: '--post-file=FILE  send a file with POST',
  method: '--method=METHOD  the method',
  bodyData: '--body-data=TEXT  send TEXT',
  timeout: '-T=SEC --timeout=SEC  network timeout',
  connectTimeout: '--connect-timeout=SEC  timeout for connecting',
  readTimeout: '--read-timeout=SEC  timeout for reading',
  tries: '-t=N --tries=N  how often to try (0: for ever)',
  wait: '--waitretry=SEC  longest wait between tries',
  retryConnrefused: '--retry-connrefused  try again when refused',
  contentOnError: '--content-on-error  save the page of an error',
  progress: '--progress=TYPE --show-progress  accepted',
  noCheck: '--no-check-certificate --no-cache --no-proxy --inet4-only  accepted',
  four: '-4  IPv4 only',
  user: '--user=USER --http-user=USER  user name',
  password: '--password=PASS --http-password=PASS  password',
}

interface State {
  call: Call<typeof options>
  log: number
  quiet: boolean
  brief: boolean
  /** Descriptor that -O opened for all addresses. */
  document: number | undefined
}

export const program = command(
  'wget',
  options,
  function* (call) {
    const { p, options: given, args } = call
    if (args.length === 0) {
      yield {
        op: 'write',
        fd: 2,
        data: toBytes("wget: missing URL\nUsage: wget [OPTION]... [URL]...\n\nTry `wget --help' for more options.\n"),
      }
      return 1
    }
    const log = given.value('log')
    const state: State = {
      call,
      log: log === undefined ? 2 : p.open(log, { write: true, create: true, truncate: true }, 0o666),
      quiet: given.has('quiet'),
      brief: given.has('brief'),
      document: undefined,
    }
    const output = given.value('output')
    if (output !== undefined) {
      try {
        const flags = given.has('goOn') ? { append: true } : { truncate: true }
        state.document = output === '-' ? 1 : p.open(output, { write: true, create: true, ...flags }, 0o666)
      } catch (error) {
        if (!isErrno(error)) throw error
        yield { op: 'write', fd: 2, data: toBytes(`${output}: ${error.message}\n`) }
        return 1
      }
    }
    let status = 0
    for (const text of args) {
      const result = yield* fetchUrl(state, text)
      if (result !== 0) status = status === 0 ? result : Math.min(status, result)
    }
    return status
  },
  {
    gnuErrorStatus: 2,
    rewrite: args => args.map(arg => (arg === '-nv' ? '--no-verbose' : arg === '-nc' ? '--no-clobber' : arg)),
  },
)

function stamp(p: Proc): string {
  return strftime('%Y-%m-%d %H:%M:%S', breakDown(p.now(), zoneFor(p.env.get('TZ'))))
}

function* fetchUrl(state: State, text: string): Routine<number> {
  const { p, options: given } = state.call
  const say = (line: string, level: 'full' | 'brief' = 'full') => write(state, line, level)
  const first = parseUrl(text)
  if (!first || first.host === '') {
    yield* say(`${text}: Invalid host name.\n`, 'brief')
    return 1
  }
  if (!['http', 'https'].includes(first.scheme)) {
    yield* say(`${text}: Unsupported scheme '${first.scheme}'.\n`, 'brief')
    return 1
  }
  const name = target(state, first)
  if (given.has('noClobber') && state.document === undefined && exists(p, name)) {
    yield* say(`File '${name}' already there; not retrieving.\n\n`)
    return 0
  }
  if (given.has('spider')) yield* say('Spider mode enabled. Check if remote file exists.\n')
  const tries = Number(given.value('tries') ?? 20)
  let url: Url = first
  let previous: Url | undefined
  let redirects = 0
  for (let attempt = 1; ; ) {
    const shown = urlText(url)
    yield* say(`--${stamp(p)}--  ${attempt > 1 ? `(try:${String(attempt).padStart(2)})  ` : ''}${shown}\n`)
    const result = yield* once(state, url, name, previous !== undefined && sameServer(previous, url))
    previous = undefined
    if (typeof result === 'number') return result
    if (result.kind === 'redirect') {
      if (++redirects > 20) {
        yield* say('20 redirections exceeded.\n')
        return 8
      }
      previous = url
      url = result.url
      continue
    }
    // Something that may pass: a broken read, a timeout.
    if (tries !== 0 && attempt >= tries) {
      yield* say('Giving up.\n\n')
      return 4
    }
    yield* say('Retrying.\n\n')
    yield { op: 'sleep', ms: Math.min(attempt, Number(given.value('wait') ?? 10)) * 1000 }
    attempt++
  }
}

type Outcome = number | { kind: 'redirect'; url: Url } | { kind: 'again' }

/** One request. A number is the final exit status. */
function* once(state: State, url: Url, name: string, reuse: boolean): Routine<Outcome> {
  const { p, options: given } = state.call
  const say = (line: string, level: 'full' | 'brief' = 'full') => write(state, line, level)
  const literal = isIPv4(url.host) || isIPv6(url.host)
  const [address] = yield* resolveName(p, url.host, given.has('four') ? 4 : undefined)
  const place = literal
    ? `${url.host.includes(':') ? `[${url.host}]` : url.host}:${url.port}`
    : `${url.host} (${url.host})|${address}|:${url.port}`
  if (!literal && !reuse)
    yield* say(`Resolving ${url.host} (${url.host})... ${address ?? 'failed: Name or service not known.'}\n`)
  if (address === undefined) {
    yield* say(`wget: unable to resolve host address '${url.host}'\n`, 'brief')
    return 4
  }
  yield* say(
    reuse
      ? `Reusing existing connection to ${literal ? place : `${url.host}:${url.port}`}.\n`
      : `Connecting to ${place}... `,
  )
  const seconds = Number(given.value('connectTimeout') ?? given.value('timeout') ?? Number.POSITIVE_INFINITY)
  let fd: number
  try {
    fd = (yield {
      op: 'connect',
      address,
      port: url.port,
      protocol: 'tcp',
      ...(Number.isFinite(seconds) ? { timeoutMs: seconds * 1000 } : {}),
    }) as number
  } catch (error) {
    if (!isErrno(error)) throw error
    const reason =
      error.code === 'ENETUNREACH'
        ? 'Network is unreachable'
        : error.code === 'ETIMEDOUT'
          ? 'Connection timed out'
          : error.message
    yield* say(`failed: ${reason}.\n`)
    return error.code === 'ETIMEDOUT' || given.has('retryConnrefused') ? { kind: 'again' } : 4
  }
  if (!reuse) yield* say('connected.\n')
  if (url.scheme === 'https') {
    yield* say('TLS is not modelled by minidock: use http.\n', 'brief')
    return 5
  }
  const begun = given.has('goOn') && state.document !== 1 ? sizeOf(p, name) : 0
  yield { op: 'write', fd, data: toBytes(yield* request(state, url, begun)) }
  yield* say('HTTP request sent, awaiting response... ')
  const limit = Number(given.value('readTimeout') ?? given.value('timeout') ?? 900) * 1000
  const connection = new Connection(fd, () => (limit === 0 ? Number.POSITIVE_INFINITY : limit))
  let head: ResponseHead | undefined
  try {
    head = yield* readResponseHead(connection)
  } catch (error) {
    if (!isErrno(error)) throw error
    yield* say(`Read error (${error.message}) in headers.\n`)
    return { kind: 'again' }
  }
  if (!head) {
    yield* say('No data received.\n')
    return { kind: 'again' }
  }
  const reason = head.statusLine.replace(/^HTTP\/\S+ \d+ ?/, '').trim()
  yield* say(given.has('server') ? `\n${head.lines.map(line => `  ${line}\n`).join('')}` : `${head.status} ${reason}\n`)
  const location = header(head.headers, 'Location')
  if (head.status >= 300 && head.status < 400 && location !== undefined) {
    p.close(fd)
    yield* say(`Location: ${location} [following]\n`)
    const next = resolveUrl(url, location)
    return next ? { kind: 'redirect', url: next } : 1
  }
  if (head.status >= 400 || head.status < 200) {
    if (head.status === 416 && begun > 0) {
      yield* say('\n    The file is already fully retrieved; nothing to do.\n\n')
      return 0
    }
    yield* say(
      given.has('spider')
        ? 'Remote file does not exist -- broken link!!!\n\n'
        : `${stamp(p)} ERROR ${head.status}: ${reason}.\n\n`,
      given.has('spider') ? 'full' : 'brief',
    )
    return 8
  }
  return yield* save(state, url, name, head, connection, fd, head.status === 206 ? begun : 0)
}

function* save(
  state: State,
  url: Url,
  name: string,
  head: ResponseHead,
  connection: Connection,
  fd: number,
  begun: number,
): Routine<Outcome> {
  const { p, options: given } = state.call
  const say = (line: string, level: 'full' | 'brief' = 'full') => write(state, line, level)
  const lengthText = header(head.headers, 'Content-Length')
  const length = lengthText === undefined || given.has('spider') ? undefined : Number(lengthText) + begun
  const type = header(head.headers, 'Content-Type')?.replace(/;.*/, '')
  const size = length === undefined ? 'unspecified' : length < 1024 ? String(length) : `${length} (${human(length)})`
  const more = begun > 0 && length !== undefined ? `, ${length - begun} remaining` : ''
  yield* say(`Length: ${size}${more}${type === undefined ? '' : ` [${type}]`}\n`)
  if (given.has('spider')) {
    p.close(fd)
    yield* say(
      type === 'text/html'
        ? 'Remote file exists and could contain further links,\nbut recursion is disabled -- not retrieving.\n\n'
        : 'Remote file exists.\n\n',
    )
    return 0
  }
  let file = state.document
  if (file === undefined) {
    try {
      if (given.has('prefix')) makeDirectory(p, given.value('prefix') ?? '.')
      file = p.open(name, { write: true, create: true, ...(begun > 0 ? { append: true } : { truncate: true }) }, 0o666)
    } catch (error) {
      if (!isErrno(error)) throw error
      yield* say(`${name}: ${error.message}\n\nCannot write to '${name}' (${error.message}).\n`, 'brief')
      return 3
    }
  }
  const target = file
  yield* say(`Saving to: '${target === 1 ? 'STDOUT' : name}'\n`)
  const began = p.now()
  let got = begun
  const dots = state.quiet || state.brief ? undefined : new DotProgress(p, state.log, length, begun)
  try {
    if (dots) yield* dots.start()
    yield* eachBodyPart(connection, head.headers, function* (data) {
      yield { op: 'write', fd: target, data }
      got += data.length
      if (dots) yield* dots.advance(data.length)
    })
    if (dots) yield* dots.finish()
  } catch (error) {
    if (!isErrno(error, 'ETIMEDOUT')) throw error
    yield* say(
      `\n\n${stamp(p)} - Read error at byte ${got}${length === undefined ? '' : `/${length}`} (Connection timed out). `,
    )
    return { kind: 'again' }
  }
  p.close(fd)
  if (target > 2 && target !== state.document) p.close(target)
  const sizes = `[${got}${length === undefined ? '' : `/${length}`}]`
  const speed = rate(got - begun, p.now() - began)
  if (state.brief)
    yield* say(`${stamp(p)} URL:${urlText(url)} ${sizes} -> "${target === 1 ? '-' : name}" [1]\n`, 'brief')
  else yield* say(`${stamp(p)} (${speed}) - ${target === 1 ? 'written to stdout' : `'${name}' saved`} ${sizes}\n\n`)
  return 0
}

function* write(state: State, line: string, level: 'full' | 'brief'): Routine<void> {
  if (state.quiet || (state.brief && level === 'full')) return
  yield { op: 'write', fd: state.log, data: toBytes(line) }
}

function* request(state: State, url: Url, begun: number): Routine<string> {
  const { p, options: given } = state.call
  const file = given.value('postFile')
  const body =
    given.value('postData') ?? given.value('bodyData') ?? (file === undefined ? undefined : yield* readFile(p, file))
  const own = given.values('header')
  const replaced = new Set(own.map(line => line.split(':')[0]?.toLowerCase()))
  const method =
    given.value('method') ??
    (given.has('spider') ? 'HEAD' : given.has('postData') || given.has('postFile') ? 'POST' : 'GET')
  const user = given.value('user') ?? url.user?.split(':')[0]
  const password = given.value('password') ?? url.user?.split(':')[1] ?? ''
  const standard: [string, string | undefined][] = [
    ['Host', hostHeader(url)],
    ['User-Agent', given.value('agent') ?? `Wget/${p.marker.version ?? '1.21.3'}`],
    ['Accept', '*/*'],
    ['Accept-Encoding', 'identity'],
    ['Range', begun > 0 ? `bytes=${begun}-` : undefined],
    [
      'Authorization',
      user === undefined ? undefined : `Basic ${Buffer.from(`${user}:${password}`, 'latin1').toString('base64')}`,
    ],
    ['Connection', 'Keep-Alive'],
    ['Content-Type', body === undefined ? undefined : 'application/x-www-form-urlencoded'],
    ['Content-Length', body === undefined ? undefined : String(body.length)],
  ]
  const lines = standard
    .filter(([key, value]) => value !== undefined && !replaced.has(key.toLowerCase()))
    .map(([key, value]) => `${key}: ${value}`)
  return `${[`${method} ${url.path} HTTP/1.1`, ...lines, ...own].join('\r\n')}\r\n\r\n${body ?? ''}`
}

function urlText(url: Url): string {
  return `${url.scheme}://${hostHeader(url)}${url.path}`
}

function sameServer(a: Url, b: Url): boolean {
  return a.host === b.host && a.port === b.port && a.scheme === b.scheme
}

/** Where the file goes: -O, or the URL's last part with .1, .2, … when that is taken. */
function target(state: State, url: Url): string {
  const { p, options: given } = state.call
  const output = given.value('output')
  if (output !== undefined) return output
  const last = url.path.replace(/\?$/, '').split('/').pop() ?? ''
  const prefix = given.value('prefix')
  const base = `${prefix === undefined ? '' : `${prefix.replace(/\/$/, '')}/`}${last === '' ? 'index.html' : last}`
  if (given.has('goOn') || given.has('noClobber') || !exists(p, base)) return base
  for (let n = 1; ; n++) if (!exists(p, `${base}.${n}`)) return `${base}.${n}`
}

/** 293K, 1.4M: as wget's human_readable with one decimal below ten. */
function human(bytes: number): string {
  let value = bytes
  let unit = -1
  while (value >= 1024 && unit < 3) {
    value /= 1024
    unit++
  }
  return `${value < 10 ? value.toFixed(1) : Math.round(value)}${'KMGT'.charAt(unit)}`
}
