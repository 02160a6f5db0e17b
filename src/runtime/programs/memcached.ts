/** memcached: a cache in memory that speaks its text protocol. What it holds is gone when it ends. */
import type { CoroutineProgram, Json, Proc, Routine } from '../../kernel/program.ts'
import { isErrno } from '../../vfs/errno.ts'

interface Item {
  flags: number
  /** ms since the epoch; 0: never. */
  expires: number
  /** A byte string. */
  data: string
  cas: number
}

interface Client {
  fd: number
  /** What came and is no whole command yet. */
  rest: string
}

interface State {
  listeners: number[]
  clients: Client[]
  items: [key: string, item: Item][]
  startedAt: number
  cas: number
  counts: Record<
    'cmd_get' | 'cmd_set' | 'cmd_flush' | 'get_hits' | 'get_misses' | 'total_items' | 'total_connections',
    number
  >
}

/** Longest value, and all values together without `-m`, in bytes. */
const LARGEST = 1 << 20
const DEFAULT_MEGABYTES = 64
const LONGEST_LINE = 2048
/** Relative expiry times reach this far, in s; later ones are dates. */
const MONTH = 60 * 60 * 24 * 30

export const program: CoroutineProgram = {
  kind: 'coroutine',
  name: 'memcached',
  *main(p, saved) {
    if (saved !== undefined) return yield* new Memcached(p, saved as unknown as State).serve()
    const version = p.marker['version'] ?? '1.6.38'
    if (p.argv.includes('-V') || p.argv.includes('--version')) {
      yield { op: 'write', fd: 1, data: Buffer.from(`memcached ${version}\n`) }
      return 0
    }
    const say = (text: string) => ({ op: 'write' as const, fd: 2, data: Buffer.from(`${text}\n`) })
    if (p.cred.uid === 0 && option(p, 'u', 'user') === undefined) {
      yield say("can't run as root without the -u switch")
      return 64
    }
    for (const signal of ['TERM', 'INT']) p.sigaction(signal, 'catch')
    p.sigaction('PIPE', 'ignore')
    const port = Number(option(p, 'p', 'port') ?? 11211)
    try {
      const listeners = [p.listen(option(p, 'l', 'listen') ?? '::', port, 'tcp')]
      p.memory(2_000_000)
      const counts = {
        cmd_get: 0,
        cmd_set: 0,
        cmd_flush: 0,
        get_hits: 0,
        get_misses: 0,
        total_items: 0,
        total_connections: 0,
      }
      return yield* new Memcached(p, { listeners, clients: [], items: [], startedAt: p.now(), cas: 0, counts }).serve()
    } catch (error) {
      if (!isErrno(error)) throw error
      yield say(`failed to listen on TCP port ${port}: ${error.message}`)
      return 71
    }
  },
}

function option(p: Proc, short: string, long: string): string | undefined {
  for (const [at, word] of p.argv.entries()) {
    if (word === `-${short}` || word === `--${long}`) return p.argv[at + 1]
    if (word.startsWith(`--${long}=`)) return word.slice(long.length + 3)
    if (new RegExp(`^-${short}\\S`).test(word)) return word.slice(2)
  }
  return undefined
}

class Memcached {
  readonly #p: Proc
  readonly #state: State
  readonly #items: Map<string, Item>
  readonly #most: number

  constructor(p: Proc, state: State) {
    this.#p = p
    this.#state = { ...state, clients: state.clients.map(client => ({ ...client })), counts: { ...state.counts } }
    this.#items = new Map(state.items.map(([key, item]) => [key, { ...item }]))
    this.#most = Number(option(p, 'm', 'memory-limit') ?? DEFAULT_MEGABYTES) * 1024 * 1024
  }

