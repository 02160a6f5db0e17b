/** redis-server: one process that listens, answers, keeps its data in memory and saves it as it is told. */

import type { CoroutineProgram, Json, Proc, Routine } from '../../../kernel/program.ts'
import { isErrno } from '../../../vfs/errno.ts'
import { dayFirstTime } from '../../clock-words.ts'
import { textNow } from '../../whole-file.ts'
import { received } from '../listener.ts'
import { administration, type Client, type Server } from './admin.ts'
import { commands } from './commands.ts'
import { argumentLines, type Config, defaults, readLines } from './config.ts'
import { CommandError, Data, type Dump } from './data.ts'
import { appendLog, beginLog, loadLog, loadSnapshot, saveSnapshot } from './persist.ts'
import { encodeReply, failed, type Reply, takeRequest } from './resp.ts'

/** What is stored between two looks. */
interface Kept {
  config: Config
  dump: Dump
  listeners: number[]
  clients: Client[]
  startedAt: number
  lastSave: number
  dirty: number
  counters: Server['counters']
  log: number
  runId: string
}

export const program: CoroutineProgram = {
  kind: 'coroutine',
  name: 'redis-server',
  *main(p, saved) {
    if (saved !== undefined) return yield* new RedisServer(p, saved as unknown as Kept).serve()
    const version = p.marker['version'] ?? '7.4.4'
    const args = [...p.argv.slice(1)]
    if (args[0] === '-v' || args[0] === '--version') {
      yield say(1, `Redis server v=${version} sha=00000000:0 malloc=jemalloc-5.3.0 bits=64 build=6f7ad7f5a4d7e2c1\n`)
      return 0
    }
    if (args[0] === '-h' || args[0] === '--help') {
      yield say(
        1,
        'Usage: ./redis-server [/path/to/redis.conf] [options] [-]\n       ./redis-server - (read config from stdin)\n       ./redis-server -v or --version\n       ./redis-server -h or --help\n',
      )
      return 0
    }
    const config: Config = { ...defaults, dir: p.cwd() }
    let file: string | undefined
    if (args[0] !== undefined && !args[0].startsWith('-')) {
      file = args.shift() ?? ''
      const text = textNow(p, file)
      if (text === undefined) {
        yield say(
          1,
          `${p.pid}:C ${dayFirstTime(p.now())} # Fatal error, can't open config file '${file.startsWith('/') ? file : `${p.cwd()}/${file}`}': No such file or directory\n`,
        )
        return 1
      }
      const problem = readLines(text, config)
      if (problem) return yield* refuse(version, problem)
    }
    const problem = readLines(argumentLines(args), config)
    if (problem) return yield* refuse(version, problem)
    return yield* start(p, version, config, file !== undefined || args.length > 0)
  },
}

const say = (fd: number, text: string) => ({ op: 'write' as const, fd, data: Buffer.from(text, 'latin1') })

function* refuse(version: string, problem: { line: number; text: string; reason: string }): Routine<number> {
  yield say(
    2,
    `\n*** FATAL CONFIG FILE ERROR (Redis ${version}) ***\nReading the configuration file, at line ${problem.line}\n>>> '${problem.text}'\n${problem.reason}\n`,
  )
  return 1
}

