/** One request through a site: server, rewrites, location, and what answers there. */
import { createHash } from 'node:crypto'
import type { Proc, Routine } from '../../../kernel/program.ts'
import { type Headers, header } from '../../../kernel/userland/lib/http.ts'
import { isErrno } from '../../../vfs/errno.ts'
import { httpDate } from '../../clock-words.ts'
import type { HttpReply, HttpRequest } from '../../http-server.ts'
import { readFileNow, textNow } from '../../whole-file.ts'
import type { Directive } from './config.ts'
import { errorPage, listing, statusLines } from './pages.ts'
import { proxy, type Resolved, type Turns } from './proxy.ts'
import {
  chooseLocation,
  chooseServer,
  inherited,
  type Level,
  type Location,
  pattern,
  type Site,
  setting,
} from './site.ts'
import { type Exchange, expand, hostOf, variable } from './variables.ts'

export interface ServeContext {
  readonly p: Proc
  readonly site: Site
  readonly version: string
  readonly resolved: Resolved
  readonly turns: Turns
  /** Where relative roots begin. */
  readonly prefix: string
  /** Writes to the error log what goes with a request. */
  error(level: 'error' | 'warn' | 'crit', words: string): Routine<void>
}

/** What a step of the way comes to: an answer, or a new URI to begin with again. */
interface Plain {
  status: number
  type?: string
  body?: Uint8Array
  headers?: Headers
  location?: string
  lastModified?: number
  chunked?: boolean
  reason?: string
  /** Came from another server: its headers are complete. */
  proxied?: boolean
}
type Outcome = Plain | { uri: string; args?: string } | { named: string }

const mostRedirects = 10
const mostBytes = 64 << 20

