// node-fetch: the built-in fetch.
module.exports = Object.assign((...args) => fetch(...args), {
  default: (...args) => fetch(...args),
  Headers,
  Request,
  Response,
})
