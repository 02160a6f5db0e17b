/** net/http, and the look-alikes gin, gorilla/mux, chi and echo: routes, requests, answers, the loop that serves. */
import type { Routine } from '../../../kernel/program.ts'
import { toBytes } from '../../../kernel/userland/lib/bytes.ts'
import { Connection, header, readHead } from '../../../kernel/userland/lib/http.ts'
import { readFile } from '../../../kernel/userland/lib/input.ts'
import { isErrno } from '../../../vfs/errno.ts'
import { unknown, write } from './library.ts'
import { GoPanic, type Machine, Tuple } from './run.ts'
import {
  failure,
  type GoMap,
  isStruct,
  jsonText,
  type Struct,
  show,
  slice,
  sprintf,
  struct,
  textOf,
  toJson,
  type Value,
} from './values.ts'

const reasons: Record<number, string> = {
  200: 'OK',
  201: 'Created',
  202: 'Accepted',
  204: 'No Content',
  301: 'Moved Permanently',
  302: 'Found',
  303: 'See Other',
  304: 'Not Modified',
  307: 'Temporary Redirect',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  409: 'Conflict',
  418: "I'm a teapot",
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
}
const statusNames: Record<string, number> = Object.fromEntries(
  Object.entries(reasons).map(([code, words]) => [
    `Status${words.replace("I'm a teapot", 'Teapot').replace('OK', 'OK').replace(/[ ']/g, '')}`,
    Number(code),
  ]),
)
const types: Record<string, string> = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  json: 'application/json',
  png: 'image/png',
  jpg: 'image/jpeg',
  svg: 'image/svg+xml',
  txt: 'text/plain; charset=utf-8',
  ico: 'image/x-icon',
}

const latin = (text: string): string => Buffer.from(text).toString('latin1')
const pairs = (entries: Iterable<readonly [string, Value]>): GoMap => ({ t: 'map', m: new Map(entries) })

/** `http.StatusOK`, `http.MethodGet`. */
export function webConstant(key: string): Value {
  const name = key.slice(key.lastIndexOf('.') + 1)
  if (!key.startsWith('net/http.')) return key === 'github.com/gin-gonic/gin.ReleaseMode' ? 'release' : undefined
  if (/^Method[A-Z]/.test(name)) return name.slice(6).toUpperCase()
  if (name === 'ErrServerClosed') return failure('http: Server closed')
  return name === 'DefaultServeMux' ? undefined : statusNames[name]
}

/** The routes of a mux: lists of method, pattern and handler. */
const routesOf = (mux: Struct): Value[][] =>
  ((mux.f['routes'] ??= slice([])) as { e: Value[] }).e.map(one => (one as { e: Value[] }).e)

function addRoute(mux: Struct, method: string, pattern: string, handler: Value): void {
  ;((mux.f['routes'] ??= slice([])) as { e: Value[] }).e.push(slice([method, pattern, handler]))
}

function defaultMux(m: Machine): Struct {
  const known = m.globals.v['#mux']
  if (isStruct(known)) return known
  const made = struct('http.ServeMux', {})
  m.globals.v['#mux'] = made
  return made
}

