// express: routing, middleware, and the answers' helpers, with the headers that the real one sends.
const http = require('http')
const path = require('path')
const fs = require('fs')
const { createHash } = require('crypto')
const types = {
  html: 'text/html; charset=utf-8',
  htm: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'application/javascript; charset=utf-8',
  mjs: 'application/javascript; charset=utf-8',
  json: 'application/json; charset=utf-8',
  txt: 'text/plain; charset=utf-8',
  text: 'text/plain; charset=utf-8',
  md: 'text/markdown; charset=utf-8',
  xml: 'application/xml',
  svg: 'image/svg+xml',
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  ico: 'image/x-icon',
  webp: 'image/webp',
  pdf: 'application/pdf',
  wasm: 'application/wasm',
  woff: 'font/woff',
  woff2: 'font/woff2',
  csv: 'text/csv; charset=utf-8',
  bin: 'application/octet-stream',
  form: 'application/x-www-form-urlencoded',
}
const typeOf = name => types[String(name).split('.').at(-1).toLowerCase()] ?? 'application/octet-stream'
const escapeHtml = text =>
  String(text).replace(
    /[&<>"']/g,
    char => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' })[char],
  )
const page = (title, body) =>
  `<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>${title}</title>\n</head>\n<body>\n<pre>${body}</pre>\n</body>\n</html>\n`
const etagOf = data =>
  `W/"${data.length.toString(16)}-${createHash('sha1').update(data).digest('base64').slice(0, 27)}"`

function compilePath(pattern, end, options) {
  if (pattern instanceof RegExp) return { test: pattern, keys: [] }
  if (Array.isArray(pattern)) {
    const all = pattern.map(each => compilePath(each, end, options))
    return { many: all }
  }
  const keys = []
  let source = ''
  const text = pattern === '/' && !end ? '' : pattern.replace(/(.)\/$/, '$1')
  for (let at = 0; at < text.length; at++) {
    const rest = text.slice(at)
    const param = /^(\/)?:(\w+)(\(([^)]*)\))?(\?)?/.exec(rest)
    const wild = /^\*(\w+)?/.exec(rest) ?? /^\{\*(\w+)\}/.exec(rest)
    if (param) {
      keys.push(param[2])
      const value = `(${param[4] ?? '[^/]+?'})`
      source += param[5] ? `(?:${param[1] ?? ''}${value})?` : `${param[1] ?? ''}${value}`
      at += param[0].length - 1
    } else if (wild) {
      keys.push(wild[1] ?? String(keys.filter(key => /^\d+$/.test(key)).length))
      source += '(.*)'
      at += wild[0].length - 1
    } else if (/^[()?+]/.test(rest)) source += rest[0]
    else source += rest[0].replace(/[.^$|[\]\\{}]/g, '\\$&')
  }
  return { test: new RegExp(`^${source}${end ? '\\/?$' : '(?=\\/|$)'}`, options.caseSensitive ? '' : 'i'), keys }
}
function match(compiled, url) {
  if (compiled.many) {
    for (const each of compiled.many) {
      const found = match(each, url)
      if (found) return found
    }
    return undefined
  }
  const found = compiled.test.exec(url)
  if (!found) return undefined
  const params = {}
  found.slice(1).forEach((value, at) => {
    const key = compiled.keys[at] ?? String(at)
    if (value !== undefined) params[key] = safeDecode(value)
  })
  return { params, path: found[0] }
}
const safeDecode = text => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
const methods = ['get', 'post', 'put', 'delete', 'patch', 'options', 'head', 'all']
const flatten = list => list.flat(Infinity)

