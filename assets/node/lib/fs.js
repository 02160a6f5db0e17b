// fs: the container's files. Everything is done at once; callbacks and promises only answer later.
const { call, latin1, utf8 } = internal
const pathOf = path => {
  if (path instanceof URL) return decodeURIComponent(path.pathname)
  if (typeof path === 'string') return path
  if (path instanceof Uint8Array) return utf8.decode(path)
  const error = new TypeError(
    `The "path" argument must be of type string or an instance of Buffer or URL. Received ${path === undefined ? 'undefined' : path === null ? 'null' : `type ${typeof path} (${String(path)})`}`,
  )
  error.code = 'ERR_INVALID_ARG_TYPE'
  throw error
}
const encodingOf = options => (typeof options === 'string' ? options : options?.encoding)
const bytesOf = (data, options) => {
  if (typeof data === 'string')
    return latin1(internal.encodeText ? internal.encodeText(data, encodingOf(options) ?? 'utf8') : utf8.encode(data))
  if (ArrayBuffer.isView(data)) return latin1(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
  const error = new TypeError(
    `The "data" argument must be of type string or an instance of Buffer, TypedArray, or DataView. Received ${data === undefined ? 'undefined' : data === null ? 'null' : typeof data === 'object' ? `an instance of ${data.constructor?.name ?? 'Object'}` : `type ${typeof data} (${String(data)})`}`,
  )
  error.code = 'ERR_INVALID_ARG_TYPE'
  throw error
}
class Stats {
  constructor(value) {
    Object.assign(this, value)
    for (const name of ['atime', 'mtime', 'ctime', 'birthtime']) this[name] = new Date(value[`${name}Ms`])
  }
  isFile() {
    return (this.mode & 0o170000) === 0o100000
  }
  isDirectory() {
    return (this.mode & 0o170000) === 0o040000
  }
  isSymbolicLink() {
    return (this.mode & 0o170000) === 0o120000
  }
  isFIFO() {
    return (this.mode & 0o170000) === 0o010000
  }
  isSocket() {
    return (this.mode & 0o170000) === 0o140000
  }
  isBlockDevice() {
    return (this.mode & 0o170000) === 0o060000
  }
  isCharacterDevice() {
    return (this.mode & 0o170000) === 0o020000
  }
}
class Dirent {
  constructor(name, type, parent) {
    this.name = name
    this.path = parent
    this.parentPath = parent
    Object.defineProperty(this, '__type', { value: type })
  }
  isFile() {
    return this.__type === 'file'
  }
  isDirectory() {
    return this.__type === 'dir'
  }
  isSymbolicLink() {
    return this.__type === 'symlink'
  }
}
const files = new Map()
let nextFile = 20
const sync = {
  readFile(path, options) {
    const given = typeof path === 'number' ? (files.get(path)?.path ?? (path === 0 ? '/dev/stdin' : '')) : pathOf(path)
    const bytes = Buffer.from(call('read', given, 'open'), 'latin1')
    const encoding = encodingOf(options)
    return encoding ? bytes.toString(encoding) : bytes
  },
  writeFile(path, data, options) {
    const flag = options?.flag ?? 'w'
    if (typeof path === 'number') return void sync.write(path, data)
    call('write', pathOf(path), bytesOf(data, options), flag, options?.mode ?? 0o666)
  },
  appendFile(path, data, options) {
    call('write', pathOf(path), bytesOf(data, options), 'a', 0o666)
  },
  stat(path, options) {
    try {
      return new Stats(call('stat', pathOf(path)))
    } catch (error) {
      if (options?.throwIfNoEntry === false && error.code === 'ENOENT') return undefined
      throw error
    }
  },
  lstat: path => new Stats(call('lstat', pathOf(path))),
  access: (path, mode = 0) => void call('access', pathOf(path), mode),
  readdir(path, options) {
    const folder = pathOf(path)
    const visit = (at, prefix) =>
      call('scandir', at).flatMap(([name, type]) => {
        const own = options?.withFileTypes ? new Dirent(name, type, at) : prefix + name
        return options?.recursive && type === 'dir' ? [own, ...visit(`${at}/${name}`, `${prefix}${name}/`)] : [own]
      })
    return visit(folder, '')
  },
  mkdir(path, options) {
    const recursive = options?.recursive === true
    return (
      call('mkdir', pathOf(path), recursive, typeof options === 'number' ? options : (options?.mode ?? 0o777)) ??
      undefined
    )
  },
  mkdtemp: prefix => call('mkdtemp', prefix),
  rmdir: (path, options) => void (options?.recursive ? sync.rm(path, options) : call('rmdir', pathOf(path))),
  rm: (path, options) => void call('rm', pathOf(path), options?.recursive === true, options?.force === true),
  unlink: path => void call('unlink', pathOf(path)),
  rename: (from, to) => void call('rename', pathOf(from), pathOf(to)),
  copyFile: (from, to) => void call('copyfile', pathOf(from), pathOf(to)),
  cp(from, to, options) {
    const source = pathOf(from)
    const target = pathOf(to)
    if (!sync.stat(source).isDirectory()) return sync.copyFile(source, target)
    if (!options?.recursive)
      throw Object.assign(new Error(`Recursive option not enabled, cannot copy a directory: ${source}`), {
        code: 'ERR_FS_EISDIR',
      })
    sync.mkdir(target, { recursive: true })
    for (const name of sync.readdir(source)) sync.cp(`${source}/${name}`, `${target}/${name}`, options)
  },
  realpath: path => call('realpath', pathOf(path)),
  readlink: path => call('readlink', pathOf(path)),
  symlink: (target, path) => void call('symlink', pathOf(target), pathOf(path)),
  link: (from, to) => void call('link', pathOf(from), pathOf(to)),
  chmod: (path, mode) => void call('chmod', pathOf(path), typeof mode === 'string' ? Number.parseInt(mode, 8) : mode),
  chown: (path, uid, gid) => void call('chown', pathOf(path), uid, gid),
  utimes: (path, atime, mtime) => void call('utimes', pathOf(path), Number(atime) * 1000, Number(mtime) * 1000),
  truncate: (path, size = 0) => void call('truncate', pathOf(path), size),
  open(path, flags = 'r', mode = 0o666) {
    const given = pathOf(path)
    const flag = typeof flags === 'number' ? 'r' : flags
    if (flag.startsWith('w') || flag.startsWith('a')) call('write', given, '', flag.startsWith('w') ? flag : 'a', mode)
    else call('stat', given, 'open')
    const fd = nextFile++
    files.set(fd, { path: given, at: 0, append: flag.startsWith('a') })
    return fd
  },
  close: fd => void files.delete(fd),
  fstat: fd => sync.stat(files.get(fd)?.path ?? ''),
  read(fd, buffer, offset = 0, length = buffer.length - offset, position = null) {
    const file = files.get(fd)
    const all = sync.readFile(file.path)
    const at = position ?? file.at
    const part = all.subarray(at, at + length)
    buffer.set(part, offset)
    if (position === null) file.at += part.length
    return part.length
  },
  write(fd, data) {
    const bytes = bytesOf(data)
    if (fd === 1 || fd === 2) call('out', fd, bytes)
    else call('write', files.get(fd).path, bytes, 'a', 0o666)
    return bytes.length
  },
  fsync() {},
  exists(path) {
    try {
      return call('kind', pathOf(path), true) !== null
    } catch {
      return false
    }
  },
}
// What happens later has no stack of its own.
const bare = error => {
  if (error.syscall) error.stack = `Error: ${error.message}`
  return error
}
const promises = {}
for (const [name, work] of Object.entries(sync)) {
  exports[`${name}Sync`] = work
  if (name === 'exists') continue
  promises[name] = (...args) =>
    new Promise((resolve, reject) => {
      setImmediate(() => {
        try {
          resolve(work(...args))
        } catch (error) {
          reject(bare(error))
        }
      })
    })
  exports[name] = (...args) => {
    const done = args.pop()
    if (typeof done !== 'function') {
      const error = new TypeError(
        `The "cb" argument must be of type function. Received ${done === undefined ? 'undefined' : `type ${typeof done}`}`,
      )
      error.code = 'ERR_INVALID_ARG_TYPE'
      throw error
    }
    let value
    try {
      value = work(...args)
    } catch (error) {
      setImmediate(done, bare(error))
      return
    }
    setImmediate(done, null, value)
  }
}
exports.exists = (path, done) => setImmediate(done, sync.exists(path))
promises.open = async (path, flags, mode) => {
  const fd = sync.open(path, flags, mode)
  return {
    fd,
    readFile: async options => sync.readFile(files.get(fd).path, options),
    writeFile: async data => sync.writeFile(files.get(fd).path, data),
    appendFile: async data => sync.appendFile(files.get(fd).path, data),
    write: async data => ({ bytesWritten: sync.write(fd, data) }),
    stat: async () => sync.fstat(fd),
    close: async () => sync.close(fd),
  }
}
const constants = {
  F_OK: 0,
  R_OK: 4,
  W_OK: 2,
  X_OK: 1,
  O_RDONLY: 0,
  O_WRONLY: 1,
  O_RDWR: 2,
  O_CREAT: 64,
  COPYFILE_EXCL: 1,
}
promises.constants = constants
Object.assign(exports, { promises, constants, ...constants, Stats, Dirent })
exports.createReadStream = (path, options) => {
  const { Readable } = require('stream')
  const source = new Readable({ read() {} })
  source.path = path
  if (encodingOf(options)) source.setEncoding(encodingOf(options))
  setImmediate(() => {
    try {
      const data = sync.readFile(path)
      source.emit('open', 3)
      source.push(
        options?.start === undefined && options?.end === undefined
          ? data
          : data.subarray(options.start ?? 0, (options.end ?? data.length) + 1),
      )
      source.push(null)
    } catch (error) {
      source.destroy(error)
    }
  })
  return source
}
exports.createWriteStream = (path, options) => {
  const { Writable } = require('stream')
  let begun = false
  const begin = () => {
    if (!begun) call('write', pathOf(path), '', options?.flags ?? 'w', 0o666)
    begun = true
  }
  const sink = new Writable({
    write(chunk, _, done) {
      try {
        begin()
        call('write', pathOf(path), latin1(chunk), 'a', 0o666)
        done()
      } catch (error) {
        done(error)
      }
    },
    final(done) {
      try {
        begin()
        done()
      } catch (error) {
        done(error)
      }
    },
  })
  sink.path = path
  return sink
}
const watchers = () => {
  const Emitter = require('events')
  const watcher = new Emitter()
  const timer = setInterval(() => {}, 1 << 30)
  watcher.close = () => clearInterval(timer)
  watcher.ref = watcher.unref = () => watcher
  return watcher
}
exports.watch = (path, options, listener) => {
  const watcher = watchers()
  const changed = typeof options === 'function' ? options : listener
  if (changed) watcher.on('change', changed)
  return watcher
}
exports.watchFile = () => watchers()
exports.unwatchFile = () => {}
