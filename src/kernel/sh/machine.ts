/**
 * The shell's evaluator: a stack of frames, each plain data, of which the top one is worked on. A frame either goes
 * on, pushes another whose outcome is `state.status`, or asks for a block.
 */
import { Errno, isErrno } from '../../vfs/errno.ts'
import type { Answer, Block, Json, MachineProc, Step, WaitStatus } from '../program.ts'
import { signalNumber } from '../signals.ts'
import type { Node, Unit } from './ast.ts'
import type { Builtin } from './builtins/builtin.ts'
import { type Dialect, dialectOf, mayReplace } from './dialect.ts'
import { type ExpandContext, ExpansionError, NeedSubstitution } from './expand.ts'
import { noAliases, parseUnit } from './parser.ts'
import { childState, type Frame, has, ReadOnly, type ShellState } from './state.ts'

/** Most frames at once: deeper recursion is the script's own failure. */
const maxFrames = 4000
/** Small steps taken in one step of the kernel. */
const stepsAtOnce = 24
/** Frames run by their kind; a handler returns a block to wait for, or nothing. */
export type Handler = (sh: Shell, frame: Frame, answer: Answer | undefined) => Block | undefined | void

/** Ends the shell with a status, from anywhere. */
export class ShellExit extends Error {
  readonly status: number
  constructor(status: number) {
    super('exit')
    this.status = status
  }
}

/** A command that failed in a way that also ends a script (an expansion, a special builtin). */
export class CommandError extends Error {
  readonly status: number
  readonly fatal: boolean
  /** The builtin that complains. */
  readonly builtin: string | undefined
  constructor(message: string, status: number, fatal: boolean, builtin?: string) {
    super(message)
    this.status = status
    this.fatal = fatal
    this.builtin = builtin
  }
}

export class Shell {
  readonly builtins: ReadonlyMap<string, Builtin>
  readonly p: MachineProc
  readonly state: ShellState
  readonly dialect: Dialect
  readonly #handlers: Readonly<Record<string, Handler>>
  /** Parsed commands by source and offset, and the one that was asked for last. */
  readonly #units = new Map<number, Map<number, Unit>>()
  #lastSource = -1
  #lastAt = -1
  #lastUnit: Unit | undefined

  constructor(
    p: MachineProc,
    state: ShellState,
    handlers: Readonly<Record<string, Handler>>,
    builtins: (dialect: Dialect) => ReadonlyMap<string, Builtin>,
  ) {
    this.p = p
    this.state = state
    this.dialect = dialectOf(p.name, p.flavour, p.marker.program)
    this.builtins = builtins(this.dialect)
    this.#handlers = handlers
  }

  /** Works on the top frame until a block is needed, the shell ends, or it is another's turn. */
  step(answer: Answer | undefined): Step {
    let given = answer
    for (let steps = 0; steps < stepsAtOnce; steps++) {
      try {
        const frame = this.state.frames.at(-1)
        if (!frame) return this.#finished()
        const handler = this.#handlers[frame.k]
        if (!handler) throw new Error(`no frame ${frame.k}`)
        const block = handler(this, frame, given)
        given = undefined
        if (block) return { block }
      } catch (error) {
        given = undefined
        this.#failed(error)
        if (this.state.exiting && this.state.frames.length === 0) return this.#finished()
      }
    }
    return 'again'
  }