function* start(p: Proc, version: string, config: Config, configured: boolean): Routine<number> {
  let log = 1
  if (config['logfile']) log = p.open(config['logfile'], { write: true, append: true, create: true }, 0o644)
  const old = version.startsWith('6')
  const write = (role: string, level: string, text: string) =>
    say(log, `${p.pid}:${role} ${dayFirstTime(p.now())} ${level} ${text}\n`)
  const notice = old ? '#' : '*'
  if (!old)
    yield write(
      'C',
      '#',
      "WARNING Memory overcommit must be enabled! Without it, a background save or replication may fail under low memory condition. Being disabled, it can also cause failures without low memory condition, see https://github.com/jemalloc/jemalloc/issues/1328. To fix this issue add 'vm.overcommit_memory = 1' to /etc/sysctl.conf and then reboot or run the command 'sysctl vm.overcommit_memory=1' for this to take effect.",
    )
  yield write('C', notice, 'oO0OoO0OoO0Oo Redis is starting oO0OoO0OoO0Oo')
  yield write('C', notice, `Redis version=${version}, bits=64, commit=00000000, modified=0, pid=${p.pid}, just started`)
  if (configured) yield write('C', notice, 'Configuration loaded')
  else
    yield write(
      'C',
      '#',
      'Warning: no config file specified, using the default config. In order to specify a config file use redis-server /path/to/redis.conf',
    )
  for (const signal of ['TERM', 'INT']) p.sigaction(signal, 'catch')
  for (const signal of ['HUP', 'PIPE']) p.sigaction(signal, 'ignore')
  p.memory(8_500_000)
  yield write('M', '*', 'monotonic clock: POSIX clock_gettime')
  const port = Number(config['port'])
  const listeners: number[] = []
  for (const bind of (config['bind'] ?? '*').split(/\s+/)) {
    const address = bind.replace(/^-/, '')
    if (address === '::*' || address === '::1' || address === '::') continue
    try {
      listeners.push(p.listen(address === '*' ? '0.0.0.0' : address, port, 'tcp'))
    } catch (error) {
      if (!isErrno(error)) throw error
      yield write(
        'M',
        '#',
        `Warning: Could not create server TCP listening socket ${address}:${port}: bind: ${error.message}`,
      )
      yield write('M', '#', `Failed listening on port ${port} (tcp), aborting.`)
      return 1
    }
  }
  yield write('M', '*', `Running mode=standalone, port=${port}.`)
  yield write('M', notice, 'Server initialized')
  const data = new Data()
  data.now = p.now()
  try {
    const logged = config['appendonly'] === 'yes' ? loadLog(p, config) : undefined
    if (logged) {
      yield write('M', '*', 'Reading RDB base file on AOF loading...')
      replay(data, logged)
      yield write('M', '*', 'DB loaded from incr file appendonly.aof.1.incr.aof: 0.000 seconds')
      yield write('M', '*', 'DB loaded from append only file: 0.000 seconds')
    } else {
      const snapshot = loadSnapshot(p, config)
      if (snapshot) {
        for (const [index, entries] of Object.entries(snapshot.dump))
          data.databases.set(Number(index), new Map(entries))
        const gone = data.expire()
        const count = [...data.databases.values()].reduce((sum, keys) => sum + keys.size, 0)
        yield write('M', '*', `Loading RDB produced by version ${version}`)
        yield write('M', '*', `RDB age ${Math.max(0, Math.round((p.now() - snapshot.savedAt) / 1000))} seconds`)
        yield write('M', '*', 'RDB memory usage when created 0.90 Mb')
        yield write('M', '*', `Done loading RDB, keys loaded: ${count}, keys expired: ${gone}.`)
        yield write('M', '*', 'DB loaded from disk: 0.000 seconds')
      }
      if (config['appendonly'] === 'yes') {
        beginLog(p, config)
        yield write('M', '*', `Creating AOF base file ${config['appendfilename']}.1.base.rdb on server start`)
        yield write('M', '*', `Creating AOF incr file ${config['appendfilename']}.1.incr.aof on server start`)
      }
    }
  } catch (error) {
    if (isErrno(error)) {
      yield write(
        'M',
        '#',
        `Fatal error: can't open the RDB file ${config['dbfilename']} for reading: ${error.message}`,
      )
      return 1
    }
    if (!(error instanceof Error)) throw error
    yield write('M', '#', error.message)
    yield write('M', '#', `Fatal error loading the DB, check server logs. Exiting.`)
    return 1
  }
  yield write('M', '*', `Ready to accept connections${old ? '' : ' tcp'}`)
  const kept: Kept = {
    config,
    dump: data.dump(),
    listeners,
    clients: [],
    startedAt: p.now(),
    lastSave: p.now(),
    dirty: 0,
    counters: { connections: 0, commands: 0, hits: 0, misses: 0 },
    log,
    runId: Buffer.from(p.random(20)).toString('hex'),
  }
  return yield* new RedisServer(p, kept).serve()
}

function replay(data: Data, logged: readonly string[][]): void {
  let db = 0
  for (const args of logged) {
    const name = (args[0] ?? '').toLowerCase()
    if (name === 'select') db = Number(args[1])
    else
      try {
        commands.get(name)?.run({ data, db, args, random: () => 0 })
      } catch (error) {
        if (!(error instanceof CommandError)) throw error
      }
  }
}

