// redis (node-redis 4): the protocol over a socket, and the commands as methods.
const net = require('net')
const Emitter = require('events')
class Parser {
  bytes = Buffer.alloc(0)
  feed(data) {
    this.bytes = Buffer.concat([this.bytes, data])
    const replies = []
    for (;;) {
      const found = this.take(0)
      if (!found) return replies
      this.bytes = this.bytes.subarray(found[1])
      replies.push(found[0])
    }
  }
  take(at) {
    const end = this.bytes.indexOf('\r\n', at)
    if (end < 0) return undefined
    const line = this.bytes.subarray(at + 1, end).toString()
    const next = end + 2
    switch (String.fromCharCode(this.bytes[at])) {
      case '+':
        return [line, next]
      case '-':
        return [Object.assign(new Error(line), { name: 'ReplyError' }), next]
      case ':':
        return [Number(line), next]
      case '$': {
        const size = Number(line)
        if (size < 0) return [null, next]
        if (this.bytes.length < next + size + 2) return undefined
        return [this.bytes.subarray(next, next + size).toString(), next + size + 2]
      }
      case '*': {
        const size = Number(line)
        if (size < 0) return [null, next]
        const list = []
        let from = next
        for (let each = 0; each < size; each++) {
          const found = this.take(from)
          if (!found) return undefined
          list.push(found[0])
          from = found[1]
        }
        return [list, from]
      }
    }
    return [null, next]
  }
}
const encode = args =>
  `*${args.length}\r\n${args.map(each => `$${Buffer.byteLength(String(each))}\r\n${each}\r\n`).join('')}`
const place = options => {
  if (typeof options === 'string') options = { url: options }
  if (options?.url) {
    const url = new URL(options.url)
    return {
      host: url.hostname,
      port: Number(url.port || 6379),
      password: decodeURIComponent(url.password) || options.password,
      username: decodeURIComponent(url.username) || undefined,
      db: Number(url.pathname.slice(1) || 0),
    }
  }
  return {
    host: options?.socket?.host ?? options?.host ?? 'localhost',
    port: Number(options?.socket?.port ?? options?.port ?? 6379),
    password: options?.password,
    username: options?.username,
    db: options?.database ?? options?.db ?? 0,
  }
}
class Connection extends Emitter {
  constructor(where) {
    super()
    this.where = where
    this.waiting = []
    this.parser = new Parser()
  }
  open() {
    return new Promise((resolve, reject) => {
      const socket = net.connect({ host: this.where.host, port: this.where.port })
      this.socket = socket
      socket.on('connect', async () => {
        try {
          if (this.where.password)
            await this.send([...(this.where.username ? ['AUTH', this.where.username] : ['AUTH']), this.where.password])
          if (this.where.db) await this.send(['SELECT', this.where.db])
          resolve()
        } catch (error) {
          reject(error)
        }
      })
      socket.on('data', data => {
        for (const reply of this.parser.feed(data)) {
          if (Array.isArray(reply) && ['message', 'pmessage'].includes(reply[0]) && this.subscribed)
            this.emit('push', reply)
          else {
            const [yes, no] = this.waiting.shift() ?? []
            if (reply instanceof Error) no?.(reply)
            else yes?.(reply)
          }
        }
      })
      socket.on('error', error => {
        this.failed = error
        reject(error)
      })
      socket.on('close', () => {
        const error =
          this.failed ??
          Object.assign(new Error('Socket closed unexpectedly'), { name: 'SocketClosedUnexpectedlyError' })
        for (const [, no] of this.waiting.splice(0)) no(error)
        this.emit('lost', error)
      })
    })
  }
  send(args) {
    return new Promise((resolve, reject) => {
      this.waiting.push([resolve, reject])
      this.socket.write(encode(args))
    })
  }
}
const pairsOf = list => {
  const made = Object.create(null)
  for (let at = 0; list && at + 1 < list.length; at += 2) made[list[at]] = list[at + 1]
  return made
}
const flat = args =>
  args.flatMap(each =>
    Array.isArray(each)
      ? flat(each)
      : each !== null && typeof each === 'object' && !Buffer.isBuffer(each)
        ? Object.entries(each).flat()
        : [each],
  )
const setOptions = options =>
  Object.entries(options ?? {}).flatMap(([key, value]) =>
    value === true ? [key] : value === false || value === undefined ? [] : [key, value],
  )
const shapes = {
  set: ([key, value, options]) => ['SET', key, value, ...setOptions(options)],
  zAdd: ([key, members]) => ['ZADD', key, ...[members].flat().flatMap(each => [each.score, each.value])],
  zRangeWithScores: ([key, from, to]) => ['ZRANGE', key, from, to, 'WITHSCORES'],
}
const results = {
  hGetAll: pairsOf,
  zRangeWithScores: list => Object.entries(pairsOf(list)).map(([value, score]) => ({ value, score: Number(score) })),
  exists: value => value,
  hIncrByFloat: Number,
  zScore: value => (value === null ? null : Number(value)),
  sIsMember: Boolean,
  hExists: Boolean,
  expire: Boolean,
  persist: Boolean,
  setNX: Boolean,
}
const names =
  'get set setEx setNX getSet getDel mGet mSet append strLen incr incrBy incrByFloat decr decrBy del unlink exists expire pExpire expireAt ttl pTTL persist type keys scan rename dbSize flushDb flushAll ping echo select info time lPush rPush lPop rPop lLen lRange lIndex lRem lTrim lSet hSet hGet hGetAll hDel hExists hKeys hVals hLen hIncrBy hIncrByFloat hMGet hSetNX sAdd sRem sMembers sIsMember sCard sPop sInter sUnion sDiff zAdd zRem zRange zRangeWithScores zRank zScore zCard zIncrBy zRevRange zRangeByScore publish save bgSave lastSave configGet configSet blPop brPop'.split(
    ' ',
  )
