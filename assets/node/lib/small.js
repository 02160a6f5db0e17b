// Modules that are a few lines each; `small` is the table of them.
const { call, boot } = internal
exports.small = {
  querystring: () => {
    const { formDecode } = require('url')
    const encode = text => encodeURIComponent(text).replace(/[!'()*]/g, char => (char === "'" ? '%27' : char))
    const parse = (text, by = '&', is = '=') => {
      const made = Object.create(null)
      for (const pair of String(text ?? '').split(by)) {
        if (pair === '') continue
        const at = pair.indexOf(is)
        const key = formDecode(at < 0 ? pair : pair.slice(0, at))
        const value = at < 0 ? '' : formDecode(pair.slice(at + 1))
        if (key in made) made[key] = [made[key], value].flat()
        else made[key] = value
      }
      return made
    }
    const stringify = (value, by = '&', is = '=') =>
      Object.entries(value ?? {})
        .flatMap(([key, each]) =>
          (Array.isArray(each) ? each : [each]).map(
            one =>
              `${encode(key)}${is}${encode(one === null || one === undefined || typeof one === 'object' ? '' : String(one))}`,
          ),
        )
        .join(by)
    return { parse, stringify, decode: parse, encode: stringify, escape: encode, unescape: formDecode }
  },
  os: () => {
    const facts = call('os')
    return {
      EOL: '\n',
      hostname: () => call('os').hostname,
      platform: () => 'linux',
      type: () => 'Linux',
      arch: () => boot.arch,
      machine: () => facts.machine,
      release: () => facts.release,
      version: () => facts.version,
      uptime: () => call('os').uptime,
      totalmem: () => facts.total,
      freemem: () => facts.free,
      loadavg: () => [0.08, 0.03, 0.01],
      homedir: () => process.env.HOME ?? '/root',
      tmpdir: () => process.env.TMPDIR ?? '/tmp',
      endianness: () => 'LE',
      availableParallelism: () => facts.cpus,
      cpus: () =>
        Array.from({ length: facts.cpus }, () => ({
          model: 'Virtual CPU',
          speed: 2400,
          times: { user: 1000, nice: 0, sys: 500, idle: 100000, irq: 0 },
        })),
      networkInterfaces: () => facts.interfaces,
      userInfo: () => ({
        uid: boot.uid,
        gid: boot.gid,
        username: facts.user,
        homedir: process.env.HOME ?? '/root',
        shell: null,
      }),
      constants: { signals: boot.signalNumbers },
      devNull: '/dev/null',
    }
  },
  timers: () => ({
    setTimeout,
    setInterval,
    setImmediate,
    clearTimeout,
    clearInterval,
    clearImmediate,
    promises: internal.lib('timers/promises'),
  }),
  'timers/promises': () => ({
    setTimeout: (ms, value) => new Promise(resolve => setTimeout(resolve, ms, value)),
    setImmediate: value => new Promise(resolve => setImmediate(resolve, value)),
    async *setInterval(ms, value) {
      for (;;) {
        await new Promise(resolve => setTimeout(resolve, ms))
        yield value
      }
    },
    scheduler: { wait: ms => new Promise(resolve => setTimeout(resolve, ms)), yield: () => Promise.resolve() },
  }),
  string_decoder: () => ({
    StringDecoder: class StringDecoder {
      #held = Buffer.alloc(0)
      constructor(encoding = 'utf8') {
        this.encoding = encoding
      }
      write(chunk) {
        const all = Buffer.concat([this.#held, chunk])
        let end = all.length
        if (/utf-?8/i.test(this.encoding)) {
          let back = 1
          while (back < 4 && back <= all.length && (all[all.length - back] & 0xc0) === 0x80) back++
          const first = all[all.length - back]
          const need = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1
          if (need > back) end = all.length - back
        }
        this.#held = all.subarray(end)
        return all.subarray(0, end).toString(this.encoding)
      }
      end(chunk) {
        const text = (chunk ? this.write(chunk) : '') + this.#held.toString(this.encoding)
        this.#held = Buffer.alloc(0)
        return text
      }
    },
  }),
  tty: () => ({
    isatty: fd => boot.tty[fd] === true,
    ReadStream: require('net').Socket,
    WriteStream: require('stream').Writable,
    stdin() {
      const { Readable } = require('stream')
      const source = new Readable({ read: () => call('input', true) })
      Object.assign(source, {
        fd: 0,
        isTTY: boot.tty[0] || undefined,
        setRawMode: () => source,
        ref: () => source,
        unref: () => source,
      })
      const pause = source.pause
      source.pause = () => {
        call('input', false)
        return pause.call(source)
      }
      source._destroy = (_, done) => {
        call('input', false)
        done()
      }
      internal.handles.set('stdin', (type, data) => source.push(type === 'end' ? null : Buffer.from(data, 'latin1')))
      return source
    },
  }),
  perf_hooks: () => {
    const start = call('now')
    const performance = {
      now: () => call('now') - start + 24,
      timeOrigin: start,
      mark() {},
      measure: () => ({ duration: 0 }),
      toJSON: () => ({}),
    }
    return {
      performance,
      PerformanceObserver: class {},
      monitorEventLoopDelay: () => ({ enable() {}, disable() {}, mean: 0 }),
    }
  },
  async_hooks: () => ({
    AsyncLocalStorage: class AsyncLocalStorage {
      run(store, work, ...args) {
        const before = this.store
        this.store = store
        try {
          return work(...args)
        } finally {
          this.store = before
        }
      }
      getStore() {
        return this.store
      }
      enterWith(store) {
        this.store = store
      }
    },
    AsyncResource: class AsyncResource {
      runInAsyncScope(work, self, ...args) {
        return work.apply(self, args)
      }
    },
    executionAsyncId: () => 1,
    createHook: () => ({ enable() {}, disable() {} }),
  }),
  dns: () => {
    const lookup = (name, options, done = options) => {
      const id = `dns:${(internal.dns = (internal.dns ?? 0) + 1)}`
      internal.handles.set(id, (_, found) => {
        internal.handles.delete(id)
        if (found.length === 0)
          return done(
            Object.assign(new Error(`getaddrinfo ENOTFOUND ${name}`), {
              errno: -3008,
              code: 'ENOTFOUND',
              syscall: 'getaddrinfo',
              hostname: name,
            }),
          )
        if (options?.all)
          done(
            null,
            found.map(address => ({ address, family: 4 })),
          )
        else done(null, found[0], 4)
      })
      call('lookup', id, String(name))
    }
    const resolve4 = (name, done) =>
      lookup(name, { all: true }, (error, found) =>
        done(
          error,
          found?.map(each => each.address),
        ),
      )
    const promised =
      work =>
      (...args) =>
        new Promise((resolve, reject) =>
          work(...args, (error, value, family) =>
            error ? reject(error) : resolve(family ? { address: value, family } : value),
          ),
        )
    return {
      lookup,
      resolve4,
      resolve: resolve4,
      setServers() {},
      setDefaultResultOrder() {},
      promises: {
        lookup: (name, options) =>
          options?.all
            ? new Promise((ok, no) => lookup(name, options, (error, value) => (error ? no(error) : ok(value))))
            : promised(lookup)(name),
        resolve4: promised(resolve4),
        resolve: promised(resolve4),
      },
    }
  },
  worker_threads: () => ({
    isMainThread: true,
    parentPort: null,
    workerData: null,
    threadId: 0,
    Worker: class {
      constructor() {
        throw new Error('minidock: worker threads are not modelled')
      }
    },
  }),
  cluster: () => ({
    isMaster: true,
    isPrimary: true,
    isWorker: false,
    workers: {},
    on() {},
    fork() {
      throw new Error('minidock: cluster is not modelled')
    },
  }),
  module: () =>
    Object.assign(internal.Module, {
      Module: internal.Module,
      createRequire: path => internal.requireFrom(new internal.Module(String(path).replace(/^file:\/\//, ''))),
      builtinModules: boot.builtins,
      isBuiltin: internal.isBuiltin,
      register() {},
    }),
  vm: () => ({
    runInThisContext: (text, file) =>
      internal.evaluate(String(text), typeof file === 'string' ? file : 'evalmachine.<anonymous>'),
    runInNewContext: (text, scope = {}) =>
      new Function(...Object.keys(scope), `return eval(${JSON.stringify(String(text))})`)(...Object.values(scope)),
    createContext: scope => scope,
    isContext: () => true,
    Script: class Script {
      constructor(text) {
        this.text = text
      }
      runInThisContext() {
        return internal.evaluate(String(this.text), 'evalmachine.<anonymous>')
      }
    },
  }),
  v8: () => ({
    getHeapStatistics: () => ({
      total_heap_size: call('memory').heapTotal,
      used_heap_size: call('memory').heapUsed,
      heap_size_limit: 2197815296,
    }),
    serialize: value => Buffer.from(JSON.stringify(value)),
    deserialize: data => JSON.parse(data.toString()),
  }),
  zlib: () => {
    const sync = {}
    const names = [
      'gzip',
      'gunzip',
      'deflate',
      'inflate',
      'deflateRaw',
      'inflateRaw',
      'brotliCompress',
      'brotliDecompress',
    ]
    for (const name of names) {
      sync[`${name}Sync`] = data => Buffer.from(call('zlib', name, internal.latin1(Buffer.from(data))), 'latin1')
      sync[name] = (data, options, done = options) => {
        let value
        try {
          value = sync[`${name}Sync`](data)
        } catch (error) {
          return void setImmediate(done, error)
        }
        setImmediate(done, null, value)
      }
      sync[`create${name[0].toUpperCase()}${name.slice(1)}`] = () => {
        const { Transform } = require('stream')
        const parts = []
        return new Transform({
          transform(chunk, _, next) {
            parts.push(chunk)
            next()
          },
          flush(next) {
            next(null, sync[`${name}Sync`](Buffer.concat(parts)))
          },
        })
      }
    }
    return { ...sync, constants: {} }
  },
  diagnostics_channel: () => ({ channel: () => ({ publish() {}, subscribe() {}, hasSubscribers: false }) }),
  punycode: () => ({ toASCII: text => text, toUnicode: text => text }),
  inspector: () => ({ url: () => undefined, open() {}, close() {} }),
  constants: () => ({ ...boot.signalNumbers }),
  'util/types': () => require('util').types,
  'path/posix': () => require('path'),
  'assert/strict': () => require('assert').strict,
  'dns/promises': () => require('dns').promises,
  'readline/promises': () => require('readline').promises,
  'stream/promises': () => require('stream').promises,
  'fs/promises': () => require('fs').promises,
  sys: () => require('util'),
}