class RedisServer implements Server {
  readonly p: Proc
  readonly config: Config
  readonly data: Data
  readonly version: string
  readonly startedAt: number
  readonly counters: Server['counters']
  readonly runId: string
  lastSave: number
  dirty: number
  clients: Client[]
  readonly #listeners: number[]
  readonly #log: number
  #ending: { save: boolean } | undefined
  #logged = -1
  #kept: { dump: Dump; changes: number } | undefined
  #changes = 0

  constructor(p: Proc, kept: Kept) {
    this.p = p
    this.version = p.marker['version'] ?? '7.4.4'
    this.config = { ...kept.config }
    this.data = Data.load(structuredClone(kept.dump))
    this.startedAt = kept.startedAt
    this.lastSave = kept.lastSave
    this.dirty = kept.dirty
    this.counters = { ...kept.counters }
    this.clients = kept.clients.map(each => ({ ...each }))
    this.#listeners = kept.listeners
    this.#log = kept.log
    this.runId = kept.runId
  }

  *note(level: '*' | '#', text: string, role = 'M', pid = this.p.pid): Routine<void> {
    yield say(this.#log, `${pid}:${role} ${dayFirstTime(this.p.now())} ${level} ${text}\n`)
  }

  /** Everything that the next look needs, apart from what goes on changing. */
  #store(): void {
    if (this.#kept?.changes !== this.#changes)
      this.#kept = { dump: structuredClone(this.data.dump()), changes: this.#changes }
    const kept: Kept = {
      config: { ...this.config },
      dump: this.#kept.dump,
      listeners: this.#listeners,
      clients: this.clients.map(each => ({
        ...each,
        channels: [...each.channels],
        queue: each.queue && [...each.queue],
      })),
      startedAt: this.startedAt,
      lastSave: this.lastSave,
      dirty: this.dirty,
      counters: { ...this.counters },
      log: this.#log,
      runId: this.runId,
    }
    this.p.checkpoint(kept as unknown as Json)
  }

  *serve(): Routine<number> {
    const { p } = this
    for (;;) {
      this.#store()
      let ready: number[]
      try {
        const fds = [...this.#listeners, ...this.clients.map(each => each.fd)]
        ready = (yield {
          op: 'poll',
          fds: fds.map(fd => ({ fd, event: 'in' as const })),
          ms: this.#patience(),
        }) as number[]
      } catch (error) {
        if (!isErrno(error, 'EINTR')) throw error
        const signal = p.takeSignal()
        if (signal === undefined) continue
        yield say(
          this.#log,
          `${p.pid}:signal-handler (${Math.floor(p.now() / 1000)}) Received SIG${signal} scheduling shutdown...\n`,
        )
        yield* this.note(this.version.startsWith('6') ? '#' : '*', 'User requested shutdown...')
        this.#ending = { save: this.#savePoints().length > 0 }
        ready = []
      }
      this.data.now = p.now()
      for (const fd of ready) {
        if (this.#listeners.includes(fd)) yield* this.#accept(fd)
        else yield* this.#hear(fd)
        if (this.#ending) break
      }
      if (this.#ending) return yield* this.#end(this.#ending.save)
      yield* this.#saveIfDue()
    }
  }

  #savePoints(): { seconds: number; changes: number }[] {
    const words = (this.config['save'] ?? '').split(/\s+/).filter(Boolean).map(Number)
    const points: { seconds: number; changes: number }[] = []
    for (let at = 0; at + 1 < words.length; at += 2)
      points.push({ seconds: words[at] ?? 0, changes: words[at + 1] ?? 0 })
    return points
  }

  /** How long until a snapshot is due or a client that waits for a list gives up. */
  #patience(): number {
    const now = this.p.now()
    let first = Number.POSITIVE_INFINITY
    if (this.dirty > 0)
      for (const { seconds, changes } of this.#savePoints())
        if (this.dirty >= changes) first = Math.min(first, this.lastSave + seconds * 1000 - now)
    for (const { waiting } of this.clients)
      if (waiting && waiting.until > 0) first = Math.min(first, waiting.until - now)
    return Math.max(0, first)
  }

  *#saveIfDue(): Routine<void> {
    for (const client of this.clients) {
      if (!client.waiting || client.waiting.until === 0 || client.waiting.until > this.data.now) continue
      delete client.waiting
      yield* this.send(client, { list: null })
    }
    const point = this.#savePoints().find(
      each => this.dirty >= each.changes && this.data.now - this.lastSave >= each.seconds * 1000,
    )
    if (!point || this.dirty === 0) return
    yield* this.note('*', `${point.changes} changes in ${point.seconds} seconds. Saving...`)
    yield* this.backgroundSave()
  }

  *backgroundSave(): Routine<void> {
    const child = this.p.pid + 20
    yield* this.note('*', `Background saving started by pid ${child}`)
    const problem = this.save()
    if (problem !== undefined) {
      yield* this.note(
        '#',
        `Failed opening the temp RDB file temp-${child}.rdb (in server root dir ${this.config['dir']}) for saving: ${problem}`,
        'C',
        child,
      )
      yield* this.note('#', 'Background saving error')
      return
    }
    yield* this.note('*', 'DB saved on disk', 'C', child)
    yield* this.note('*', 'Fork CoW for RDB: current 0 MB, peak 0 MB, average 0 MB', 'C', child)
    yield* this.note('*', 'Background saving terminated with success')
  }

  save(): string | undefined {
    try {
      saveSnapshot(this.p, this.config, this.data.dump(), this.p.now())
    } catch (error) {
      if (isErrno(error)) return error.message
      throw error
    }
    this.lastSave = this.p.now()
    this.dirty = 0
    return undefined
  }

  shutdown(save: boolean | undefined): void {
    this.#ending = { save: save ?? this.#savePoints().length > 0 }
  }

  *#end(save: boolean): Routine<number> {
    if (save) {
      yield* this.note('*', 'Saving the final RDB snapshot before exiting.')
      const problem = this.save()
      if (problem === undefined) yield* this.note('*', 'DB saved on disk')
      else yield* this.note('#', `Error trying to save the DB, can't exit: ${problem}`)
    }
    yield* this.note('#', 'Redis is now ready to exit, bye bye...')
    return 0
  }

  *#accept(listener: number): Routine<void> {
    let fd: number
    try {
      fd = (yield { op: 'accept', fd: listener, now: true }) as number
    } catch (error) {
      if (isErrno(error)) return
      throw error
    }
    this.counters.connections++
    const { peer } = this.p.sockname(fd)
    this.clients.push({
      fd,
      id: this.counters.connections,
      address: `${peer?.address ?? ''}:${peer?.port ?? 0}`,
      name: '',
      db: 0,
      since: this.p.now(),
      trusted: this.config['requirepass'] === '',
      text: '',
      channels: [],
      monitor: false,
    })
  }

