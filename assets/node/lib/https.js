// https: TLS is not modelled. Clients fail when they connect; a server says so when it is made.
const http = require('http')
Object.assign(exports, http, {
  request: (options, done) => http.__https(typeof options === 'string' ? new URL(options) : options, done),
  get: (options, done) => http.__https(typeof options === 'string' ? new URL(options) : options, done),
  createServer() {
    throw new Error('minidock: TLS servers are not modelled')
  },
})
