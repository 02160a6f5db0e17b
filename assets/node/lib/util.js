// util: inspect and format print what node prints; promisify, inherits, types.
const isPlainKey = key => /^[A-Za-z_$][\w$]*$/.test(key)
const quote = text => {
  const mark = !text.includes("'")
    ? "'"
    : !text.includes('"')
      ? '"'
      : !text.includes('`') && !text.includes('${')
        ? '`'
        : "'"
  const body = text
    .replace(/\\/g, '\\\\')
    .replace(/\n/g, '\\n')
    .replace(/\t/g, '\\t')
    .replace(/\r/g, '\\r')
    .replace(/[\b]/g, '\\b')
    .replace(/\f/g, '\\f')
    .replace(/\v/g, '\\v')
    .replace(/[\x00-\x1f\x7f]/g, char => `\\x${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`)
  return mark + (mark === "'" ? body.replace(/'/g, "\\'") : body) + mark
}
const colors = {
  number: 33,
  bigint: 33,
  boolean: 33,
  string: 32,
  symbol: 32,
  undefined: 90,
  null: 1,
  special: 36,
  date: 35,
  regexp: 31,
}
const ends = { null: 22 }
const paint = (context, kind, text) => (context.colors ? `\x1b[${colors[kind]}m${text}\x1b[${ends[kind] ?? 39}m` : text)

const constructorName = value => {
  for (let each = value; each; each = Object.getPrototypeOf(each)) {
    const own = Object.getOwnPropertyDescriptor(each, 'constructor')
    if (own && typeof own.value === 'function' && own.value.name !== '') return own.value.name
  }
  return null
}

function primitive(context, value) {
  if (value === null) return paint(context, 'null', 'null')
  switch (typeof value) {
    case 'string': {
      const limit = context.maxStringLength ?? 10000
      const cut =
        value.length > limit ? `... ${value.length - limit} more character${value.length - limit > 1 ? 's' : ''}` : ''
      return paint(context, 'string', quote(cut ? value.slice(0, limit) : value)) + cut
    }
    case 'number':
      return paint(context, 'number', Object.is(value, -0) ? '-0' : String(value))
    case 'bigint':
      return paint(context, 'bigint', `${value}n`)
    case 'boolean':
      return paint(context, 'boolean', String(value))
    case 'undefined':
      return paint(context, 'undefined', 'undefined')
    case 'symbol':
      return paint(context, 'symbol', value.toString())
  }
  return undefined
}

function property(context, value, key, level, arrayKey) {
  const descriptor = Object.getOwnPropertyDescriptor(value, key) ?? { value: value[key], enumerable: true }
  let text
  if (descriptor.value !== undefined || !('get' in descriptor)) text = show(context, descriptor.value, level)
  else if (descriptor.get) text = paint(context, 'special', descriptor.set ? '[Getter/Setter]' : '[Getter]')
  else text = descriptor.set ? paint(context, 'special', '[Setter]') : paint(context, 'undefined', 'undefined')
  if (arrayKey) return text
  const name =
    typeof key === 'symbol'
      ? `[${paint(context, 'symbol', key.toString())}]`
      : isPlainKey(key)
        ? key
        : paint(context, 'string', quote(key))
  return descriptor.enumerable ? `${name}: ${text}` : `[${String(name)}]: ${text}`
}

const ownKeys = (context, value) => {
  const keys = context.showHidden ? Object.getOwnPropertyNames(value) : Object.keys(value)
  const symbols = Object.getOwnPropertySymbols(value).filter(
    key => context.showHidden || Object.getOwnPropertyDescriptor(value, key).enumerable,
  )
  return [...keys, ...symbols]
}

function show(context, value, level = 0) {
  const simple = value === null || (typeof value !== 'object' && typeof value !== 'function')
  if (simple) return primitive(context, value)
  const custom = value[inspect.custom]
  if (typeof custom === 'function' && custom !== inspect && context.customInspect !== false) {
    const depth = context.depth === null ? null : context.depth - level
    const shown = custom.call(
      value,
      depth,
      { ...context, depth, stylize: (text, kind) => paint(context, kind, text) },
      inspect,
    )
    if (shown !== value)
      return typeof shown === 'object' && shown !== null
        ? show(context, shown, level)
        : String(shown).replaceAll('\n', `\n${' '.repeat(context.indent)}`)
  }
  if (context.seen.includes(value)) {
    if (!context.circular.has(value)) context.circular.set(value, context.circular.size + 1)
    return paint(context, 'special', `[Circular *${context.circular.get(value)}]`)
  }
  return complex(context, value, level)
}

function complex(context, value, level) {
  const name = constructorName(value)
  const tag = value[Symbol.toStringTag]
  const label = name ?? `[Object: null prototype]`
  const tagged = typeof tag === 'string' && tag !== '' && tag !== name ? ` [${tag}]` : ''
  let keys = ownKeys(context, value)
  let braces = ['{', '}']
  let base = ''
  let list = []
  let arrayLike = false
  const prefix = (fallback, size) => {
    const shown =
      name === null
        ? `[${fallback}${size === undefined ? '' : `(${size})`}: null prototype] `
        : `${label}${size === undefined ? '' : `(${size})`}${tagged} `
    return shown
  }
  const inner = work => {
    context.seen.push(value)
    context.indent += 2
    try {
      return work()
    } finally {
      context.indent -= 2
      context.seen.pop()
    }
  }
  const tooDeep = context.depth !== null && level > context.depth
  if (!tooDeep) context.current = level
  const deepName = shown => paint(context, 'special', `[${shown}]`)

  if (Array.isArray(value)) {
    arrayLike = true
    keys = keys.filter(key => typeof key === 'symbol' || !/^\d+$/.test(key))
    braces = [name === 'Array' && !tagged ? '[' : `${prefix('Array', value.length)}[`, ']']
    if (value.length === 0 && keys.length === 0) return `${braces[0]}]`
    if (tooDeep) return deepName('Array')
    list = inner(() => arrayItems(context, value, level))
  } else if (value instanceof Set) {
    braces[0] = `${prefix('Set', value.size)}{`
    if (value.size === 0 && keys.length === 0) return `${braces[0]}}`
    if (tooDeep) return deepName(label)
    list = inner(() => [...value].map(each => show(context, each, level + 1)))
  } else if (value instanceof Map) {
    braces[0] = `${prefix('Map', value.size)}{`
    if (value.size === 0 && keys.length === 0) return `${braces[0]}}`
    if (tooDeep) return deepName(label)
    list = inner(() =>
      [...value].map(([key, each]) => `${show(context, key, level + 1)} => ${show(context, each, level + 1)}`),
    )
  } else if (typeof Buffer !== 'undefined' && internal.libs.has('buffer') && value instanceof Buffer) {
    const shown = [...value.subarray(0, 50)].map(byte => byte.toString(16).padStart(2, '0')).join(' ')
    const more = value.length > 50 ? ` ... ${value.length - 50} more byte${value.length > 51 ? 's' : ''}` : ''
    return `<Buffer${shown ? ` ${shown}` : ''}${more}>`
  } else if (ArrayBuffer.isView(value) && !(value instanceof DataView)) {
    arrayLike = true
    keys = keys.filter(key => typeof key === 'symbol' || !/^\d+$/.test(key))
    braces = [`${prefix('TypedArray', value.length)}[`, ']']
    if (value.length === 0) return `${braces[0]}]`
    if (tooDeep) return deepName(label)
    list = arrayItems(context, [...value.subarray(0, 101)], level, value.length)
  } else if (value instanceof Promise) {
    braces[0] = `${prefix('Promise')}{`
    list = [paint(context, 'special', '<pending>')]
  } else if (value instanceof WeakMap || value instanceof WeakSet) {
    return `${label} { ${paint(context, 'special', '<items unknown>')} }`
  } else if (typeof value === 'function') {
    base = functionBase(value, name)
    if (keys.length === 0) return paint(context, 'special', base)
    base = paint(context, 'special', base)
  } else if (value instanceof RegExp) {
    base = paint(context, 'regexp', String(value))
    if (keys.length === 0) return base
  } else if (value instanceof Date) {
    base = paint(context, 'date', Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString())
    if (keys.length === 0) return base
  } else if (value instanceof Error) {
    base = errorText(context, value)
    keys = keys.filter(key => !['stack', 'message', 'name'].includes(key) || !base.includes(String(value[key])))
    if ('cause' in value && Object.hasOwn(value, 'cause') && !keys.includes('cause')) keys.push('cause')
    if (keys.length === 0) return base
    if (tooDeep) return base
  } else if (value instanceof Number || value instanceof String || value instanceof Boolean) {
    base = paint(
      context,
      typeof value.valueOf(),
      `[${label}: ${primitive({ ...context, colors: false }, value.valueOf())}]`,
    )
    keys = keys.filter(key => typeof key === 'symbol' || !/^\d+$/.test(key))
    if (keys.length === 0) return base
  } else if (isArguments(value)) {
    braces[0] = '[Arguments] {'
  } else if (value instanceof ArrayBuffer) {
    braces[0] = `${prefix('ArrayBuffer')}{`
    list = [
      `[Uint8Contents]: <${[...new Uint8Array(value).subarray(0, 50)].map(byte => byte.toString(16).padStart(2, '0')).join(' ')}>`,
      `byteLength: ${paint(context, 'number', value.byteLength)}`,
    ]
  } else {
    if (typeof value.next === 'function' && typeof tag === 'string' && tag === 'Generator')
      braces[0] = 'Object [Generator] {'
    else if (name !== 'Object' || tagged)
      braces[0] = `${name === null ? '[Object: null prototype] ' : prefix('Object')}{`
    if (keys.length === 0) return `${braces[0]}}`
    if (tooDeep) return deepName(name === null ? 'Object: null prototype' : `${label}${tagged}`)
  }
  if (tooDeep) return deepName(label)
  const own = inner(() => keys.map(key => property(context, value, key, level + 1, false)))
  list = [...list, ...own]
  if (context.sorted) list.sort()
  const circular = context.circular.get(value)
  const mark = circular === undefined ? '' : paint(context, 'special', `<ref *${circular}> `)
  return mark + reduce(context, list, base, braces, arrayLike, level, value)
}

const isArguments = value => Object.prototype.toString.call(value) === '[object Arguments]'

function functionBase(value, name) {
  const text = Function.prototype.toString.call(value)
  if (text.startsWith('class') && text.endsWith('}')) {
    const parent = Object.getPrototypeOf(value)?.name
    return `[class ${value.name || '(anonymous)'}${parent ? ` extends ${parent}` : ''}]`
  }
  const kind = name ?? 'Function'
  return `[${kind}${value.name ? `: ${value.name}` : ' (anonymous)'}]`
}

function errorText(context, error) {
  const stack = typeof error.stack === 'string' ? error.stack : ''
  const head = `${error.name}${error.message ? `: ${error.message}` : ''}`
  if (!stack.includes('\n    at ')) return `[${stack === '' ? head : stack}]`
  // The stack was made when the error was: name and message may have changed since.
  const lines = stack.split('\n    at ')
  const listed = lines.slice(1).map(line => `    at ${line}`)
  const first = lines[0]
  const code =
    error.code !== undefined && typeof error.code === 'string' && internal.isNodeError?.(error)
      ? head.replace(error.name, `${error.name} [${error.code}]`)
      : undefined
  const shown = [
    code ??
      (first.includes(error.message) && first.startsWith(error.name)
        ? first
        : head.includes('\n')
          ? head
          : first.startsWith('Error') && error.name !== 'Error'
            ? head
            : first || head),
    ...listed,
  ].join('\n')
  return context.indent > 0 ? shown.replaceAll('\n', `\n${' '.repeat(context.indent)}`) : shown
}

function arrayItems(context, value, level, length = value.length) {
  const most = context.maxArrayLength ?? 100
  const items = []
  let holes = 0
  const flush = () => {
    if (holes > 0) items.push(paint(context, 'undefined', `<${holes} empty item${holes > 1 ? 's' : ''}>`))
    holes = 0
  }
  let at = 0
  for (; at < length && items.length < most; at++) {
    if (!(at in value)) {
      holes++
      continue
    }
    flush()
    if (items.length >= most) break
    items.push(property(context, value, at, level + 1, true))
  }
  flush()
  const left = length - at
  if (left > 0) items.push(`... ${left} more item${left > 1 ? 's' : ''}`)
  return items
}

const plainLength = text => text.replace(/\x1b\[\d+m/g, '').length

function reduce(context, given, base, braces, arrayLike, level, value) {
  let list = given
  if (context.compact !== false) {
    const compact = typeof context.compact === 'number' ? context.compact : 3
    const entries = list.length
    if (arrayLike && entries > 6) list = group(context, list, value)
    if (context.current - level < compact && entries === list.length) {
      const total =
        list.reduce((sum, each) => sum + plainLength(each) + 2, 0) + braces[0].length + base.length + context.indent
      if (
        total + list.length <= context.breakLength &&
        !list.some(each => each.includes('\n')) &&
        !base.includes('\n')
      ) {
        const joined = list.join(', ')
        return `${base ? `${base} ` : ''}${braces[0]} ${joined} ${braces[1]}`
      }
    }
  }
  const indentation = `\n${' '.repeat(context.indent)}`
  return `${base ? `${base} ` : ''}${braces[0]}${indentation}  ${list.join(`,${indentation}  `)}${indentation}${braces[1]}`
}

/** Many short items stand in columns, as node has them. */
function group(context, list, value) {
  let total = 0
  let longest = 0
  const extra = list.at(-1).startsWith('... ') ? 1 : 0
  const count = list.length - extra
  const lengths = []
  for (let at = 0; at < count; at++) {
    const length = plainLength(list[at])
    lengths[at] = length
    total += length + 2
    if (length > longest) longest = length
  }
  const actual = longest + 2
  if (!(actual * 3 + context.indent < context.breakLength && (total / actual > 5 || longest <= 6))) return list
  const bias = Math.sqrt(actual - total / list.length)
  const biased = Math.max(actual - 3 - bias, 1)
  const exact = Math.min(
    Math.round(Math.sqrt(2.5 * biased * count) / biased),
    Math.floor((context.breakLength - context.indent) / actual),
    (typeof context.compact === 'number' ? context.compact : 3) * 4,
    15,
  )
  if (exact <= 1) return list
  const widths = []
  for (let column = 0; column < exact; column++) {
    let width = 0
    for (let at = column; at < count; at += exact) if (lengths[at] > width) width = lengths[at]
    widths.push(width + 2)
  }
  const numeric =
    value !== undefined &&
    [...value].slice(0, count).every(each => typeof each === 'number' || typeof each === 'bigint')
  const rows = []
  for (let at = 0; at < count; at += exact) {
    const last = Math.min(at + exact, count)
    let row = ''
    for (let each = at; each < last - 1; each++) {
      const cell = `${list[each]}, `
      const pad = ' '.repeat(Math.max(0, widths[each - at] - lengths[each] - 2))
      row += numeric ? pad + cell : cell + pad
    }
    if (numeric) row += ' '.repeat(Math.max(0, widths[last - 1 - at] - 2 - lengths[last - 1])) + list[last - 1]
    else row += list[last - 1]
    rows.push(row)
  }
  if (extra) rows.push(list.at(-1))
  return rows
}

function inspect(value, options, ...old) {
  const given = typeof options === 'boolean' ? { showHidden: options, depth: old[0], colors: old[1] } : (options ?? {})
  const context = {
    depth: given.depth === undefined ? 2 : given.depth === Infinity ? null : given.depth,
    colors: given.colors === true,
    showHidden: given.showHidden === true,
    compact: given.compact ?? 3,
    breakLength: given.breakLength ?? 80,
    maxArrayLength: given.maxArrayLength === null ? Infinity : given.maxArrayLength,
    maxStringLength: given.maxStringLength === null ? Infinity : given.maxStringLength,
    customInspect: given.customInspect,
    sorted: given.sorted,
    seen: [],
    circular: new Map(),
    indent: 0,
    current: 0,
  }
  return show(context, value)
}
inspect.custom = Symbol.for('nodejs.util.inspect.custom')
inspect.defaultOptions = {}

function formatWith(options, ...args) {
  const [first] = args
  let text = ''
  let at = 0
  if (typeof first === 'string') {
    at = 1
    if (args.length === 1) return first
    text = first.replace(/%[sdifjoOc%]/g, mark => {
      if (mark === '%%') return '%'
      if (at >= args.length) return mark
      const value = args[at++]
      switch (mark) {
        case '%s':
          if (typeof value === 'bigint') return `${value}n`
          if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value)
          if (typeof value === 'object' && value !== null) {
            const own =
              !(value instanceof Error) &&
              value.toString !== Object.prototype.toString &&
              typeof value.toString === 'function' &&
              !Array.isArray(value)
            return own || value instanceof Error
              ? String(value)
              : inspect(value, { ...options, depth: 0, colors: false, compact: 3 })
          }
          return String(value)
        case '%d':
          return typeof value === 'bigint' ? `${value}n` : typeof value === 'symbol' ? 'NaN' : String(Number(value))
        case '%i':
          return typeof value === 'bigint' ? `${value}n` : String(Number.parseInt(value, 10))
        case '%f':
          return String(Number.parseFloat(value))
        case '%j':
          try {
            return String(JSON.stringify(value))
          } catch {
            return '[Circular]'
          }
        case '%o':
          return inspect(value, { ...options, showHidden: true, depth: 4 })
        case '%O':
          return inspect(value, options)
      }
      return ''
    })
  }
  for (; at < args.length; at++) {
    const value = args[at]
    text += (at > 0 ? ' ' : '') + (typeof value === 'string' ? value : inspect(value, options))
  }
  return text
}

const custom = Symbol.for('nodejs.util.promisify.custom')
function promisify(work) {
  if (typeof work[custom] === 'function') return work[custom]
  return function (...args) {
    return new Promise((resolve, reject) => {
      work.call(this, ...args, (error, value) => (error ? reject(error) : resolve(value)))
    })
  }
}
promisify.custom = custom

Object.assign(exports, {
  inspect,
  format: (...args) => formatWith({}, ...args),
  formatWithOptions: formatWith,
  promisify,
  callbackify:
    work =>
    (...args) => {
      const done = args.pop()
      work(...args).then(
        value => done(null, value),
        error => done(error),
      )
    },
  inherits(child, parent) {
    Object.defineProperty(child, 'super_', { value: parent, writable: true, configurable: true })
    Object.setPrototypeOf(child.prototype, parent.prototype)
  },
  deprecate: work => work,
  debuglog: () => () => {},
  isDeepStrictEqual: (a, b) => {
    try {
      require('assert').deepStrictEqual(a, b)
      return true
    } catch {
      return false
    }
  },
  isArray: Array.isArray,
  stripVTControlCharacters: text => text.replace(/\x1b\[[0-9;]*[A-Za-z]/g, ''),
  styleText: (_, text) => text,
  toUSVString: text => text.toWellFormed?.() ?? text,
  TextEncoder,
  TextDecoder,
  types: {
    isDate: value => value instanceof Date,
    isRegExp: value => value instanceof RegExp,
    isPromise: value => value instanceof Promise,
    isMap: value => value instanceof Map,
    isSet: value => value instanceof Set,
    isNativeError: value => value instanceof Error,
    isTypedArray: value => ArrayBuffer.isView(value) && !(value instanceof DataView),
    isUint8Array: value => value instanceof Uint8Array,
    isArrayBuffer: value => value instanceof ArrayBuffer,
    isAsyncFunction: value => Object.prototype.toString.call(value) === '[object AsyncFunction]',
    isGeneratorFunction: value => Object.prototype.toString.call(value) === '[object GeneratorFunction]',
  },
  parseArgs(config = {}) {
    const args = config.args ?? process.argv.slice(2)
    const values = Object.create(null)
    const positionals = []
    for (let at = 0; at < args.length; at++) {
      const [, long, , value] = /^--([^=]+)(=(.*))?$/s.exec(args[at]) ?? []
      const short = /^-(\w)$/.exec(args[at])?.[1]
      const name = long ?? Object.keys(config.options ?? {}).find(key => config.options[key].short === short && short)
      if (name === undefined) positionals.push(args[at])
      else values[name] = config.options?.[name]?.type === 'string' ? (value ?? args[++at]) : true
    }
    for (const [name, option] of Object.entries(config.options ?? {}))
      if (option.default !== undefined && !(name in values)) values[name] = option.default
    return { values, positionals }
  },
})
internal.isNodeError = error => typeof error.code === 'string' && error.code.startsWith('ERR_')