  *#hear(fd: number): Routine<void> {
    const client = this.clients.find(each => each.fd === fd)
    if (!client) return
    const data = yield* received(fd, 1 << 20)
    if (data.length === 0) return this.drop(client)
    client.text += Buffer.from(data).toString('latin1')
    while (this.clients.includes(client)) {
      const next = takeRequest(client.text)
      if (!next) return
      if ('broken' in next) {
        yield* this.send(client, failed(next.broken))
        return this.drop(client)
      }
      client.text = next.rest
      if (next.args.length > 0) yield* this.execute(client, next.args)
      if (this.#ending) return
    }
  }

  drop(client: Client): void {
    this.clients = this.clients.filter(each => each !== client)
    this.p.close(client.fd)
  }

  *send(client: Client, reply: Reply): Routine<void> {
    try {
      yield { op: 'write', fd: client.fd, data: Buffer.from(encodeReply(reply), 'latin1') }
    } catch (error) {
      if (!isErrno(error)) throw error
      if (this.clients.includes(client)) this.drop(client)
    }
  }

  *execute(client: Client, args: string[]): Routine<void> {
    const name = (args[0] ?? '').toLowerCase()
    this.counters.commands++
    for (const other of this.clients)
      if (other.monitor && name !== 'auth') {
        const shown = args.map(each => JSON.stringify(each)).join(' ')
        yield* this.send(other, {
          simple: `${(this.data.now / 1000).toFixed(6)} [${client.db} ${client.address}] ${shown}`,
        })
      }
    const reply = yield* this.#reply(client, name, args)
    if (reply) yield* this.send(client, reply)
    if (name === 'quit') this.drop(client)
    yield* this.#feedWaiting()
  }