function makeRouter(options = {}) {
  const router = (request, response, next) => router.handle(request, response, next)
  Object.assign(router, { stack: [], params: {}, options })
  router.use = (...args) => {
    const given = flatten(args)
    const hasPath =
      typeof args[0] === 'string' ||
      args[0] instanceof RegExp ||
      (Array.isArray(args[0]) && typeof args[0][0] === 'string')
    const at = hasPath ? args[0] : '/'
    const work = hasPath ? flatten(args.slice(1)) : given
    if (work.length === 0) throw new TypeError('app.use() requires a middleware function')
    for (const each of work) {
      if (typeof each !== 'function')
        throw new TypeError(
          `Router.use() requires a middleware function but got a ${each === undefined ? 'undefined' : typeof each === 'object' ? 'Object' : typeof each}`,
        )
      router.stack.push({ compiled: compilePath(at, false, options), work: each, mount: at })
    }
    return router
  }
  for (const method of methods)
    router[method] = (at, ...work) => {
      const list = flatten(work)
      for (const each of list)
        if (typeof each !== 'function')
          throw new Error(
            `Route.${method}() requires a callback function but got a [object ${each === undefined ? 'Undefined' : each === null ? 'Null' : 'Object'}]`,
          )
      router.stack.push({
        compiled: compilePath(at, true, options),
        method: method === 'all' ? undefined : method.toUpperCase(),
        route: { path: at },
        list,
      })
      return router
    }
  router.route = at => {
    const made = { path: at }
    for (const method of methods)
      made[method] = (...work) => {
        router[method](at, ...work)
        return made
      }
    return made
  }
  router.param = (name, work) => {
    router.params[name] = work
    return router
  }
  router.handle = (request, response, done) => {
    let at = 0
    const base = request.baseUrl ?? ''
    const url = request.url
    const outer = request.params
    const next = error => {
      request.baseUrl = base
      request.url = url
      request.params = outer
      if (error === 'router') return done()
      for (;;) {
        const layer = router.stack[at++]
        if (!layer) return done(error)
        const pathname = url.split('?', 1)[0] || '/'
        const found = match(layer.compiled, pathname)
        if (!found) continue
        if (layer.route) {
          if (error !== undefined) continue
          const head = request.method === 'HEAD' && layer.method === 'GET'
          if (layer.method && layer.method !== request.method && !head) continue
          request.route = layer.route
          request.params = { ...(options.mergeParams ? outer : {}), ...found.params }
          return checkParams(router, request, response, found.params, failed =>
            failed ? next(failed) : runList(layer.list, request, response, next),
          )
        }
        const isHandler = layer.work.length === 4
        if ((error !== undefined) !== isHandler) continue
        request.params = { ...outer, ...found.params }
        if (layer.mount !== '/' && !(layer.mount instanceof RegExp)) {
          request.baseUrl = base + found.path.replace(/\/$/, '')
          const rest = url.slice(found.path.length)
          request.url = rest.startsWith('/') ? rest : `/${rest}`
        }
        return run(layer.work, error, request, response, next)
      }
    }
    next()
  }
  return router
}
function checkParams(router, request, response, params, done) {
  const names = Object.keys(params).filter(name => router.params[name])
  const step = error => {
    const name = names.shift()
    if (error || name === undefined) return done(error)
    router.params[name](request, response, step, params[name], name)
  }
  step()
}
function runList(list, request, response, next) {
  let at = 0
  const step = error => {
    if (error === 'route') return next()
    for (;;) {
      const work = list[at++]
      if (!work) return next(error)
      if ((error !== undefined) !== (work.length === 4)) continue
      return run(work, error, request, response, step)
    }
  }
  step()
}
function run(work, error, request, response, next) {
  let called = false
  const once = failure => {
    if (called) return
    called = true
    next(failure)
  }
  try {
    const value = error === undefined ? work(request, response, once) : work(error, request, response, once)
    if (!(value instanceof Promise)) return
    if (major >= 5) value.then(undefined, failure => once(failure ?? new Error('Rejected promise')))
    else __kept(value)
  } catch (failure) {
    once(failure)
  }
}
const major = 4

