/** One request to busybox's httpd and its answer (networking/httpd.c of 1.35). */
import { isErrno } from '../../../vfs/errno.ts'
import type { Stat } from '../../../vfs/filesystem.ts'
import type { Proc, Routine } from '../../program.ts'
import { toBytes } from './bytes.ts'
import { cleanEnv } from './daemon.ts'
import { Connection, eachBodyPart, type Headers, header, readHead } from './http.ts'
import { decodeUrl, type HttpdSettings } from './httpd-config.ts'
import { readBytes } from './input.ts'
import { strftime } from './strftime.ts'
import { breakDown, utc } from './zone.ts'

const reasons: ReadonlyMap<number, [reason: string, info: string]> = new Map([
  [200, ['OK', '']],
  [206, ['Partial Content', '']],
  [302, ['Found', '']],
  [304, ['Not Modified', '']],
  [400, ['Bad Request', 'Unsupported method']],
  [401, ['Unauthorized', '']],
  [403, ['Forbidden', '']],
  [404, ['Not Found', 'The requested URL was not found']],
  [408, ['Request Timeout', 'No request appeared within 60 seconds']],
  [500, ['Internal Server Error', 'Internal Server Error']],
  [501, ['Not Implemented', 'The requested method is not recognized']],
])

const types: ReadonlyMap<string, string> = new Map(
  'txt.h.c.cc.cpp:text/plain htm:text/html html:text/html jpg.jpeg:image/jpeg gif:image/gif png:image/png svg:image/svg+xml css:text/css js:application/javascript wav:audio/wav avi:video/x-msvideo qt.mov:video/quicktime mpe.mpeg:video/mpeg mid.midi:audio/midi mp3:audio/mpeg'
    .split(' ')
    .flatMap(entry => {
      const [extensions = '', type = ''] = entry.split(':')
      return extensions.split('.').map((extension): [string, string] => [extension, type])
    }),
)