  *#reply(client: Client, name: string, args: string[]): Routine<Reply | undefined> {
    if (!client.trusted && !['auth', 'hello', 'quit', 'reset'].includes(name))
      return failed('NOAUTH Authentication required.')
    const own = administration.get(name)
    const command = commands.get(name)
    const found = own ?? command
    if (!found) {
      const shown = args
        .slice(1)
        .map(each => `'${each.slice(0, 128)}' `)
        .join('')
      return failed(`ERR unknown command '${(args[0] ?? '').slice(0, 128)}', with args beginning with: ${shown}`)
    }
    if (found.arity > 0 ? args.length !== found.arity : args.length < -found.arity)
      return failed(`ERR wrong number of arguments for '${name}' command`)
    if (
      client.channels.length > 0 &&
      !['subscribe', 'unsubscribe', 'psubscribe', 'punsubscribe', 'ping', 'quit'].includes(name)
    )
      return failed(
        `ERR Can't execute '${name}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context`,
      )
    if (client.queue && !['exec', 'discard', 'multi', 'watch', 'quit'].includes(name)) {
      client.queue.push(args)
      return { simple: 'QUEUED' }
    }
    return yield* this.run(client, args)
  }

  *run(client: Client, args: string[]): Routine<Reply | undefined> {
    const name = (args[0] ?? '').toLowerCase()
    try {
      const own = administration.get(name)
      if (own) return yield* own.run(this, client, args)
      const command = commands.get(name)
      if (!command) return failed(`ERR unknown command '${args[0]}', with args beginning with: `)
      const random = (): number => (this.p.random(2)[0] ?? 0) / 256
      const reply = command.run({ data: this.data, db: client.db, args, random })
      if (name === 'get' || name === 'mget' || name === 'hget')
        this.counters['bulk' in reply && reply.bulk === null ? 'misses' : 'hits']++
      if (command.write && !('error' in reply)) this.#changed(client.db, args)
      return reply
    } catch (error) {
      if (error instanceof CommandError) return error.reply
      throw error
    }
  }

  #changed(db: number, args: readonly string[]): void {
    this.dirty++
    this.#changes++
    const size = args.reduce((sum, each) => sum + each.length, 0)
    if (size > 4096) this.p.memory(size)
    if (this.config['appendonly'] !== 'yes') return
    if (this.#logged !== db) appendLog(this.p, this.config, ['SELECT', String(db)])
    this.#logged = db
    appendLog(this.p, this.config, this.#absolute(args))
  }

  /** Times that count from now would mean another time when the log is read. */
  #absolute(args: readonly string[]): readonly string[] {
    const name = (args[0] ?? '').toLowerCase()
    const { now } = this.data
    if (name === 'expire') return ['PEXPIREAT', args[1] ?? '', String(now + Number(args[2]) * 1000)]
    if (name === 'pexpire') return ['PEXPIREAT', args[1] ?? '', String(now + Number(args[2]))]
    if (name === 'setex') return ['SET', args[1] ?? '', args[3] ?? '', 'PXAT', String(now + Number(args[2]) * 1000)]
    return args.map((each, at) => {
      const before = args[at - 1]?.toUpperCase()
      if (name !== 'set' || at < 3) return each
      if (each.toUpperCase() === 'EX' || each.toUpperCase() === 'PX') return 'PXAT'
      return before === 'EX' ? String(now + Number(each) * 1000) : before === 'PX' ? String(now + Number(each)) : each
    })
  }

  /** Clients that wait for an element of a list get it. */
  *#feedWaiting(): Routine<void> {
    for (const client of this.clients) {
      const { waiting } = client
      if (!waiting) continue
      const key = waiting.keys.find(each => this.data.find(client.db, each)?.type === 'list')
      if (key === undefined) continue
      delete client.waiting
      const reply = yield* this.run(client, [waiting.side === 'left' ? 'lpop' : 'rpop', key])
      if (reply) yield* this.send(client, { list: [{ bulk: key }, reply] })
    }
  }
}