/** A call that the general library does not know. Throws NotModelled for others. */
export function* webFunction(m: Machine, name: string, self: Value, args: Value[]): Routine<Value | Tuple> {
  const { p } = m
  const [a, b, c] = args
  const text = textOf(a)
  const me = isStruct(self) ? self : struct('')
  const routed =
    /^(gin\.Engine|gin\.RouterGroup|chi\.Mux|echo\.Echo|fiber\.App)#(GET|POST|PUT|DELETE|PATCH|Get|Post|Put|Delete|Patch|Any|All)$/.exec(
      name,
    )
  if (routed) {
    addRoute(
      groupRoot(me),
      /any|all/i.test(routed[2] ?? '') ? '' : (routed[2] ?? '').toUpperCase(),
      `${textOf(me.f['prefix'] ?? '')}${text}`,
      args.at(-1),
    )
    return undefined
  }
  switch (name) {
    case 'http.HandleFunc':
    case 'http.Handle':
      addRoute(defaultMux(m), '', text, b)
      return undefined
    case 'http.NewServeMux':
      return struct('http.ServeMux')
    case 'mux.NewRouter':
      return struct('mux.Router')
    case 'chi.NewRouter':
    case 'chi.NewMux':
      return struct('chi.Mux')
    case 'gin.Default':
    case 'gin.New':
      return struct('gin.Engine', { logger: name === 'gin.Default' })
    case 'echo.New':
      return struct('echo.Echo')
    case 'gin.SetMode':
      return undefined
    case 'gin.Engine#Group':
    case 'gin.RouterGroup#Group':
    case 'echo.Echo#Group':
      return struct('gin.RouterGroup', { root: groupRoot(me), prefix: `${textOf(me.f['prefix'] ?? '')}${text}` })
    case 'gin.Engine#Use':
    case 'gin.RouterGroup#Use':
    case 'chi.Mux#Use':
    case 'echo.Echo#Use':
    case 'mux.Router#Use':
    case 'gin.Engine#SetTrustedProxies':
    case 'gin.Engine#LoadHTMLGlob':
      return undefined
    case 'gin.Logger':
    case 'gin.Recovery':
    case 'middleware.Logger':
    case 'middleware.Recover':
      return null
    case 'gin.Engine#Static':
      addRoute(me, 'GET', `${text.replace(/\/$/, '')}/`, struct('http.fileServer', { root: textOf(b), strip: text }))
      return undefined
    case 'http.ServeMux#HandleFunc':
    case 'http.ServeMux#Handle':
    case 'mux.Router#HandleFunc':
    case 'mux.Router#Handle':
    case 'chi.Mux#HandleFunc':
    case 'chi.Mux#Handle':
      addRoute(me, '', text, b)
      return struct('mux.Route', { route: ((me.f['routes'] as { e: Value[] }).e.at(-1) as Value) ?? null })
    case 'mux.Route#Methods':
      if (me.f['route'] && typeof me.f['route'] === 'object' && me.f['route'].t === 'slice')
        me.f['route'].e[0] = args.map(textOf).join(',')
      return self
    case 'http.HandlerFunc':
      return a
    case 'http.FileServer':
      return struct('http.fileServer', { root: textOf(a), strip: '' })
    case 'http.Dir':
      return text
    case 'http.StripPrefix':
      if (isStruct(b, 'http.fileServer')) b.f['strip'] = text
      return b
    case 'http.NotFoundHandler':
      return { t: 'nat', n: 'http.NotFound' }
    case 'http.ListenAndServe':
      return yield* listen(m, text, b ?? defaultMux(m))
    case 'http.ListenAndServeTLS':
      throw new GoPanic(failure('minidock: TLS is not modelled'))
    case 'http.Server#ListenAndServe':
      return yield* listen(m, textOf(me.f['Addr'] ?? '') || ':http', me.f['Handler'] ?? defaultMux(m))
    case 'http.Server#Shutdown':
    case 'http.Server#Close':
      return null
    case 'gin.Engine#Run':
    case 'echo.Echo#Start': {
      const address = args.length > 0 ? text : p.env.get('PORT') === undefined ? ':8080' : `:${p.env.get('PORT')}`
      if (name.startsWith('gin')) yield* write(1, `[GIN-debug] Listening and serving HTTP on ${address}\n`)
      else yield* write(1, `⇨ http server started on [::]${address}\n`)
      return yield* listen(m, address, me)
    }
    case 'echo.Logger#Fatal':
      return undefined
    case '#serve':
      return yield* serveUntil(m, Number.POSITIVE_INFINITY, self === true)
    case '#serveFor':
      return yield* serveUntil(m, typeof self === 'number' ? self : 0, false)
    // Requests and answers.
    case 'http.ResponseWriter#Header':
      return struct('http.Header', { of: me })
    case 'http.Header#Set':
    case 'http.Header#Add':
      setHeader(me, text, textOf(b))
      return undefined
    case 'http.Header#Get':
    case 'map#Get':
    case 'url.Values#Get':
      return headerOf(self, text)
    case 'http.ResponseWriter#WriteHeader':
      if (me.f['sent'] !== true) me.f['status'] = a
      me.f['sent'] = true
      return undefined
    case 'http.ResponseWriter#Write':
      me.f['body'] = textOf(me.f['body'] ?? '') + text
      me.f['sent'] = true
      return new Tuple([Buffer.byteLength(text), null])
    case 'http.Error':
      if (isStruct(a)) {
        setHeader(a, 'Content-Type', 'text/plain; charset=utf-8')
        setHeader(a, 'X-Content-Type-Options', 'nosniff')
        a.f['status'] = c
        a.f['body'] = `${textOf(b)}\n`
      }
      return undefined
    case 'http.NotFound':
      if (isStruct(a)) {
        a.f['status'] = 404
        setHeader(a, 'Content-Type', 'text/plain; charset=utf-8')
        a.f['body'] = '404 page not found\n'
      }
      return undefined
    case 'http.Redirect':
      if (isStruct(a)) {
        a.f['status'] = args[3]
        setHeader(a, 'Location', textOf(c))
        a.f['body'] = `<a href="${textOf(c)}">${reasons[Number(args[3])] ?? ''}</a>.\n\n`
      }
      return undefined
    case 'http.StatusText':
      return reasons[Number(a)] ?? ''
    case 'http.ServeFile': {
      const file = yield* fileText(m, textOf(c))
      if (isStruct(a)) {
        if (file === undefined) a.f['status'] = 404
        a.f['body'] = file ?? '404 page not found\n'
        setHeader(a, 'Content-Type', types[textOf(c).split('.').pop() ?? ''] ?? 'text/plain; charset=utf-8')
      }
      return undefined
    }
    case 'http.Request#FormValue':
    case 'http.Request#PostFormValue':
      return new URLSearchParams(`${textOf(me.f['query'] ?? '')}&${textOf(me.f['bodyText'] ?? '')}`).get(text) ?? ''
    case 'http.Request#PathValue':
      return headerOf(me.f['params'], text)
    case 'http.Request#UserAgent':
      return headerOf(me.f['Header'], 'User-Agent')
    case 'http.Request#Context':
      return struct('context.Context')
    case 'http.Request#ParseForm':
      return null
    case 'url.URL#Query':
      return struct('url.Values', { query: me.f['RawQuery'] ?? '' })
    case 'url.URL#String':
      return `${textOf(me.f['Path'] ?? '')}${me.f['RawQuery'] ? `?${textOf(me.f['RawQuery'])}` : ''}`
    case 'io.Body#Close':
      return null
    case 'mux.Vars':
      return isStruct(a) ? (a.f['params'] ?? pairs([])) : pairs([])
    case 'chi.URLParam':
      return headerOf(isStruct(a) ? a.f['params'] : null, textOf(b))
    case 'gin.Context#JSON':
    case 'gin.Context#IndentedJSON':
    case 'echo.Context#JSON':
      finish(
        me,
        Number(a),
        'application/json; charset=utf-8',
        jsonText(toJson(b, m.tag), name.includes('Indented') ? '    ' : undefined) +
          (name.startsWith('echo') ? '\n' : ''),
      )
      return null
    case 'gin.Context#String':
    case 'echo.Context#String':
      finish(
        me,
        Number(a),
        'text/plain; charset=utf-8',
        args.length > 2 ? sprintf(textOf(b), args.slice(2)) : textOf(b),
      )
      return null
    case 'gin.Context#HTML':
    case 'echo.Context#HTML':
      finish(me, Number(a), 'text/html; charset=utf-8', textOf(b))
      return null
    case 'gin.Context#Status':
      finish(me, Number(a), '', '')
      return undefined
    case 'gin.Context#Param':
    case 'echo.Context#Param':
      return headerOf(me.f['params'], text)
    case 'gin.Context#Query':
    case 'echo.Context#QueryParam':
    case 'gin.Context#DefaultQuery':
      return (
        new URLSearchParams(textOf(me.f['query'] ?? '')).get(text) ?? (name.endsWith('DefaultQuery') ? textOf(b) : '')
      )
    case 'gin.Context#ClientIP':
    case 'echo.Context#RealIP':
      return textOf(me.f['ip'] ?? '')
    case 'gin.Context#GetHeader':
      return headerOf(me.f['headers'], text)
    default:
      return unknown(name)
  }
}

