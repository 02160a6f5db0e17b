// readline: lines of a stream, questions.
const Emitter = require('events')
class Interface extends Emitter {
  constructor(options) {
    super()
    Object.assign(this, { input: options.input, output: options.output, closed: false })
    this.words = options.prompt ?? '> '
    let held = ''
    const take = text => {
      held += text
      const lines = held.split(/\r?\n/)
      held = lines.pop()
      for (const line of lines) this.#line(line)
    }
    this.input.on('data', data => take(data.toString()))
    this.input.on('end', () => {
      if (held !== '') this.#line(held)
      this.close()
    })
  }
  #asked = []
  #kept = []
  #line(line) {
    const asked = this.#asked.shift()
    if (asked) asked(line)
    else if (this.listenerCount('line') > 0) this.emit('line', line)
    else this.#kept.push(line)
  }
  setPrompt(words) {
    this.words = words
  }
  prompt() {
    this.output?.write(this.words)
  }
  question(words, options, done = options) {
    this.output?.write(words)
    if (this.#kept.length > 0) setImmediate(done, this.#kept.shift())
    else this.#asked.push(done)
    this.input.resume()
  }
  write() {}
  pause() {
    this.input.pause()
    return this
  }
  resume() {
    this.input.resume()
    return this
  }
  close() {
    if (this.closed) return
    this.closed = true
    this.input.pause()
    this.emit('close')
  }
  async *[Symbol.asyncIterator]() {
    const queue = []
    let wake
    this.on('line', line => {
      queue.push(line)
      wake?.()
    })
    this.on('close', () => wake?.())
    for (;;) {
      while (queue.length > 0) yield queue.shift()
      if (this.closed) return
      await new Promise(resolve => {
        wake = resolve
      })
    }
  }
}
const createInterface = (input, output) => new Interface(input?.input ? input : { input, output })
class Asking extends Interface {
  question(words) {
    return new Promise(resolve => super.question(words, resolve))
  }
}
Object.assign(exports, {
  Interface,
  createInterface,
  clearLine: () => true,
  cursorTo: () => true,
  emitKeypressEvents() {},
  promises: { createInterface: options => new Asking(options), Interface: Asking },
})
