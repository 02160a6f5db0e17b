// URL and URLSearchParams, and the older url.parse.
const special = { 'http:': '80', 'https:': '443', 'ws:': '80', 'wss:': '443', 'ftp:': '21', 'file:': '' }
const escapeWith = (text, test) =>
  [...internal.utf8.encode(text)]
    .map(byte =>
      test.test(String.fromCharCode(byte)) && byte < 128
        ? String.fromCharCode(byte)
        : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`,
    )
    .join('')
const pathSafe = /[A-Za-z0-9\-._~!$&'()*+,;=:@/%[\]|^\\]/
const querySafe = /[A-Za-z0-9\-._~!$&()*+,;=:@/?%[\]|^\\{}`]/
const formEncode = text => escapeWith(text, /[A-Za-z0-9\-._*]/).replaceAll('%20', '+')
const formDecode = text => {
  const bytes = []
  const plain = text.replaceAll('+', ' ')
  const raw = internal.utf8.encode(plain)
  for (let at = 0; at < raw.length; at++) {
    const hex = raw[at] === 37 ? String.fromCharCode(raw[at + 1] ?? 0, raw[at + 2] ?? 0) : ''
    if (/^[0-9a-fA-F]{2}$/.test(hex)) {
      bytes.push(Number.parseInt(hex, 16))
      at += 2
    } else bytes.push(raw[at])
  }
  return internal.utf8.decode(Uint8Array.from(bytes))
}
class URLSearchParams {
  #list = []
  #changed
  constructor(init = '', changed) {
    this.#changed = changed ?? (() => {})
    if (typeof init === 'string') {
      for (const pair of init.replace(/^\?/, '').split('&')) {
        if (pair === '') continue
        const at = pair.indexOf('=')
        this.#list.push(
          at < 0 ? [formDecode(pair), ''] : [formDecode(pair.slice(0, at)), formDecode(pair.slice(at + 1))],
        )
      }
    } else if (init && typeof init[Symbol.iterator] === 'function')
      for (const [key, value] of init) this.#list.push([String(key), String(value)])
    else if (init) for (const [key, value] of Object.entries(init)) this.#list.push([key, String(value)])
  }
  append(key, value) {
    this.#list.push([String(key), String(value)])
    this.#changed(this)
  }
  delete(key) {
    this.#list = this.#list.filter(each => each[0] !== key)
    this.#changed(this)
  }
  get(key) {
    return this.#list.find(each => each[0] === key)?.[1] ?? null
  }
  getAll(key) {
    return this.#list.filter(each => each[0] === key).map(each => each[1])
  }
  has(key) {
    return this.#list.some(each => each[0] === key)
  }
  set(key, value) {
    const first = this.#list.findIndex(each => each[0] === key)
    if (first < 0) this.#list.push([String(key), String(value)])
    else {
      this.#list[first] = [String(key), String(value)]
      this.#list = this.#list.filter((each, at) => at <= first || each[0] !== key)
    }
    this.#changed(this)
  }
  sort() {
    this.#list.sort((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0))
    this.#changed(this)
  }
  forEach(work) {
    for (const [key, value] of this.#list) work(value, key, this)
  }
  keys() {
    return this.#list.map(each => each[0]).values()
  }
  values() {
    return this.#list.map(each => each[1]).values()
  }
  entries() {
    return this.#list.map(each => [...each]).values()
  }
  [Symbol.iterator]() {
    return this.entries()
  }
  get size() {
    return this.#list.length
  }
  toString() {
    return this.#list.map(([key, value]) => `${formEncode(key)}=${formEncode(value)}`).join('&')
  }
  [Symbol.for('nodejs.util.inspect.custom')](_, options, inspect) {
    const body = this.#list.map(([key, value]) => `${inspect(key)} => ${inspect(value)}`).join(', ')
    return `URLSearchParams {${body ? ` ${body} ` : ''}}`
  }
}
class URL {
  constructor(input, base) {
    const text = String(input).trim()
    const match = /^([a-zA-Z][a-zA-Z0-9+.-]*:)(.*)$/s.exec(text)
    const fail = () => {
      const error = new TypeError('Invalid URL')
      error.code = 'ERR_INVALID_URL'
      error.input = text
      if (base !== undefined) error.base = String(base)
      throw error
    }
    if (!match) {
      if (base === undefined) fail()
      const from = new URL(base)
      const [, path, query, hash] = /^([^?#]*)(\?[^#]*)?(#.*)?$/s.exec(text)
      if (path.startsWith('//')) return new URL(from.protocol + text)
      const start =
        path === '' ? from.pathname : path.startsWith('/') ? path : from.pathname.replace(/[^/]*$/, '') + path
      return new URL(
        `${from.origin === 'null' ? `${from.protocol}//` : from.protocol + '//' + (from.username ? `${from.username}${from.password ? `:${from.password}` : ''}@` : '') + from.host}${start}${query ?? (path === '' ? from.search : '')}${hash ?? ''}`,
      )
    }
    const protocol = match[1].toLowerCase()
    let rest = match[2]
    Object.defineProperty(this, '_', {
      value: { protocol, username: '', password: '', hostname: '', port: '', pathname: '', search: '', hash: '' },
      enumerable: false,
    })
    const hash = rest.indexOf('#')
    if (hash >= 0) {
      this._.hash = rest.slice(hash) === '#' ? '' : escapeWith(rest.slice(hash), /[^\s<>"`]/)
      rest = rest.slice(0, hash)
    }
    const query = rest.indexOf('?')
    if (query >= 0) {
      this._.search = rest.slice(query) === '?' ? '' : escapeWith(rest.slice(query), querySafe)
      rest = rest.slice(0, query)
    }
    if (protocol in special || rest.startsWith('//')) {
      rest = rest.replace(/\\/g, '/')
      const authority = /^\/*([^/]*)(.*)$/s.exec(rest)
      const [, user, host] = /^(?:(.*)@)?(.*)$/s.exec(authority[1])
      if (user !== undefined) {
        const at = user.indexOf(':')
        this._.username = at < 0 ? user : user.slice(0, at)
        this._.password = at < 0 ? '' : user.slice(at + 1)
      }
      const [, name, port] = /^(\[[^\]]*\]|[^:]*)(?::(\d*))?$/.exec(host) ?? fail()
      if (name === '' && protocol !== 'file:') fail()
      if (/[\s<>^|%]/.test(name) || Number(port ?? 0) > 65535) fail()
      this._.hostname = name.toLowerCase()
      this._.port =
        port === undefined || port === special[protocol] ? '' : String(Number(port) || (port === '' ? '' : 0))
      this._.pathname = clean(authority[2] || '/')
    } else this._.pathname = rest
    Object.defineProperty(this, 'searchParams', {
      enumerable: false,
      value: new URLSearchParams(this._.search, params => {
        const shown = params.toString()
        this._.search = shown === '' ? '' : `?${shown}`
      }),
    })
  }
  static canParse(input, base) {
    try {
      new URL(input, base)
      return true
    } catch {
      return false
    }
  }
  static parse(input, base) {
    try {
      return new URL(input, base)
    } catch {
      return null
    }
  }
  get href() {
    const { protocol, username, password, pathname, search, hash } = this._
    const authority =
      protocol in special || this._.hostname
        ? `//${username || password ? `${username}${password ? `:${password}` : ''}@` : ''}${this.host}`
        : ''
    return protocol + authority + pathname + search + hash
  }
  set href(value) {
    Object.assign(this._, new URL(value)._)
  }
  get host() {
    return this._.hostname + (this._.port ? `:${this._.port}` : '')
  }
  set host(value) {
    const [name, port] = String(value).split(':')
    this._.hostname = name
    if (port !== undefined) this._.port = port === special[this._.protocol] ? '' : port
  }
  get origin() {
    return this._.protocol in special && this._.protocol !== 'file:' ? `${this._.protocol}//${this.host}` : 'null'
  }
  toString() {
    return this.href
  }
  toJSON() {
    return this.href
  }
  [Symbol.for('nodejs.util.inspect.custom')](_, options, inspect) {
    const shown = { href: this.href, origin: this.origin, ...this._, host: this.host }
    const ordered = {}
    for (const key of [
      'href',
      'origin',
      'protocol',
      'username',
      'password',
      'host',
      'hostname',
      'port',
      'pathname',
      'search',
    ])
      ordered[key] = shown[key]
    return `URL ${inspect({ ...ordered, searchParams: this.searchParams, hash: shown.hash }, options)}`
  }
}
for (const name of ['protocol', 'username', 'password', 'hostname', 'port', 'pathname', 'search', 'hash'])
  Object.defineProperty(URL.prototype, name, {
    configurable: true,
    get() {
      return this._[name]
    },
    set(value) {
      const text = String(value)
      this._[name] =
        name === 'search'
          ? text === '' || text === '?'
            ? ''
            : text.startsWith('?')
              ? text
              : `?${text}`
          : name === 'hash'
            ? text === ''
              ? ''
              : text.startsWith('#')
                ? text
                : `#${text}`
            : name === 'protocol'
              ? text.endsWith(':')
                ? text
                : `${text}:`
              : name === 'port'
                ? text === special[this._.protocol]
                  ? ''
                  : text
                : name === 'pathname'
                  ? text.startsWith('/')
                    ? text
                    : `/${text}`
                  : text
    },
  })
const clean = path => {
  const parts = []
  const all = escapeWith(path, pathSafe).split('/').slice(1)
  all.forEach((part, at) => {
    if (part === '..') {
      parts.pop()
      if (at === all.length - 1) parts.push('')
    } else if (part === '.') {
      if (at === all.length - 1) parts.push('')
    } else parts.push(part)
  })
  return `/${parts.join('/')}`
}
const parse = (text, query = false) => {
  const [, protocol = null, slashes, auth = null, host = null, rest = ''] =
    /^([a-zA-Z][\w+.-]*:)?(?:(\/\/)(?:([^@/?#]*)@)?([^/?#]*))?(.*)$/s.exec(text)
  const [, path, search, hash] = /^([^?#]*)(\?[^#]*)?(#.*)?$/s.exec(rest)
  const pathname = path || (slashes ? '/' : null)
  return {
    protocol,
    slashes: slashes ? true : null,
    auth,
    host,
    port: /:(\d+)$/.exec(host ?? '')?.[1] ?? null,
    hostname: host === null ? null : host.replace(/:\d+$/, ''),
    hash: hash ?? null,
    search: search ?? (query ? '' : null),
    query: query ? require('querystring').parse((search ?? '').slice(1)) : (search?.slice(1) ?? null),
    pathname,
    path: (pathname ?? '') + (search ?? '') || null,
    href: text,
  }
}
Object.assign(exports, {
  URL,
  URLSearchParams,
  parse,
  format: value =>
    value instanceof URL
      ? value.href
      : typeof value === 'string'
        ? value
        : `${value.protocol ?? ''}${value.protocol ? '//' : ''}${value.host ?? (value.hostname ? value.hostname + (value.port ? `:${value.port}` : '') : '')}${value.pathname ?? ''}${value.search ?? (value.query && Object.keys(value.query).length > 0 ? `?${require('querystring').stringify(value.query)}` : '')}${value.hash ?? ''}`,
  resolve: (from, to) => new URL(to, new URL(from, 'resolve://')).href.replace(/^resolve:\/\//, ''),
  fileURLToPath: value => decodeURIComponent((value instanceof URL ? value : new URL(value)).pathname),
  pathToFileURL: path => new URL(`file://${require('path').resolve(path)}`),
  formDecode,
})