function decorate(app, request, response) {
  const [pathname] = request.url.split('?', 1)
  Object.assign(request, { app, res: response, originalUrl: request.url, baseUrl: '', params: {}, next: undefined })
  const query = request.url.includes('?') ? require('querystring').parse(request.url.slice(pathname.length + 1)) : {}
  request.query = { ...query }
  Object.defineProperty(request, 'path', { configurable: true, get: () => request.url.split('?', 1)[0] })
  request.get = request.header = name =>
    /^referr?er$/i.test(name)
      ? (request.headers.referrer ?? request.headers.referer)
      : request.headers[name.toLowerCase()]
  const forwarded = app.get('trust proxy') ? request.headers['x-forwarded-for'] : undefined
  request.ip =
    forwarded?.split(',')[0].trim() ??
    (request.socket.remoteAddress ? `::ffff:${request.socket.remoteAddress}` : undefined)
  request.ips = []
  request.protocol = (app.get('trust proxy') && request.headers['x-forwarded-proto']) || 'http'
  request.secure = request.protocol === 'https'
  request.hostname = (request.headers.host ?? '').replace(/:\d+$/, '')
  request.host = request.headers.host
  request.subdomains = []
  request.xhr = /^xmlhttprequest$/i.test(request.headers['x-requested-with'] ?? '')
  request.fresh = false
  request.accepts = (...wanted) => {
    const accept = request.headers.accept ?? '*/*'
    const list = wanted.flat()
    return (
      list.find(
        each => accept.includes('*/*') || accept.includes(typeOf(each).split(';')[0]) || accept.includes(each),
      ) ?? false
    )
  }
  request.is = type => {
    const own = (request.headers['content-type'] ?? '').split(';')[0]
    return own !== '' && (own === type || own.endsWith(`/${type}`) || own.includes(type)) ? own : false
  }
  Object.assign(response, { app, locals: {} })
  response.status = code => {
    response.statusCode = code
    return response
  }
  response.set = response.header = (name, value) => {
    if (typeof name === 'object') for (const [key, each] of Object.entries(name)) response.set(key, each)
    else {
      const text = Array.isArray(value) ? value.map(String) : String(value)
      response.setHeader(
        name,
        name.toLowerCase() === 'content-type' &&
          !/;\s*charset/i.test(text) &&
          /^(text\/|application\/(json|javascript))/.test(text)
          ? `${text}; charset=utf-8`
          : text,
      )
    }
    return response
  }
  response.get = name => response.getHeader(name)
  response.append = (name, value) => {
    response.appendHeader(name, value)
    return response
  }
  response.type = response.contentType = type => response.set('Content-Type', type.includes('/') ? type : typeOf(type))
  response.vary = name => response.append('Vary', name)
  response.links = () => response
  response.location = url => response.set('Location', url)
  response.json = value => {
    const spaces = app.get('json spaces')
    const text = JSON.stringify(value, app.get('json replacer'), spaces)
    if (!response.getHeader('Content-Type')) response.set('Content-Type', 'application/json')
    return response.send(text)
  }
  response.jsonp = response.json
  response.send = value => {
    let data = value
    if (
      typeof data === 'number' ||
      typeof data === 'boolean' ||
      (typeof data === 'object' && data !== null && !Buffer.isBuffer(data) && !(data instanceof Uint8Array))
    )
      return response.json(data)
    if (data === null || data === undefined) data = ''
    if (typeof data === 'string') {
      if (!response.getHeader('Content-Type')) response.type('html')
      data = Buffer.from(data)
    } else if (!response.getHeader('Content-Type')) response.type('bin')
    response.setHeader('Content-Length', data.length)
    if (app.get('etag') !== false && !response.getHeader('ETag') && response.statusCode < 300 && data.length >= 0)
      response.setHeader('ETag', etagOf(data))
    if (
      request.headers['if-none-match'] !== undefined &&
      request.headers['if-none-match'] === response.getHeader('ETag') &&
      ['GET', 'HEAD'].includes(request.method)
    )
      response.statusCode = 304
    if (response.statusCode === 204 || response.statusCode === 304) {
      for (const name of ['Content-Type', 'Content-Length', 'Transfer-Encoding']) response.removeHeader(name)
      data = undefined
    }
    if (request.method === 'HEAD') response.end()
    else response.end(data)
    return response
  }
  response.sendStatus = code => {
    response.statusCode = code
    return response.type('txt').send(http.STATUS_CODES[code] ?? String(code))
  }
  response.redirect = (status, url) => {
    const [code, target] =
      url === undefined ? [302, status] : typeof status === 'number' ? [status, url] : [url, status]
    const place = target === 'back' ? (request.get('referer') ?? '/') : target
    response.statusCode = code
    response.set('Location', encodeURI(place).replace(/%25/g, '%'))
    response.vary('Accept')
    if (/html/.test(request.headers.accept ?? '')) {
      response.type('html')
      return response.end(`<p>${http.STATUS_CODES[code]}. Redirecting to ${escapeHtml(place)}</p>`)
    }
    response.type('txt')
    const body = `${http.STATUS_CODES[code]}. Redirecting to ${place}`
    response.setHeader('Content-Length', Buffer.byteLength(body))
    response.end(request.method === 'HEAD' ? undefined : body)
  }
  response.cookie = (name, value, options = {}) => {
    const text = typeof value === 'object' ? `j:${JSON.stringify(value)}` : String(value)
    const parts = [`${name}=${encodeURIComponent(text)}`]
    if (options.maxAge !== undefined) parts.push(`Max-Age=${Math.floor(options.maxAge / 1000)}`)
    if (options.domain) parts.push(`Domain=${options.domain}`)
    parts.push(`Path=${options.path ?? '/'}`)
    const expires = options.maxAge !== undefined ? new Date(Date.now() + options.maxAge) : options.expires
    if (expires) parts.push(`Expires=${expires.toUTCString()}`)
    if (options.httpOnly) parts.push('HttpOnly')
    if (options.secure) parts.push('Secure')
    if (options.sameSite)
      parts.push(
        `SameSite=${options.sameSite === true ? 'Strict' : options.sameSite[0].toUpperCase() + options.sameSite.slice(1)}`,
      )
    return response.append('Set-Cookie', parts.join('; '))
  }
  response.clearCookie = (name, options) => response.cookie(name, '', { ...options, expires: new Date(1) })
  response.attachment = name =>
    response.set('Content-Disposition', name ? `attachment; filename="${path.basename(name)}"` : 'attachment')
  response.sendFile = (file, options, done = options) => {
    const full = options?.root ? path.join(String(options.root), file) : file
    if (!path.isAbsolute(full)) throw new TypeError('path must be absolute or specify root to res.sendFile')
    sendFile(request, response, full, error => {
      if (typeof done === 'function') return done(error)
      if (error) request.__next?.(error)
    })
  }
  response.download = (file, name, ...more) => {
    response.attachment(typeof name === 'string' ? name : file)
    return response.sendFile(path.resolve(file), ...more)
  }
  response.format = choices => {
    const key = request.accepts(Object.keys(choices)) || 'default'
    const work = choices[key]
    if (!work) return response.sendStatus(406)
    if (key !== 'default') response.type(key)
    work(request, response)
    return response
  }
  response.render = (view, locals = {}, done) => {
    const engine = app.get('view engine')
    const file = path.join(app.get('views'), path.extname(view) ? view : `${view}.${engine}`)
    const render = app.engines[path.extname(file)]
    const finish = (error, text) => (done ? done(error, text) : error ? request.__next?.(error) : response.send(text))
    if (!render) return finish(new Error(`minidock: the view engine ${engine} is not modelled`))
    render(file, { ...app.locals, ...response.locals, ...locals }, finish)
  }
}

