// debug
const make = name => {
  const log = (...args) => {
    if (!log.enabled) return
    console.error(`${new Date().toISOString()} ${name} ${require('util').format(...args)}`)
  }
  const wanted = (process.env.DEBUG ?? '').split(',').filter(Boolean)
  log.enabled = wanted.some(each =>
    new RegExp(
      `^${each
        .trim()
        .replace(/[.+?^${}()|[\]\\]/g, '\\$&')
        .replaceAll('*', '.*')}$`,
    ).test(name),
  )
  log.namespace = name
  log.extend = more => make(`${name}:${more}`)
  return log
}
module.exports = Object.assign(make, { default: make, enable() {}, disable() {} })