export function begin(context: ServeContext, request: HttpRequest, pid: number, id: string): Exchange | undefined {
  const server = chooseServer(context.site, request.local, hostOf({ request }))
  if (!server) return undefined
  const target = request.target.replace(/^https?:\/\/[^/?#]*/i, '') || '/'
  const [path = '/', ...query] = target.split('?')
  return {
    request,
    site: context.site,
    server,
    level: server,
    uri: normalize(path),
    args: query.join('?'),
    sent: [],
    status: 0,
    bodyBytes: 0,
    captures: undefined,
    set: new Map(),
    upstream: undefined,
    now: context.p.now(),
    hostname: context.p.uname().nodename,
    version: context.version,
    pid,
    id,
    root: '',
  }
}

/** Decoded, with `.`, `..` and double slashes gone. */
function normalize(path: string): string {
  let decoded: string
  try {
    decoded = Buffer.from(unescape(path), 'latin1').toString('latin1')
  } catch {
    decoded = path
  }
  const parts: string[] = []
  for (const part of decoded.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  }
  return `/${parts.join('/')}${/\/(\.\.?)?$/.test(decoded) && parts.length > 0 ? '/' : ''}`
}

/** The whole answer, with headers in nginx's order. */
export function* answer(context: ServeContext, x: Exchange): Routine<HttpReply> {
  let outcome = yield* findAnswer(context, x)
  outcome = yield* ownErrorPage(context, x, outcome)
  const tokens = setting(x.level, 'server_tokens') !== 'off'
  const server = tokens ? `nginx/${context.version}` : 'nginx'
  const page = outcome.body === undefined && !outcome.proxied ? errorPage(outcome.status, server) : undefined
  const body = outcome.body ?? Buffer.from(page ?? '', 'latin1')
  x.status = outcome.status
  const reply = finish(x, outcome, body, page !== undefined, server)
  x.sent = reply.headers
  x.bodyBytes =
    x.request.method === 'HEAD' || [204, 304].includes(reply.status)
      ? 0
      : reply.body.length + (outcome.chunked ? chunkOverhead(reply.body.length) : 0)
  return reply
}

/** nginx counts the framing of a chunked body as sent. */
const chunkOverhead = (length: number): number => (length === 0 ? 5 : length.toString(16).length + 9)

function finish(x: Exchange, plain: Plain, body: Uint8Array, isPage: boolean, server: string): HttpReply {
  const { status } = plain
  const headers: Headers = [
    ['Server', server],
    ['Date', httpDate(x.now)],
  ]
  if (plain.proxied) {
    headers.push(...(plain.headers ?? []))
    insertConnection(headers, x)
    addHeaders(x, status, headers)
    return { status, ...(plain.reason !== undefined && { reason: plain.reason }), headers, body }
  }
  let sent = body
  let final = status
  if (status !== 304 && status !== 204) {
    const type = isPage ? 'text/html' : (plain.type ?? '')
    const charset = setting(x.level, 'charset')
    if (type !== '')
      headers.push([
        'Content-Type',
        charset && charset !== 'off' && /^text\//.test(type) && !isPage ? `${type}; charset=${charset}` : type,
      ])
  }
  const etag =
    plain.lastModified === undefined
      ? undefined
      : `"${Math.floor(plain.lastModified / 1000).toString(16)}-${body.length.toString(16)}"`
  let contentRange: string | undefined
  if (plain.lastModified !== undefined && status === 200) {
    const range = /^bytes=(\d*)-(\d*)$/.exec(header(x.request.headers, 'Range') ?? '')
    if (notModified(x, plain.lastModified, etag)) {
      final = 304
      sent = new Uint8Array(0)
      headers.splice(2)
    } else if (range && (range[1] !== '' || range[2] !== '')) {
      const from = range[1] === '' ? Math.max(0, body.length - Number(range[2])) : Number(range[1])
      const to = range[1] === '' || range[2] === '' ? body.length - 1 : Math.min(body.length - 1, Number(range[2]))
      if (from > to) {
        final = 416
        sent = Buffer.from(errorPage(416, server) ?? '', 'latin1')
        headers.splice(2, 1, ['Content-Type', 'text/html'])
        contentRange = `bytes */${body.length}`
      } else {
        final = 206
        sent = body.subarray(from, to + 1)
        contentRange = `bytes ${from}-${to}/${body.length}`
      }
    }
  }
  if (plain.chunked) headers.push(['Transfer-Encoding', 'chunked'])
  else if (final !== 304 && final !== 204) headers.push(['Content-Length', String(sent.length)])
  if (plain.lastModified !== undefined && final !== 416) headers.push(['Last-Modified', httpDate(plain.lastModified)])
  const relative = plain.location?.startsWith('/') === true
  const location = plain.location === undefined ? undefined : relative ? absolute(x, plain.location) : plain.location
  if (location !== undefined && relative) headers.push(['Location', location])
  insertConnection(headers, x)
  if (location !== undefined && !relative) headers.push(['Location', location])
  if (etag !== undefined && final !== 416) headers.push(['ETag', etag])
  headers.push(...(plain.headers ?? []))
  x.status = final
  addHeaders(x, final, headers)
  if (contentRange !== undefined) headers.push(['Content-Range', contentRange])
  else if (plain.lastModified !== undefined && final === 200) headers.push(['Accept-Ranges', 'bytes'])
  return {
    status: final,
    reason: final === 200 ? 'OK' : (statusLines[final] ?? plain.reason ?? otherReasons[final] ?? ''),
    headers,
    body: sent,
  }
}

const otherReasons: Readonly<Record<number, string>> = {
  201: 'Created',
  202: 'Accepted',
  204: 'No Content',
  206: 'Partial Content',
  304: 'Not Modified',
  418: '',
  409: 'Conflict',
  422: '',
}

function insertConnection(headers: Headers, x: Exchange): void {
  const wanted = header(x.request.headers, 'Connection')?.toLowerCase()
  const timeout = setting(x.level, 'keepalive_timeout')
  const keep = timeout !== '0' && (x.request.version === 'HTTP/1.1' ? wanted !== 'close' : wanted === 'keep-alive')
  headers.push(['Connection', keep ? 'keep-alive' : 'close'])
}

function absolute(x: Exchange, path: string): string {
  if (setting(x.level, 'absolute_redirect') === 'off') return path
  const host = hostOf(x) || (x.server.names[0] ?? '')
  const { port } = x.request.local
  return `http://${host}${port === 80 || setting(x.level, 'port_in_redirect') === 'off' ? '' : `:${port}`}${path}`
}

const ordinary = new Set([200, 201, 204, 206, 301, 302, 303, 304, 307, 308])

function addHeaders(x: Exchange, status: number, headers: Headers): void {
  const expires = setting(x.level, 'expires')
  if (expires !== undefined && expires !== 'off' && ordinary.has(status)) {
    const seconds = expires === 'epoch' || expires === '-1' ? -1 : expires === 'max' ? 315_360_000 : duration(expires)
    headers.push(['Expires', httpDate(seconds < 0 ? x.now - 1000 : x.now + seconds * 1000)])
    headers.push(['Cache-Control', seconds < 0 ? 'no-cache' : `max-age=${seconds}`])
  }
  for (const { args } of inherited(x.level, 'add_header')) {
    const [name = '', value = '', always] = args
    if (!ordinary.has(status) && always !== 'always') continue
    const text = expand(x, value)
    if (text !== '') headers.push([name, text])
  }
}

function duration(text: string): number {
  const units: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800, M: 2_592_000, y: 31_536_000 }
  let sum = 0
  for (const [, number = '0', unit = 's'] of text.matchAll(/(\d+)([smhdwMy]?)/g))
    sum += Number(number) * (units[unit || 's'] ?? 1)
  return sum
}

function notModified(x: Exchange, mtime: number, etag: string | undefined): boolean {
  const tag = header(x.request.headers, 'If-None-Match')
  if (tag !== undefined) return tag === '*' || tag.split(/,\s*/).some(each => each.replace(/^W\//, '') === etag)
  const since = header(x.request.headers, 'If-Modified-Since')
  // `if_modified_since exact`, nginx's default: only the very same time.
  return since !== undefined && Date.parse(since) === Math.floor(mtime / 1000) * 1000
}

/** Follows internal redirects until something answers. */
function* findAnswer(context: ServeContext, x: Exchange): Routine<Plain> {
  let named: string | undefined
  for (let turn = 0; turn <= mostRedirects; turn++) {
    const outcome: Outcome = yield* pass(context, x, named, turn > 0)
    if ('status' in outcome) return outcome
    if ('named' in outcome) named = outcome.named
    else {
      named = undefined
      x.uri = outcome.uri
      if (outcome.args !== undefined) x.args = outcome.args
    }
  }
  yield* context.error('error', `rewrite or internal redirection cycle while internally redirecting to "${x.uri}"`)
  return { status: 500 }
}

/** error_page: another URI, or another status, in place of an error. */
function* ownErrorPage(context: ServeContext, x: Exchange, plain: Plain): Routine<Plain> {
  if (plain.status < 300 || (plain.proxied && setting(x.level, 'proxy_intercept_errors') !== 'on')) return plain
  for (const { args } of inherited(x.level, 'error_page')) {
    const target = args.at(-1) ?? ''
    const codes = args.slice(0, -1)
    const change = codes.find(each => each.startsWith('='))
    if (!codes.includes(String(plain.status))) continue
    const status = change === undefined ? plain.status : change === '=' ? undefined : Number(change.slice(1))
    if (/^https?:\/\//.test(target)) return { status: 302, location: expand(x, target) }
    const outcome: Outcome = target.startsWith('@') ? { named: target } : { uri: expand(x, target) }
    let found: Outcome = outcome
    for (let turn = 0; turn <= mostRedirects && !('status' in found); turn++) {
      if ('uri' in found) x.uri = found.uri
      found = yield* pass(context, x, 'named' in found ? found.named : undefined, true)
    }
    if (!('status' in found)) return { status: 500 }
    if (found.status >= 300 && found.status !== plain.status && status === undefined) return found
    if (found.status >= 400) return { status: plain.status }
    return { ...found, status: status ?? found.status }
  }
  return plain
}

/** Server rewrites, then the location. */
function* pass(context: ServeContext, x: Exchange, named: string | undefined, internal: boolean): Routine<Outcome> {
  if (named !== undefined) {
    const location = x.server.locations.find(each => each.kind === 'named' && each.path === named)
    if (!location) return { status: 500 }
    return yield* inLocation(context, x, location)
  }
  if (!internal) {
    x.level = x.server
    const early = yield* rewrites(context, x, x.server.directives)
    if (early && ('status' in early || 'named' in early)) return early
  }
  const chosen = chooseLocation(x.server.locations, x.uri)
  if (chosen?.captures) x.captures = chosen.captures
  if (!chosen) {
    x.level = x.server
    return yield* content(context, x, x.server, undefined)
  }
  if (!internal && chosen.location.directives.some(each => each.name === 'internal')) return { status: 404 }
  return yield* inLocation(context, x, chosen.location)
}

function* inLocation(context: ServeContext, x: Exchange, location: Location): Routine<Outcome> {
  x.level = location
  const early = yield* rewrites(context, x, location.directives)
  if (early) return early
  return yield* content(context, x, x.level, location)
}

/** return, rewrite, set, if, break. Undefined: go on. */
function* rewrites(context: ServeContext, x: Exchange, directives: readonly Directive[]): Routine<Outcome | undefined> {
  for (const each of directives) {
    switch (each.name) {
      case 'set':
        x.set.set((each.args[0] ?? '').slice(1), expand(x, each.args[1] ?? ''))
        break
      case 'break':
        return undefined
      case 'return':
        return returned(x, each)
      case 'rewrite': {
        const [regex = '', replacement = '', flag] = each.args
        const match = pattern(regex, false, each).exec(x.uri)
        if (!match) break
        x.captures = match
        const target = expand(x, replacement)
        if (flag === 'permanent' || flag === 'redirect' || /^https?:\/\//.test(replacement)) {
          const query = x.args !== '' && !target.endsWith('?') ? `${target.includes('?') ? '&' : '?'}${x.args}` : ''
          return { status: flag === 'permanent' ? 301 : 302, location: target.replace(/\?$/, '') + query }
        }
        const [uri = '', query] = target.split('?', 2)
        x.uri = uri
        if (query !== undefined) x.args = query === '' ? '' : x.args === '' ? query : `${query}&${x.args}`
        if (flag === 'break') return undefined
        if (flag === 'last' || x.level !== x.server) {
          if (flag !== 'last') break
          return x.level === x.server ? undefined : { uri: x.uri }
        }
        break
      }
      case 'if': {
        if (!condition(context, x, each)) break
        x.level = { directives: each.block ?? [], parent: x.level }
        const outcome = yield* rewrites(context, x, each.block ?? [])
        if (outcome) return outcome
        break
      }
    }
  }
  return undefined
}

function returned(x: Exchange, each: Directive): Plain {
  const [first = '', second] = each.args
  if (!/^\d+$/.test(first)) return { status: 302, location: expand(x, first) }
  const status = Number(first)
  if (second === undefined) return { status }
  if ([301, 302, 303, 307, 308].includes(status)) return { status, location: expand(x, second) }
  return { status, type: typeOf(x), body: Buffer.from(expand(x, second), 'latin1') }
}

function condition(context: ServeContext, x: Exchange, each: Directive): boolean {
  const words = each.args
    .join(' ')
    .replace(/^\(\s*/, '')
    .replace(/\s*\)$/, '')
  const file = /^(!?)-([fdex])\s+(.*)$/.exec(words)
  if (file) {
    const path = expand(x, file[3] ?? '')
    let found: boolean
    try {
      const { type } = context.p.stat(path)
      found = file[2] === 'd' ? type === 'dir' : file[2] === 'f' ? type === 'file' : true
    } catch {
      found = false
    }
    return found !== (file[1] === '!')
  }
  const match = /^\$\{?(\w+)\}?(?:\s*(=|!=|~\*?|!~\*?)\s*(.*))?$/.exec(words)
  if (!match) return false
  const value = variable(x, match[1] ?? '')
  const operator = match[2]
  const operand = (match[3] ?? '').replace(/^(["'])(.*)\1$/, '$2')
  if (operator === undefined) return value !== '' && value !== '0'
  if (operator === '=') return value === expand(x, operand)
  if (operator === '!=') return value !== expand(x, operand)
  const found = pattern(operand, operator.endsWith('*'), each).exec(value)
  if (found && !operator.startsWith('!')) x.captures = found
  return (found !== null) !== operator.startsWith('!')
}

/** What stands at the end of the way: access rules, then a proxy, a page, a file. */
function* content(context: ServeContext, x: Exchange, level: Level, location: Location | undefined): Routine<Outcome> {
  const refused = yield* access(context, x, level)
  if (refused) return refused
  const most = size(setting(level, 'client_max_body_size') ?? '1m')
  if (most > 0 && x.request.body.length > most) {
    yield* context.error('error', `client intended to send too large body: ${x.request.body.length} bytes`)
    return { status: 413 }
  }
  x.root = rootOf(context, x, level)
  const tries = inherited(level, 'try_files').at(-1)
  const own = level.directives.find(each => each.name === 'try_files') ?? (location ? undefined : tries)
  if (own) {
    const outcome = tryFiles(context, x, own, level, location)
    if (outcome) return outcome
  }
  const proxyPass = nearest(level, location, 'proxy_pass')
  if (proxyPass) {
    const prefix = location?.kind === 'prefix' || location?.kind === 'exact' ? location.path : undefined
    const done = yield* proxy(context.p, x, proxyPass.args[0] ?? '', prefix, context.resolved, context.turns)
    if ('words' in done) {
      yield* context.error('error', `${done.words}, UPSTREAM:${done.upstream}`)
      return { status: done.status }
    }
    return {
      status: done.status,
      proxied: true,
      headers: rewriteLocation(x, done.headers, proxyPass.args[0] ?? '', prefix),
      body: done.body,
      ...(done.reason !== undefined && { reason: done.reason }),
    }
  }
  for (const name of ['fastcgi_pass', 'uwsgi_pass', 'grpc_pass']) {
    const other = nearest(level, location, name)
    if (!other) continue
    yield* context.error(
      'error',
      `connect() failed (111: Connection refused) while connecting to upstream, UPSTREAM:${name.split('_')[0]}://${other.args[0]}`,
    )
    return { status: 502 }
  }
  if (nearest(level, location, 'stub_status'))
    return {
      status: 200,
      type: 'text/plain',
      body: Buffer.from(
        'Active connections: 1 \nserver accepts handled requests\n 1 1 1 \nReading: 0 Writing: 1 Waiting: 0 \n',
      ),
    }
  return yield* staticFile(context, x, level, location)
}

/** Content handlers are not inherited by nested locations, but by `if` blocks. */
function nearest(level: Level, location: Location | undefined, name: string): Directive | undefined {
  for (let each: Level | undefined = level; each; each = each.parent) {
    const found = each.directives.find(directive => directive.name === name)
    if (found) return found
    if (each === location) return undefined
  }
  return undefined
}

function rewriteLocation(x: Exchange, headers: Headers, pass: string, prefix: string | undefined): Headers {
  if (setting(x.level, 'proxy_redirect') === 'off' || pass.includes('$')) return headers
  const base = /^https?:\/\/[^/]*$/.test(pass) ? `${pass}/` : pass
  return headers.map(([name, value]) =>
    name.toLowerCase() === 'location' && value.startsWith(base)
      ? [name, absolute(x, (/^https?:\/\/[^/]*$/.test(pass) ? '/' : (prefix ?? '/')) + value.slice(base.length))]
      : [name, value],
  )
}

function size(text: string): number {
  const match = /^(\d+)([kKmMgG]?)$/.exec(text)
  return match ? Number(match[1]) * ({ k: 1024, m: 1 << 20, g: 1 << 30 }[(match[2] ?? '').toLowerCase()] ?? 1) : 0
}

function* access(context: ServeContext, x: Exchange, level: Level): Routine<Plain | undefined> {
  const limit = level.directives.find(each => each.name === 'limit_except')
  if (limit && !limit.args.includes(x.request.method) && !(x.request.method === 'HEAD' && limit.args.includes('GET')))
    if (limit.block?.some(each => each.name === 'deny')) return { status: 403 }
  const rules = accessRules(level)
  for (const { name, args } of rules) {
    if (!matches(args[0] ?? '', x.request.peer.address)) continue
    if (name === 'allow') break
    yield* context.error('error', 'access forbidden by rule')
    return { status: 403 }
  }
  const realm = setting(level, 'auth_basic')
  const file = setting(level, 'auth_basic_user_file')
  if (realm === undefined || realm === 'off' || file === undefined) return undefined
  const challenge: Plain = { status: 401, headers: [['WWW-Authenticate', `Basic realm="${expand(x, realm)}"`]] }
  const given = /^Basic (\S+)/i.exec(header(x.request.headers, 'Authorization') ?? '')
  if (!given) return challenge
  const [user = '', ...rest] = Buffer.from(given[1] ?? '', 'base64')
    .toString('latin1')
    .split(':')
  const path = file.startsWith('/') ? file : `${context.prefix}/${file}`
  const text = textNow(context.p, path)
  if (text === undefined) {
    yield* context.error('crit', `open() "${path}" failed (2: No such file or directory)`)
    return { status: 403 }
  }
  const line = text.split('\n').find(each => each.startsWith(`${user}:`))
  if (line === undefined) {
    yield* context.error('error', `user "${user}" was not found in "${path}"`)
    return challenge
  }
  if (passwordFits(rest.join(':'), line.slice(user.length + 1).trim())) return undefined
  yield* context.error('error', `user "${user}": password mismatch`)
  return challenge
}

function accessRules(level: Level): readonly Directive[] {
  for (let each: Level | undefined = level; each; each = each.parent) {
    const found = each.directives.filter(one => one.name === 'allow' || one.name === 'deny')
    if (found.length > 0) return found
  }
  return []
}

function matches(rule: string, address: string): boolean {
  if (rule === 'all' || rule === address) return true
  const [network = '', bits] = rule.split('/')
  if (bits === undefined || network.includes(':')) return false
  const number = (text: string): number => text.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
  const span = 2 ** (32 - Number(bits))
  return Math.floor(number(network) / span) === Math.floor(number(address) / span)
}

/** The forms of htpasswd that are modelled: plain, `{SHA}`, `{PLAIN}`, and apr1. */
function passwordFits(given: string, kept: string): boolean {
  if (kept.startsWith('{SHA}')) return createHash('sha1').update(given, 'latin1').digest('base64') === kept.slice(5)
  if (kept.startsWith('{PLAIN}')) return given === kept.slice(7)
  const apr = /^\$(apr1|1)\$([^$]{0,8})\$/.exec(kept)
  if (apr) return md5Crypt(given, apr[2] ?? '', `$${apr[1]}$`) === kept
  return given === kept
}

/** The crypt of FreeBSD and Apache (APR1-MD5). */
function md5Crypt(password: string, salt: string, magic: string): string {
  const md5 = (...parts: Uint8Array[]): Buffer => createHash('md5').update(Buffer.concat(parts)).digest()
  const pass = Buffer.from(password, 'latin1')
  const salted = Buffer.from(salt, 'latin1')
  let final = md5(pass, salted, pass)
  const parts: Uint8Array[] = [pass, Buffer.from(magic), salted]
  for (let left = pass.length; left > 0; left -= 16) parts.push(final.subarray(0, Math.min(16, left)))
  for (let bits = pass.length; bits > 0; bits >>= 1) parts.push(bits & 1 ? Buffer.from([0]) : pass.subarray(0, 1))
  final = md5(...parts)
  for (let round = 0; round < 1000; round++) {
    const turn: Uint8Array[] = [round & 1 ? pass : final]
    if (round % 3) turn.push(salted)
    if (round % 7) turn.push(pass)
    turn.push(round & 1 ? final : pass)
    final = md5(...turn)
  }
  const digits = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
  const at = (index: number): number => final[index] ?? 0
  const to64 = (value: number, length: number): string =>
    Array.from({ length }, (_, step) => digits[(value >> (6 * step)) & 63]).join('')
  const groups = [
    [0, 6, 12],
    [1, 7, 13],
    [2, 8, 14],
    [3, 9, 15],
    [4, 10, 5],
  ].map(([a = 0, b = 0, c = 0]) => to64((at(a) << 16) | (at(b) << 8) | at(c), 4))
  return `${magic}${salt}$${groups.join('')}${to64(at(11), 2)}`
}

function rootOf(context: ServeContext, x: Exchange, level: Level): string {
  const root = expand(x, setting(level, 'root') ?? 'html')
  return root.startsWith('/') ? root : `${context.prefix}/${root}`
}

/** The file that a URI means, by root or alias. */
function fileOf(context: ServeContext, x: Exchange, level: Level, location: Location | undefined, uri: string): string {
  const alias = nearest(level, location, 'alias')
  if (alias && location) {
    const base = expand(x, alias.args[0] ?? '')
    return location.kind === 'regex' ? base : base + uri.slice(location.path.length)
  }
  return rootOf(context, x, level) + uri
}

function tryFiles(
  context: ServeContext,
  x: Exchange,
  directive: Directive,
  level: Level,
  location: Location | undefined,
): Outcome | undefined {
  const candidates = directive.args.slice(0, -1)
  for (const candidate of candidates) {
    const wantsDir = candidate.endsWith('/')
    const uri = expand(x, candidate)
    try {
      const { type } = context.p.stat(fileOf(context, x, level, location, uri).replace(/(.)\/+$/, '$1'))
      if (wantsDir ? type === 'dir' : type === 'file') {
        x.uri = wantsDir && !uri.endsWith('/') ? `${uri}/` : uri
        return undefined
      }
    } catch (error) {
      if (!isErrno(error)) throw error
    }
  }
  const last = directive.args.at(-1) ?? ''
  if (/^=\d+$/.test(last)) return { status: Number(last.slice(1)) }
  if (last.startsWith('@')) return { named: last }
  const [uri = '/', args] = expand(x, last).split('?', 2)
  return { uri, ...(args !== undefined && { args }) }
}

function* staticFile(
  context: ServeContext,
  x: Exchange,
  level: Level,
  location: Location | undefined,
): Routine<Outcome> {
  const { p } = context
  const path = fileOf(context, x, level, location, x.uri)
  const { method } = x.request
  try {
    if (x.uri.endsWith('/')) return yield* directory(context, x, level, path)
    if (method !== 'GET' && method !== 'HEAD') {
      if (p.stat(path).type === 'file') return { status: 405 }
    }
    const stat = p.stat(path)
    if (stat.type === 'dir')
      return { status: 301, location: `${encodeURI(x.uri)}/${x.args === '' ? '' : `?${x.args}`}` }
    return { status: 200, type: typeOf(x), body: readFileNow(p, path, mostBytes), lastModified: stat.mtime }
  } catch (error) {
    if (!isErrno(error)) throw error
    const missing = error.code === 'ENOENT' || error.code === 'ENOTDIR'
    const number = { ENOENT: 2, EACCES: 13, ENOTDIR: 20, ELOOP: 40 }[error.code as string] ?? 5
    yield* context.error('error', `open() "${path}" failed (${number}: ${error.message})`)
    return { status: missing ? 404 : 403 }
  }
}

function* directory(context: ServeContext, x: Exchange, level: Level, path: string): Routine<Outcome> {
  const { p } = context
  const names = inherited(level, 'index').flatMap(each => each.args)
  for (const name of names.length > 0 ? names : ['index.html']) {
    const file = expand(x, name)
    if (file.startsWith('/')) return { uri: file }
    try {
      if (p.stat(path + file).type === 'file') return { uri: x.uri + file }
    } catch (error) {
      if (!isErrno(error)) throw error
      if (error.code === 'EACCES') {
        yield* context.error('error', `"${path}${file}" is forbidden (13: Permission denied)`)
        return { status: 403 }
      }
    }
  }
  const exists = ((): boolean => {
    try {
      return p.stat(path.replace(/(.)\/+$/, '$1')).type === 'dir'
    } catch {
      return false
    }
  })()
  if (!exists) {
    const first = names[0] ?? 'index.html'
    yield* context.error('error', `"${path}${first}" is not found (2: No such file or directory)`)
    return { status: 404 }
  }
  if (x.request.method !== 'GET' && x.request.method !== 'HEAD') return { status: 405 }
  if (setting(level, 'autoindex') !== 'on') {
    yield* context.error('error', `directory index of "${path}" is forbidden`)
    return { status: 403 }
  }
  const entries = p
    .readdir(path)
    .filter(each => !each.name.startsWith('.'))
    .map(({ name }) => {
      const stat = p.stat(`${path}/${name}`)
      return { name, dir: stat.type === 'dir', size: stat.size, mtime: stat.mtime }
    })
  return { status: 200, type: 'text/html', body: Buffer.from(listing(x.uri, entries), 'latin1'), chunked: true }
}

const few: Readonly<Record<string, string>> = { html: 'text/html', gif: 'image/gif', jpg: 'image/jpeg' }

/** The type by the name's ending, from the `types` blocks. */
function typeOf(x: Exchange): string {
  const name = x.uri.slice(x.uri.lastIndexOf('/') + 1)
  const dot = name.lastIndexOf('.')
  const fallback = setting(x.level, 'default_type') ?? 'text/plain'
  if (dot < 0) return fallback
  const extension = name.slice(dot + 1).toLowerCase()
  const blocks = inherited(x.level, 'types')
  if (blocks.length === 0) return few[extension] ?? fallback
  for (const { block = [] } of blocks) for (const row of block) if (row.args.includes(extension)) return row.name
  return fallback
}
