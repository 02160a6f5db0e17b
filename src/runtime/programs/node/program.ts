/**
 * node: the container's JavaScript in a QuickJS machine, with an event loop over the container's kernel. A coroutine:
 * brought back by running it again with the answers that it had.
 */

import type { CoroutineProgram, Proc, Routine } from '../../../kernel/program.ts'
import { findProgram } from '../../../kernel/userland/lib/spawn.ts'
import { isErrno } from '../../../vfs/errno.ts'
import { assetText } from '../../assets.ts'
import { received } from '../listener.ts'
import { type Command, parseCommand } from './command.ts'
import { memoryLimit } from './facts.ts'
import { type Asking, answerOperation, builtins, errnoValue, operations, packages, signalTable } from './host.ts'
import { JsMachine, type Stop } from './sandbox.ts'

/** How often the engine may ask in one turn before a loop counts as endless; about four seconds of it. */
const patience = 1200
/** CPU time of the real program for one such question, in ms. */
const askCost = 0.02
/** What node has before a script begins. */
const baseMemory = 38_000_000
const largestHeap = 384 << 20
const endlessSlice = 1000

export const program: CoroutineProgram = {
  kind: 'coroutine',
  name: 'node',
  *main(p) {
    const version = p.marker['version'] ?? '20.19.2'
    const command = yield* parseCommand(p, version)
    if (typeof command === 'number') return command
    return yield* new Run(p, version, command).main()
  },
}

interface Child {
  id: string
  pid: number
  input: number | undefined
  outputs: { fd: number; as: 1 | 2 }[]
}

class Run implements Asking {
  readonly p: Proc
  readonly #machine: JsMachine
  readonly #command: Command
  readonly #waiting: [op: string, args: readonly unknown[]][] = []
  /** Descriptors that are read or accepted from; `held`: they keep the program going. */
  readonly #watched = new Map<number, { kind: 'listener' | 'socket'; held: boolean }>()
  #stdin = false
  readonly #children: Child[] = []
  #exit: number | undefined
  #claimed = 0

  constructor(p: Proc, version: string, command: Command) {
    this.p = p
    this.#command = command
    const limit = memoryLimit(p)
    p.memory(baseMemory)
    const works = {
      ...operations(this),
      boot: () => this.#boot(version),
      memory: () => this.#memory(),
      exit: (code: number) => {
        this.#exit = code & 255
        this.#machine.stop('exit')
      },
      abort: () => {
        this.#exit = 134
        this.#machine.stop('exit')
      },
      listen: (address: string, port: number) => {
        const fd = p.listen(address === '::' ? '0.0.0.0' : address, port, 'tcp')
        this.#watched.set(fd, { kind: 'listener', held: true })
        return fd
      },
    }
    const memory = Math.min(largestHeap, limit === undefined ? largestHeap : Math.max(4 << 20, limit - baseMemory))
    this.#machine = new JsMachine({ memory, patience }, (op, args) => answerOperation(works, this, op, args))
  }

  queue(op: string, args: readonly unknown[]): void {
    this.#waiting.push([op, args])
  }

