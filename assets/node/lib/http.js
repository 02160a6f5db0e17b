// http: a server and a client over net.
const net = require('net')
const Emitter = require('events')
const { Readable, Writable } = require('stream')
const STATUS_CODES = {
  100: 'Continue',
  101: 'Switching Protocols',
  200: 'OK',
  201: 'Created',
  202: 'Accepted',
  203: 'Non-Authoritative Information',
  204: 'No Content',
  205: 'Reset Content',
  206: 'Partial Content',
  300: 'Multiple Choices',
  301: 'Moved Permanently',
  302: 'Found',
  303: 'See Other',
  304: 'Not Modified',
  307: 'Temporary Redirect',
  308: 'Permanent Redirect',
  400: 'Bad Request',
  401: 'Unauthorized',
  402: 'Payment Required',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  406: 'Not Acceptable',
  408: 'Request Timeout',
  409: 'Conflict',
  410: 'Gone',
  411: 'Length Required',
  412: 'Precondition Failed',
  413: 'Payload Too Large',
  414: 'URI Too Long',
  415: 'Unsupported Media Type',
  416: 'Range Not Satisfiable',
  417: 'Expectation Failed',
  418: "I'm a Teapot",
  422: 'Unprocessable Entity',
  423: 'Locked',
  426: 'Upgrade Required',
  428: 'Precondition Required',
  429: 'Too Many Requests',
  431: 'Request Header Fields Too Large',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
  505: 'HTTP Version Not Supported',
}
const METHODS = ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT', 'TRACE', 'CONNECT']
const date = () => new Date(internal.call('now')).toUTCString()

class IncomingMessage extends Readable {
  constructor(socket, first, lines) {
    super({})
    this.socket = this.connection = socket
    this.httpVersion = '1.1'
    this.complete = false
    this.rawHeaders = lines.flat()
    this.headers = {}
    for (const [name, value] of lines) {
      const key = name.toLowerCase()
      if (key === 'set-cookie') this.headers[key] = [...(this.headers[key] ?? []), value]
      else if (key in this.headers && key !== 'host' && key !== 'content-length')
        this.headers[key] += `${key === 'cookie' ? ';' : ','} ${value}`
      else this.headers[key] ??= value
    }
    Object.assign(this, first)
  }
  setTimeout() {
    return this
  }
}

/** Takes messages out of a stream of bytes. */
class Parser {
  constructor(onHead, onBroken) {
    Object.assign(this, { bytes: '', message: undefined, left: 0, mode: 'head', onHead, onBroken })
  }
  feed(text) {
    this.bytes += text
    for (;;) {
      if (this.mode === 'head') {
        while (this.bytes.startsWith('\r\n')) this.bytes = this.bytes.slice(2)
        const end = this.bytes.indexOf('\r\n\r\n')
        const bare = end < 0 ? this.bytes.indexOf('\n\n') : -1
        if (end < 0 && bare < 0) {
          if (this.bytes.length > 65536) this.onBroken(431)
          return
        }
        const head = this.bytes.slice(0, end < 0 ? bare : end).split(/\r?\n/)
        this.bytes = this.bytes.slice(end < 0 ? bare + 2 : end + 4)
        const lines = head
          .slice(1)
          .map(line => [line.slice(0, line.indexOf(':')).trim(), line.slice(line.indexOf(':') + 1).trim()])
        this.message = this.onHead(head[0], lines)
        if (!this.message) return
        const { headers } = this.message
        if (/chunked/i.test(headers['transfer-encoding'] ?? '')) this.mode = 'size'
        else {
          this.left = this.message.bodyless
            ? 0
            : headers['content-length'] === undefined
              ? this.message.untilEnd
                ? Infinity
                : 0
              : Number(headers['content-length'])
          this.mode = 'body'
        }
      } else if (this.mode === 'body') {
        const part = this.bytes.slice(0, this.left)
        this.bytes = this.bytes.slice(part.length)
        this.left -= part.length
        if (part !== '') this.message.push(Buffer.from(part, 'latin1'))
        if (this.left > 0) return
        this.finish()
      } else if (this.mode === 'size') {
        const end = this.bytes.indexOf('\r\n')
        if (end < 0) return
        this.left = Number.parseInt(this.bytes.slice(0, end), 16)
        this.bytes = this.bytes.slice(end + 2)
        this.mode = this.left === 0 ? 'trailer' : 'chunk'
      } else if (this.mode === 'chunk') {
        const part = this.bytes.slice(0, this.left)
        this.bytes = this.bytes.slice(part.length)
        this.left -= part.length
        if (part !== '') this.message.push(Buffer.from(part, 'latin1'))
        if (this.left > 0) return
        if (this.bytes.length < 2) return
        this.bytes = this.bytes.slice(2)
        this.mode = 'size'
      } else {
        const end = this.bytes.indexOf('\r\n')
        if (end < 0) return
        this.bytes = this.bytes.slice(end + 2)
        if (end === 0) this.finish()
      }
    }
  }
  finish() {
    const { message } = this
    this.mode = 'head'
    message.complete = true
    message.push(null)
    message.emit('__complete')
  }
  end() {
    if (this.mode === 'body' && this.left === Infinity) this.finish()
    else if (this.message && this.mode !== 'head') {
      this.message.emit('aborted')
      this.message.destroy(Object.assign(new Error('aborted'), { code: 'ECONNRESET' }))
    }
  }
}

