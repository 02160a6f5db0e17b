// child_process: other programs of the container. What would block the whole process (execSync) is not modelled.
const Emitter = require('events')
const { Readable, Writable } = require('stream')
const { call, latin1 } = internal
let next = 1
const spawn = (command, args = [], options = {}) => {
  const list = Array.isArray(args) ? args : []
  const given = Array.isArray(args) ? options : args
  const child = new Emitter()
  const id = `child:${next++}`
  const out = { 1: new Readable({ read() {} }), 2: new Readable({ read() {} }) }
  Object.assign(child, {
    stdout: out[1],
    stderr: out[2],
    exitCode: null,
    signalCode: null,
    killed: false,
    spawnargs: [command, ...list],
    spawnfile: command,
  })
  child.stdin = new Writable({
    write(chunk, _, done) {
      call('child-input', id, latin1(chunk))
      done()
    },
    final(done) {
      call('child-input', id, null)
      done()
    },
  })
  child.kill = (signal = 'SIGTERM') => {
    child.killed = true
    try {
      call('kill', child.pid, signal)
      return true
    } catch {
      return false
    }
  }
  child.ref = child.unref = () => child
  const inherit = given.stdio === 'inherit' || (Array.isArray(given.stdio) && given.stdio[1] === 'inherit')
  internal.handles.set(id, (type, value) => {
    if (type === 'started') {
      child.pid = value
      child.emit('spawn')
    } else if (type === 'failed') {
      internal.handles.delete(id)
      const error = Object.assign(new Error(`spawn ${command} ${value.code}`), {
        errno: -value.number,
        code: value.code,
        syscall: `spawn ${command}`,
        path: command,
        spawnargs: list,
      })
      child.emit('error', error)
      for (const fd of [1, 2]) out[fd].push(null)
      child.emit('close', -value.number, null)
    } else if (type === 'out') out[value[0]].push(Buffer.from(value[1], 'latin1'))
    else if (type === 'exit') {
      internal.handles.delete(id)
      child.exitCode = value.code ?? null
      child.signalCode = value.signal ?? null
      child.emit('exit', child.exitCode, child.signalCode)
      for (const fd of [1, 2]) out[fd].push(null)
      setImmediate(() => child.emit('close', child.exitCode, child.signalCode))
    }
  })
  const argv = given.shell
    ? [typeof given.shell === 'string' ? given.shell : '/bin/sh', '-c', [command, ...list].join(' ')]
    : [command, ...list]
  child.pid = call('spawn', id, argv, {
    env: given.env ?? process.env,
    cwd: given.cwd,
    inherit,
    noInput: given.stdio === 'ignore',
  })
  return child
}
const collect = (child, what, done, options) => {
  const parts = { stdout: [], stderr: [] }
  child.stdout.on('data', data => parts.stdout.push(data))
  child.stderr.on('data', data => parts.stderr.push(data))
  let over = false
  const end = (error, code, signal) => {
    if (over) return
    over = true
    const text = name =>
      options?.encoding === 'buffer' ? Buffer.concat(parts[name]) : Buffer.concat(parts[name]).toString()
    if (!error && (code !== 0 || signal)) {
      error = Object.assign(new Error(`Command failed: ${what}\n${text('stderr')}`), {
        code,
        killed: child.killed,
        signal,
        cmd: what,
      })
    }
    done?.(error ?? null, text('stdout'), text('stderr'))
  }
  child.on('error', error => end(error))
  child.on('close', (code, signal) => end(undefined, code, signal))
  return child
}
const exec = (command, options, done = options) =>
  collect(
    spawn('/bin/sh', ['-c', command], typeof options === 'object' ? options : {}),
    command,
    typeof done === 'function' ? done : undefined,
    options,
  )
const execFile = (file, args, options, done) => {
  const list = Array.isArray(args) ? args : []
  const after = [args, options, done].find(each => typeof each === 'function')
  return collect(
    spawn(file, list, options && typeof options === 'object' ? options : {}),
    [file, ...list].join(' '),
    after,
    options,
  )
}
const promised =
  work =>
  (...args) =>
    new Promise((resolve, reject) =>
      work(...args, (error, stdout, stderr) =>
        error ? reject(Object.assign(error, { stdout, stderr })) : resolve({ stdout, stderr }),
      ),
    )
exec[require('util').promisify.custom] = promised(exec)
execFile[require('util').promisify.custom] = promised(execFile)
const blocking = name => () => {
  throw new Error(`minidock: child_process.${name} is not modelled`)
}
Object.assign(exports, {
  spawn,
  exec,
  execFile,
  fork: (path, args = [], options = {}) => spawn(process.execPath, [path, ...args], { ...options, stdio: 'inherit' }),
  execSync: blocking('execSync'),
  execFileSync: blocking('execFileSync'),
  spawnSync: blocking('spawnSync'),
})
