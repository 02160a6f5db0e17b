// cookie-parser
module.exports = () => (request, _, next) => {
  request.cookies = {}
  for (const pair of (request.headers.cookie ?? '').split(/;\s*/)) {
    const at = pair.indexOf('=')
    if (at < 0) continue
    const value = decodeURIComponent(pair.slice(at + 1))
    request.cookies[pair.slice(0, at)] = value.startsWith('j:') ? JSON.parse(value.slice(2)) : value
  }
  request.signedCookies = {}
  next()
}