class Client extends Emitter {
  constructor(options) {
    super()
    Object.defineProperty(this, '_', {
      value: { where: place(options), connection: undefined, waiting: [], closing: false, tries: 0, options },
      enumerable: false,
    })
    this.isOpen = false
    this.isReady = false
  }
  async connect() {
    if (this.isOpen) throw new Error('Socket already opened')
    this.isOpen = true
    await this._try()
    return this
  }
  async _try() {
    for (;;) {
      const connection = new Connection(this._.where)
      this.emit('connect')
      try {
        await connection.open()
        this._.connection = connection
        this._.tries = 0
        this.isReady = true
        connection.on('push', reply => this._push(reply))
        connection.on('lost', error => {
          this.isReady = false
          if (this._.closing) return
          this.emit('error', error)
          this.emit('reconnecting')
          __kept(this._try())
        })
        for (const [args, yes, no] of this._.waiting.splice(0)) connection.send(args).then(yes, no)
        this.emit('ready')
        return
      } catch (error) {
        this.isReady = false
        if (this._.closing) return
        const strategy = this._.options?.socket?.reconnectStrategy
        if (strategy === false || error.name === 'ReplyError') throw error
        const wait =
          typeof strategy === 'function'
            ? strategy(this._.tries, error)
            : (strategy ?? Math.min(2 ** this._.tries * 50, 2000))
        this.emit('error', error)
        if (wait instanceof Error || wait === false) throw wait instanceof Error ? wait : error
        this._.tries++
        this.emit('reconnecting')
        await new Promise(resolve => setTimeout(resolve, wait))
      }
    }
  }
  sendCommand(args) {
    if (!this.isOpen)
      return Promise.reject(Object.assign(new Error('The client is closed'), { name: 'ClientClosedError' }))
    if (!this.isReady) return new Promise((yes, no) => this._.waiting.push([args, yes, no]))
    return this._.connection.send(args.map(String))
  }
  async subscribe(channels, listener) {
    this._.listeners ??= new Map()
    for (const channel of [channels].flat()) {
      this._.listeners.set(channel, [...(this._.listeners.get(channel) ?? []), listener])
      this._.connection.subscribed = true
      await this._.connection.send(['SUBSCRIBE', channel])
    }
  }
  _push([, channel, message]) {
    for (const each of this._.listeners?.get(channel) ?? []) each(message, channel)
  }
  duplicate() {
    return new Client(this._.options)
  }
  multi() {
    const commands = []
    const chain = {
      exec: async () => {
        await this.sendCommand(['MULTI'])
        for (const [args] of commands) await this.sendCommand(args)
        const replies = await this.sendCommand(['EXEC'])
        return replies.map((reply, at) => (commands[at][1] ? commands[at][1](reply) : reply))
      },
    }
    for (const name of names) {
      const add = (...args) => {
        commands.push([shapes[name] ? shapes[name](args) : [name.toUpperCase(), ...flat(args)], results[name]])
        return chain
      }
      chain[name] = add
      chain[name.toUpperCase()] = add
    }
    return chain
  }
  async quit() {
    this._.closing = true
    if (this.isReady) await this.sendCommand(['QUIT']).catch(() => {})
    this.isOpen = this.isReady = false
    this._.connection?.socket.destroy()
    this.emit('end')
    return 'OK'
  }
  async disconnect() {
    this._.closing = true
    this.isOpen = this.isReady = false
    this._.connection?.socket.destroy()
    this.emit('end')
  }
  close() {
    return this.quit()
  }
  destroy() {
    __kept(this.disconnect())
  }
  on(name, listener) {
    return Emitter.prototype.on.call(this, name, listener)
  }
}
for (const name of names) {
  const work = async function (...args) {
    const command = shapes[name] ? shapes[name](args) : [name.toUpperCase(), ...flat(args)]
    const reply = await this.sendCommand(command)
    return results[name] ? results[name](reply) : reply
  }
  for (const spelling of new Set([name, name.toUpperCase(), name.toLowerCase()]))
    Object.defineProperty(Client.prototype, spelling, {
      value: work,
      writable: true,
      configurable: true,
      enumerable: false,
    })
}
Object.assign(exports, {
  createClient: options => new Client(options),
  RedisClient: Client,
  __Connection: Connection,
  __place: place,
  __names: names,
  __pairs: pairsOf,
  __flat: flat,
})
exports.default = exports
