// console, on the process's streams.
const { formatWithOptions, inspect } = require('util')
const counts = new Map()
const starts = new Map()
let indent = ''
const write = (fd, args) => {
  const colors = internal.boot.tty[fd] && process.env.NO_COLOR === undefined
  let text = formatWithOptions({ colors }, ...args)
  if (indent)
    text = text
      .split('\n')
      .map(line => indent + line)
      .join('\n')
  internal.call('out', fd, internal.latin1(internal.utf8.encode(`${text}\n`)))
}
const elapsed = from => {
  const ms = performance.now() - from
  return ms >= 1000 ? `${(ms / 1000).toFixed(3)}s` : `${Number(ms.toFixed(3))}ms`
}
class Console {
  log = (...args) => write(1, args)
  info = (...args) => write(1, args)
  debug = (...args) => write(1, args)
  error = (...args) => write(2, args)
  warn = (...args) => write(2, args)
  trace = (...args) => {
    const stack = new Error('').stack.split('\n').slice(2).join('\n')
    write(2, [`Trace${args.length ? `: ${formatWithOptions({}, ...args)}` : ''}\n${stack}`])
  }
  dir = (value, options) => write(1, [inspect(value, { customInspect: false, ...options })])
  dirxml = (...args) => write(1, args)
  assert = (test, ...args) => {
    if (test) return
    if (typeof args[0] === 'string') args[0] = `Assertion failed: ${args[0]}`
    else args.unshift('Assertion failed')
    write(2, args)
  }
  count = (label = 'default') => {
    const next = (counts.get(label) ?? 0) + 1
    counts.set(label, next)
    write(1, [`${label}: ${next}`])
  }
  countReset = (label = 'default') => void counts.delete(label)
  group = (...args) => {
    if (args.length > 0) write(1, args)
    indent += '  '
  }
  groupCollapsed = (...args) => this.group(...args)
  groupEnd = () => {
    indent = indent.slice(2)
  }
  time = (label = 'default') => void starts.set(label, performance.now())
  timeEnd = (label = 'default') => {
    const from = starts.get(label)
    if (from === undefined) return
    write(1, [`${label}: ${elapsed(from)}`])
    starts.delete(label)
  }
  timeLog = (label = 'default', ...args) => {
    const from = starts.get(label)
    if (from !== undefined) write(1, [`${label}: ${elapsed(from)}`, ...args])
  }
  table = (data, columns) => {
    if (data === null || typeof data !== 'object') return write(1, [data])
    const rows = Object.entries(data)
    const keys = columns ?? [
      ...new Set(rows.flatMap(([, row]) => (row !== null && typeof row === 'object' ? Object.keys(row) : []))),
    ]
    const values = rows.some(([, row]) => row === null || typeof row !== 'object')
    const head = ['(index)', ...keys, ...(values ? ['Values'] : [])]
    const cells = rows.map(([index, row]) => [
      index,
      ...keys.map(key =>
        row !== null && typeof row === 'object' && key in row ? inspect(row[key], { depth: 0 }) : '',
      ),
      ...(values ? [row === null || typeof row !== 'object' ? inspect(row) : ''] : []),
    ])
    const widths = head.map((text, at) => Math.max(text.length, ...cells.map(row => row[at].length)) + 2)
    const major = (internal.boot.major >= 20 && internal.boot.minor >= 11) || internal.boot.major > 20
    const center = (text, width) => {
      if (major) return ` ${text}${' '.repeat(width - text.length - 1)}`
      const left = Math.floor((width - text.length) / 2)
      return ' '.repeat(left) + text + ' '.repeat(width - text.length - left)
    }
    const line = (a, b, c) => a + widths.map(width => '─'.repeat(width)).join(b) + c
    const row = each => `│${each.map((text, at) => center(text, widths[at])).join('│')}│`
    write(1, [[line('┌', '┬', '┐'), row(head), line('├', '┼', '┤'), ...cells.map(row), line('└', '┴', '┘')].join('\n')])
  }
  clear = () => {}
  Console = Console
}
module.exports = new Console()
