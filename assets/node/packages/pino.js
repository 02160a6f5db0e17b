// pino: one JSON line a message.
const levels = { trace: 10, debug: 20, info: 30, warn: 40, error: 50, fatal: 60 }
const make = (options, bound) => {
  const least = levels[options.level ?? 'info'] ?? 30
  const logger = {
    level: options.level ?? 'info',
    child: more => make(options, { ...bound, ...more }),
    bindings: () => bound,
  }
  for (const [name, level] of Object.entries(levels))
    logger[name] = (first, ...rest) => {
      if (options.enabled === false || level < least) return
      const fields =
        first instanceof Error
          ? { err: { type: first.name, message: first.message, stack: first.stack } }
          : typeof first === 'object'
            ? first
            : {}
      const words = typeof first === 'object' ? rest : [first, ...rest]
      const msg =
        words.length > 0 ? require('util').format(...words) : first instanceof Error ? first.message : undefined
      console.log(
        JSON.stringify({
          level,
          time: Date.now(),
          pid: process.pid,
          hostname: require('os').hostname(),
          ...(options.name && { name: options.name }),
          ...bound,
          ...fields,
          ...(msg !== undefined && { msg }),
        }),
      )
    }
  logger.silent = () => {}
  return logger
}
module.exports = Object.assign((options = {}) => make(options, {}), {
  pino: (options = {}) => make(options, {}),
  levels: { values: levels },
})
