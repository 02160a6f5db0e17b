// What a script finds in its global scope, and the module loader. Runs first in every sandbox; all it knows of the
// container comes through `__host(operation, JSON)`.
;(() => {
  const host = globalThis.__host
  delete globalThis.__host
  const call = (op, ...args) => {
    const reply = JSON.parse(host(op, JSON.stringify(args)))
    if (reply.errno) {
      const { code, text, number } = reply.errno
      const path = typeof args[0] === 'string' ? ` '${args[0]}'` : ''
      const name = reply.errno.call ?? op
      const error = new Error(`${code}: ${text}, ${name}${path}`)
      Object.assign(error, { errno: -number, code, syscall: name })
      if (path) error.path = args[0]
      throw error
    }
    return reply.value
  }
  const boot = call('boot')
  const internal = { call, boot, libs: new Map(), handles: new Map(), turns: [] }

  // --- errors as V8 words and lists them
  const sources = new Map()
  const compiled = new Map()
  internal.sources = sources
  /** Where something is in the source as it was written, by where it is in what the engine got, as V8 counts. */
  const original = (file, line, column) => {
    const given = compiled.get(file)
    if (!given) return column
    const before = (given.text.split('\n', line)[line - 1] ?? '').slice(0, column - 1)
    let at = column - 7 * (before.split('__kept(').length - 1) - (line === 1 ? given.prefix - 1 : 0)
    const text = sources.get(file)?.split('\n', line)[line - 1] ?? ''
    if (text.slice(0, at - 1).endsWith('new ')) at -= 4
    const member = /^[\w$]+(?:\.[\w$]+)*\.(?=[\w$]+\()/.exec(text.slice(at - 1))
    if (member && !/[\w$.]$/.test(text.slice(0, at - 1))) at += member[0].length
    return Math.max(1, at)
  }
  const calleeAt = (file, line, column) => {
    const text = sources.get(file)?.split('\n')[line - 1]
    if (!text) return undefined
    const rest = text.slice(0, column - 1)
    const before = /[\w$.\])]*$/.exec(rest)?.[0] ?? ''
    const after = /^[\w$.]*/.exec(text.slice(column - 1))?.[0] ?? ''
    const name = (before + after).replace(/^[.)\]]+/, '')
    return name === '' ? undefined : name
  }
  const wording = [
    [/^cannot read property '(.*)' of (undefined|null)$/, m => `Cannot read properties of ${m[2]} (reading '${m[1]}')`],
    [/^cannot set property '(.*)' of (undefined|null)$/, m => `Cannot set properties of ${m[2]} (setting '${m[1]}')`],
    [/^not a function$/, (_, at) => `${at ?? 'value'} is not a function`],
    [/^not a constructor$/, (_, at) => `${at ?? 'value'} is not a constructor`],
    [/^'(.*)' is read-only$/, () => 'Assignment to constant variable.'],
    [/^value is not iterable$/, (_, at) => `${at ?? 'value'} is not iterable`],
    [/^(.*) is not initialized$/, m => `Cannot access '${m[1].replace(/^'|'$/g, '')}' before initialization`],
    [/^(?:Maximum call stack size exceeded|stack overflow)$/, () => 'Maximum call stack size exceeded'],
  ]
  Error.prepareStackTrace = (error, sites) => {
    if (error instanceof TypeError || error instanceof ReferenceError || error instanceof RangeError)
      for (const [test, say] of wording) {
        const match = test.exec(error.message)
        if (!match) continue
        const site = sites.find(each => !each.isNative())
        const at =
          site &&
          calleeAt(
            site.getFileName(),
            site.getLineNumber(),
            original(site.getFileName(), site.getLineNumber(), site.getColumnNumber()),
          )
        const value = say(match, at)
        Object.defineProperty(error, 'message', { value, configurable: true, writable: true, enumerable: false })
        break
      }
    const lines = []
    for (const site of sites) {
      const file = site.getFileName()
      if (site.isNative()) {
        const name = site.getFunctionName()
        if (name && name !== 'call' && name !== 'apply') lines.push(`    at ${name} (<anonymous>)`)
        continue
      }
      if (!file || file.startsWith('node:internal/')) continue
      const column = original(file, site.getLineNumber(), site.getColumnNumber())
      const place = `${file}:${site.getLineNumber()}:${column}`
      const name = site.getFunctionName()
      if (name === '__module') lines.push(`    at Object.<anonymous> (${place})`)
      else if (name && name !== '<anonymous>' && name !== '<eval>') lines.push(`    at ${name} (${place})`)
      else lines.push(`    at ${place}`)
    }
    if (internal.mainTail && lines.length < 10) lines.push(...internal.mainTail.slice(0, 10 - lines.length))
    const head = error.message === '' || error.message === undefined ? error.name : `${error.name}: ${error.message}`
    return `${head}\n${lines.join('\n')}`
  }

  // --- text and bytes
  const utf8 = {
    encode(text) {
      const bytes = []
      for (const char of String(text)) {
        let code = char.codePointAt(0)
        if (code >= 0xd800 && code <= 0xdfff) code = 0xfffd
        if (code < 0x80) bytes.push(code)
        else if (code < 0x800) bytes.push(0xc0 | (code >> 6), 0x80 | (code & 63))
        else if (code < 0x10000) bytes.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63))
        else bytes.push(0xf0 | (code >> 18), 0x80 | ((code >> 12) & 63), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63))
      }
      return Uint8Array.from(bytes)
    },
    decode(bytes) {
      let text = ''
      for (let at = 0; at < bytes.length; ) {
        const first = bytes[at++]
        if (first < 0x80) {
          text += String.fromCharCode(first)
          continue
        }
        const more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : first >= 0xc2 ? 1 : 0
        let code = first & (0x3f >> more)
        let good = more > 0 && first < 0xf5
        const start = at
        for (let step = 0; step < more && good; step++) {
          const next = bytes[at]
          if (next === undefined || (next & 0xc0) !== 0x80) good = false
          else {
            code = (code << 6) | (next & 63)
            at++
          }
        }
        if (good) text += String.fromCodePoint(code)
        else {
          text += '\ufffd'
          if (at > start && more === 0) at = start
        }
      }
      return text
    },
  }
  const latin1 = bytes => {
    let text = ''
    for (let at = 0; at < bytes.length; at += 4096) text += String.fromCharCode(...bytes.subarray(at, at + 4096))
    return text
  }
  const fromLatin1 = text => {
    const bytes = new Uint8Array(text.length)
    for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at)
    return bytes
  }
  Object.assign(internal, { utf8, latin1, fromLatin1 })
  globalThis.TextEncoder = class TextEncoder {
    encoding = 'utf-8'
    encode(text = '') {
      return utf8.encode(text)
    }
  }
  globalThis.TextDecoder = class TextDecoder {
    encoding = 'utf-8'
    decode(bytes = new Uint8Array(0)) {
      return utf8.decode(bytes instanceof ArrayBuffer ? new Uint8Array(bytes) : bytes)
    }
  }

  // --- the container's clock and randomness
  const RealDate = Date
  const ContainerDate = function Date(...args) {
    if (!new.target) return new RealDate(call('now')).toString()
    return Reflect.construct(RealDate, args.length === 0 ? [call('now')] : args, new.target)
  }
  ContainerDate.prototype = RealDate.prototype
  Object.defineProperty(RealDate.prototype, 'constructor', {
    value: ContainerDate,
    writable: true,
    configurable: true,
    enumerable: false,
  })
  Object.defineProperty(ContainerDate, 'length', { value: 7 })
  for (const name of ['parse', 'UTC'])
    Object.defineProperty(ContainerDate, name, { value: RealDate[name], writable: true, configurable: true })
  Object.defineProperty(ContainerDate, 'now', {
    value: () => Math.floor(call('now')),
    writable: true,
    configurable: true,
  })
  Object.defineProperty(globalThis, 'Date', {
    value: ContainerDate,
    writable: true,
    configurable: true,
    enumerable: false,
  })
  Math.random = () => {
    const bytes = fromLatin1(call('random', 7))
    let value = 0
    for (const byte of bytes) value = (value + byte) / 256
    return value
  }

  // --- timers on the container's clock
  const timers = new Map()
  let nextTimer = 1
  class Timeout {
    constructor(work, after, args, again) {
      this.id = nextTimer++
      this.work = work
      this.args = args
      this.after = Math.max(1, Math.min(2147483647, Number(after) || 1))
      this.again = again
      this.held = true
      this.at = call('now') + this.after
      timers.set(this.id, this)
    }
    ref() {
      this.held = true
      return this
    }
    unref() {
      this.held = false
      return this
    }
    hasRef() {
      return this.held
    }
    refresh() {
      this.at = call('now') + this.after
      timers.set(this.id, this)
      return this
    }
    close() {
      timers.delete(this.id)
      return this
    }
    [Symbol.toPrimitive]() {
      return this.id
    }
  }
  const checked = work => {
    if (typeof work === 'function') return work
    const error = new TypeError(
      `The "callback" argument must be of type function. Received ${work === undefined ? 'undefined' : typeof work}`,
    )
    error.code = 'ERR_INVALID_ARG_TYPE'
    throw error
  }
  globalThis.setTimeout = (work, after, ...args) => new Timeout(checked(work), after, args, false)
  globalThis.setInterval = (work, after, ...args) => new Timeout(checked(work), after, args, true)
  globalThis.clearTimeout = globalThis.clearInterval = timer => {
    if (timer !== undefined && timer !== null) timers.delete(Number(timer.id ?? timer))
  }
  const immediates = []
  globalThis.setImmediate = (work, ...args) => {
    const entry = { work: checked(work), args }
    immediates.push(entry)
    return entry
  }
  globalThis.clearImmediate = entry => {
    const at = immediates.indexOf(entry)
    if (at >= 0) immediates.splice(at, 1)
  }
  globalThis.queueMicrotask = work => void Promise.resolve().then(work)
  globalThis.structuredClone = value => clone(value, new Map())
  const clone = (value, seen) => {
    if (typeof value === 'function' || typeof value === 'symbol') {
      const error = new Error(`${String(value)} could not be cloned.`)
      error.name = 'DataCloneError'
      throw error
    }
    if (value === null || typeof value !== 'object') return value
    if (seen.has(value)) return seen.get(value)
    if (value instanceof Date) return new Date(value)
    if (value instanceof RegExp) return new RegExp(value)
    if (ArrayBuffer.isView(value)) return value.slice()
    const copy = Array.isArray(value) ? [] : value instanceof Map ? new Map() : value instanceof Set ? new Set() : {}
    seen.set(value, copy)
    if (value instanceof Map) for (const [key, each] of value) copy.set(clone(key, seen), clone(each, seen))
    else if (value instanceof Set) for (const each of value) copy.add(clone(each, seen))
    else for (const key of Object.keys(value)) copy[key] = clone(value[key], seen)
    return copy
  }
  const ticks = []
  internal.ticks = ticks

  // --- modules
  const cache = Object.create(null)
  const dirname = path => (path.lastIndexOf('/') <= 0 ? '/' : path.slice(0, path.lastIndexOf('/')))
  const join = (base, more) => {
    const parts = more.startsWith('/') ? [] : base.split('/').filter(Boolean)
    for (const part of more.split('/')) {
      if (part === '..') parts.pop()
      else if (part !== '' && part !== '.') parts.push(part)
    }
    return `/${parts.join('/')}`
  }
  const kind = path => call('kind', path)
  const packageJson = folder => {
    if (kind(`${folder}/package.json`) !== 'file') return undefined
    const text = utf8.decode(fromLatin1(call('read', `${folder}/package.json`)))
    try {
      return JSON.parse(text)
    } catch (cause) {
      const error = new Error(`Invalid package config ${folder}/package.json.`)
      error.code = 'ERR_INVALID_PACKAGE_CONFIG'
      error.cause = cause
      throw error
    }
  }
  const asFile = path => {
    if (kind(path) === 'file') return path
    for (const ending of ['.js', '.json', '.node', '.cjs', '.mjs'])
      if (kind(path + ending) === 'file') return path + ending
    return undefined
  }
  const asFolder = path => {
    if (kind(path) !== 'dir') return undefined
    const main = packageJson(path)?.main
    if (typeof main === 'string') {
      const found = asFile(join(path, main)) ?? asFile(join(join(path, main), 'index'))
      if (found) return found
    }
    return asFile(`${path}/index`)
  }
  const exported = (folder, subpath, esm) => {
    const { exports } = packageJson(folder) ?? {}
    if (exports === undefined || exports === null) return undefined
    const pick = entry => {
      if (typeof entry === 'string') return entry
      if (Array.isArray(entry)) return entry.map(pick).find(Boolean)
      if (entry && typeof entry === 'object')
        for (const key of Object.keys(entry))
          if (
            key === 'default' ||
            key === 'node' ||
            key === (esm ? 'import' : 'require') ||
            (esm && key === 'module-sync')
          ) {
            const found = pick(entry[key])
            if (found) return found
          }
      return undefined
    }
    const keys = typeof exports === 'object' && !Array.isArray(exports) ? Object.keys(exports) : []
    const bySubpath = keys.some(key => key.startsWith('.'))
    const entry = bySubpath ? exports[subpath] : subpath === '.' ? exports : undefined
    const target = pick(entry)
    return target && join(folder, target)
  }
  const notFound = (request, parents, esm) => {
    if (esm) {
      const relative = request.startsWith('/')
      const error = new Error(
        relative
          ? `Cannot find module '${request}' imported from ${parents[0]}`
          : `Cannot find package '${request}' imported from ${parents[0]}`,
      )
      error.code = 'ERR_MODULE_NOT_FOUND'
      return error
    }
    const lead = [
      '    at Module._resolveFilename (node:internal/modules/cjs/loader:1212:15)',
      '    at Module._load (node:internal/modules/cjs/loader:1043:27)',
      '    at Module.require (node:internal/modules/cjs/loader:1298:19)',
      '    at require (node:internal/modules/helpers:182:18)',
    ]
    const stack = parents.length > 0 ? `\nRequire stack:\n${parents.map(each => `- ${each}`).join('\n')}` : ''
    const error = new Error(`Cannot find module '${request}'${stack}`)
    error.code = 'MODULE_NOT_FOUND'
    error.requireStack = parents
    const [head, ...own] = error.stack.split('\n    at ')
    error.stack = [head, ...[...lead, ...own.map(each => `    at ${each}`)].slice(0, 10)].join('\n')
    Object.defineProperty(error, '__source', {
      value: 'node:internal/modules/cjs/loader:1215\n  throw err;\n  ^',
      enumerable: false,
      configurable: true,
    })
    return error
  }
  const builtins = new Set(boot.builtins)
  internal.isBuiltin = name => builtins.has(name.replace(/^node:/, ''))
  const packageOf = request =>
    request
      .split('/')
      .slice(0, request.startsWith('@') ? 2 : 1)
      .join('/')

  /** Where a request leads: { builtin }, { shim, folder } or { path }. */
  const resolve = (request, from, parents, esm = false) => {
    if (request.startsWith('node:') || builtins.has(request)) {
      const name = request.replace(/^node:/, '')
      if (builtins.has(name)) return { builtin: name }
      const error = new Error(`No such built-in module: ${request}`)
      error.code = 'ERR_UNKNOWN_BUILTIN_MODULE'
      throw error
    }
    if (/^(\.{0,2}\/|\.\.?$)/.test(request)) {
      const path = join(from, request)
      const found = esm ? (kind(path) === 'file' ? path : undefined) : (asFile(path) ?? asFolder(path))
      if (found) return { path: call('realpath', found) }
      throw notFound(esm ? path : request, parents, esm)
    }
    if (request.startsWith('#')) {
      for (let folder = from; ; folder = dirname(folder)) {
        const target = packageJson(folder)?.imports?.[request]
        if (typeof target === 'string') return { path: join(folder, target) }
        if (folder === '/') throw notFound(request, parents, esm)
      }
    }
    const name = packageOf(request)
    const folders = []
    for (let folder = from; ; folder = dirname(folder)) {
      if (!folder.endsWith('/node_modules')) folders.push(`${folder === '/' ? '' : folder}/node_modules`)
      if (folder === '/') break
    }
    for (const each of (boot.env.NODE_PATH ?? '').split(':')) if (each) folders.push(each)
    for (const each of folders) {
      const folder = `${each}/${name}`
      if (kind(folder) !== 'dir') continue
      if (boot.shims.includes(request)) return { shim: request, folder }
      const subpath = `.${request.slice(name.length)}`
      const path =
        exported(folder, subpath, esm) ??
        (subpath === '.' ? asFolder(folder) : (asFile(join(folder, subpath)) ?? asFolder(join(folder, subpath))))
      if (path && kind(path) === 'file') return { path: call('realpath', path) }
      if (packageJson(folder)) return { unmodelled: name }
    }
    throw notFound(request, parents, esm)
  }

  const compile = (path, text, names) => {
    const source = text.startsWith('#!') ? `//${text}` : text
    sources.set(path, text)
    const problem = call('syntax', path, text)
    if (problem) {
      const error = new SyntaxError(problem.message)
      Object.defineProperty(error, '__shown', { value: problem.stack, enumerable: false })
      throw error
    }
    const prefix = `(function __module(${names}) {`
    const whole = `${prefix}${call('watched', source, false)}\n})`
    compiled.set(path, { text: whole, prefix: prefix.length })
    return internal.evaluate(whole, path)
  }
  class Module {
    constructor(id, parent) {
      this.id = id
      this.path = dirname(id)
      this.exports = {}
      this.filename = id
      this.loaded = false
      this.children = []
      this.paths = []
      Object.defineProperty(this, 'parent', { value: parent, enumerable: false })
    }
    require(request) {
      return requireFrom(this)(request)
    }
  }
  const stackOf = module => {
    const stack = []
    for (let each = module; each; each = each.parent) if (each.filename) stack.push(each.filename)
    return stack
  }
  const load = (found, parent) => {
    if (found.builtin) return lib(found.builtin)
    if (found.shim) return shim(found.shim)
    if (found.unmodelled)
      throw new Error(`minidock: the package ${found.unmodelled} is not modelled, so it cannot be loaded`)
    const { path } = found
    const known = cache[path]
    if (known) return known.exports
    const module = new Module(path, parent)
    cache[path] = module
    parent?.children.push(module)
    let done = false
    try {
      const text = utf8.decode(fromLatin1(call('read', path)))
      if (path.endsWith('.json')) {
        try {
          module.exports = JSON.parse(text)
        } catch (error) {
          error.message = `${path}: ${error.message}`
          throw error
        }
      } else if (path.endsWith('.node')) throw new Error(`${path}: invalid ELF header`)
      else if (isModule(path)) {
        const error = new Error(
          `require() of ES Module ${path}${parent ? ` from ${parent.filename}` : ''} not supported.\nInstead change the require of ${path.slice(path.lastIndexOf('/') + 1)}${parent ? ` in ${parent.filename}` : ''} to a dynamic import() which is available in all CommonJS modules.`,
        )
        error.code = 'ERR_REQUIRE_ESM'
        throw error
      } else {
        const body = compile(path, text, 'exports, require, module, __filename, __dirname')
        body.call(module.exports, module.exports, requireFrom(module), module, path, dirname(path))
      }
      done = true
    } finally {
      if (!done) delete cache[path]
    }
    module.loaded = true
    return module.exports
  }
  const requireFrom = module => {
    const require = request => {
      if (typeof request !== 'string') {
        const error = new TypeError(
          `The "id" argument must be of type string. Received ${request === undefined ? 'undefined' : typeof request}`,
        )
        error.code = 'ERR_INVALID_ARG_TYPE'
        throw error
      }
      return load(resolve(request, module.path, stackOf(module)), module)
    }
    require.resolve = request => {
      const found = resolve(request, module.path, stackOf(module))
      return found.path ?? found.builtin ?? `${found.folder}/index.js`
    }
    require.cache = cache
    require.main = internal.main
    return require
  }
  const libScope = 'exports, require, module, internal'
  const runLib = (key, name, text) => {
    if (internal.libs.has(key)) return internal.libs.get(key).exports
    const module = { exports: {} }
    internal.libs.set(key, module)
    const body = internal.evaluate(`(function (${libScope}) {${text}\n})`, `node:internal/${name}`)
    body(
      module.exports,
      request => (builtins.has(request.replace(/^node:/, '')) ? lib(request) : shim(request)),
      module,
      internal,
    )
    return module.exports
  }
  const lib = request => {
    const name = request.replace(/^node:/, '')
    return internal.libs.get(name)?.exports ?? runLib(name, name, call('lib', name))
  }
  const shim = name =>
    internal.libs.get(`#${name}`)?.exports ?? runLib(`#${name}`, `package/${name}`, call('shim', name))
  const isModule = path => {
    if (path.endsWith('.mjs')) return true
    if (!path.endsWith('.js')) return false
    for (let folder = dirname(path); ; folder = dirname(folder)) {
      const found = packageJson(folder)
      if (found) return found.type === 'module'
      if (folder === '/') return false
    }
  }
  Object.assign(internal, { resolve, load, requireFrom, Module, lib, shim, isModule, dirname, join, compile, cache })

  // --- ES modules: the engine asks for a name, and for the text of what it means.
  internal.esmName = (from, request) => {
    if (request.startsWith('file://')) return request.slice(7)
    const base = from.startsWith('/') ? dirname(from) : boot.cwd
    const found = resolve(request, base, [from.startsWith('/') ? from : `${boot.cwd}/[eval1]`], true)
    if (found.path && isModule(found.path)) return found.path
    return `cjs:${JSON.stringify(found)}`
  }
  internal.cjs = key => load(JSON.parse(key), undefined)
  internal.esmText = name => {
    if (!name.startsWith('cjs:')) {
      const text = utf8.decode(fromLatin1(call('read', name)))
      sources.set(name, text)
      const url = JSON.stringify(`file://${name}`)
      const watched = call('watched', text, true)
      const meta = `import.meta.url=${url};import.meta.filename=${JSON.stringify(name)};import.meta.dirname=${JSON.stringify(dirname(name))};import.meta.resolve=r=>r;`
      return /\bimport\.meta\b/.test(text) ? `${meta}${watched}` : watched
    }
    const key = name.slice(4)
    const value = internal.cjs(key)
    const names = value && (typeof value === 'object' || typeof value === 'function') ? Object.keys(value) : []
    const lines = names
      .filter(each => /^[A-Za-z_$][\w$]*$/.test(each) && each !== 'default' && !reserved.has(each))
      .map(each => `export const ${each} = value[${JSON.stringify(each)}]`)
    return `const value = globalThis[Symbol.for('minidock.cjs')](${JSON.stringify(key)})\nexport default value\n${lines.join('\n')}`
  }
  const reserved = new Set(
    'break case catch class const continue debugger delete do else enum export extends false finally for function if implements import in instanceof interface let new null package private protected public return static super switch this throw true try typeof var void while with yield await arguments eval'.split(
      ' ',
    ),
  )
  Object.defineProperty(globalThis, Symbol.for('minidock.cjs'), { value: internal.cjs })

  /** Starts the main module. */
  internal.runModule = (path, text) => {
    if (text !== undefined) internal.sources.set(path, text)
    const source = text === undefined ? `import ${JSON.stringify(path)}` : text
    const made = internal.evaluateModule(source, text === undefined ? 'node:internal/main-module' : path)
    if (made && typeof made.then === 'function')
      made.then(undefined, error => lib('process').__uncaught(error, 'uncaughtException'))
  }
  // A promise that stands alone as a statement: nobody else can hear it fail.
  Object.defineProperty(globalThis, '__kept', {
    enumerable: false,
    value: value => {
      if (value instanceof Promise)
        value.then(undefined, error => lib('process').__uncaught(error, 'unhandledRejection'))
      return value
    },
  })

  // --- globals
  globalThis.global = globalThis
  const lazy = (name, make) =>
    Object.defineProperty(globalThis, name, {
      configurable: true,
      enumerable: false,
      get() {
        const value = make()
        Object.defineProperty(globalThis, name, { value, writable: true, configurable: true, enumerable: false })
        return value
      },
      set(value) {
        Object.defineProperty(globalThis, name, { value, writable: true, configurable: true, enumerable: false })
      },
    })
  lazy('Buffer', () => lib('buffer').Buffer)
  lazy('process', () => lib('process'))
  lazy('console', () => lib('console'))
  lazy('URL', () => lib('url').URL)
  lazy('URLSearchParams', () => lib('url').URLSearchParams)
  lazy('EventTarget', () => lib('events').EventTarget)
  lazy('Event', () => lib('events').Event)
  lazy('AbortController', () => lib('events').AbortController)
  lazy('AbortSignal', () => lib('events').AbortSignal)
  lazy('crypto', () => lib('crypto').webcrypto)
  lazy('performance', () => lib('perf_hooks').performance)
  for (const name of ['fetch', 'Headers', 'Request', 'Response']) lazy(name, () => lib('fetch')[name])
  globalThis.btoa = text => Buffer.from(String(text), 'latin1').toString('base64')
  globalThis.atob = text => Buffer.from(String(text), 'base64').toString('latin1')

  // --- what the engine calls
  const guarded = (work, args) => {
    try {
      return __kept(work(...args))
    } catch (error) {
      lib('process').__uncaught(error, 'uncaughtException')
    }
  }
  internal.guarded = guarded
  const runTicks = () => {
    while (ticks.length > 0) {
      const { work, args } = ticks.shift()
      guarded(work, args)
    }
  }
  internal.runTicks = runTicks
  const api = {
    ticks: runTicks,
    /** Runs what is due. */
    turn() {
      const now = call('now')
      const due = [...timers.values()].filter(each => each.at <= now).sort((a, b) => a.at - b.at || a.id - b.id)
      for (const each of due) {
        if (!timers.has(each.id)) continue
        if (each.again) each.at = now + each.after
        else timers.delete(each.id)
        guarded(each.work, each.args)
        runTicks()
      }
      for (const each of immediates.splice(0)) {
        guarded(each.work, each.args)
        runTicks()
      }
    },
    /** -1: nothing keeps the program; otherwise when to look again: [due, held]. */
    next() {
      let due = -1
      let held = false
      for (const each of timers.values()) {
        if (due < 0 || each.at < due) due = each.at
        held ||= each.held
      }
      if (immediates.length > 0) return JSON.stringify([0, true])
      return JSON.stringify([due, held])
    },
    event(text) {
      const [id, type, value] = JSON.parse(text)
      const handle = internal.handles.get(id)
      if (handle) guarded(handle, [type, value])
      runTicks()
    },
    start(text) {
      guarded(() => lib('main').start(JSON.parse(text)), [])
      runTicks()
    },
    rejected(reason) {
      lib('process').__uncaught(reason, 'unhandledRejection')
    },
    drained() {
      const process = lib('process')
      process.emit('beforeExit', process.exitCode ?? 0)
      runTicks()
    },
    finish(code) {
      const process = lib('process')
      if (process.exitCode === undefined) process.exitCode = Number(code)
      if (!process.__exiting) {
        process.__exiting = true
        process.emit('exit', process.exitCode ?? 0)
      }
      return String(process.exitCode ?? 0)
    },
    code: () => String(lib('process').exitCode ?? 0),
    esmName: internal.esmName,
    esmText: internal.esmText,
  }
  return { api, internal }
})()
