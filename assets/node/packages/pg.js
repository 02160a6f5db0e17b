// pg: PostgreSQL's protocol over a socket, Client and Pool.
const net = require('net')
const Emitter = require('events')
const { createHash } = require('crypto')
const message = (type, ...parts) => {
  const body = Buffer.concat(parts)
  const head = Buffer.alloc(type === '' ? 4 : 5)
  if (type !== '') head.write(type)
  head.writeInt32BE(body.length + 4, type === '' ? 0 : 1)
  return Buffer.concat([head, body])
}
const text = value => Buffer.from(`${value}\0`)
const int16 = value => {
  const made = Buffer.alloc(2)
  made.writeInt16BE(value)
  return made
}
const int32 = value => {
  const made = Buffer.alloc(4)
  made.writeInt32BE(value)
  return made
}
const parsers = {
  16: value => value === 't',
  21: Number,
  23: Number,
  26: Number,
  700: Number,
  701: Number,
  114: JSON.parse,
  3802: JSON.parse,
  1082: value => new Date(`${value}T00:00:00`),
  1114: value => new Date(`${value.replace(' ', 'T')}Z`),
  1184: value => new Date(value.replace(' ', 'T').replace(/([+-]\d\d)$/, '$1:00')),
  1007: value => value.slice(1, -1).split(',').filter(Boolean).map(Number),
  1009: value =>
    value
      .slice(1, -1)
      .split(',')
      .filter(Boolean)
      .map(each => each.replace(/^"|"$/g, '')),
}
const prepare = value => {
  if (value === null || value === undefined) return null
  if (value instanceof Date) return value.toISOString()
  if (Buffer.isBuffer(value)) return `\\x${value.toString('hex')}`
  if (Array.isArray(value))
    return `{${value.map(each => (each === null ? 'NULL' : typeof each === 'number' ? each : `"${String(each).replace(/["\\]/g, '\\$&')}"`)).join(',')}}`
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
const place = options => {
  const given = typeof options === 'string' ? { connectionString: options } : (options ?? {})
  const url = given.connectionString ? new URL(given.connectionString) : undefined
  const env = process.env
  const user = given.user ?? (url?.username && decodeURIComponent(url.username)) ?? env.PGUSER ?? env.USER
  return {
    host: given.host ?? url?.hostname ?? env.PGHOST ?? 'localhost',
    port: Number(given.port ?? (url?.port || undefined) ?? env.PGPORT ?? 5432),
    user,
    password: given.password ?? (url?.password && decodeURIComponent(url.password)) ?? env.PGPASSWORD,
    database: given.database ?? (url && url.pathname.slice(1)) ?? env.PGDATABASE ?? user,
  }
}
class Client extends Emitter {
  constructor(options) {
    super()
    Object.assign(this, place(options))
    Object.defineProperty(this, '_', {
      value: { bytes: Buffer.alloc(0), queue: [], current: undefined, ready: false },
      enumerable: false,
    })
  }
  connect(done) {
    const made = new Promise((resolve, reject) => {
      const socket = net.connect({ host: this.host, port: this.port })
      this._.socket = socket
      this._.opened = resolve
      this._.failed = reject
      socket.on('connect', () =>
        socket.write(
          message(
            '',
            int32(196608),
            text('user'),
            text(this.user),
            text('database'),
            text(this.database),
            Buffer.from([0]),
          ),
        ),
      )
      socket.on('data', data => this._read(data))
      socket.on('error', error => this._lost(error))
      socket.on('close', () => this._lost(new Error('Connection terminated unexpectedly')))
    })
    if (!done) return made
    made.then(() => done(null, this), done)
    return undefined
  }
  _lost(error) {
    if (this._.gone) return
    this._.gone = true
    this._.failed?.(error)
    const all = [this._.current, ...this._.queue.splice(0)].filter(Boolean)
    this._.current = undefined
    for (const each of all) each.reject(error)
    if (this._.ready && !this._.ending) this.emit('error', error)
    this.emit('end')
  }
  _read(data) {
    this._.bytes = Buffer.concat([this._.bytes, data])
    for (;;) {
      const { bytes } = this._
      if (bytes.length < 5) return
      const size = bytes.readInt32BE(1)
      if (bytes.length < size + 1) return
      this._.bytes = bytes.subarray(size + 1)
      this._take(String.fromCharCode(bytes[0]), bytes.subarray(5, size + 1))
    }
  }
  _take(type, body) {
    const { current } = this._
    if (type === 'R') {
      const kind = body.readInt32BE(0)
      if (kind === 3 || kind === 5) {
        if (typeof this.password !== 'string')
          return this._lost(new Error('SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a string'))
        const inner = createHash('md5')
          .update(this.password + this.user)
          .digest('hex')
        this._.socket.write(
          message(
            'p',
            text(
              kind === 3
                ? this.password
                : `md5${createHash('md5')
                    .update(Buffer.concat([Buffer.from(inner), body.subarray(4, 8)]))
                    .digest('hex')}`,
            ),
          ),
        )
      }
    } else if (type === 'Z') {
      if (!this._.ready) {
        this._.ready = true
        this._.failed = undefined
        this._.opened(this)
      }
      if (current) {
        this._.current = undefined
        if (current.error) current.reject(current.error)
        else current.resolve(current.results.length > 1 ? current.results : current.results[0])
      }
      this._next()
    } else if (type === 'T' && current) {
      const count = body.readInt16BE(0)
      let at = 2
      const fields = []
      for (let each = 0; each < count; each++) {
        const end = body.indexOf(0, at)
        fields.push({ name: body.subarray(at, end).toString(), dataTypeID: body.readInt32BE(end + 7) })
        at = end + 19
      }
      current.fields = fields
      current.rows = []
    } else if (type === 'D' && current) {
      const count = body.readInt16BE(0)
      let at = 2
      const row = {}
      for (let each = 0; each < count; each++) {
        const size = body.readInt32BE(at)
        at += 4
        const { name, dataTypeID } = current.fields[each]
        if (size < 0) row[name] = null
        else {
          const value = body.subarray(at, at + size).toString()
          row[name] = parsers[dataTypeID] ? parsers[dataTypeID](value) : value
          at += size
        }
      }
      current.rows.push(row)
    } else if (type === 'C' && current) {
      const [command, ...numbers] = body.subarray(0, -1).toString().split(' ')
      current.results.push({
        command,
        rowCount: numbers.length > 0 ? Number(numbers.at(-1)) : null,
        oid: null,
        rows: current.rows ?? [],
        fields: current.fields ?? [],
      })
      current.rows = current.fields = undefined
    } else if (type === 'E') {
      const facts = {}
      for (const part of body.toString().split('\0')) if (part) facts[part[0]] = part.slice(1)
      const error = Object.assign(new Error(facts.M), {
        length: body.length,
        name: 'error',
        severity: facts.S,
        code: facts.C,
        detail: facts.D,
        hint: facts.H,
        position: facts.P,
        schema: facts.s,
        table: facts.t,
        column: facts.c,
        constraint: facts.n,
        routine: facts.R,
      })
      if (current) current.error = error
      else this._lost(error)
    }
  }
  _next() {
    if (this._.current || !this._.ready) return
    const next = this._.queue.shift()
    if (!next) return
    this._.current = next
    if (next.values === undefined) return void this._.socket.write(message('Q', text(next.text)))
    const values = next.values.map(prepare)
    this._.socket.write(
      Buffer.concat([
        message('P', text(''), text(next.text), int16(0)),
        message(
          'B',
          text(''),
          text(''),
          int16(0),
          int16(values.length),
          ...values.flatMap(each =>
            each === null ? [int32(-1)] : [int32(Buffer.byteLength(each)), Buffer.from(each)],
          ),
          int16(0),
        ),
        message('D', Buffer.from('P\0')),
        message('E', text(''), int32(0)),
        message('S'),
      ]),
    )
  }
  query(first, second, third) {
    const options = typeof first === 'object' ? first : { text: first }
    const done = [second, third].find(each => typeof each === 'function')
    const values = Array.isArray(second) ? second : options.values
    const made = new Promise((resolve, reject) => {
      if (this._.gone) return reject(new Error('Client has encountered a connection error and is not queryable'))
      this._.queue.push({
        text: options.text,
        values: values?.length > 0 ? values : undefined,
        resolve,
        reject,
        results: [],
      })
      this._next()
    })
    if (!done) return made
    made.then(value => done(null, value), done)
    return undefined
  }
  async end() {
    this._.ending = true
    this._.socket?.end(message('X'))
  }
  release() {}
}
class Pool extends Emitter {
  constructor(options) {
    super()
    this.options = options ?? {}
    Object.defineProperty(this, '_', { value: { idle: [], all: new Set(), waiting: [] }, enumerable: false })
  }
  get totalCount() {
    return this._.all.size
  }
  get idleCount() {
    return this._.idle.length
  }
  get waitingCount() {
    return this._.waiting.length
  }
  connect(done) {
    const made = this._take()
    if (!done) return made
    made.then(client => done(null, client, client.release), done)
    return undefined
  }
  async _take() {
    const known = this._.idle.pop()
    if (known) return known
    if (this._.all.size >= (this.options.max ?? 10)) return new Promise(resolve => this._.waiting.push(resolve))
    const client = new Client(this.options)
    this._.all.add(client)
    client.on('error', error => {
      if (this.listenerCount('error') > 0) this.emit('error', error, client)
    })
    client.on('end', () => {
      this._.all.delete(client)
      this._.idle = this._.idle.filter(each => each !== client)
    })
    client.release = () => {
      const next = this._.waiting.shift()
      if (next) next(client)
      else if (this._.all.has(client)) {
        this._.idle.push(client)
        client._.socket.unref()
      }
    }
    try {
      await client.connect()
    } catch (error) {
      this._.all.delete(client)
      throw error
    }
    return client
  }
  query(first, second, third) {
    const done = [second, third].find(each => typeof each === 'function')
    const made = (async () => {
      const client = await this._take()
      client._.socket.ref()
      try {
        return await client.query(first, typeof second === 'function' ? undefined : second)
      } finally {
        client.release()
      }
    })()
    if (!done) return made
    made.then(value => done(null, value), done)
    return undefined
  }
  async end() {
    for (const client of this._.all) await client.end()
  }
}
Object.assign(exports, {
  Client,
  Pool,
  types: { setTypeParser: (id, work) => (parsers[id] = work), builtins: {} },
  defaults: {},
})
exports.default = exports