function groupRoot(group: Struct): Struct {
  return isStruct(group.f['root']) ? group.f['root'] : group
}

function finish(context: Struct, status: number, type: string, body: string): void {
  const writer = context.f['w']
  if (!isStruct(writer)) return
  writer.f['status'] = status
  writer.f['body'] = body
  if (type !== '') setHeader(writer, 'Content-Type', type)
}

function setHeader(of: Struct, key: string, value: string): void {
  const owner = isStruct(of.f['of']) ? of.f['of'] : of
  const list = (owner.f['headers'] ??= pairs([])) as GoMap
  list.m.set(
    key.toLowerCase().replace(/(^|-)[a-z]/g, letter => letter.toUpperCase()),
    value,
  )
}

function headerOf(from: Value, key: string): string {
  if (isStruct(from, 'url.Values')) return new URLSearchParams(textOf(from.f['query'] ?? '')).get(key) ?? ''
  if (isStruct(from) && isStruct(from.f['of'])) return headerOf(from.f['of'].f['headers'], key)
  if (from && typeof from === 'object' && from.t === 'map')
    for (const [name, value] of from.m) if (String(name).toLowerCase() === key.toLowerCase()) return textOf(value)
  return ''
}

/** Opens a listening socket; serving begins when main waits. In main itself it serves at once. */
function* listen(m: Machine, address: string, handler: Value): Routine<Value> {
  const { p } = m
  const port = Number(/:(\d+)$/.exec(address)?.[1] ?? (address.endsWith(':http') || address === '' ? 80 : Number.NaN))
  const host = address.replace(/:[^:]*$/, '')
  if (!Number.isInteger(port) || port > 65535)
    return failure(
      `listen tcp: address ${address}: ${address.includes(':') ? 'invalid port' : 'missing port in address'}`,
    )
  let socket: number
  try {
    socket = p.listen(
      host === '' || host === '[::]' ? '0.0.0.0' : host === 'localhost' ? '127.0.0.1' : host,
      port,
      'tcp',
    )
  } catch (error) {
    if (!isErrno(error)) throw error
    return failure(`listen tcp ${address}: bind: ${error.message.toLowerCase()}`)
  }
  m.globals.v['#socket'] = socket
  m.globals.v['#handler'] = handler
  p.memory(9 * 1024 * 1024)
  if (m.goroutine) return null
  yield* serveUntil(m, Number.POSITIVE_INFINITY, false)
  return failure('http: Server closed')
}

