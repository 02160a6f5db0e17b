// fetch over http.
const http = require('http')
class Headers {
  #map = new Map()
  constructor(init = {}) {
    const pairs = init instanceof Headers || Array.isArray(init) ? init : Object.entries(init)
    for (const [name, value] of pairs) this.append(name, value)
  }
  append(name, value) {
    const key = String(name).toLowerCase()
    this.#map.set(key, this.#map.has(key) ? `${this.#map.get(key)}, ${value}` : String(value))
  }
  set(name, value) {
    this.#map.set(String(name).toLowerCase(), String(value))
  }
  get(name) {
    return this.#map.get(String(name).toLowerCase()) ?? null
  }
  has(name) {
    return this.#map.has(String(name).toLowerCase())
  }
  delete(name) {
    this.#map.delete(String(name).toLowerCase())
  }
  forEach(work) {
    for (const [name, value] of this) work(value, name, this)
  }
  entries() {
    return [...this.#map].sort((a, b) => (a[0] < b[0] ? -1 : 1)).values()
  }
  keys() {
    return [...this.#map.keys()].sort().values()
  }
  values() {
    return [...this.entries()].map(each => each[1]).values()
  }
  [Symbol.iterator]() {
    return this.entries()
  }
}
class Body {
  constructor(body) {
    Object.defineProperty(this, '_data', {
      value: body === undefined || body === null ? Buffer.alloc(0) : Buffer.from(body),
      enumerable: false,
    })
    this.bodyUsed = false
  }
  async #take() {
    if (this.bodyUsed) throw new TypeError('Body is unusable: Body has already been read')
    this.bodyUsed = true
    return this._data
  }
  async text() {
    return (await this.#take()).toString()
  }
  async json() {
    return JSON.parse(await this.text())
  }
  async arrayBuffer() {
    const data = await this.#take()
    return data.buffer.slice(data.byteOffset, data.byteOffset + data.length)
  }
  async bytes() {
    return new Uint8Array(await this.arrayBuffer())
  }
}
class Request extends Body {
  constructor(input, init = {}) {
    super(init.body)
    this.url = String(input?.url ?? input)
    this.method = (init.method ?? input?.method ?? 'GET').toUpperCase()
    this.headers = new Headers(init.headers ?? input?.headers)
  }
}
class Response extends Body {
  constructor(body, init = {}) {
    super(body)
    this.status = init.status ?? 200
    this.statusText = init.statusText ?? ''
    this.headers = new Headers(init.headers)
    this.ok = this.status >= 200 && this.status < 300
    this.redirected = init.redirected === true
    this.url = init.url ?? ''
    this.type = 'basic'
  }
  static json(value, init = {}) {
    return new Response(JSON.stringify(value), {
      ...init,
      headers: { 'content-type': 'application/json', ...init.headers },
    })
  }
  clone() {
    return new Response(this._data, this)
  }
}
const fetch = (input, init = {}, hops = 0) =>
  new Promise((resolve, reject) => {
    let url
    try {
      url = new URL(String(input?.url ?? input))
    } catch (cause) {
      return reject(Object.assign(new TypeError(`Failed to parse URL from ${String(input)}`), { cause }))
    }
    const headers = new Headers(init.headers ?? input?.headers)
    for (const [name, value] of [
      ['accept', '*/*'],
      ['accept-language', '*'],
      ['sec-fetch-mode', 'cors'],
      ['user-agent', 'node'],
      ['accept-encoding', 'identity'],
    ])
      if (!headers.has(name)) headers.set(name, value)
    let { body } = init
    if (body instanceof URLSearchParams) {
      body = String(body)
      if (!headers.has('content-type')) headers.set('content-type', 'application/x-www-form-urlencoded;charset=UTF-8')
    } else if (typeof body === 'string' && !headers.has('content-type'))
      headers.set('content-type', 'text/plain;charset=UTF-8')
    const failed = cause => {
      const error = new TypeError('fetch failed')
      Object.defineProperty(error, 'cause', { value: cause, enumerable: false, configurable: true, writable: true })
      reject(init.signal?.aborted ? init.signal.reason : error)
    }
    const request = http.request(
      url,
      { method: init.method ?? input?.method ?? 'GET', headers: Object.fromEntries(headers), signal: init.signal },
      message => {
        const parts = []
        message.on('data', data => parts.push(data))
        message.on('error', failed)
        message.on('end', () => {
          const location = message.headers.location
          if (
            [301, 302, 303, 307, 308].includes(message.statusCode) &&
            location &&
            init.redirect !== 'manual' &&
            hops < 20
          ) {
            const again =
              message.statusCode === 303 || (message.statusCode < 303 && init.method === 'POST')
                ? { ...init, method: 'GET', body: undefined }
                : init
            return resolve(fetch(new URL(location, url), again, hops + 1))
          }
          resolve(
            new Response(Buffer.concat(parts), {
              status: message.statusCode,
              statusText: message.statusMessage,
              headers: message.headers,
              url: url.href,
              redirected: hops > 0,
            }),
          )
        })
      },
    )
    request.on('error', failed)
    request.end(body)
  })
Object.assign(exports, { fetch, Headers, Request, Response })
