// process: what the container gave this program, and how it ends.
const Emitter = require('events')
const { call, boot } = internal
const stream = fd => {
  const { Writable } = require('stream')
  const out = new Writable({
    write: (chunk, _, done) => {
      call('out', fd, internal.latin1(chunk))
      done()
    },
    decodeStrings: true,
  })
  out._immediate = true
  Object.assign(out, {
    fd,
    isTTY: boot.tty[fd] || undefined,
    columns: boot.tty[fd] ? 80 : undefined,
    rows: boot.tty[fd] ? 24 : undefined,
  })
  out.getColorDepth = () => (boot.tty[fd] ? 4 : 1)
  out.hasColors = () => boot.tty[fd]
  out.clearLine = out.cursorTo = out.moveCursor = () => true
  return out
}
const process = new Emitter()
const caught = new Set()
const signals = new Set(boot.signals)
const on = process.on
const watch = name => {
  if (!signals.has(name) || caught.has(name)) return
  if (name === 'SIGKILL' || name === 'SIGSTOP') {
    const error = new Error(`uv_signal_start EINVAL`)
    error.code = 'EINVAL'
    throw error
  }
  caught.add(name)
  internal.handles.set(`signal:${name}`, () => process.emit(name, name, boot.signalNumbers[name]))
  call('catch', name)
}
for (const add of ['on', 'once', 'addListener', 'prependListener'])
  Object.defineProperty(process, add, {
    value(name, listener) {
      const result = (add === 'once' ? Emitter.prototype.once : on).call(process, name, listener)
      watch(name)
      return result
    },
  })
const env = new Proxy(
  { ...boot.env },
  {
    set(target, key, value) {
      target[key] = String(value)
      return true
    },
    defineProperty: (target, key, descriptor) =>
      Reflect.defineProperty(target, key, { ...descriptor, value: String(descriptor.value) }),
  },
)
const start = call('now')
let stdin
Object.assign(process, {
  title: 'node',
  version: `v${boot.version}`,
  versions: { node: boot.version, v8: boot.v8, uv: '1.46.0', zlib: '1.3.0.1', openssl: '3.0.16', modules: '115' },
  release: { name: 'node', lts: boot.lts },
  arch: boot.arch,
  platform: 'linux',
  pid: boot.pid,
  ppid: boot.ppid,
  execPath: boot.exe,
  execArgv: boot.execArgv,
  argv: [boot.exe, ...boot.args],
  argv0: 'node',
  env,
  exitCode: undefined,
  features: {},
  config: { variables: {}, target_defaults: {} },
  cwd: () => call('cwd'),
  chdir: path => void call('chdir', String(path)),
  umask: mask => call('umask', mask),
  getuid: () => boot.uid,
  geteuid: () => boot.uid,
  getgid: () => boot.gid,
  getegid: () => boot.gid,
  getgroups: () => [boot.gid],
  setuid: id => void call('setuid', id),
  setgid: id => void call('setgid', id),
  uptime: () => (call('now') - start) / 1000,
  hrtime: before => {
    const ns = BigInt(Math.round((call('now') - start + 1000) * 1e6))
    const now = [Number(ns / 1000000000n), Number(ns % 1000000000n)]
    if (!before) return now
    let seconds = now[0] - before[0]
    let nanos = now[1] - before[1]
    if (nanos < 0) {
      seconds--
      nanos += 1e9
    }
    return [seconds, nanos]
  },
  memoryUsage: () => call('memory'),
  cpuUsage: () => ({ user: call('cpu') * 1000, system: 0 }),
  resourceUsage: () => ({ userCPUTime: call('cpu') * 1000, systemCPUTime: 0, maxRSS: 40000 }),
  nextTick: (work, ...args) => {
    internal.ticks.push({ work, args })
  },
  emitWarning(warning, type = 'Warning') {
    const name = typeof type === 'string' ? type : (type?.type ?? 'Warning')
    console.error(
      `(node:${process.pid}) ${warning instanceof Error ? `${warning.name}: ${warning.message}` : `${name}: ${warning}`}\n(Use \`node --trace-warnings ...\` to show where the warning was created)`,
    )
  },
  exit(code) {
    if (code !== undefined) process.exitCode = code
    if (!process.__exiting) {
      Object.defineProperty(process, '__exiting', {
        value: true,
        enumerable: false,
        configurable: true,
        writable: true,
      })
      process.emit('exit', Number(process.exitCode ?? 0))
    }
    call('exit', Number(process.exitCode ?? 0))
    for (;;);
  },
  reallyExit: code => process.exit(code),
  abort() {
    call('abort')
    for (;;);
  },
  kill(pid, signal = 'SIGTERM') {
    call('kill', Number(pid), signal === 0 ? 0 : String(signal))
    return true
  },
  binding() {
    throw new Error('No such module')
  },
  getBuiltinModule: name => (internal.isBuiltin(name) ? internal.lib(name) : undefined),
  setUncaughtExceptionCaptureCallback() {},
  allowedNodeEnvironmentFlags: new Set(),
})
process.hrtime.bigint = () => BigInt(Math.round((call('now') - start + 1000) * 1e6))
process.memoryUsage.rss = () => process.memoryUsage().rss
for (const [name, fd] of [
  ['stdout', 1],
  ['stderr', 2],
])
  Object.defineProperty(process, name, {
    configurable: true,
    get() {
      const value = stream(fd)
      Object.defineProperty(process, name, { value, configurable: true })
      return value
    },
  })