/** Answers requests until a time has passed or a signal has come that the program waits for: its name. */
export function* serveUntil(m: Machine, ms: number, signals: boolean): Routine<Value> {
  const { p } = m
  const socket = m.globals.v['#socket']
  if (typeof socket !== 'number') {
    if (ms > 0) yield* sleep(m, ms, signals)
    return signals ? takeSignal(m) : null
  }
  const until = ms === Number.POSITIVE_INFINITY ? ms : p.now() + ms
  // A process that was stored goes on with the very call that followed its checkpoint.
  let stored = m.resumed
  m.resumed = false
  if (!stored && p.sigDisposition('TERM') !== 'catch')
    for (const signal of ['TERM', 'INT']) p.sigaction(signal, 'catch')
  for (;;) {
    if (until === Number.POSITIVE_INFINITY && !stored) p.checkpoint(m.snapshot(signals))
    stored = false
    let fd: number
    try {
      if (until !== Number.POSITIVE_INFINITY) {
        const left = until - p.now()
        if (left <= 0) return null
        const ready = (yield { op: 'poll', fds: [{ fd: socket, event: 'in' }], ms: left }) as unknown[]
        if (ready.length === 0) return null
      }
      fd = (yield { op: 'accept', fd: socket }) as number
    } catch (error) {
      if (!isErrno(error, 'EINTR')) throw error
      const signal = p.takeSignal()
      if (signals || signal === undefined) {
        if (signal !== undefined) return signal
        continue
      }
      m.end(signal)
      continue
    }
    yield* answer(m, fd)
  }
}

function takeSignal(m: Machine): Value {
  return m.p.takeSignal() ?? null
}

function* sleep(m: Machine, ms: number, signals: boolean): Routine<void> {
  try {
    yield { op: 'sleep', ms }
  } catch (error) {
    if (!isErrno(error, 'EINTR')) throw error
    if (signals) return
    const signal = m.p.takeSignal()
    if (signal !== undefined) m.end(signal)
  }
}

