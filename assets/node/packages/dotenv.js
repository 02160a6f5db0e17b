// dotenv: variables of a file, for the environment.
const fs = require('fs')
const parse = text => {
  const made = {}
  for (const line of text.toString().split(/\r?\n/)) {
    const match = /^\s*(?:export\s+)?([\w.-]+)\s*[=:]\s*(.*)?\s*$/.exec(line)
    if (!match || line.trim().startsWith('#')) continue
    const value = (match[2] ?? '').trim()
    const quoted = /^(['"`])([\s\S]*?)\1/.exec(value)
    made[match[1]] = quoted
      ? quoted[1] === '"'
        ? quoted[2].replace(/\\n/g, '\n')
        : quoted[2]
      : value.replace(/\s+#.*$/, '')
  }
  return made
}
const config = (options = {}) => {
  const parsed = {}
  try {
    Object.assign(parsed, parse(fs.readFileSync(options.path ?? require('path').resolve('.env'))))
  } catch (error) {
    return { error, parsed }
  }
  for (const [key, value] of Object.entries(parsed))
    if (options.override || process.env[key] === undefined) process.env[key] = value
  return { parsed }
}
Object.assign(exports, { config, parse, default: { config, parse } })
