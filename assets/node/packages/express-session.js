// express-session, with its store in memory.
const { randomBytes, createHmac } = require('crypto')
class MemoryStore {
  sessions = new Map()
}
const session = options => {
  const store = new MemoryStore()
  const name = options?.name ?? 'connect.sid'
  const secret = [options?.secret].flat()[0] ?? ''
  const sign = id => `s:${id}.${createHmac('sha256', secret).update(id).digest('base64').replace(/=+$/, '')}`
  return (request, response, next) => {
    const sent = new RegExp(`(?:^|;\\s*)${name.replace('.', '\\.')}=([^;]*)`).exec(request.headers.cookie ?? '')
    const signed = sent && decodeURIComponent(sent[1])
    let id = signed?.slice(2, signed.lastIndexOf('.'))
    if (!id || signed !== sign(id) || !store.sessions.has(id)) id = undefined
    const fresh = id === undefined
    id ??= randomBytes(24).toString('base64url')
    const data = store.sessions.get(id) ?? {}
    const cookie = { path: '/', httpOnly: true, ...options?.cookie }
    request.sessionID = id
    request.session = Object.defineProperties(
      { ...data },
      {
        id: { value: id },
        cookie: { value: cookie, enumerable: false },
        save: { value: done => done?.(), enumerable: false },
        destroy: {
          value: done => {
            store.sessions.delete(id)
            request.session = undefined
            done?.()
          },
          enumerable: false,
        },
        regenerate: { value: done => done?.(), enumerable: false },
      },
    )
    const before = JSON.stringify(request.session)
    const end = response.end
    response.end = (...args) => {
      const changed =
        request.session && (JSON.stringify(request.session) !== before || options?.saveUninitialized !== false)
      if (request.session && (changed || !fresh)) store.sessions.set(id, { ...request.session })
      if (fresh && changed && !response.headersSent)
        response.appendHeader(
          'Set-Cookie',
          `${name}=${encodeURIComponent(sign(id))}; Path=${cookie.path}${cookie.httpOnly ? '; HttpOnly' : ''}`,
        )
      return end.apply(response, args)
    }
    next()
  }
}
module.exports = Object.assign(session, { MemoryStore })