Object.defineProperty(process, 'stdin', {
  configurable: true,
  get: () => (stdin ??= require('tty').stdin()),
})
Object.defineProperty(process, Symbol.toStringTag, { value: 'process', configurable: true })

/** What node prints for an error that nobody caught. */
Object.defineProperty(process, '__uncaught', {
  enumerable: false,
  value(error, origin) {
    if (internal.exited) return
    try {
      if (origin === 'unhandledRejection' && process.listenerCount('unhandledRejection') > 0) {
        process.emit('unhandledRejection', error, Promise.resolve())
        return
      }
      if (process.listenerCount('uncaughtException') > 0) {
        process.emit('uncaughtException', error, origin)
        return
      }
    } catch (again) {
      error = again
    }
    const { inspect } = require('util')
    let text
    if (error instanceof Error && error.__shown) text = `${error.__shown}\n`
    else if (error instanceof Error) {
      const where =
        error.__source ??
        (error.__emitted ? "node:events:502\n      throw er; // Unhandled 'error' event\n      ^" : sourceOf(error))
      const hidden = ['__emitted', '__shown', '__source']
      for (const key of hidden)
        if (Object.hasOwn(error, key))
          Object.defineProperty(error, key, { enumerable: false, configurable: true, value: error[key] })
      const emitted = error.__emitted
        ? `Emitted 'error' event on ${error.__emitted} instance at:\n${error.syscall === 'listen' ? '    at emitErrorNT (node:net:1944:8)' : '    at emitErrorNT (node:internal/streams/destroy:169:8)\n    at emitErrorCloseNT (node:internal/streams/destroy:128:3)'}\n    at process.processTicksAndRejections (node:internal/process/task_queues:82:21)\n`
        : ''
      let shown = inspect(error)
      if (emitted) {
        const end = shown.lastIndexOf(' {\n')
        shown =
          end > 0 ? `${shown.slice(0, end)}\n${emitted.trimEnd()}${shown.slice(end)}` : `${shown}\n${emitted.trimEnd()}`
      }
      text = `${where ? `${where}\n\n` : ''}${shown}\n`
    } else if (origin === 'unhandledRejection') {
      const value = inspect(error)
      text = `node:internal/process/promises:288\n            triggerUncaughtException(err, true /* fromPromise */);\n            ^\n\n[UnhandledPromiseRejection: This error originated either by throwing inside of an async function without a catch block, or by rejecting a promise which was not handled with .catch(). The promise rejected with the reason "${typeof error === 'string' ? error : value}".] {\n  code: 'ERR_UNHANDLED_REJECTION'\n}\n`
    } else
      text = `Uncaught:\n${inspect(error)}\n(Use \`node --trace-uncaught ...\` to show where the exception was thrown)\n`
    call('out', 2, internal.latin1(internal.utf8.encode(`${text}\nNode.js v${boot.version}\n`)))
    internal.exited = true
    process.exitCode = undefined
    try {
      process.exitCode = 1
      if (!process.__exiting) process.emit('exit', 1)
    } catch {}
    call('exit', 1)
    for (;;);
  },
})
function sourceOf(error) {
  const match = /\((\/[^():]*|\[eval\]):(\d+):(\d+)\)|at (\/[^():]*|\[eval\]):(\d+):(\d+)/.exec(String(error.stack))
  const file = match?.[1] ?? match?.[4]
  const line = Number(match?.[2] ?? match?.[5])
  const column = Number(match?.[3] ?? match?.[6])
  if (!file) return undefined
  const text = internal.sources.get(file)?.split('\n')[line - 1]
  if (text === undefined) return undefined
  const caret = /\bthrow\b/.test(text) ? text.search(/\bthrow\b/) : column - 1
  const url = internal.isModule(file) ? `file://${file}` : file
  return `${url}:${line}\n${text}\n${text.slice(0, Math.max(0, caret)).replace(/[^\t]/g, ' ')}^`
}
module.exports = process