  *serve(): Routine<number> {
    const { clients, listeners } = this.#state
    for (;;) {
      const items = [...this.#items].map(([key, item]): [string, Item] => [key, { ...item }])
      this.#p.checkpoint({
        ...this.#state,
        clients: clients.map(one => ({ ...one })),
        counts: { ...this.#state.counts },
        items,
      } as unknown as Json)
      let ready: number[]
      try {
        const fds = [...listeners, ...clients.map(({ fd }) => fd)].map(fd => ({ fd, event: 'in' as const }))
        ready = (yield { op: 'poll', fds, ms: Number.POSITIVE_INFINITY }) as number[]
      } catch (error) {
        if (!isErrno(error, 'EINTR')) throw error
        const name = this.#p.takeSignal() === 'INT' ? 'Interrupt' : 'Terminated'
        yield { op: 'write', fd: 2, data: Buffer.from(`Signal handled: ${name}.\n`) }
        return 0
      }
      for (const fd of ready) {
        if (listeners.includes(fd)) {
          clients.push({ fd: (yield { op: 'accept', fd }) as number, rest: '' })
          this.#state.counts.total_connections++
          continue
        }
        const client = clients.find(one => one.fd === fd)
        if (client && !(yield* this.#hear(client))) {
          clients.splice(clients.indexOf(client), 1)
          this.#p.close(fd)
        }
      }
    }
  }

  /** Takes what a client has sent and answers each whole command. false: the connection ends. */
  *#hear(client: Client): Routine<boolean> {
    try {
      const data = (yield { op: 'read', fd: client.fd, length: 65536 }) as Uint8Array
      if (data.length === 0) return false
      client.rest += Buffer.from(data).toString('latin1')
      for (;;) {
        const end = client.rest.indexOf('\n')
        if (end < 0) return client.rest.length <= LONGEST_LINE
        const words = client.rest
          .slice(0, end)
          .replace(/\r$/, '')
          .split(' ')
          .filter(word => word !== '')
        let used = end + 1
        let value = ''
        if (STORING.has(words[0] ?? '')) {
          const length = Number(words[4])
          if (Number.isInteger(length) && length >= 0 && length <= LARGEST) {
            if (client.rest.length < used + length + 2) return true
            value = client.rest.slice(used, used + length)
            used += length + 2
          }
        }
        client.rest = client.rest.slice(used)
        const reply = this.#answer(words, value)
        if (reply === undefined) return false
        if (reply !== '' && words.at(-1) !== 'noreply')
          yield { op: 'write', fd: client.fd, data: Buffer.from(reply, 'latin1') }
      }
    } catch (error) {
      if (!isErrno(error) || isErrno(error, 'EINTR')) throw error
      return false
    }
  }