  #finished(): Step {
    const { state } = this
    const trap = state.traps.EXIT
    if (trap !== undefined && trap !== '') {
      delete state.traps.EXIT
      state.exiting = true
      state.frames.push({ k: 'status', status: state.status })
      this.pushSource(trap, 'trap')
      return 'again'
    }
    return { exit: { code: state.status & 255 } }
  }

  /** An error of a command: told, and where it is fatal the script ends. */
  #failed(error: unknown): void {
    const { state } = this
    if (error instanceof ShellExit) return this.exit(error.status)
    if (error instanceof CommandError || error instanceof ExpansionError || error instanceof ReadOnly) {
      const top = state.frames.at(-1)
      const status = ('status' in error ? error.status : undefined) ?? (this.dialect === 'bash' ? 1 : 2)
      const fatal = error instanceof CommandError ? error.fatal : true
      const builtin =
        error instanceof CommandError
          ? error.builtin
          : error instanceof ReadOnly && typeof top?.builtin === 'string'
            ? top.builtin
            : undefined
      const tell = (): void => {
        const message = error instanceof ReadOnly ? this.readOnlyWords(error) : error.message
        if (builtin !== undefined && !(error instanceof ReadOnly && this.dialect === 'bash' && builtin !== 'unset'))
          this.complain(builtin, message)
        else this.tell(message)
      }
      if (!fatal && (top?.k === 'arith' || top?.k === 'test' || top?.k === 'count')) {
        state.frames.pop()
        state.status = status
        tell()
        this.afterCommand(top.c === true)
        return
      }
      if (!fatal && top?.k === 'simple') {
        // Told while the command's redirections hold; the frame then finishes as after any command.
        top.pc = 4
        state.status = status
        tell()
        return
      }
      this.unwindCommand()
      state.status = status
      if (fatal && !state.interactive) {
        // Told before the end, while the redirections around the command hold.
        state.frames.push({ k: 'exit', status })
        tell()
        return
      }
      if (state.interactive) this.unwindToTop()
      tell()
      this.afterCommand(false)
      return
    }
    if (isErrno(error)) {
      this.unwindCommand()
      state.status = 1
      this.tell(error.message)
      return
    }
    throw error
  }

  private readOnlyWords(error: ReadOnly): string {
    if (this.dialect !== 'bash') return error.message
    return error.attempt === 'unset'
      ? `${error.variable}: cannot unset: readonly variable`
      : `${error.variable}: readonly variable`
  }

  /** Ends the shell: everything open is undone, the EXIT trap still runs. */
  exit(status: number): void {
    const { state } = this
    for (let frame = state.frames.pop(); frame; frame = state.frames.pop()) this.leave(frame)
    state.status = status
    state.exiting = true
  }

  push(frame: Frame): void {
    if (this.state.frames.length >= maxFrames) {
      throw new CommandError(
        this.dialect === 'bash' ? 'maximum function nesting level exceeded' : 'too deeply nested',
        2,
        true,
      )
    }
    this.state.frames.push(frame)
  }

  pop(): void {
    this.state.frames.pop()
  }

  /** A function of ash or dash reads options of its own. */
  keepOptionIndex(): void {
    const { state } = this
    const call = state.frames.at(-1)
    if (call) call.getopts = [state.optionIndex, state.optionOffset]
    state.optionIndex = 1
    state.optionOffset = 0
  }

  /** Undoes what a frame has changed for the time it was there. */
  leave(frame: Frame): void {
    const saved = frame.saved as [fd: number, copy: number][] | undefined
    if (saved) this.restore(saved)
    for (const fd of (frame.processes as number[] | undefined) ?? []) this.forgetProcess(fd)
    if (frame.k === 'call') {
      const { state } = this
      state.args = frame.args as string[]
      if (frame.getopts) [state.optionIndex, state.optionOffset] = frame.getopts as [number, number]
      const locals = frame.locals as [name: string, variable: Json][]
      for (const [name, variable] of locals.reverse()) {
        if (variable === null) delete state.vars[`$${name}`]
        else state.vars[`$${name}`] = variable as unknown as ShellState['vars'][string]
      }
    }
  }

  /** Closes the shell's end of a process substitution. */
  private forgetProcess(fd: number): void {
    const { state } = this
    state.processFds = state.processFds?.filter(each => each !== fd) ?? []
    try {
      this.p.close(fd)
    } catch (error) {
      if (!isErrno(error)) throw error
    }
  }

  /** Puts descriptors back as they were before redirections. */
  restore(saved: readonly [fd: number, copy: number][]): void {
    for (const [fd, copy] of [...saved].reverse()) {
      try {
        if (copy < 0) this.p.close(fd)
        else {
          this.p.dup2(copy, fd)
          this.p.close(copy)
        }
      } catch (error) {
        if (!isErrno(error)) throw error
      }
    }
  }

  /** Leaves the innermost command after an error in it. */
  unwindCommand(): void {
    const frame = this.state.frames.at(-1)
    if (!frame || ['source', 'interactive', 'stdin', 'status'].includes(frame.k)) return
    this.state.frames.pop()
    this.leave(frame)
  }

  /** Back to the prompt. */
  unwindToTop(): void {
    for (let frame = this.state.frames.at(-1); frame && frame.k !== 'interactive'; frame = this.state.frames.at(-1)) {
      this.state.frames.pop()
      this.leave(frame)
    }
  }

  // Nodes and sources.

  /** Adds a text to run, as a frame that takes it command by command. */
  pushSource(text: string, kind: string, extra: Record<string, Json> = {}): void {
    const id = this.state.nextSource++
    this.state.sources[id] = text
    this.push({ k: 'source', source: id, at: 0, kind, c: this.inCondition(), line: 1, ...extra })
  }

  /** Forgets sources that no frame and no function needs any more. */
  dropSource(id: number): void {
    const { state } = this
    for (const key of Object.keys(state.functions)) if (state.functions[key]?.[0] === id) return
    for (const frame of state.frames) if (frame.source === id || frame.s === id) return
    delete state.sources[id]
    this.#units.delete(id)
    if (this.#lastSource === id) this.#lastUnit = undefined
  }

  /** The command of a source that begins at an offset, parsed once. Throws SyntaxFault. */
  unit(source: number, at: number): Unit {
    if (this.#lastUnit && this.#lastSource === source && this.#lastAt === at) return this.#lastUnit
    let units = this.#units.get(source)
    if (!units) this.#units.set(source, (units = new Map()))
    let unit = units.get(at)
    if (!unit) units.set(at, (unit = parseUnit(this.state.sources[source] ?? '', at, this.dialect, this.aliases())))
    this.#lastSource = source
    this.#lastAt = at
    this.#lastUnit = unit
    return unit
  }

  node(source: number, at: number, id: number): Node {
    const node = this.unit(source, at).nodes[id]
    // The aliases of now may read a stored text in another way.
    if (!node) throw new RangeError(`no node ${id}`)
    return node
  }

  aliases(): ReadonlyMap<string, string> {
    const { aliases, interactive } = this.state
    if (this.dialect === 'bash' && !interactive && this.state.shopt?.expand_aliases !== true) return noAliases
    const known = Object.entries(aliases)
    return known.length === 0 ? noAliases : new Map(known)
  }

  /** The node that a frame is about. */
  nodeOf(frame: Frame): Node {
    return this.node(frame.s as number, frame.a as number, frame.n as number)
  }

  /**
   * Runs a node for a frame; `condition` says that its failure is being tested. What is run for the last frame, once that
   * has gone, is the last thing itself.
   */
  run(frame: Pick<Frame, string>, node: Node, condition = false): void {
    const last =
      frame.last === true && this.state.frames.at(-1) !== frame && mayReplace(this.dialect, node, String(frame.k))
    this.push({
      k: node.redirects.length > 0 && node.t !== 'simple' ? 'redirected' : node.t,
      s: frame.s ?? 0,
      a: frame.a ?? 0,
      n: node.id,
      c: condition || frame.c === true,
      ...(last && { last: true }),
    })
  }

  inCondition(): boolean {
    return this.state.frames.at(-1)?.c === true
  }

  expansion(frame: Frame): ExpandContext {
    frame.memo ??= []
    return { p: this.p, state: this.state, dialect: this.dialect, memo: frame.memo as Json[], at: 0 }
  }

  /**
   * Runs an expansion of a frame. When it needs a command's output, that command is started and nothing is returned:
   * the frame is run again when it is there.
   */
  expand<T>(frame: Frame, work: (context: ExpandContext) => T): { value: T } | undefined {
    try {
      return { value: work(this.expansion(frame)) }
    } catch (error) {
      if (!(error instanceof NeedSubstitution)) throw error
      const { part } = error
      this.push({
        k: part.t === 'process' ? 'process' : 'substitute',
        text: part.source,
        c: true,
        ...(part.t === 'process' && { output: part.output }),
      })
      return undefined
    }
  }

  /** Up to `size` bytes of a regular file, as a byte string. */
  readFile(fd: number, size: number): string {
    const parts: Uint8Array[] = []
    for (let left = size; left > 0; ) {
      const data = this.p.readNow(fd, Math.min(left, 65536))
      if (data.length === 0) break
      parts.push(data)
      left -= data.length
    }
    return Buffer.concat(parts).toString('latin1')
  }

  // Messages.

  /** The shell's name as its messages begin with it. */
  get who(): string {
    const { state } = this
    // What a sourced file does is told with its name.
    const sourced = state.frames.findLast(frame => frame.k === 'source' && typeof frame.path === 'string')
    if (sourced && this.dialect === 'busybox') return `${state.arg0}: ${sourced.path}: line ${state.line}`
    if (sourced && this.dialect === 'bash') return `${sourced.path}: line ${state.line}`
    if (this.dialect === 'busybox') return state.script ? `${state.arg0}: line ${state.line}` : state.arg0
    if (this.dialect === 'dash') return `${state.arg0}: ${state.line}`
    if (state.atTerminal) return state.arg0
    return `${state.arg0}: line ${state.line}`
  }

  /** The line as the shell counts it: ash begins with 0 in the text of -c. */
  get lineNumber(): number {
    const { state } = this
    return this.dialect === 'busybox' && !state.script ? state.line - 1 : state.line
  }

  /** Writes a line to the error output before anything else happens; nothing for no message. */
  tell(message: string): void {
    if (message === '') return
    this.write(2, `${this.who}: ${message}\n`)
  }

  /** A builtin's complaint: `sh: cd: line 0: can't cd to x`. */
  complain(builtin: string, message: string): void {
    const { state } = this
    if (this.dialect === 'busybox')
      this.write(
        2,
        `${state.arg0}: ${builtin === '' || state.atTerminal ? '' : `${builtin}: line ${this.lineNumber}: `}${message}\n`,
      )
    // Only the usage, where there is nothing else to say.
    else if (message.startsWith('\n')) this.write(2, `${message.slice(1)}\n`)
    else this.write(2, `${this.who}: ${builtin}: ${message}\n`)
  }

  write(fd: number, text: string): void {
    if (text === '') return
    const { frames } = this.state
    const top = frames.at(-1)
    // What is said later comes later.
    if (top?.k === 'write' && top.fd === fd && top.builtin === undefined) top.text = (top.text as string) + text
    else frames.push({ k: 'write', fd, text })
  }

  // After commands.

  /** The line that the text under way begins at. */
  baseLine(): number {
    const { frames } = this.state
    for (let at = frames.length - 1; at >= 0; at--) {
      const frame = frames[at]
      if (frame?.k === 'source' || (frame?.k === 'call' && frame.base !== undefined))
        return (frame.base as number | undefined) ?? 1
    }
    return 1
  }

  /** Runs bash's DEBUG trap before a command, once; whether it was started. */
  debugTrap(frame: Frame): boolean {
    const { state } = this
    if (this.dialect !== 'bash' || frame.debugged === true || !state.traps.DEBUG) return false
    if (state.frames.some(each => each.kind === 'trap' || (each.k === 'call' && !has(state, 'T')))) return false
    frame.debugged = true
    this.push({ k: 'status', status: state.status })
    this.pushSource(state.traps.DEBUG, 'trap', { line: state.line })
    return true
  }

  /** `set -e` and bash's ERR trap: a failure that nobody tests. */
  afterCommand(condition: boolean): void {
    const { state } = this
    if (state.status === 0 || condition) return
    const text = this.dialect === 'dash' ? undefined : state.traps.ERR
    const ends = has(state, 'e')
    if (!text || state.frames.some(frame => frame.kind === 'trap' || (frame.k === 'call' && !has(state, 'E')))) {
      if (ends) this.exit(state.status)
      return
    }
    if (ends) this.push({ k: 'exit', status: state.status })
    this.push({ k: 'status', status: state.status })
    this.pushSource(text, 'trap', { line: state.line })
  }

  /** Takes in signals that came and starts their traps. */
  takeSignals(): boolean {
    const { state, p } = this
    if (!state.interactive && !hasAny(state.traps)) return false
    for (let signal = p.takeSignal(); signal; signal = p.takeSignal()) {
      const text = state.traps[signal]
      if (text === undefined || text === '') continue
      this.push({ k: 'status', status: state.status })
      this.pushSource(text, 'trap')
      return true
    }
    return false
  }

  /** Descriptors that commands get: all but the shell's own, and those given. */
  descriptors(...without: (number | undefined)[]): Map<number, number> {
    const { processFds } = this.state
    const fds = new Map<number, number>()
    for (const fd of this.p.fdList())
      if ((fd < 10 || processFds?.includes(fd)) && !without.includes(fd)) fds.set(fd, fd)
    return fds
  }

  /** Starts a child that goes on with the given frames. */
  fork(frames: Frame[], options: { fds?: Map<number, number>; pgid?: number; background?: boolean } = {}): number {
    const { state, p } = this
    const child = childState(state, frames)
    const fds = options.fds ?? this.descriptors()
    try {
      return p.fork(child as unknown as Json, {
        fds,
        ...(options.pgid !== undefined && { pgid: options.pgid }),
        ...(state.interactive && { unignore: jobSignals }),
        ...(options.background && !state.interactive && { ignore: ['INT', 'QUIT'] }),
      })
    } catch (error) {
      throw (isErrno(error) && forkFailed(this.dialect, error.code)) || error
    }
  }

  /** Both ends of a new pipe. */
  pipe(inPipeline = false): [read: number, write: number] {
    try {
      return this.p.pipe()
    } catch (error) {
      throw isErrno(error) ? pipeFailed(this.dialect, error, inPipeline) : error
    }
  }
}

/** A pipe that cannot be made ends the shell. In a pipeline ash closes what it has first, and tells that error. */
function pipeFailed(dialect: Dialect, error: Errno, inPipeline: boolean): CommandError {
  if (dialect === 'bash') return new CommandError(`pipe error: ${error.message}`, 1, true)
  const reason = inPipeline ? new Errno('EBADF').message : error.message
  return new CommandError(`can't create pipe: ${reason}`, 2, true)
}

/** A process that cannot be made ends the shell. */
export const forkFailed = (dialect: Dialect, code: string): CommandError | undefined =>
  code === 'EAGAIN' || code === 'EPERM'
    ? new CommandError(`${dialect === 'bash' ? 'fork: retry' : "can't fork"}: ${new Errno(code).message}`, 2, true)
    : undefined

/** What a shell at a terminal does not mind, but its commands do. */
export const jobSignals: readonly string[] = ['TERM', 'QUIT', 'TSTP', 'TTIN', 'TTOU']

function hasAny(record: Readonly<Record<string, unknown>>): boolean {
  for (const _ in record) return true
  return false
}

/** 128 + n for a signal. */
export const statusOf = (status: WaitStatus): number =>
  'code' in status ? status.code : 128 + signalNumber('stopped' in status ? status.stopped : status.signal)

/** An answer's value; throws its errno. */
export function valueOf<T>(answer: Answer): T {
  if ('error' in answer) throw answer.error
  return answer.value as T
}
