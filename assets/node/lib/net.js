// TCP: sockets of the container's network.
const Emitter = require('events')
const { Duplex } = require('stream')
const { call, latin1 } = internal
let nextHandle = 1
const failure = (value, what, address, port, frames) => {
  const reason = what === 'listen' ? `: ${value.text}` : ''
  const error = new Error(`${what} ${value.code}${reason} ${address}:${port}`)
  const facts =
    what === 'listen' ? { code: value.code, errno: -value.number } : { errno: -value.number, code: value.code }
  Object.assign(error, facts, { syscall: what, address, port })
  const own =
    what === 'listen' ? error.stack.split('\n').filter(line => /^    at /.test(line) && !line.includes('node:')) : []
  const tail = what === 'listen' ? (internal.mainTail ?? []).slice(0, Math.max(0, 10 - frames.length - own.length)) : []
  error.stack = [`Error: ${error.message}`, ...frames, ...own, ...tail].join('\n')
  return error
}
const listenFrames = [
  '    at Server.setupListenHandle [as _listen2] (node:net:1908:16)',
  '    at listenInCluster (node:net:1965:12)',
  '    at Server.listen (node:net:2067:7)',
]
class Socket extends Duplex {
  constructor(options = {}) {
    super({})
    Object.defineProperty(this, '_fd', { value: options._fd, writable: true, enumerable: false })
    this.connecting = false
    this.bytesRead = 0
    this.bytesWritten = 0
    if (this._fd !== undefined) this._attach()
  }
  _attach() {
    const { local, peer } = call('sockname', this._fd)
    Object.assign(this, {
      localAddress: local.address,
      localPort: local.port,
      remoteAddress: peer?.address,
      remotePort: peer?.port,
      remoteFamily: 'IPv4',
    })
    internal.handles.set(`fd:${this._fd}`, (type, data) => {
      if (type === 'data') {
        this.bytesRead += data.length
        this.emit('__activity')
        this.push(Buffer.from(data, 'latin1'))
      } else if (type === 'end') {
        this._sawEnd = true
        this.push(null)
        if (!this.writableEnded && this.allowHalfOpen !== true) this.end()
      } else if (type === 'broken')
        this.destroy(Object.assign(new Error('write EPIPE'), { code: 'EPIPE', errno: -32, syscall: 'write' }))
    })
    call('watch', this._fd, true)
  }
  connect(...args) {
    const done = typeof args.at(-1) === 'function' ? args.pop() : undefined
    const options = typeof args[0] === 'object' ? args[0] : { port: args[0], host: args[1] }
    const { port, host = 'localhost', path } = options
    if (done) this.once('connect', done)
    this.connecting = true
    const id = `connect:${nextHandle++}`
    internal.handles.set(id, (type, value) => {
      internal.handles.delete(id)
      this.connecting = false
      if (this.destroyed) return
      if (type === 'connected') {
        this._fd = value
        this._attach()
        this.emit('connect')
        this.emit('ready')
        this._release?.()
        return
      }
      if (type === 'unknown') {
        const facts = { errno: -3008, code: 'ENOTFOUND', syscall: 'getaddrinfo', hostname: host }
        const error = Object.assign(new Error(`getaddrinfo ENOTFOUND ${host}`), facts)
        error.stack = `Error: ${error.message}\n    at GetAddrInfoReqWrap.onlookup [as oncomplete] (node:dns:109:26)`
        return void this.destroy(error)
      }
      const frames = ['    at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1611:16)']
      const error = failure(value, 'connect', value.address ?? host, Number(port), frames)
      this.destroy(error)
    })
    if (path !== undefined)
      setImmediate(() =>
        this.destroy(
          Object.assign(new Error(`connect ENOENT ${path}`), {
            errno: -2,
            code: 'ENOENT',
            syscall: 'connect',
            address: path,
          }),
        ),
      )
    else call('connect', id, String(host), Number(port))
    return this
  }
  _write(chunk, _, done) {
    if (this._fd === undefined) {
      const waiting = this._release
      this._release = () => {
        waiting?.()
        this._write(chunk, _, done)
      }
      return
    }
    this.bytesWritten += chunk.length
    call('send', this._fd, latin1(chunk))
    done()
  }
  _final(done) {
    if (this._fd === undefined && this.connecting) {
      const waiting = this._release
      this._release = () => {
        waiting?.()
        this._final(done)
      }
      return
    }
    if (this._fd !== undefined) call('shutdown', this._fd)
    done()
    if (this._sawEnd) this.destroy()
  }
  _finishRead() {
    Duplex.prototype._finishRead.call(this)
    if (this.writableFinished) this.destroy()
  }
  _destroy(error, done) {
    if (this._fd !== undefined) {
      internal.handles.delete(`fd:${this._fd}`)
      call('hangup', this._fd)
      this._fd = undefined
    }
    done(error)
  }
  address() {
    return { address: this.localAddress, port: this.localPort, family: 'IPv4' }
  }
  setTimeout(ms, done) {
    clearTimeout(this._timer)
    if (ms > 0) {
      const arm = () => {
        this._timer = setTimeout(() => this.emit('timeout'), ms)
        this._timer.unref()
      }
      arm()
      this.on('__activity', () => this._timer?.refresh())
    }
    if (done) this.once('timeout', done)
    return this
  }
  setNoDelay() {
    return this
  }
  setKeepAlive() {
    return this
  }
  ref() {
    if (this._fd !== undefined) call('hold', this._fd, true)
    return this
  }
  unref() {
    if (this._fd !== undefined) call('hold', this._fd, false)
    return this
  }
  get readyState() {
    return this.connecting ? 'opening' : this._fd === undefined ? 'closed' : 'open'
  }
}
for (const key of ['_release', '_timer', '_sawEnd'])
  Object.defineProperty(Socket.prototype, key, { writable: true, value: undefined, enumerable: false })