  #boot(version: string): unknown {
    const { p } = this
    const { uid, gid } = p.cred
    const [major = 0, minor = 0] = version.split('.').map(Number)
    const text = (value: string): string => Buffer.from(value, 'latin1').toString('utf8')
    return {
      version,
      major,
      minor,
      v8:
        { 18: '10.2.154.26-node.36', 20: '11.3.244.8-node.26', 22: '12.4.254.21-node.26' }[major] ??
        '11.3.244.8-node.26',
      lts: { 18: 'Hydrogen', 20: 'Iron', 22: 'Jod' }[major],
      builtins,
      shims: packages,
      env: Object.fromEntries([...p.env].map(([key, value]) => [text(key), text(value)])),
      args: this.#command.args.map(text),
      execArgv: this.#command.execArgv,
      exe: p.exe,
      cwd: text(p.cwd()),
      pid: p.pid,
      ppid: p.ppid,
      uid,
      gid,
      arch: p.uname().machine === 'aarch64' ? 'arm64' : 'x64',
      tty: [0, 1, 2].map(fd => p.isatty(fd)),
      signals: Object.keys(signalTable),
      signalNumbers: signalTable,
    }
  }

  #memory(): Record<string, number> {
    const used = this.#machine.memory()
    return {
      rss: baseMemory + used,
      heapTotal: used + 2_000_000,
      heapUsed: used,
      external: 1_500_000,
      arrayBuffers: 10_500,
    }
  }

  *main(): Routine<number> {
    const machine = this.#machine
    machine.boot(assetText('node/prelude.js'))
    this.p.sigaction('PIPE', 'ignore')
    machine.call('start', JSON.stringify(this.#command))
    for (;;) {
      const ended = yield* this.#settle()
      if (ended !== undefined) return ended
      const [due, held] = JSON.parse(machine.call('next') ?? '[-1,false]') as [number, boolean]
      if (machine.stopped !== undefined) continue
      if (!held && !this.#isHeld()) {
        machine.call('drained')
        if (this.#waiting.length > 0) continue
        const [, again] = JSON.parse(machine.call('next') ?? '[-1,false]') as [number, boolean]
        if (again || machine.stopped !== undefined) continue
        const code = machine.call('finish', '0') === undefined ? (this.#exit ?? 0) : undefined
        yield* this.#perform()
        return code ?? this.#exitCode()
      }
      yield* this.#wait(due)
    }
  }

  /** The code that the program has set by itself. */
  #exitCode(): number {
    const text = this.#machine.call('code')
    return text === undefined ? (this.#exit ?? 0) : Number(text) & 255
  }

  #isHeld(): boolean {
    return this.#stdin || this.#children.length > 0 || [...this.#watched.values()].some(each => each.held)
  }

  /** After a turn: what it asked for is done, what it used is paid. A number when the program has ended. */
  *#settle(): Routine<number | undefined> {
    const machine = this.#machine
    for (;;) {
      if (machine.stopped === undefined) yield* this.#perform()
      const work = machine.takeWork()
      if (work > 0) yield { op: 'cpu', ms: work * askCost }
      this.#claim()
      if (machine.stopped !== undefined) return yield* this.#stopped(machine.stopped)
      if (this.#waiting.length === 0) return undefined
    }
  }

  /** Memory of the container follows the heap, in steps. */
  #claim(): void {
    const step = 4 << 20
    const used = Math.floor(this.#machine.memory() / step) * step
    if (used > this.#claimed) this.p.memory(used - this.#claimed)
    this.#claimed = Math.max(this.#claimed, used)
  }

  *#stopped(why: Stop): Routine<number> {
    if (why === 'exit') {
      this.#machine.resume()
      // What was written is written; what was to begin does not.
      const kept = this.#waiting.filter(([op]) => op === 'out' || op === 'send' || op === 'shutdown')
      this.#waiting.splice(0, this.#waiting.length, ...kept)
      yield* this.#perform()
      if (this.#exit === 134) this.p.kill(this.p.pid, 'ABRT')
      return this.#exit ?? 0
    }
    if (why === 'memory') {
      const { p } = this
      // The kernel is asked for what the heap wanted: with a limit, its OOM killer answers.
      p.memory(this.#machine.memoryLimit - this.#claimed + (16 << 20))
      const text = `\n<--- Last few GCs --->\n\n\n<--- JS stacktrace --->\n\nFATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory\n----- Native stack trace -----\n\n`
      yield { op: 'write', fd: 2, data: Buffer.from(text) }
      p.sigaction('ABRT', 'default')
      p.kill(p.pid, 'ABRT')
      return 134
    }
    // A loop that does not end uses the processor until somebody ends the process.
    for (;;) {
      this.p.checkpoint(null)
      yield { op: 'cpu', ms: endlessSlice }
    }
  }

  /** Sends, connects, starts: in the order in which it was asked for. */
  *#perform(): Routine<void> {
    for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) yield* this.#do(next[0], next[1])
  }

  *#do(op: string, args: readonly unknown[]): Routine<void> {
    const { p } = this
    switch (op) {
      case 'out':
        try {
          yield { op: 'write', fd: Number(args[0]), data: Buffer.from(String(args[1]), 'latin1') }
        } catch (error) {
          if (!isErrno(error)) throw error
        }
        return
      case 'send':
        try {
          yield { op: 'write', fd: Number(args[0]), data: Buffer.from(String(args[1]), 'latin1') }
        } catch (error) {
          if (!isErrno(error)) throw error
          this.#event(`fd:${args[0]}`, 'broken', null)
        }
        return
      case 'shutdown':
      case 'hangup':
        try {
          if (op === 'shutdown') p.shutdown(Number(args[0]))
          else {
            this.#watched.delete(Number(args[0]))
            p.close(Number(args[0]))
          }
        } catch (error) {
          if (!isErrno(error)) throw error
        }
        return
      case 'watch':
        this.#watched.set(Number(args[0]), { kind: 'socket', held: true })
        return
      case 'hold': {
        const watched = this.#watched.get(Number(args[0]))
        if (watched) watched.held = args[1] === true
        return
      }
      case 'input':
        this.#stdin = args[0] === true
        return
      case 'connect':
        yield* this.#connect(String(args[0]), String(args[1]), Number(args[2]))
        return
      case 'lookup': {
        const found = (yield { op: 'resolve', name: String(args[1]) }) as string[]
        this.#event(String(args[0]), 'found', found)
        return
      }
      case 'spawn':
        this.#spawn(String(args[0]), args[1] as string[], args[2] as SpawnOptions)
        return
      case 'child-input': {
        const child = this.#children.find(each => each.id === args[0])
        if (child?.input === undefined) return
        if (args[1] === null) {
          p.close(child.input)
          child.input = undefined
        } else yield { op: 'write', fd: child.input, data: Buffer.from(String(args[1]), 'latin1') }
        return
      }
    }
  }

  #event(id: string, type: string, value: unknown): void {
    this.#machine.call('event', JSON.stringify([id, type, value]))
  }

  *#connect(id: string, host: string, port: number): Routine<void> {
    const addresses = /^[\d.]+$/.test(host) ? [host] : ((yield { op: 'resolve', name: host }) as string[])
    if (addresses.length === 0) return this.#event(id, 'unknown', null)
    let failure: unknown
    for (const address of addresses) {
      try {
        const fd = yield { op: 'connect', address, port, protocol: 'tcp' }
        return this.#event(id, 'connected', fd)
      } catch (error) {
        if (!isErrno(error) || error.code === 'EINTR') throw error
        failure = { ...errnoValue(error), address }
      }
    }
    this.#event(id, 'failed', failure)
  }

  #spawn(id: string, argv: string[], options: SpawnOptions): void {
    const { p } = this
    const ends: number[] = []
    const words = argv.map(word => Buffer.from(word, 'utf8').toString('latin1'))
    try {
      const env = new Map(
        Object.entries(options.env).map(([key, value]) => [key, Buffer.from(String(value), 'utf8').toString('latin1')]),
      )
      const path = findProgram(p, words[0] ?? '', env.get('PATH') ?? p.env.get('PATH'))
      const cwd = options.cwd === undefined || options.cwd === null ? {} : { cwd: options.cwd }
      if (options.inherit) {
        const pid = p.spawn({ path, argv: words, env, ...cwd })
        this.#children.push({ id, pid, input: undefined, outputs: [] })
        return this.#event(id, 'started', pid)
      }
      const [childIn, input] = p.pipe()
      const [out, childOut] = p.pipe()
      const [err, childErr] = p.pipe()
      ends.push(childIn, childOut, childErr)
      const pid = p.spawn({
        path,
        argv: words,
        env,
        ...cwd,
        fds: new Map([
          [0, childIn],
          [1, childOut],
          [2, childErr],
        ]),
      })
      this.#children.push({
        id,
        pid,
        input,
        outputs: [
          { fd: out, as: 1 },
          { fd: err, as: 2 },
        ],
      })
      this.#event(id, 'started', pid)
    } catch (error) {
      if (!isErrno(error)) throw error
      this.#event(id, 'failed', errnoValue(error))
    } finally {
      for (const fd of ends) p.close(fd)
    }
  }

  /** Waits for whatever comes first, and tells the inside. */
  *#wait(due: number): Routine<void> {
    const { p } = this
    const sources = [
      ...this.#watched.keys(),
      ...(this.#stdin ? [0] : []),
      ...this.#children.flatMap(each => each.outputs.map(output => output.fd)),
    ]
    const now = p.now()
    const ms = due < 0 ? Number.POSITIVE_INFINITY : Math.max(0, due - now)
    if (this.#children.length > 0) p.sigaction('CHLD', 'catch')
    if (yield* this.#reap()) return
    let ready: number[] = []
    try {
      ready = (yield { op: 'poll', fds: sources.map(fd => ({ fd, event: 'in' as const })), ms }) as number[]
    } catch (error) {
      if (!isErrno(error, 'EINTR')) throw error
      for (let signal = p.takeSignal(); signal !== undefined; signal = p.takeSignal())
        if (signal !== 'CHLD') this.#event(`signal:SIG${signal}`, 'signal', null)
      yield* this.#reap()
      return
    }
    for (const fd of ready) yield* this.#ready(fd)
    this.#machine.call('turn')
  }

  *#ready(fd: number): Routine<void> {
    const watched = this.#watched.get(fd)
    if (watched?.kind === 'listener') {
      try {
        const accepted = yield { op: 'accept', fd, now: true }
        this.#event(`fd:${fd}`, 'accepted', accepted)
      } catch (error) {
        if (!isErrno(error)) throw error
      }
      return
    }
    const child = this.#children.find(each => each.outputs.some(output => output.fd === fd))
    if (!watched && !child && fd !== 0) return
    const data = yield* received(fd, 65_536)
    const text = Buffer.from(data).toString('latin1')
    if (child) {
      const output = child.outputs.find(each => each.fd === fd)
      if (data.length > 0) this.#event(child.id, 'out', [output?.as, text])
      else {
        child.outputs = child.outputs.filter(each => each.fd !== fd)
        this.p.close(fd)
      }
      return
    }
    const id = watched ? `fd:${fd}` : 'stdin'
    if (data.length > 0) return this.#event(id, 'data', text)
    this.#watched.delete(fd)
    if (!watched) this.#stdin = false
    this.#event(id, 'end', null)
  }

  /** Children that have ended and whose output is read. */
  *#reap(): Routine<boolean> {
    for (const child of this.#children) {
      if (child.outputs.length > 0) continue
      const ended = ((): ReturnType<Proc['tryWait']> => {
        try {
          return this.p.tryWait(child.pid)
        } catch (error) {
          if (isErrno(error)) return { pid: child.pid, status: { code: 0 } }
          throw error
        }
      })()
      if (!ended) continue
      this.#children.splice(this.#children.indexOf(child), 1)
      if (child.input !== undefined) this.p.close(child.input)
      const { status } = ended
      this.#event(child.id, 'exit', 'code' in status ? status : { signal: `SIG${status.signal}` })
      yield* this.#perform()
      return true
    }
    return false
  }
}

interface SpawnOptions {
  env: Record<string, string>
  cwd?: string | null
  inherit: boolean
}
