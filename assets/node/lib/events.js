// EventEmitter, and the DOM's event classes as far as Node has them.
const listOf = (emitter, name) => {
  if (!Object.hasOwn(emitter, '_events') || emitter._events === undefined)
    Object.defineProperty(emitter, '_events', {
      value: new Map(),
      writable: true,
      configurable: true,
      enumerable: false,
    })
  return name === undefined ? emitter._events : emitter._events.get(name)
}
const add = (emitter, name, listener, first, once) => {
  if (typeof listener !== 'function') {
    const error = new TypeError(
      `The "listener" argument must be of type function. Received ${listener === undefined ? 'undefined' : typeof listener}`,
    )
    error.code = 'ERR_INVALID_ARG_TYPE'
    throw error
  }
  const events = listOf(emitter)
  if (events.has('newListener')) emitter.emit('newListener', name, listener)
  const entry = { listener, once }
  const list = events.get(name) ?? []
  events.set(name, first ? [entry, ...list] : [...list, entry])
  return emitter
}
function EventEmitter() {}
const methods = {
  on(name, listener) {
    return add(this, name, listener, false, false)
  },
  addListener(name, listener) {
    return add(this, name, listener, false, false)
  },
  prependListener(name, listener) {
    return add(this, name, listener, true, false)
  },
  once(name, listener) {
    return add(this, name, listener, false, true)
  },
  prependOnceListener(name, listener) {
    return add(this, name, listener, true, true)
  },
  off(name, listener) {
    const list = listOf(this, name) ?? []
    const at = list.findLastIndex(each => each.listener === listener)
    if (at < 0) return this
    this._events.set(
      name,
      list.filter((_, index) => index !== at),
    )
    if (this._events.has('removeListener')) this.emit('removeListener', name, listener)
    return this
  },
  removeListener(name, listener) {
    return this.off(name, listener)
  },
  removeAllListeners(name) {
    if (name === undefined) listOf(this).clear()
    else listOf(this).delete(name)
    return this
  },
  emit(name, ...args) {
    const list = listOf(this, name)
    if (!list || list.length === 0) {
      if (name !== 'error') return false
      const [error] = args
      if (error instanceof Error) {
        Object.defineProperty(error, '__emitted', {
          value: this.constructor?.name,
          configurable: true,
          enumerable: false,
        })
        throw error
      }
      const unhandled = new Error(`Unhandled error. (${require('util').inspect(error)})`)
      unhandled.code = 'ERR_UNHANDLED_ERROR'
      unhandled.context = error
      throw unhandled
    }
    for (const entry of list) {
      if (entry.once) this.off(name, entry.listener)
      __kept(entry.listener.apply(this, args))
    }
    return true
  },
  listenerCount(name) {
    return listOf(this, name)?.length ?? 0
  },
  listeners(name) {
    return (listOf(this, name) ?? []).map(each => each.listener)
  },
  rawListeners(name) {
    return this.listeners(name)
  },
  eventNames() {
    return [...listOf(this)].filter(([, list]) => list.length > 0).map(([name]) => name)
  },
  setMaxListeners() {
    return this
  },
  getMaxListeners() {
    return 10
  },
}
for (const [name, value] of Object.entries(methods))
  Object.defineProperty(EventEmitter.prototype, name, { value, writable: true, configurable: true, enumerable: false })
const Emitter = EventEmitter

module.exports = Emitter
Emitter.EventEmitter = Emitter
Emitter.defaultMaxListeners = 10
Emitter.once = (emitter, name) =>
  new Promise((resolve, reject) => {
    const fail = error => {
      emitter.off(name, done)
      reject(error)
    }
    const done = (...args) => {
      emitter.off('error', fail)
      resolve(args)
    }
    emitter.once(name, done)
    if (name !== 'error') emitter.once('error', fail)
  })
Emitter.on = async function* (emitter, name) {
  const queue = []
  let wake
  emitter.on(name, (...args) => {
    queue.push(args)
    wake?.()
  })
  for (;;) {
    while (queue.length > 0) yield queue.shift()
    await new Promise(resolve => {
      wake = resolve
    })
  }
}

Emitter.Event = class Event {
  constructor(type, init = {}) {
    this.type = type
    this.cancelable = init.cancelable === true
    this.defaultPrevented = false
  }
  preventDefault() {
    if (this.cancelable) this.defaultPrevented = true
  }
}
Emitter.EventTarget = class EventTarget {
  #listeners = new Map()
  addEventListener(type, listener, options) {
    const list = this.#listeners.get(type) ?? []
    list.push({ listener, once: options?.once === true })
    this.#listeners.set(type, list)
  }
  removeEventListener(type, listener) {
    this.#listeners.set(
      type,
      (this.#listeners.get(type) ?? []).filter(each => each.listener !== listener),
    )
  }
  dispatchEvent(event) {
    event.target = this
    for (const each of [...(this.#listeners.get(event.type) ?? [])]) {
      if (each.once) this.removeEventListener(event.type, each.listener)
      if (typeof each.listener === 'function') each.listener.call(this, event)
      else each.listener.handleEvent(event)
    }
    this[`on${event.type}`]?.(event)
    return !event.defaultPrevented
  }
}
class AbortSignal extends Emitter.EventTarget {
  aborted = false
  reason = undefined
  throwIfAborted() {
    if (this.aborted) throw this.reason
  }
  static timeout(ms) {
    const controller = new Emitter.AbortController()
    setTimeout(() => {
      const error = new Error('The operation was aborted due to timeout')
      error.name = 'TimeoutError'
      controller.abort(error)
    }, ms).unref()
    return controller.signal
  }
  static abort(reason) {
    const controller = new Emitter.AbortController()
    controller.abort(reason)
    return controller.signal
  }
}
Emitter.AbortSignal = AbortSignal
Emitter.AbortController = class AbortController {
  signal = new AbortSignal()
  abort(reason) {
    if (this.signal.aborted) return
    if (reason === undefined) {
      reason = new Error('This operation was aborted')
      reason.name = 'AbortError'
    }
    this.signal.aborted = true
    this.signal.reason = reason
    this.signal.dispatchEvent(new Emitter.Event('abort'))
  }
}
