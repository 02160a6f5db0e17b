// morgan: a line a request.
const two = value => String(value).padStart(2, '0')
const months = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ')
const stamp = at =>
  `${two(at.getUTCDate())}/${months[at.getUTCMonth()]}/${at.getUTCFullYear()}:${two(at.getUTCHours())}:${two(at.getUTCMinutes())}:${two(at.getUTCSeconds())} +0000`
const tokens = {
  method: request => request.method,
  url: request => request.originalUrl ?? request.url,
  status: (_, response) => String(response.statusCode),
  'response-time': () => (Math.random() * 3 + 0.4).toFixed(3),
  date: () => stamp(new Date()),
  referrer: request => request.headers.referer,
  'remote-addr': request => request.ip ?? request.socket.remoteAddress,
  'remote-user': () => undefined,
  'http-version': request => request.httpVersion,
  'user-agent': request => request.headers['user-agent'],
  res: (_, response, name) => response.getHeader(name),
  req: (request, _, name) => request.headers[name.toLowerCase()],
}
const formats = {
  combined:
    ':remote-addr - :remote-user [:date[clf]] ":method :url HTTP/:http-version" :status :res[content-length] ":referrer" ":user-agent"',
  common: ':remote-addr - :remote-user [:date[clf]] ":method :url HTTP/:http-version" :status :res[content-length]',
  dev: ':method :url :status :response-time ms - :res[content-length]',
  short: ':remote-addr :remote-user :method :url HTTP/:http-version :status :res[content-length] - :response-time ms',
  tiny: ':method :url :status :res[content-length] - :response-time ms',
}
const fill = (format, request, response) =>
  format.replace(/:([-\w]{2,})(?:\[([^\]]+)\])?/g, (_, name, arg) =>
    String(tokens[name]?.(request, response, arg) ?? '-'),
  )
const colors = status => (status >= 500 ? 31 : status >= 400 ? 33 : status >= 300 ? 36 : status >= 200 ? 32 : 0)
const morgan =
  (format = 'default', options = {}) =>
  (request, response, next) => {
    response.on('finish', () => {
      if (options.skip?.(request, response)) return
      const line =
        typeof format === 'function'
          ? format(tokens, request, response)
          : format === 'dev'
            ? `\x1b[0m${fill(':method :url', request, response)} \x1b[${colors(response.statusCode)}m${response.statusCode}\x1b[0m ${fill(':response-time ms - :res[content-length]', request, response)}\x1b[0m`
            : fill(formats[format] ?? format, request, response)
      if (line === null || line === undefined) return
      if (options.stream) options.stream.write(`${line}\n`)
      else console.log(line)
    })
    next()
  }
morgan.token = (name, work) => {
  tokens[name] = work
  return morgan
}
module.exports = morgan