function sendFile(request, response, file, done) {
  let stat
  try {
    stat = fs.statSync(file)
    if (stat.isDirectory()) throw Object.assign(new Error(`EISDIR, read`), { code: 'EISDIR' })
  } catch (error) {
    error.status = error.statusCode = 404
    if (error.syscall) error.message = error.message.replace(/^(\w+: .*), \w+ '(.*)'$/, "$1, stat '$2'")
    return done(error)
  }
  response.setHeader('Accept-Ranges', 'bytes')
  if (!response.hasHeader('Cache-Control')) response.setHeader('Cache-Control', 'public, max-age=0')
  response.setHeader('Last-Modified', new Date(stat.mtimeMs).toUTCString())
  const etag = `W/"${stat.size.toString(16)}-${Math.floor(stat.mtimeMs).toString(16)}"`
  response.setHeader('ETag', etag)
  if (request.headers['if-none-match'] === etag) {
    response.statusCode = 304
    response.end()
    return done()
  }
  if (!response.getHeader('Content-Type')) response.setHeader('Content-Type', typeOf(file))
  const data = fs.readFileSync(file)
  response.setHeader('Content-Length', data.length)
  response.end(request.method === 'HEAD' ? undefined : data)
  done()
}

function serveStatic(root, options = {}) {
  if (!root) throw new TypeError('root path required')
  const folder = path.resolve(root)
  return (request, response, next) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return next()
    const pathname = safeDecode(request.url.split('?', 1)[0])
    let file = path.join(folder, pathname)
    if (file !== folder && !file.startsWith(`${folder}/`)) return next()
    if (path.basename(file).startsWith('.') && options.dotfiles !== 'allow') return next()
    try {
      if (fs.statSync(file).isDirectory()) {
        if (!pathname.endsWith('/')) {
          const body = page('Redirecting', `Redirecting to ${escapeHtml(request.baseUrl + pathname)}/`)
          response.statusCode = 301
          response.set({
            'Content-Security-Policy': "default-src 'none'",
            'X-Content-Type-Options': 'nosniff',
            Location: `${request.baseUrl}${pathname}/`,
          })
          return response.type('html').send(body)
        }
        if (options.index === false) return next()
        file = path.join(file, options.index ?? 'index.html')
      }
    } catch {
      const found = (options.extensions ?? []).map(each => `${file}.${each}`).find(each => fs.existsSync(each))
      if (!found) return next()
      file = found
    }
    if (!fs.existsSync(file)) return next()
    if (options.maxAge)
      response.setHeader('Cache-Control', `public, max-age=${Math.floor(Number(options.maxAge) / 1000) || 0}`)
    options.setHeaders?.(response, file, fs.statSync(file))
    sendFile(request, response, file, error => error && next(error))
  }
}

