// Streams, in the measure that programs of courses use them: flowing data, pipe, end, back-pressure without waiting.
const Emitter = require('events')
class Stream extends Emitter {
  pipe(target, options) {
    this.on('data', chunk => {
      target.write(chunk)
    })
    if (options?.end !== false && target !== process.stdout && target !== process.stderr)
      this.on('end', () => target.end())
    target.emit('pipe', this)
    return target
  }
}
class Readable extends Stream {
  constructor(options = {}) {
    super()
    readable(this, options)
  }
}
function readable(self, options) {
  Object.assign(self, {
    readable: true,
    readableEnded: false,
    readableFlowing: null,
    readableObjectMode: options.objectMode === true || options.readableObjectMode === true,
  })
  Object.defineProperty(self, '_in', {
    value: { chunks: [], ended: false, encoding: options.encoding, scheduled: false },
    writable: true,
    enumerable: false,
    configurable: true,
  })
  if (options.read) self._read = options.read
  if (options.destroy) self._destroy = options.destroy
}
Object.assign(Readable.prototype, {
  _read() {},
  push(chunk, encoding) {
    if (chunk === null) this._in.ended = true
    else
      this._in.chunks.push(typeof chunk === 'string' && !this.readableObjectMode ? Buffer.from(chunk, encoding) : chunk)
    this._flow()
    return true
  },
  unshift(chunk) {
    this._in.chunks.unshift(chunk)
  },
  _flow() {
    const state = this._in
    if (this.readableFlowing !== true) {
      if (this.listenerCount('readable') > 0 && !state.scheduled) {
        state.scheduled = true
        process.nextTick(() => {
          state.scheduled = false
          this.emit('readable')
          if (state.ended && state.chunks.length === 0) this._finishRead()
        })
      }
      return
    }
    if (state.scheduled) return
    state.scheduled = true
    process.nextTick(() => {
      state.scheduled = false
      while (state.chunks.length > 0 && this.readableFlowing === true)
        this.emit('data', this._decode(state.chunks.shift()))
      if (state.chunks.length > 0) return
      if (state.ended) this._finishRead()
      else this._read(16384)
    })
  },
  _decode(chunk) {
    return this._in.encoding && typeof chunk !== 'string' ? Buffer.from(chunk).toString(this._in.encoding) : chunk
  },
  _finishRead() {
    if (this.readableEnded) return
    this.readableEnded = true
    this.readable = false
    this.emit('end')
    if (!this._out || this.writableFinished) process.nextTick(() => this._close())
  },
  _close() {
    if (this._closed) return
    Object.defineProperty(this, '_closed', { value: true, enumerable: false })
    this.emit('close')
  },
  read() {
    const state = this._in
    if (state.chunks.length === 0) {
      if (state.ended) process.nextTick(() => this._finishRead())
      else this._read(16384)
    }
    if (state.chunks.length === 0) return null
    if (this.readableObjectMode) return state.chunks.shift()
    return this._decode(state.chunks.length === 1 ? state.chunks.shift() : Buffer.concat(state.chunks.splice(0)))
  },
  setEncoding(encoding) {
    this._in.encoding = encoding
    return this
  },
  resume() {
    this.readableFlowing = true
    this._flow()
    return this
  },
  pause() {
    this.readableFlowing = false
    return this
  },
  isPaused() {
    return this.readableFlowing === false
  },
  on(name, listener) {
    Emitter.prototype.on.call(this, name, listener)
    if (name === 'data' && this.readableFlowing !== false) this.resume()
    if (name === 'readable') this._flow()
    return this
  },
  destroy(error) {
    if (this.destroyed) return this
    this.destroyed = true
    this.readable = false
    const done = failure => {
      process.nextTick(() => {
        if (failure ?? error) this.emit('error', failure ?? error)
        this._close()
      })
    }
    if (this._destroy) this._destroy(error ?? null, done)
    else done()
    return this
  },
  async *[Symbol.asyncIterator]() {
    const queue = []
    let wake
    let failure
    let ended = false
    this.on('data', chunk => {
      queue.push(chunk)
      wake?.()
    })
    this.on('end', () => {
      ended = true
      wake?.()
    })
    this.on('error', error => {
      failure = error
      wake?.()
    })
    for (;;) {
      while (queue.length > 0) yield queue.shift()
      if (failure) throw failure
      if (ended) return
      await new Promise(resolve => {
        wake = resolve
      })
    }
  },
})
Readable.prototype.addListener = Readable.prototype.on
Readable.from = source => {
  const made = new Readable({ objectMode: true })
  ;(async () => {
    try {
      for await (const each of typeof source === 'string' ? [source] : source) made.push(each)
      made.push(null)
    } catch (error) {
      made.destroy(error)
    }
  })()
  return made
}
class Writable extends Stream {
  constructor(options = {}) {
    super()
    writable(this, options)
  }
}
function writable(self, options) {
  Object.assign(self, { writable: true, writableEnded: false, writableFinished: false, destroyed: false })
  const objects = options.objectMode === true || options.writableObjectMode === true
  Object.defineProperty(self, '_out', {
    value: { queue: [], busy: false, objects, ending: false },
    writable: true,
    enumerable: false,
    configurable: true,
  })
  if (options.write) self._write = options.write
  if (options.final) self._final = options.final
  if (options.destroy) self._destroy = options.destroy
}
const writableMethods = {
  write(chunk, encoding, done) {
    const after = typeof encoding === 'function' ? encoding : done
    const state = this._out
    if (state.ending) {
      const error = Object.assign(new Error('write after end'), { code: 'ERR_STREAM_WRITE_AFTER_END' })
      process.nextTick(() => this.emit('error', error))
      return false
    }
    const data =
      typeof chunk === 'string' && !state.objects
        ? Buffer.from(chunk, typeof encoding === 'string' ? encoding : 'utf8')
        : chunk
    if (!state.objects && !(data instanceof Uint8Array)) {
      const error = new TypeError(
        `The "chunk" argument must be of type string or an instance of Buffer, TypedArray, or DataView. Received ${chunk === undefined ? 'undefined' : chunk === null ? 'null' : `type ${typeof chunk} (${String(chunk)})`}`,
      )
      error.code = 'ERR_INVALID_ARG_TYPE'
      throw error
    }
    state.queue.push([data, after])
    this._pump()
    return true
  },
  _pump() {
    const state = this._out
    if (state.busy) return
    const next = state.queue.shift()
    if (!next) {
      if (state.ending && !this.writableFinished) this._finishWrite()
      return
    }
    state.busy = true
    const [data, after] = next
    this._write(data, 'buffer', error => {
      state.busy = false
      if (error) {
        this.destroy(error)
        after?.(error)
        return
      }
      if (after) process.nextTick(after)
      this._pump()
    })
  },
  _write(_, __, done) {
    done()
  },
  _finishWrite() {
    const finish = error => {
      if (error) return void this.destroy(error)
      this.writableFinished = true
      process.nextTick(() => {
        this.emit('finish')
        if (!this._in || this.readableEnded) this._close?.()
      })
    }
    this.writableFinished = true
    if (this._final) this._final(finish)
    else finish()
  },
  end(chunk, encoding, done) {
    const after = [chunk, encoding, done].find(each => typeof each === 'function')
    if (chunk !== undefined && chunk !== null && typeof chunk !== 'function') this.write(chunk, encoding)
    if (after) this.once('finish', after)
    if (this.writableEnded) return this
    this.writableEnded = true
    this.writable = false
    this._out.ending = true
    this._pump()
    return this
  },
  cork() {},
  uncork() {},
  setDefaultEncoding() {
    return this
  },
}
Object.assign(Writable.prototype, writableMethods, {
  destroy: Readable.prototype.destroy,
  _close: Readable.prototype._close,
})
class Duplex extends Readable {
  constructor(options = {}) {
    super(options)
    writable(this, options)
  }
}
Object.assign(Duplex.prototype, writableMethods)
class Transform extends Duplex {
  constructor(options = {}) {
    super(options)
    if (options.transform) this._transform = options.transform
    if (options.flush) this._flush = options.flush
  }
  _write(chunk, encoding, done) {
    this._transform(chunk, encoding, (error, value) => {
      if (value !== undefined && value !== null) this.push(value)
      done(error)
    })
  }
  _final(done) {
    const end = (error, value) => {
      if (value !== undefined && value !== null) this.push(value)
      this.push(null)
      done(error)
    }
    if (this._flush) this._flush(end)
    else end()
  }
}
class PassThrough extends Transform {
  _transform(chunk, _, done) {
    done(null, chunk)
  }
}
const finished = (stream, options, done = options) => {
  let over = false
  const once = error => {
    if (!over) done(error)
    over = true
  }
  stream.on('end', () => once())
  stream.on('finish', () => once())
  stream.on('error', once)
  return () => {}
}
const pipeline = (...streams) => {
  const done = typeof streams.at(-1) === 'function' ? streams.pop() : () => {}
  const [...all] = streams.flat()
  let over = false
  const end = error => {
    if (!over) done(error)
    over = true
  }
  for (const each of all) each.on('error', end)
  for (let at = 0; at + 1 < all.length; at++) all[at].pipe(all[at + 1])
  all.at(-1).on('finish', () => end())
  return all.at(-1)
}
const promises = {
  pipeline: (...streams) =>
    new Promise((resolve, reject) => pipeline(...streams, error => (error ? reject(error) : resolve()))),
  finished: stream => new Promise((resolve, reject) => finished(stream, error => (error ? reject(error) : resolve()))),
}
module.exports = Object.assign(Stream, {
  Stream,
  Readable,
  Writable,
  Duplex,
  Transform,
  PassThrough,
  pipeline,
  finished,
  promises,
})