class Server extends Emitter {
  constructor(options, listener) {
    super()
    const accept = typeof options === 'function' ? options : listener
    if (accept) this.on('connection', accept)
    this.listening = false
    Object.defineProperty(this, '_sockets', { value: new Set(), enumerable: false })
    Object.defineProperty(this, '_fd', { value: undefined, writable: true, enumerable: false })
  }
  listen(...args) {
    const done = typeof args.at(-1) === 'function' ? args.pop() : undefined
    const options =
      args[0] !== null && typeof args[0] === 'object'
        ? args[0]
        : { port: args[0], host: typeof args[1] === 'string' ? args[1] : undefined }
    let { port = 0, host } = options
    if (options.path !== undefined || (typeof port === 'string' && Number.isNaN(Number(port)))) port = 0
    const number = Number(port ?? 0)
    if (!Number.isInteger(number) || number < 0 || number > 65535) {
      const error = new RangeError(
        `options.port should be >= 0 and < 65536. Received type ${typeof port} (${String(port)}).`,
      )
      error.code = 'ERR_SOCKET_BAD_PORT'
      throw error
    }
    if (done) this.once('listening', done)
    const address = host === undefined || host === '' ? '::' : host === 'localhost' ? '127.0.0.1' : host
    try {
      this._fd = call('listen', address, number)
    } catch (error) {
      const [, text = ''] = /^\w+: (.*), listen/.exec(error.message) ?? []
      const named = failure({ code: error.code, number: -error.errno, text }, 'listen', address, number, listenFrames)
      setImmediate(() => this.emit('error', named))
      return this
    }
    this.listening = true
    internal.handles.set(`fd:${this._fd}`, (_, fd) => {
      const socket = new Socket({ _fd: fd })
      this._sockets.add(socket)
      socket.on('close', () => {
        this._sockets.delete(socket)
        this._closed?.()
      })
      this.emit('connection', socket)
    })
    setImmediate(() => this.emit('listening'))
    return this
  }
  address() {
    if (this._fd === undefined) return null
    const { local } = call('sockname', this._fd)
    return { address: local.address, family: local.address.includes(':') ? 'IPv6' : 'IPv4', port: local.port }
  }
  close(done) {
    if (this._fd === undefined) {
      const error = Object.assign(new Error('Server is not running.'), { code: 'ERR_SERVER_NOT_RUNNING' })
      if (done) setImmediate(done, error)
      return this
    }
    internal.handles.delete(`fd:${this._fd}`)
    call('hangup', this._fd)
    this._fd = undefined
    this.listening = false
    if (done) this.once('close', done)
    this._closed = () => {
      if (this._sockets.size > 0) return
      this._closed = undefined
      setImmediate(() => this.emit('close'))
    }
    this.closeIdleConnections?.()
    this._closed?.()
    return this
  }
  getConnections(done) {
    setImmediate(done, null, this._sockets.size)
  }
  ref() {
    return this
  }
  unref() {
    if (this._fd !== undefined) call('hold', this._fd, false)
    return this
  }
  [Symbol.asyncDispose]() {
    return new Promise(resolve => this.close(resolve))
  }
}
Object.defineProperty(Server.prototype, '_closed', { writable: true, value: undefined, enumerable: false })
const connect = (...args) => new Socket().connect(...args)
Object.assign(exports, {
  Socket,
  Stream: Socket,
  Server,
  createServer: (options, listener) => new Server(options, listener),
  connect,
  createConnection: connect,
  isIP: text => (/^\d+\.\d+\.\d+\.\d+$/.test(text) ? 4 : text.includes(':') ? 6 : 0),
  isIPv4: text => /^\d+\.\d+\.\d+\.\d+$/.test(text),
  isIPv6: text => text.includes(':'),
})
