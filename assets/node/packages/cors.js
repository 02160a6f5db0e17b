// cors
module.exports =
  (options = {}) =>
  (request, response, next) => {
    const origin =
      options.origin === undefined || options.origin === '*'
        ? '*'
        : options.origin === true
          ? (request.headers.origin ?? '*')
          : [options.origin].flat().find(each => each === request.headers.origin)
    if (origin) response.setHeader('Access-Control-Allow-Origin', origin)
    if (origin && origin !== '*') response.setHeader('Vary', 'Origin')
    if (options.credentials) response.setHeader('Access-Control-Allow-Credentials', 'true')
    if (request.method !== 'OPTIONS') return next()
    response.setHeader(
      'Access-Control-Allow-Methods',
      [options.methods ?? 'GET,HEAD,PUT,PATCH,POST,DELETE'].flat().join(','),
    )
    const wanted = options.allowedHeaders ?? request.headers['access-control-request-headers']
    if (wanted) response.setHeader('Access-Control-Allow-Headers', [wanted].flat().join(','))
    response.statusCode = 204
    response.setHeader('Content-Length', '0')
    response.end()
  }