function* answer(m: Machine, fd: number): Routine<void> {
  const { p } = m
  const connection = new Connection(fd)
  try {
    const head = yield* readHead(connection)
    if (!head) return
    const [method = 'GET', target = '/'] = head.first.split(' ')
    const [path = '/', query = ''] = target.split('?')
    const length = Math.min(Number(header(head.headers, 'Content-Length') ?? 0) || 0, 1 << 20)
    const body = length > 0 ? yield* readBody(connection, length) : ''
    const peer = p.sockname(fd).peer
    const writer = struct('http.ResponseWriter', { status: 200, body: '', headers: pairs([]) })
    const clean = safeDecode(path)
    const headers = pairs(head.headers.map(([key, value]) => [key, value] as const))
    const request = struct('http.Request', {
      Method: method,
      URL: struct('url.URL', { Path: clean, RawQuery: query }),
      Host: header(head.headers, 'Host') ?? '',
      RemoteAddr: `${peer?.address ?? ''}:${peer?.port ?? 0}`,
      RequestURI: target,
      Proto: 'HTTP/1.1',
      Header: struct('http.Header', { of: struct('', { headers }) }),
      Body: struct('io.Body', { s: body }),
      query,
      bodyText: body,
    })
    yield* handle(m, m.globals.v['#handler'], writer, request, { ip: peer?.address ?? '', headers })
    yield* respond(p.now(), fd, method, writer)
  } catch (error) {
    if (error instanceof GoPanic) {
      yield* write(
        2,
        `${new Date(p.now()).toISOString().slice(0, 19).replaceAll('-', '/').replace('T', ' ')} http: panic serving: ${show(error.value)}\n`,
      )
      return
    }
    if (!isErrno(error)) throw error
  } finally {
    p.close(fd)
  }
}

function* readBody(connection: Connection, length: number): Routine<string> {
  const parts: Uint8Array[] = []
  for (let left = length; left > 0; ) {
    const part = yield* connection.read(left)
    if (part.length === 0) break
    parts.push(part)
    left -= part.length
  }
  return Buffer.concat(parts).toString('utf8')
}

function safeDecode(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}

function* respond(now: number, fd: number, method: string, writer: Struct): Routine<void> {
  const body = toBytes(latin(textOf(writer.f['body'] ?? '')))
  const headers = (writer.f['headers'] ??= pairs([])) as GoMap
  const status = Number(writer.f['status']) || 200
  if (!headers.m.has('Content-Type') && body.length > 0)
    headers.m.set(
      'Content-Type',
      /^\s*<(!doctype html|html|h\d|p|div|body|head|a |br|title|table|script|style|iframe|b>)/i.test(
        textOf(writer.f['body'] ?? ''),
      )
        ? 'text/html; charset=utf-8'
        : 'text/plain; charset=utf-8',
    )
  headers.m.set('Date', new Date(now).toUTCString())
  headers.m.set('Content-Length', String(body.length))
  const lines = [...headers.m]
    .sort(([a], [b]) => (String(a) < String(b) ? -1 : 1))
    .map(([key, value]) => `${key}: ${latin(textOf(value)).replace(/[\r\n]/g, ' ')}`)
  yield {
    op: 'write',
    fd,
    data: toBytes(`HTTP/1.1 ${status} ${reasons[status] ?? ''}\r\n${lines.join('\r\n')}\r\nConnection: close\r\n\r\n`),
  }
  if (method !== 'HEAD' && body.length > 0) yield { op: 'write', fd, data: body }
}

interface Extra {
  ip: string
  headers: GoMap
}