const bodyReader =
  (wanted, parse, options = {}) =>
  (request, response, next) => {
    if (request._body) return next()
    const type = (request.headers['content-type'] ?? '').split(';')[0].trim()
    const test = options.type ?? wanted
    const fits =
      typeof test === 'function'
        ? test(request)
        : [test]
            .flat()
            .some(
              each =>
                each === '*/*' ||
                type === each ||
                (each.endsWith('/*') && type.startsWith(each.slice(0, -1))) ||
                (each === 'application/json' && type.endsWith('+json')),
            )
    if (request.headers['content-length'] === undefined && request.headers['transfer-encoding'] === undefined) {
      request.body ??= {}
      return next()
    }
    if (!fits) {
      request.body ??= {}
      return next()
    }
    const parts = []
    request.on('data', chunk => parts.push(chunk))
    request.on('end', () => {
      const data = Buffer.concat(parts)
      const most =
        typeof options.limit === 'string'
          ? Number.parseFloat(options.limit) *
            ({ kb: 1024, mb: 1048576 }[options.limit.replace(/[\d.]/g, '').toLowerCase()] ?? 1)
          : (options.limit ?? 102400)
      if (data.length > most)
        return next(
          Object.assign(new Error('request entity too large'), {
            name: 'PayloadTooLargeError',
            status: 413,
            statusCode: 413,
            expose: true,
            type: 'entity.too.large',
          }),
        )
      request._body = true
      try {
        request.body = parse(data, options)
      } catch (error) {
        return next(
          Object.assign(error, {
            status: 400,
            statusCode: 400,
            expose: true,
            body: data.toString(),
            type: 'entity.parse.failed',
          }),
        )
      }
      next()
    })
  }
const parseForm = data => {
  const made = {}
  for (const [key, value] of Object.entries(require('querystring').parse(data.toString()))) {
    const nested = /^(\w+)\[(\w*)\]$/.exec(key)
    if (!nested) made[key] = value
    else if (nested[2] === '') made[nested[1]] = [made[nested[1]] ?? [], value].flat(2)
    else made[nested[1]] = { ...made[nested[1]], [nested[2]]: value }
  }
  return made
}

