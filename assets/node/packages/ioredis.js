// ioredis: connects by itself, commands in small letters.
const Emitter = require('events')
const { __Connection: Connection, __place: place, __names: names, __pairs: pairs, __flat: flat } = require('redis')
class Redis extends Emitter {
  constructor(...args) {
    super()
    const [first, second] = args
    const options =
      typeof first === 'number'
        ? { port: first, host: typeof second === 'string' ? second : 'localhost' }
        : typeof first === 'string'
          ? { url: first.includes('://') ? first : `redis://${first}`, ...second }
          : (first ?? {})
    Object.defineProperty(this, '_', {
      value: { where: place(options), waiting: [], options, tries: 0, closing: false },
      enumerable: false,
    })
    this.status = 'wait'
    if (!options.lazyConnect) __kept(this._open())
  }
  async connect() {
    await this._open()
  }
  async _open() {
    for (;;) {
      this.status = 'connecting'
      const connection = new Connection(this._.where)
      try {
        await connection.open()
        this._.connection = connection
        this._.tries = 0
        this.status = 'ready'
        connection.on('push', ([, channel, message]) => this.emit('message', channel, message))
        connection.on('lost', () => {
          this.status = 'close'
          this.emit('close')
          if (!this._.closing) __kept(this._open())
        })
        this.emit('connect')
        for (const [args, yes, no] of this._.waiting.splice(0)) connection.send(args).then(yes, no)
        this.emit('ready')
        return
      } catch (error) {
        if (this._.closing) return
        if (this.listenerCount('error') > 0) this.emit('error', error)
        else console.error(`[ioredis] Unhandled error event: ${error.stack ?? error}`)
        this._.tries++
        const wait = this._.options.retryStrategy
          ? this._.options.retryStrategy(this._.tries)
          : Math.min(this._.tries * 50, 2000)
        const most = this._.options.maxRetriesPerRequest === undefined ? 20 : this._.options.maxRetriesPerRequest
        if (most !== null && this._.tries > most)
          for (const [, , no] of this._.waiting.splice(0))
            no(
              Object.assign(
                new Error(
                  `Reached the max retries per request limit (which is ${most}). Refer to "maxRetriesPerRequest" option for details.`,
                ),
                { name: 'MaxRetriesPerRequestError' },
              ),
            )
        if (typeof wait !== 'number') return void this.emit('end')
        this.emit('reconnecting', wait)
        await new Promise(resolve => setTimeout(resolve, wait))
      }
    }
  }
  call(...args) {
    const command = flat(args)
    if (this.status !== 'ready') return new Promise((yes, no) => this._.waiting.push([command, yes, no]))
    return this._.connection.send(command)
  }
  async subscribe(...channels) {
    for (const channel of channels) {
      await this.call('SUBSCRIBE', channel)
      this._.connection.subscribed = true
    }
    return channels.length
  }
  pipeline() {
    const commands = []
    const chain = {
      exec: async () =>
        Promise.all(
          commands.map(args =>
            this.call(...args).then(
              value => [null, value],
              error => [error, undefined],
            ),
          ),
        ),
    }
    for (const name of names) chain[name.toLowerCase()] = (...args) => (commands.push([name, ...args]), chain)
    return chain
  }
  multi() {
    return this.pipeline()
  }
  duplicate() {
    return new Redis(this._.options)
  }
  async quit() {
    this._.closing = true
    const reply = this.status === 'ready' ? await this.call('QUIT') : 'OK'
    this.disconnect()
    return reply
  }
  disconnect() {
    this._.closing = true
    this.status = 'end'
    this._.connection?.socket.destroy()
    this.emit('end')
  }
}
for (const name of names)
  Redis.prototype[name.toLowerCase()] = function (...args) {
    const done = typeof args.at(-1) === 'function' ? args.pop() : undefined
    const reply = this.call(name.toUpperCase(), ...args).then(value => (name === 'hGetAll' ? pairs(value) : value))
    if (!done) return reply
    reply.then(value => done(null, value), done)
    return undefined
  }
module.exports = Object.assign(Redis, { default: Redis, Redis })
