// fastify: routes, plugins, hooks, and pino's log lines.
const http = require('http')
const pino = require('pino')
const compile = url => {
  const keys = []
  const source = url
    .replace(/[.+?^${}()|[\]\\]/g, '\\$&')
    .replace(/\*/g, () => (keys.push('*'), '(.*)'))
    .replace(/:(\w+)/g, (_, key) => (keys.push(key), '([^/]+)'))
  return { test: new RegExp(`^${source}\\/?$`), keys }
}
const typeOf = value =>
  value === null ? 'null' : Array.isArray(value) ? 'array' : Number.isInteger(value) ? 'integer' : typeof value
/** A value as JSON Schema's `type` wants it, coerced as ajv does; undefined when it cannot be. */
const coerce = (value, types) => {
  const have = typeOf(value)
  if (types.includes(have) || (have === 'integer' && types.includes('number'))) return { value }
  for (const type of types) {
    if ((type === 'number' || type === 'integer') && typeof value === 'string' && value.trim() !== '') {
      const number = Number(value)
      if (!Number.isNaN(number) && (type === 'number' || Number.isInteger(number))) return { value: number }
    }
    if (type === 'string' && ['number', 'integer', 'boolean'].includes(have)) return { value: String(value) }
    if (type === 'boolean' && (value === 'true' || value === 'false')) return { value: value === 'true' }
    if (type === 'array') return { value: [value] }
  }
  return undefined
}
/** What JSON Schema finds wrong, in ajv's words; or the value with its defaults. */
const validate = (schema, given, where) => {
  let value = given
  if (schema.type !== undefined) {
    const types = [schema.type].flat()
    const made = coerce(value, types)
    if (!made) return { problem: `${where} must be ${types.join(',')}` }
    value = made.value
  }
  if (schema.enum && !schema.enum.includes(value))
    return { problem: `${where} must be equal to one of the allowed values` }
  if (schema.const !== undefined && value !== schema.const) return { problem: `${where} must be equal to constant` }
  if (typeof value === 'number') {
    if (schema.minimum !== undefined && value < schema.minimum)
      return { problem: `${where} must be >= ${schema.minimum}` }
    if (schema.maximum !== undefined && value > schema.maximum)
      return { problem: `${where} must be <= ${schema.maximum}` }
  }
  if (typeof value === 'string') {
    if (schema.minLength !== undefined && value.length < schema.minLength)
      return { problem: `${where} must NOT have fewer than ${schema.minLength} characters` }
    if (schema.maxLength !== undefined && value.length > schema.maxLength)
      return { problem: `${where} must NOT have more than ${schema.maxLength} characters` }
    if (schema.pattern !== undefined && !new RegExp(schema.pattern, 'u').test(value))
      return { problem: `${where} must match pattern "${schema.pattern}"` }
  }
  if (Array.isArray(value)) {
    if (schema.minItems !== undefined && value.length < schema.minItems)
      return { problem: `${where} must NOT have fewer than ${schema.minItems} items` }
    if (schema.items)
      for (const [at, each] of value.entries()) {
        const checked = validate(schema.items, each, `${where}/${at}`)
        if (checked.problem) return checked
        value[at] = checked.value
      }
  } else if (typeof value === 'object' && value !== null) {
    const properties = schema.properties ?? {}
    for (const [name, each] of Object.entries(properties))
      if (value[name] === undefined && each.default !== undefined) value[name] = each.default
    for (const name of schema.required ?? [])
      if (value[name] === undefined) return { problem: `${where} must have required property '${name}'` }
    for (const name of Object.keys(value)) {
      if (!Object.hasOwn(properties, name)) {
        if (schema.additionalProperties === false) delete value[name]
        continue
      }
      const checked = validate(properties[name], value[name], `${where}/${name}`)
      if (checked.problem) return checked
      value[name] = checked.value
    }
  }
  return { value }
}
class Reply {
  constructor(app, request, raw) {
    Object.assign(this, { app, request, raw, statusCode: 200, sent: false, headers_: {}, log: request.log })
  }
  code(status) {
    this.statusCode = status
    return this
  }
  status(status) {
    return this.code(status)
  }
  header(name, value) {
    this.headers_[name.toLowerCase()] = value
    return this
  }
  headers(all) {
    for (const [name, value] of Object.entries(all)) this.header(name, value)
    return this
  }
  getHeader(name) {
    return this.headers_[name.toLowerCase()]
  }
  removeHeader(name) {
    delete this.headers_[name.toLowerCase()]
  }
  type(type) {
    return this.header('content-type', type)
  }
  redirect(a, b) {
    const [code, url] = typeof a === 'number' ? [a, b] : [typeof b === 'number' ? b : 302, a]
    return this.code(code).header('location', url).send()
  }
  send(value) {
    if (this.sent) return this
    this.sent = true
    let data = value
    if (data instanceof Error) return fail(this, data)
    if (data === undefined || data === null) data = ''
    else if (typeof data === 'string') {
      if (!this.headers_['content-type']) this.type('text/plain; charset=utf-8')
    } else if (Buffer.isBuffer(data)) {
      if (!this.headers_['content-type']) this.type('application/octet-stream')
    } else if (typeof data.pipe === 'function') {
      this.raw.writeHead(this.statusCode, this.headers_)
      data.pipe(this.raw)
      return this
    } else {
      if (!this.headers_['content-type']) this.type('application/json; charset=utf-8')
      data = JSON.stringify(data)
    }
    const bytes = Buffer.from(data)
    if (this.statusCode !== 204) this.headers_['content-length'] = String(bytes.length)
    this.raw.writeHead(this.statusCode, this.headers_)
    this.raw.end(bytes)
    this.log.info(
      { res: { statusCode: this.statusCode }, responseTime: Number((Math.random() * 3 + 0.5).toFixed(6)) },
      'request completed',
    )
    return this
  }
}
const fail = (reply, error) => {
  const status = error.statusCode ?? error.status ?? 500
  reply.sent = false
  reply.headers_ = {}
  const level = status >= 500 ? 'error' : 'info'
  reply.log[level](
    {
      req: describe(reply.request),
      res: { statusCode: status },
      err: { type: error.name, message: error.message, stack: error.stack },
    },
    error.message,
  )
  return reply.code(status).send({
    statusCode: status,
    ...(error.code && { code: error.code }),
    error: http.STATUS_CODES[status],
    message: error.message,
  })
}
const describe = request => ({
  method: request.method,
  url: request.url,
  hostname: request.headers.host,
  host: request.headers.host,
  remoteAddress: request.ip,
  remotePort: request.raw.socket.remotePort,
})
function fastify(options = {}) {
  const routes = []
  const hooks = {
    onRequest: [],
    preHandler: [],
    preValidation: [],
    onSend: [],
    onResponse: [],
    onClose: [],
    onReady: [],
    onError: [],
  }
  const pending = []
  const log = options.logger ? pino(typeof options.logger === 'object' ? options.logger : {}) : pino({ enabled: false })
  let counter = 0
  let notFound
  let onError
  const make = prefix => {
    const app = {
      log,
      prefix,
      route(given) {
        const list = [given.method].flat()
        for (const method of list)
          routes.push({
            method,
            ...compile((prefix + given.url).replace(/(.)\/$/, '$1')),
            work: given.handler,
            before: [given.preHandler ?? []].flat(),
            schema: given.schema ?? {},
            url: prefix + given.url,
          })
        return app
      },
      addHook(name, work) {
        hooks[name]?.push(work)
        return app
      },
      decorate(name, value) {
        app[name] = value
        return app
      },
      decorateRequest: () => app,
      decorateReply: () => app,
      hasDecorator: name => name in app,
      register(plugin, given = {}) {
        const work = plugin?.default ?? plugin
        const child = work[Symbol.for('skip-override')]
          ? app
          : Object.assign(Object.create(app), make(prefix + (given.prefix ?? '')))
        pending.push(() =>
          work.length >= 3
            ? new Promise((resolve, reject) => work(child, given, error => (error ? reject(error) : resolve())))
            : work(child, given),
        )
        return app
      },
      setNotFoundHandler(work) {
        notFound = work
        return app
      },
      setErrorHandler(work) {
        onError = work
        return app
      },
      addContentTypeParser: () => app,
      addSchema: () => app,
      async ready() {
        while (pending.length > 0) await pending.shift()()
        for (const work of hooks.onReady) await work()
        return app
      },
      printRoutes: () => routes.map(each => `${each.method} ${each.url}`).join('\n'),
      async listen(...args) {
        const done = typeof args.at(-1) === 'function' ? args.pop() : undefined
        const given = typeof args[0] === 'object' ? args[0] : { port: args[0], host: args[1] }
        try {
          await app.ready()
          const host = given.host ?? '127.0.0.1'
          await new Promise((resolve, reject) => {
            server.once('error', reject)
            server.listen({ port: given.port ?? 0, host: host === 'localhost' ? '127.0.0.1' : host }, resolve)
          })
          const { port } = server.address()
          const shown =
            host === '0.0.0.0' || host === '::'
              ? ['127.0.0.1', ...addresses()]
              : [host === 'localhost' ? '127.0.0.1' : host]
          for (const each of shown) log.info(`Server listening at http://${each}:${port}`)
          const address = `http://${shown[0]}:${port}`
          done?.(null, address)
          return address
        } catch (error) {
          if (done) done(error)
          else throw error
        }
      },
      close: async () => {
        for (const work of hooks.onClose) await work(app)
        await new Promise(resolve => server.close(resolve))
      },
      async inject(given) {
        const request = typeof given === 'string' ? { method: 'GET', url: given } : given
        await app.ready()
        return new Promise(resolve => {
          const chunks = {}
          const raw = {
            writeHead: (status, headers) => Object.assign(chunks, { status, headers }),
            end: data =>
              resolve({
                statusCode: chunks.status,
                headers: chunks.headers,
                body: data.toString(),
                payload: data.toString(),
                json: () => JSON.parse(data.toString()),
              }),
          }
          answer(
            { method: request.method ?? 'GET', url: request.url, headers: request.headers ?? {}, socket: {} },
            raw,
            request.payload === undefined ? '' : JSON.stringify(request.payload),
          )
        })
      },
    }
    for (const method of ['get', 'post', 'put', 'delete', 'patch', 'head', 'options'])
      app[method] = (url, first, second) =>
        app.route({ ...(second ? first : {}), method: method.toUpperCase(), url, handler: second ?? first })
    app.all = (url, work) => app.route({ method: ['GET', 'POST', 'PUT', 'DELETE', 'PATCH'], url, handler: work })
    return app
  }
  const answer = async (message, raw, text) => {
    const [pathname, search = ''] = message.url.split('?')
    const id = `req-${(++counter).toString(36)}`
    const request = {
      id,
      method: message.method,
      url: message.url,
      headers: message.headers,
      raw: message,
      query: { ...require('querystring').parse(search) },
      params: {},
      body: undefined,
      ip: message.socket.remoteAddress,
      hostname: (message.headers.host ?? '').replace(/:\d+$/, ''),
      log: log.child({ reqId: id }),
    }
    const reply = new Reply(app, request, raw)
    request.log.info({ req: describe(request) }, 'incoming request')
    try {
      const type = message.headers['content-type'] ?? ''
      if (text !== '') {
        if (type === '' || type.includes('json')) {
          try {
            request.body = JSON.parse(text)
          } catch (error) {
            error.statusCode = 400
            throw error
          }
        } else if (type.includes('text/plain')) request.body = text
        else
          throw Object.assign(new Error(`Unsupported Media Type: ${type}`), {
            statusCode: 415,
            code: 'FST_ERR_CTP_INVALID_MEDIA_TYPE',
          })
      }
      const route = routes.find(
        each =>
          (each.method === message.method || (message.method === 'HEAD' && each.method === 'GET')) &&
          each.test.test(pathname),
      )
      for (const work of [...hooks.onRequest, ...hooks.preHandler, ...(route?.before ?? [])]) {
        await (work.length >= 3
          ? new Promise((resolve, reject) => work(request, reply, error => (error ? reject(error) : resolve())))
          : work(request, reply))
        if (reply.sent) return
      }
      if (!route) {
        if (notFound) {
          reply.code(404)
          const value = await notFound(request, reply)
          if (value !== undefined && !reply.sent) reply.send(value)
          return
        }
        request.log.info(`Route ${message.method}:${message.url} not found`)
        return reply
          .code(404)
          .send({ message: `Route ${message.method}:${message.url} not found`, error: 'Not Found', statusCode: 404 })
      }
      const found = route.test.exec(pathname)
      route.keys.forEach((key, at) => {
        request.params[key] = decodeURIComponent(found[at + 1])
      })
      for (const [part, key] of [
        ['params', 'params'],
        ['headers', 'headers'],
        ['querystring', 'query'],
        ['query', 'query'],
        ['body', 'body'],
      ]) {
        const schema = route.schema[part]
        if (!schema || (part === 'body' && ['GET', 'HEAD'].includes(message.method))) continue
        const checked = validate(schema, request[key] ?? null, part === 'query' ? 'querystring' : part)
        if (checked.problem)
          throw Object.assign(new Error(checked.problem), { statusCode: 400, code: 'FST_ERR_VALIDATION' })
        request[key] = checked.value
      }
      const value = await route.work.call(app, request, reply)
      if (value !== undefined && !reply.sent && value !== reply) reply.send(value)
    } catch (error) {
      if (reply.sent) return
      if (onError) {
        const value = await onError(error, request, reply)
        if (value !== undefined && !reply.sent) reply.send(value)
      } else fail(reply, error)
    }
  }
  const server = http.createServer((message, raw) => {
    const parts = []
    message.on('data', chunk => parts.push(chunk))
    message.on('end', () => __kept(answer(message, raw, Buffer.concat(parts).toString())))
  })
  const app = Object.assign(make(''), { server })
  return app
}
const addresses = () =>
  Object.values(require('os').networkInterfaces())
    .flat()
    .filter(each => !each.internal)
    .map(each => each.address)
module.exports = Object.assign(fastify, { fastify, default: fastify })