function express() {
  const settings = new Map([
    ['env', process.env.NODE_ENV ?? 'development'],
    ['views', path.resolve('views')],
    ['x-powered-by', true],
    ['etag', 'weak'],
    ['jsonp callback name', 'callback'],
  ])
  const router = makeRouter()
  const app = (request, response, next) => app.handle(request, response, next)
  const emitter = new (require('events'))()
  for (const name of ['on', 'once', 'emit', 'off']) app[name] = emitter[name].bind(emitter)
  Object.assign(app, { settings: {}, locals: { settings: {} }, engines: {}, mountpath: '/', _router: router, router })
  app.set = (name, value) => {
    settings.set(name, value)
    return app
  }
  app.enable = name => app.set(name, true)
  app.disable = name => app.set(name, false)
  app.enabled = name => Boolean(settings.get(name))
  app.disabled = name => !settings.get(name)
  app.engine = (ending, work) => {
    app.engines[ending.startsWith('.') ? ending : `.${ending}`] = work
    return app
  }
  app.use = (...args) => {
    router.use(...args)
    return app
  }
  app.route = router.route
  app.param = (...args) => {
    router.param(...args)
    return app
  }
  for (const method of methods)
    app[method] = (at, ...work) => {
      if (method === 'get' && work.length === 0) return settings.get(at)
      router[method](at, ...work)
      return app
    }
  app.del = app.delete
  app.handle = (request, response, after) => {
    if (!response.app) decorate(app, request, response)
    if (settings.get('x-powered-by') && !response.hasHeader('X-Powered-By'))
      response.setHeader('X-Powered-By', 'Express')
    request.__next = error => final(app, request, response, error)
    router.handle(request, response, after ?? (error => final(app, request, response, error)))
  }
  app.listen = (...args) => {
    const server = http.createServer(app)
    return server.listen(...args)
  }
  return app
}
function final(app, request, response, error) {
  if (response.headersSent) return void response.socket.destroy()
  let status = 404
  let body
  if (error === undefined)
    body = `Cannot ${request.method} ${escapeHtml(encodeURI(safeDecode((request.originalUrl ?? request.url).split('?', 1)[0])))}`
  else {
    status = error.status ?? error.statusCode ?? (response.statusCode >= 400 ? response.statusCode : 500)
    if (status < 400 || status > 599) status = 500
    const text = app.get('env') === 'production' ? http.STATUS_CODES[status] : (error.stack ?? String(error))
    if (app.get('env') !== 'test' && status >= 500) console.error(error.stack ?? String(error))
    else if (app.get('env') !== 'test') console.error(error.stack ?? String(error))
    body = escapeHtml(text).replaceAll('\n', '<br>').replaceAll('  ', ' &nbsp;')
  }
  response.statusCode = status
  response.statusMessage = http.STATUS_CODES[status]
  for (const name of ['Content-Encoding', 'Content-Language', 'Content-Range']) response.removeHeader(name)
  response.setHeader('Content-Security-Policy', "default-src 'none'")
  response.setHeader('X-Content-Type-Options', 'nosniff')
  response.setHeader('Content-Type', 'text/html; charset=utf-8')
  const data = Buffer.from(page('Error', body))
  response.setHeader('Content-Length', data.length)
  response.end(request.method === 'HEAD' ? undefined : data)
}
module.exports = Object.assign(express, {
  Router: options => makeRouter(options),
  application: {},
  request: {},
  response: {},
  static: serveStatic,
  json: options =>
    bodyReader(
      'application/json',
      data => (data.length === 0 ? {} : JSON.parse(data.toString(), options?.reviver)),
      options,
    ),
  urlencoded: options => bodyReader('application/x-www-form-urlencoded', parseForm, options),
  text: options => bodyReader('text/plain', data => data.toString(), options),
  raw: options => bodyReader('application/octet-stream', data => data, options),
})
