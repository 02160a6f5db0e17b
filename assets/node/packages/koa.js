'use strict'
const http = require('http')
module.exports = class Koa {
  constructor() {
    this.middleware = []
    this.env = process.env.NODE_ENV || 'development'
  }
  use(handler) {
    this.middleware.push(handler)
    return this
  }
  on() {
    return this
  }
  callback() {
    return async (req, res) => {
      const [path, search] = req.url.split('?')
      const ctx = {
        app: this,
        req,
        res,
        method: req.method,
        url: req.url,
        path,
        headers: req.headers,
        query: Object.fromEntries(new URLSearchParams(search || '')),
        state: {},
        body: undefined,
        status: 404,
        type: undefined,
        ip: req.socket && req.socket.remoteAddress,
        set: (key, value) => res.setHeader(key, value),
        get: key => req.headers[key.toLowerCase()] || '',
        throw: (code, words) => {
          throw Object.assign(new Error(words || String(code)), { status: code, expose: code < 500 })
        },
        redirect: url => {
          ctx.status = 302
          ctx.set('Location', url)
          ctx.body = 'Redirecting to ' + url
        },
      }
      ctx.request = {
        method: ctx.method,
        url: ctx.url,
        path,
        query: ctx.query,
        headers: ctx.headers,
        get body() {
          return ctx.parsed
        },
      }
      ctx.response = ctx
      let status = 404
      Object.defineProperty(ctx, 'status', {
        get: () => status,
        set: value => {
          status = value
          ctx.explicit = true
        },
      })
      const run = at => Promise.resolve(this.middleware[at] ? this.middleware[at](ctx, () => run(at + 1)) : undefined)
      try {
        await run(0)
      } catch (error) {
        ctx.status = error.status || 500
        ctx.body = error.expose ? error.message : 'Internal Server Error'
        if (!error.expose) console.error('\n  ' + String(error.stack).replace(/\n/g, '\n  ') + '\n')
      }
      let body = ctx.body
      if (body !== undefined && body !== null && !ctx.explicit) status = 200
      if (body === undefined || body === null) body = status === 404 ? 'Not Found' : ''
      let type = ctx.type
      if (typeof body === 'object' && !(body instanceof Uint8Array)) {
        body = JSON.stringify(body)
        type = type || 'application/json; charset=utf-8'
      }
      const bytes = typeof body === 'string' ? Buffer.from(body) : body
      if (!res.getHeader('Content-Type'))
        res.setHeader(
          'Content-Type',
          type ||
            (typeof body === 'string'
              ? /^\s*</.test(body)
                ? 'text/html; charset=utf-8'
                : 'text/plain; charset=utf-8'
              : 'application/octet-stream'),
        )
      res.setHeader('Content-Length', bytes.length)
      res.statusCode = status
      res.end(req.method === 'HEAD' ? undefined : bytes)
    }
  }
  listen(...args) {
    return http.createServer(this.callback()).listen(...args)
  }
}