  /** The reply to a command; undefined closes the connection. */
  #answer(words: readonly string[], value: string): string | undefined {
    const [verb = '', ...rest] = words
    switch (verb) {
      case 'get':
      case 'gets':
        return rest.length === 0 ? 'ERROR\r\n' : this.#get(rest, verb === 'gets')
      case 'set':
      case 'add':
      case 'replace':
      case 'append':
      case 'prepend':
      case 'cas':
        return this.#store(verb, rest, value)
      case 'delete':
        return this.#live(rest[0] ?? '') && this.#items.delete(rest[0] ?? '') ? 'DELETED\r\n' : 'NOT_FOUND\r\n'
      case 'incr':
      case 'decr':
        return this.#count(rest[0] ?? '', rest[1] ?? '', verb)
      case 'touch': {
        const item = this.#live(rest[0] ?? '')
        if (item) item.expires = this.#expiry(rest[1])
        return item ? 'TOUCHED\r\n' : 'NOT_FOUND\r\n'
      }
      case 'flush_all':
        this.#items.clear()
        this.#state.counts.cmd_flush++
        return 'OK\r\n'
      case 'version':
        return `VERSION ${this.#p.marker['version'] ?? '1.6.38'}\r\n`
      case 'verbosity':
        return 'OK\r\n'
      case 'stats':
        return this.#stats()
      case 'quit':
        return undefined
      default:
        return 'ERROR\r\n'
    }
  }

  #live(key: string): Item | undefined {
    const item = this.#items.get(key)
    if (item && item.expires !== 0 && item.expires <= this.#p.now()) {
      this.#items.delete(key)
      return undefined
    }
    return item
  }

  #expiry(text = '0'): number {
    const seconds = Number(text)
    if (seconds === 0) return 0
    if (seconds < 0) return 1
    return seconds > MONTH ? seconds * 1000 : this.#p.now() + seconds * 1000
  }

  #get(keys: readonly string[], withCas: boolean): string {
    const { counts } = this.#state
    counts.cmd_get += keys.length
    const found = keys.flatMap(key => {
      const item = this.#live(key)
      counts[item ? 'get_hits' : 'get_misses']++
      if (!item) return []
      return [`VALUE ${key} ${item.flags} ${item.data.length}${withCas ? ` ${item.cas}` : ''}\r\n${item.data}\r\n`]
    })
    return `${found.join('')}END\r\n`
  }

  #store(verb: string, [key = '', flags, expires, length, cas]: readonly string[], value: string): string {
    if (length === undefined) return 'ERROR\r\n'
    if (key.length > 250 || !/^\d+$/.test(flags ?? '')) return 'CLIENT_ERROR bad command line format\r\n'
    if (Number(length) > LARGEST) return 'SERVER_ERROR object too large for cache\r\n'
    const known = this.#live(key)
    this.#state.counts.cmd_set++
    if (verb === 'add' ? known : ['replace', 'append', 'prepend'].includes(verb) && !known) return 'NOT_STORED\r\n'
    if (verb === 'cas' && !known) return 'NOT_FOUND\r\n'
    if (verb === 'cas' && known?.cas !== Number(cas)) return 'EXISTS\r\n'
    const data =
      verb === 'append' ? (known?.data ?? '') + value : verb === 'prepend' ? value + (known?.data ?? '') : value
    // The key goes to the end: what was written longest ago makes room first.
    this.#items.delete(key)
    this.#items.set(key, { flags: Number(flags), expires: this.#expiry(expires), data, cas: ++this.#state.cas })
    this.#state.counts.total_items++
    let bytes = [...this.#items.values()].reduce((sum, item) => sum + item.data.length, 0)
    for (const [old, item] of this.#items) {
      if (bytes <= this.#most) break
      this.#items.delete(old)
      bytes -= item.data.length
    }
    this.#p.memory(2_000_000 + bytes)
    return 'STORED\r\n'
  }

  #count(key: string, by: string, verb: string): string {
    const item = this.#live(key)
    if (!item) return 'NOT_FOUND\r\n'
    if (!/^\d+$/.test(by)) return 'CLIENT_ERROR invalid numeric delta argument\r\n'
    if (!/^\d+$/.test(item.data)) return 'CLIENT_ERROR cannot increment or decrement non-numeric value\r\n'
    const sum = verb === 'incr' ? BigInt.asUintN(64, BigInt(item.data) + BigInt(by)) : BigInt(item.data) - BigInt(by)
    item.data = String(sum < 0n ? 0n : sum)
    item.cas = ++this.#state.cas
    return `${item.data}\r\n`
  }

  #stats(): string {
    const { counts, startedAt, clients } = this.#state
    const now = this.#p.now()
    const facts = {
      pid: this.#p.pid,
      uptime: Math.floor((now - startedAt) / 1000),
      time: Math.floor(now / 1000),
      version: this.#p.marker['version'] ?? '1.6.38',
      curr_connections: clients.length,
      ...counts,
      limit_maxbytes: this.#most,
      bytes: [...this.#items.values()].reduce((sum, item) => sum + item.data.length, 0),
      curr_items: this.#items.size,
    }
    return `${Object.entries(facts)
      .map(([name, value]) => `STAT ${name} ${value}\r\n`)
      .join('')}END\r\n`
  }
}

const STORING = new Set(['set', 'add', 'replace', 'append', 'prepend', 'cas'])