const invalidHeader = (name, value) => {
  const error =
    value === undefined
      ? Object.assign(new TypeError(`Invalid value "undefined" for header "${name}"`), {
          code: 'ERR_HTTP_INVALID_HEADER_VALUE',
        })
      : Object.assign(new TypeError(`Invalid character in header content ["${name}"]`), { code: 'ERR_INVALID_CHAR' })
  return error
}
class OutgoingMessage extends Writable {
  constructor() {
    super({})
    Object.defineProperty(this, '_headers', { value: new Map(), enumerable: false })
    this.headersSent = false
    this.sendDate = true
    this.finished = false
  }
  setHeader(name, value) {
    if (this.headersSent) {
      const error = new Error('Cannot set headers after they are sent to the client')
      error.code = 'ERR_HTTP_HEADERS_SENT'
      throw error
    }
    if (value === undefined || /[\r\n]/.test(String(value))) throw invalidHeader(name, value)
    this._headers.set(String(name).toLowerCase(), [String(name), value])
    return this
  }
  getHeader(name) {
    return this._headers.get(String(name).toLowerCase())?.[1]
  }
  hasHeader(name) {
    return this._headers.has(String(name).toLowerCase())
  }
  removeHeader(name) {
    this._headers.delete(String(name).toLowerCase())
  }
  appendHeader(name, value) {
    const old = this.getHeader(name)
    return this.setHeader(name, old === undefined ? value : [old, value].flat())
  }
  getHeaders() {
    const headers = Object.create(null)
    for (const [key, [, value]] of this._headers) headers[key] = value
    return headers
  }
  getHeaderNames() {
    return [...this._headers.keys()]
  }
  setHeaders(headers) {
    for (const [name, value] of headers) this.setHeader(name, value)
    return this
  }
  flushHeaders() {
    this._sendHead(undefined)
  }
  setTimeout() {
    return this
  }
  _lines() {
    return [...this._headers.values()].flatMap(([name, value]) =>
      (Array.isArray(value) ? value : [value]).map(each => `${name}: ${each}\r\n`),
    )
  }
}
class ServerResponse extends OutgoingMessage {
  constructor(request) {
    super()
    Object.assign(this, { req: request, statusCode: 200, statusMessage: undefined })
    Object.defineProperty(this, '_kept', {
      value: { keep: true, chunked: false, bodyless: request.method === 'HEAD' },
      enumerable: false,
    })
    this.socket = this.connection = request.socket
  }
  assignSocket() {}
  writeContinue() {
    this.socket.write('HTTP/1.1 100 Continue\r\n\r\n')
  }
  writeHead(status, reason, headers) {
    if (this.headersSent) {
      const error = new Error('Cannot write headers after they are sent to the client')
      error.code = 'ERR_HTTP_HEADERS_SENT'
      throw error
    }
    if (!Number.isInteger(Number(status)) || status < 100 || status > 999) {
      const error = new RangeError(`Invalid status code: ${status}`)
      error.code = 'ERR_HTTP_INVALID_STATUS_CODE'
      throw error
    }
    this.statusCode = Number(status)
    if (typeof reason === 'string') this.statusMessage = reason
    const given = typeof reason === 'string' ? headers : reason
    if (Array.isArray(given)) for (let at = 0; at + 1 < given.length; at += 2) this.setHeader(given[at], given[at + 1])
    else for (const [name, value] of Object.entries(given ?? {})) this.setHeader(name, value)
    this._ready = true
    return this
  }
  _sendHead(length) {
    if (this.headersSent) return
    const { _kept: kept } = this
    const status = this.statusCode
    const none = status === 204 || status === 304 || status < 200
    if (none) kept.bodyless = true
    const more = []
    if (this.sendDate && !this.hasHeader('date')) more.push(`Date: ${date()}\r\n`)
    if (!this.hasHeader('connection'))
      more.push(
        kept.keep
          ? `Connection: keep-alive\r\nKeep-Alive: timeout=${(this._server?.keepAliveTimeout ?? 5000) / 1000}\r\n`
          : 'Connection: close\r\n',
      )
    else if (/close/i.test(String(this.getHeader('connection')))) kept.keep = false
    if (!none && !this.hasHeader('content-length') && !this.hasHeader('transfer-encoding')) {
      if (length !== undefined) more.push(`Content-Length: ${length}\r\n`)
      else if (this.req.httpVersion === '1.0') kept.keep = false
      else {
        kept.chunked = true
        more.push('Transfer-Encoding: chunked\r\n')
      }
    } else if (/chunked/i.test(String(this.getHeader('transfer-encoding') ?? ''))) kept.chunked = true
    this.headersSent = true
    this.statusMessage ??= STATUS_CODES[status] ?? 'unknown'
    this.socket.write(
      `HTTP/1.1 ${status} ${this.statusMessage}\r\n${this._lines().join('')}${more.join('')}\r\n`,
      'latin1',
    )
  }
  _write(chunk, _, done) {
    this._sendHead(undefined)
    this._body(chunk)
    done()
  }
  _body(chunk) {
    if (this._kept.bodyless || chunk.length === 0) return
    if (this._kept.chunked)
      this.socket.write(Buffer.concat([Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from('\r\n')]))
    else this.socket.write(chunk)
  }
  end(chunk, encoding, done) {
    if (this.writableEnded) return this
    const last =
      typeof chunk === 'function' || chunk === undefined || chunk === null
        ? undefined
        : typeof chunk === 'string'
          ? Buffer.from(chunk, typeof encoding === 'string' ? encoding : 'utf8')
          : chunk
    if (last !== undefined && !(last instanceof Uint8Array)) {
      const error = new TypeError(
        `The "chunk" argument must be of type string or an instance of Buffer or Uint8Array. Received ${typeof chunk === 'object' ? `an instance of ${chunk.constructor?.name}` : `type ${typeof chunk} (${String(chunk)})`}`,
      )
      error.code = 'ERR_INVALID_ARG_TYPE'
      throw error
    }
    if (!this.headersSent) this._sendHead(last?.length ?? 0)
    if (last) this._body(last)
    if (this._kept.chunked && !this._kept.bodyless) this.socket.write('0\r\n\r\n')
    this.finished = true
    return super.end([chunk, encoding, done].find(each => typeof each === 'function'))
  }
}
class Server extends net.Server {
  constructor(options, listener) {
    super()
    const handler = typeof options === 'function' ? options : listener
    if (handler) this.on('request', handler)
    Object.assign(this, {
      timeout: 0,
      keepAliveTimeout: 5000,
      headersTimeout: 60000,
      requestTimeout: 300000,
      maxHeadersCount: null,
    })
    this.on('connection', socket => this._serve(socket))
  }
  _serve(socket) {
    const waiting = []
    let busy = false
    Object.defineProperty(socket, '_idle', { value: () => !busy, configurable: true })
    const next = () => {
      const pair = waiting.shift()
      if (!pair) return
      busy = true
      const [request, response] = pair
      response.on('finish', () => {
        busy = false
        if (!response._kept.keep) socket.end()
        else if (!this.listening) socket.destroy()
        else next()
      })
      if (/100-continue/i.test(request.headers.expect ?? '')) response.writeContinue()
      this.emit('request', request, response)
    }
    const parser = new Parser(
      (line, lines) => {
        const match = /^([A-Z]+) (\S+) HTTP\/(\d\.\d)$/.exec(line)
        if (!match) return this._broken(socket, 400)
        const request = new IncomingMessage(socket, { method: match[1], url: match[2], httpVersion: match[3] }, lines)
        if (match[3] === '1.1' && request.headers.host === undefined) return this._broken(socket, 400)
        if (
          /upgrade/i.test(request.headers.connection ?? '') &&
          request.headers.upgrade &&
          this.listenerCount('upgrade') > 0
        ) {
          this.emit('upgrade', request, socket, Buffer.alloc(0))
          return undefined
        }
        const response = new ServerResponse(request)
        Object.defineProperty(response, '_server', { value: this, enumerable: false })
        const wish = (request.headers.connection ?? '').toLowerCase()
        response._kept.keep = match[3] === '1.1' ? !wish.includes('close') : wish.includes('keep-alive')
        waiting.push([request, response])
        if (!busy) next()
        return request
      },
      status => this._broken(socket, status),
    )
    socket.on('data', data => parser.feed(data.toString('latin1')))
    socket.on('end', () => parser.end())
    socket.on('error', error => this.emit('clientError', error, socket))
  }
  _broken(socket, status) {
    const error = Object.assign(new Error('Parse Error: Invalid method encountered'), { code: 'HPE_INVALID_METHOD' })
    if (this.listenerCount('clientError') > 0) this.emit('clientError', error, socket)
    else socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\n\r\n`)
    return undefined
  }
  setTimeout() {
    return this
  }
  closeIdleConnections() {
    for (const socket of this._sockets) if (socket._idle?.()) socket.destroy()
  }
  closeAllConnections() {
    for (const socket of this._sockets) socket.destroy()
  }
}
class ClientRequest extends OutgoingMessage {
  constructor(options, done) {
    super()
    const {
      hostname,
      host = 'localhost',
      port,
      path = '/',
      method = 'GET',
      headers = {},
      auth,
      protocol = 'http:',
    } = options
    const name = hostname ?? host
    Object.assign(this, {
      method: method.toUpperCase(),
      path,
      host: name,
      protocol,
      aborted: false,
      reusedSocket: false,
    })
    for (const [key, value] of Object.entries(headers)) this.setHeader(key, value)
    const number = Number(port ?? options.defaultPort ?? 80)
    if (!this.hasHeader('host')) this.setHeader('Host', number === 80 ? name : `${name}:${number}`)
    if (auth && !this.hasHeader('authorization'))
      this.setHeader('Authorization', `Basic ${Buffer.from(auth).toString('base64')}`)
    if (done) this.once('response', done)
    const socket = net.connect({ host: name, port: number })
    this.socket = this.connection = socket
    let answered = false
    const parser = new Parser(
      (line, lines) => {
        const [, version, status, reason] = /^HTTP\/(\d\.\d) (\d{3}) ?(.*)$/.exec(line) ?? []
        if (status === '100') return { headers: {}, push() {}, emit() {}, bodyless: true }
        const message = new IncomingMessage(
          socket,
          { httpVersion: version, statusCode: Number(status), statusMessage: reason },
          lines,
        )
        message.bodyless = this.method === 'HEAD' || status === '204' || status === '304'
        message.untilEnd = true
        Object.defineProperty(message, 'req', { value: this, enumerable: false })
        answered = true
        message.on('__complete', () => socket.destroy())
        process.nextTick(() => {
          if (!this.emit('response', message)) message.resume()
        })
        return message
      },
      () => {},
    )
    socket.on('data', data => parser.feed(data.toString('latin1')))
    socket.on('end', () => {
      parser.end()
      if (!answered) fail(Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' }))
    })
    const fail = error => {
      if (answered || this._failed) return
      this._failed = true
      this.emit('error', error)
      this.emit('close')
    }
    socket.on('error', fail)
    if (options.timeout) socket.setTimeout(options.timeout, () => this.emit('timeout'))
    options.signal?.addEventListener('abort', () => this.destroy(options.signal.reason))
    process.nextTick(() => this.emit('socket', socket))
  }
  _sendHead(length) {
    if (this.headersSent) return
    this.headersSent = true
    const more = []
    if (!this.hasHeader('connection'))
      more.push(internal.boot.major >= 19 ? 'Connection: keep-alive\r\n' : 'Connection: close\r\n')
    if (
      length !== undefined &&
      !this.hasHeader('content-length') &&
      (length > 0 || !['GET', 'HEAD', 'DELETE', 'OPTIONS'].includes(this.method))
    )
      more.push(`Content-Length: ${length}\r\n`)
    if (length === undefined && !this.hasHeader('content-length')) {
      this._chunked = true
      more.push('Transfer-Encoding: chunked\r\n')
    }
    this.socket.write(`${this.method} ${this.path} HTTP/1.1\r\n${this._lines().join('')}${more.join('')}\r\n`, 'latin1')
  }
  _write(chunk, _, done) {
    this._sendHead(undefined)
    this._body(chunk)
    done()
  }
  _body(chunk) {
    if (this._chunked)
      this.socket.write(Buffer.concat([Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from('\r\n')]))
    else this.socket.write(chunk)
  }
  end(chunk, encoding, done) {
    if (this.writableEnded) return this
    const last =
      typeof chunk === 'string'
        ? Buffer.from(chunk, typeof encoding === 'string' ? encoding : 'utf8')
        : chunk instanceof Uint8Array
          ? chunk
          : undefined
    this._sendHead(last?.length ?? 0)
    if (last) this._body(last)
    if (this._chunked) this.socket.write('0\r\n\r\n')
    return super.end([chunk, encoding, done].find(each => typeof each === 'function'))
  }
  abort() {
    this.destroy()
  }
  destroy(error) {
    if (this.aborted) return this
    this.aborted = true
    this.socket.destroy()
    const reason = error ?? Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' })
    process.nextTick(() => {
      if (!this._failed) {
        this._failed = true
        if (!this.writableFinished || error) this.emit('error', reason)
      }
    })
    return this
  }
  setNoDelay() {}
  setSocketKeepAlive() {}
}
for (const key of ['_failed', '_chunked', '_ready']) {
  Object.defineProperty(ClientRequest.prototype, key, { writable: true, value: false, enumerable: false })
  Object.defineProperty(ServerResponse.prototype, key, { writable: true, value: false, enumerable: false })
}
const request = (first, second, third) => {
  const done = [second, third].find(each => typeof each === 'function')
  const more = typeof second === 'object' ? second : {}
  if (typeof first === 'string' || first instanceof URL) {
    const url = new URL(String(first))
    if (url.protocol === 'https:') return https(url)
    return new ClientRequest(
      {
        hostname: url.hostname,
        port: url.port || 80,
        path: url.pathname + url.search,
        auth: url.username ? `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}` : undefined,
        ...more,
      },
      done,
    )
  }
  return new ClientRequest(first, done)
}
/** Nothing of the simulated networks speaks TLS: a client fails as it does where no server answers. */
const https = url => {
  const made = new OutgoingMessage()
  made._write = (_, __, done) => done()
  const host = url.hostname ?? url.host
  internal.lib('net')
  const socket = net.connect({ host, port: Number(url.port || 443) })
  socket.on('error', error => made.emit('error', error))
  socket.on('connect', () => {
    socket.destroy()
    made.emit(
      'error',
      Object.assign(new Error('write EPROTO wrong version number'), { code: 'EPROTO', errno: -71, syscall: 'write' }),
    )
  })
  return made
}
class Agent {
  constructor(options = {}) {
    this.options = options
  }
  destroy() {}
}
Object.assign(exports, {
  STATUS_CODES,
  METHODS,
  Server,
  IncomingMessage,
  ServerResponse,
  OutgoingMessage,
  ClientRequest,
  Agent,
  globalAgent: new Agent(),
  maxHeaderSize: 16384,
  createServer: (options, listener) => new Server(options, listener),
  request,
  get: (...args) => {
    const made = request(...args)
    made.end()
    return made
  },
  __https: https,
})