/** Finds the route of a request and calls its handler, whatever kind it is. */
function* handle(m: Machine, handler: Value, writer: Struct, request: Struct, extra: Extra): Routine<void> {
  const url = request.f['URL']
  const path = isStruct(url) ? textOf(url.f['Path'] ?? '/') : '/'
  if (isStruct(handler, 'http.fileServer')) {
    yield* serveFiles(m, handler, writer, path)
    return
  }
  if (isStruct(handler) && /^(http\.ServeMux|mux\.Router|chi\.Mux|gin\.Engine|echo\.Echo)$/.test(handler.n)) {
    const method = textOf(request.f['Method'])
    const prefixes = handler.n === 'http.ServeMux'
    let best: { route: Value[]; params: GoMap; length: number } | undefined
    let other = false
    for (const route of routesOf(handler)) {
      const [verbs = '', pattern = ''] = route.map(textOf)
      const [first = '', second] = pattern.split(' ')
      const wanted = second === undefined ? verbs : first
      const found = match(second ?? first, path, prefixes)
      if (!found) continue
      if (wanted !== '' && !wanted.split(',').includes(method) && !(wanted === 'GET' && method === 'HEAD')) {
        other = true
        continue
      }
      if (!best || (prefixes && found.length > best.length)) best = { route, ...found }
      if (!prefixes) break
    }
    if (!best) {
      writer.f['status'] = other ? 405 : 404
      setHeader(writer, 'Content-Type', 'text/plain; charset=utf-8')
      setHeader(writer, 'X-Content-Type-Options', 'nosniff')
      writer.f['body'] =
        handler.n === 'gin.Engine' ? '404 page not found' : other ? 'Method Not Allowed\n' : '404 page not found\n'
      return
    }
    request.f['params'] = best.params
    const target = best.route[2]
    if (handler.n === 'gin.Engine' || handler.n === 'echo.Echo') {
      if (isStruct(target, 'http.fileServer')) yield* serveFiles(m, target, writer, path)
      else
        yield* m.call(target, [
          struct(handler.n === 'gin.Engine' ? 'gin.Context' : 'echo.Context', {
            '&': true,
            w: writer,
            Request: request,
            Writer: writer,
            params: best.params,
            query: request.f['query'],
            ip: extra.ip,
            headers: extra.headers,
          }),
        ])
      if (handler.f['logger'] === true)
        yield* write(
          1,
          `[GIN] ${new Date(m.p.now()).toISOString().slice(0, 19).replaceAll('-', '/').replace('T', ' - ')} | ${show(writer.f['status'])} |      41.208µs | ${extra.ip.padStart(15)} | ${method.padEnd(8)} "${path}"\n`,
        )
    } else yield* handle(m, target, writer, request, extra)
    return
  }
  if (isStruct(handler)) {
    const method = m.method(handler, 'ServeHTTP')
    if (method) yield* m.call(method, [writer, request])
    return
  }
  yield* m.call(handler, [writer, request])
}

/** Whether a pattern covers a path, and what its named parts are. */
function match(pattern: string, path: string, prefixes: boolean): { params: GoMap; length: number } | undefined {
  const bare = pattern.replace(/^[^/]*(?=\/)/, '').replace(/\{\$\}$/, '')
  if (prefixes && bare.endsWith('/') && !pattern.endsWith('{$}') && !bare.includes('{'))
    return path.startsWith(bare) || path === bare.slice(0, -1) ? { params: pairs([]), length: bare.length } : undefined
  const names: string[] = []
  const source = bare
    .split('/')
    .map(part => {
      const named = /^(?::(\w+)|\{(\w+)(?:\.\.\.)?(?::[^}]*)?\}|\*(\w*))$/.exec(part)
      if (!named) return part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
      names.push(named[1] ?? named[2] ?? named[3] ?? '')
      return part.includes('...') || part.startsWith('*') ? '(.*)' : '([^/]+)'
    })
    .join('/')
  const found = new RegExp(`^${source}$`).exec(path)
  return found
    ? { params: pairs(names.map((name, at) => [name, found[at + 1] ?? ''] as const)), length: bare.length }
    : undefined
}

function* fileText(m: Machine, path: string): Routine<string | undefined> {
  try {
    return Buffer.from(yield* readFile(m.p, latin(path)), 'latin1').toString('utf8')
  } catch (error) {
    if (isErrno(error)) return undefined
    throw error
  }
}

function* serveFiles(m: Machine, server: Struct, writer: Struct, path: string): Routine<void> {
  const strip = textOf(server.f['strip'] ?? '')
  const rest = (path.startsWith(strip) ? path.slice(strip.length) : path)
    .split('/')
    .filter(part => part !== '' && part !== '..' && part !== '.')
    .join('/')
  const root = textOf(server.f['root'] ?? '.')
  const full = `${root.replace(/\/$/, '')}/${rest}`
  const body = (yield* fileText(m, full)) ?? (yield* fileText(m, `${full.replace(/\/$/, '')}/index.html`))
  writer.f['status'] = body === undefined ? 404 : 200
  writer.f['body'] = body ?? '404 page not found\n'
  setHeader(
    writer,
    'Content-Type',
    body === undefined
      ? 'text/plain; charset=utf-8'
      : (types[(rest === '' || !rest.includes('.') ? 'html' : rest.split('.').pop()) ?? 'html'] ??
          'text/plain; charset=utf-8'),
  )
}