/** Reads a request from `input` and writes the answer to `output`. */
export function* answerHttp(
  p: Proc,
  input: number,
  output: number,
  settings: HttpdSettings,
  peer?: { address: string; port: number },
): Routine<{ status: number; url: string | undefined }> {
  const connection = new Connection(input, () => 60_000)
  let url: string | undefined
  const head = yield* readHead(connection)
  const match = head && /^(\S+) (\/\S*)(?: (HTTP\/\S+))?$/.exec(head.first)
  if (!head || !match) return yield* respond(400)
  const [, method = '', target = ''] = match
  const question = target.indexOf('?')
  const query = question === -1 ? '' : target.slice(question + 1)
  const path = decodeUrl(question === -1 ? target : target.slice(0, question))
  url = path
  if (path.split('/').includes('..')) return yield* respond(400)
  if (!authorized(settings, path, head.headers)) return yield* respond(401)
  const cgi = path.startsWith('/cgi-bin/')
  if (!cgi && method !== 'GET' && method !== 'HEAD') return yield* respond(501)
  const file = `.${path}`
  const found = statOf(p, file)
  if (cgi) {
    if (found?.type !== 'file') return yield* respond(404)
    if (!p.access(file, { execute: true })) return yield* respond(403)
    return yield* runCgi(file, path, query, method, head.headers)
  }
  if (found?.type === 'dir' && !path.endsWith('/'))
    return yield* respond(302, `Location: ${path}/${query === '' ? '' : `?${query}`}\r\n`)
  const name = found?.type === 'dir' ? `${file}${settings.indexPage}` : file
  const stat = found?.type === 'dir' ? statOf(p, name) : found
  if (stat?.type !== 'file') return yield* respond(404)
  return yield* sendFile(name, stat, head.headers)

  function* respond(status: number, extra = ''): Routine<{ status: number; url: string | undefined }> {
    const [reason = '', info = ''] = reasons.get(status) ?? []
    let text = `HTTP/1.1 ${status} ${reason}\r\nDate: ${httpDate(p.now())}\r\nConnection: close\r\nContent-type: text/html\r\n`
    if (status === 401) text += `WWW-Authenticate: Basic realm="${settings.realm}"\r\n`
    text += `${extra}\r\n`
    const page = settings.errorPages.get(status)
    const body = page === undefined ? undefined : yield* contents(p, page)
    if (body !== undefined) text += body
    else if (status >= 400) {
      text += `<HTML><HEAD><TITLE>${status} ${reason}</TITLE></HEAD>\n<BODY><H1>${status} ${reason}</H1>\n${info}\n</BODY></HTML>\n`
    }
    yield { op: 'write', fd: output, data: toBytes(text) }
    return { status, url }
  }

  function* sendFile(name: string, stat: Stat, headers: Headers): Routine<{ status: number; url: string | undefined }> {
    let fd: number
    try {
      fd = p.open(name, { read: true })
    } catch (error) {
      if (!isErrno(error)) throw error
      return yield* respond(404)
    }
    const tag = `"${Math.floor(stat.mtime / 1000).toString(16)}-${stat.size.toString(16)}"`
    const extension = /\.([^./]+)$/.exec(name)?.[1] ?? ''
    const type = settings.types.get(extension) ?? types.get(extension) ?? (extension === '' ? undefined : 'text/html')
    const range = /^bytes=(\d+)-(\d*)$/.exec(header(headers, 'Range') ?? '')
    const from = range ? Number(range[1]) : 0
    const to = range && range[2] !== '' ? Math.min(Number(range[2]), stat.size - 1) : stat.size - 1
    const partial = range !== null && from <= to
    const status = header(headers, 'If-None-Match') === tag ? 304 : partial ? 206 : 200
    const [reason = ''] = reasons.get(status) ?? []
    let text = `HTTP/1.1 ${status} ${reason}\r\nDate: ${httpDate(p.now())}\r\nConnection: close\r\n${type === undefined ? '' : `Content-type: ${type}\r\n`}`
    if (partial) text += `Content-Range: bytes ${from}-${to}/${stat.size}\r\n`
    text += `Accept-Ranges: bytes\r\nLast-Modified: ${httpDate(stat.mtime)}\r\nETag: ${tag}\r\n`
    let left = partial ? to - from + 1 : stat.size
    text += `Content-Length: ${left}\r\n\r\n`
    yield { op: 'write', fd: output, data: toBytes(text) }
    if (partial) p.seek(fd, from, 'set')
    // HEAD is answered with the file as well, as busybox 1.35 does.
    while (left > 0 && status !== 304) {
      const data = yield* readBytes(fd, Math.min(left, 65_536))
      if (data.length === 0) break
      left -= data.length
      yield { op: 'write', fd: output, data }
    }
    p.close(fd)
    return { status, url }
  }

  function* runCgi(
    file: string,
    name: string,
    query: string,
    method: string,
    headers: Headers,
  ): Routine<{ status: number; url: string | undefined }> {
    const env = cleanEnv(p)
    const variables: Record<string, string> = {
      PATH_INFO: '',
      REQUEST_METHOD: method,
      REQUEST_URI: name + (query === '' ? '' : `?${query}`),
      SERVER_PROTOCOL: 'HTTP/1.0',
      SCRIPT_NAME: name,
      SCRIPT_FILENAME: `${p.cwd().replace(/\/$/, '')}${name}`,
      QUERY_STRING: query,
      SERVER_SOFTWARE: 'busybox httpd/1.35.0',
      REMOTE_ADDR: peer?.address ?? '',
      REMOTE_PORT: String(peer?.port ?? ''),
      GATEWAY_INTERFACE: 'CGI/1.1',
      CONTENT_LENGTH: header(headers, 'Content-Length') ?? '',
      CONTENT_TYPE: header(headers, 'Content-Type') ?? '',
      HTTP_COOKIE: header(headers, 'Cookie') ?? '',
    }
    for (const [key, value] of Object.entries(variables))
      if (value !== '' || key === 'QUERY_STRING') env.set(key, value)
    for (const [key, value] of headers) env.set(`HTTP_${key.toUpperCase().replace(/-/g, '_')}`, value)
    const [inRead, inWrite] = p.pipe()
    const [outRead, outWrite] = p.pipe()
    let pid: number
    try {
      pid = p.spawn({
        path: `${p.cwd().replace(/\/$/, '')}${name}`,
        argv: [file.split('/').pop() ?? ''],
        env,
        fds: new Map([
          [0, inRead],
          [1, outWrite],
          [2, 2],
        ]),
        cwd: `${p.cwd().replace(/\/$/, '')}${name.replace(/\/[^/]*$/, '')}`,
      })
    } catch (error) {
      if (!isErrno(error)) throw error
      for (const fd of [inRead, inWrite, outRead, outWrite]) p.close(fd)
      return yield* respond(500)
    }
    p.close(inRead)
    p.close(outWrite)
    if (header(headers, 'Content-Length') !== undefined) {
      yield* eachBodyPart(connection, headers, function* (data) {
        yield { op: 'write', fd: inWrite, data }
      })
    }
    p.close(inWrite)
    const script = new Connection(outRead)
    const first = yield* script.line()
    if (first === undefined) {
      p.close(outRead)
      yield { op: 'wait', pid }
      return { status: 200, url }
    }
    // The script's own status line is taken over; anything else gets one in front.
    const status = /^HTTP\/\S+ (\d+)/.exec(first) ?? /^Status: *(\d+)/i.exec(first)
    const line = first.startsWith('HTTP')
      ? first
      : status
        ? `HTTP/1.1 ${first.replace(/^Status: */i, '')}`
        : `HTTP/1.1 200 OK\r\n${first}`
    yield { op: 'write', fd: output, data: toBytes(`${line}\r\n`) }
    for (let data = yield* script.read(); data.length > 0; data = yield* script.read())
      yield { op: 'write', fd: output, data }
    p.close(outRead)
    try {
      yield { op: 'wait', pid }
    } catch (error) {
      // The kernel reaps children of a process that ignores CHLD.
      if (!isErrno(error, 'ECHILD')) throw error
    }
    return { status: status ? Number(status[1]) : 200, url }
  }
}

function authorized(settings: HttpdSettings, path: string, headers: Headers): boolean {
  const rules = settings.passwords.filter(rule => path.startsWith(rule.path))
  if (rules.length === 0) return true
  const given = /^Basic (.+)$/i.exec(header(headers, 'Authorization') ?? '')?.[1]
  const text = given === undefined ? undefined : Buffer.from(given, 'base64').toString('latin1')
  return rules.some(rule => `${rule.user}:${rule.password}` === text)
}

function statOf(p: Proc, path: string): Stat | undefined {
  try {
    return p.stat(path)
  } catch (error) {
    if (isErrno(error)) return undefined
    throw error
  }
}

function* contents(p: Proc, path: string): Routine<string | undefined> {
  try {
    const fd = p.open(path, { read: true })
    let text = ''
    for (let data = yield* readBytes(fd); data.length > 0; data = yield* readBytes(fd))
      text += Buffer.from(data).toString('latin1')
    p.close(fd)
    return text
  } catch (error) {
    if (isErrno(error)) return undefined
    throw error
  }
}

/** "Mon, 23 Nov 2026 13:52:53 GMT" */
function httpDate(ms: number): string {
  return strftime('%a, %d %b %Y %H:%M:%S GMT', breakDown(ms, utc))
}
