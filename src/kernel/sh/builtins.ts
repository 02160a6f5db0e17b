/** The shell's builtins. Each sets `state.status`; those that wait leave a frame of their own. */
import { isErrno } from '../../vfs/errno.ts'
import type { Block, Json, RlimitName } from '../program.ts'
import { parseSignal, signalName, signalNames, signalNumber } from '../signals.ts'
import { echoText } from '../userland/echo.ts'
import { evaluateTest, TestError } from '../userland/lib/test-expression.ts'
import { printfText } from '../userland/printf.ts'
import { arithmetic } from './expand.ts'
import { CommandError, type Handler, type Shell, ShellExit, statusOf, valueOf } from './machine.ts'
import { execute, locate, quote, readAll, signalText } from './simple.ts'
import { exported, type Frame, getVariable, has, type Job, ReadOnly, setVariable, unsetVariable } from './state.ts'

type Builtin = (sh: Shell, args: string[], frame: Frame) => Block | undefined | void

const namePattern = /^[A-Za-z_][A-Za-z0-9_]*$/
const optionNames: Record<string, string> = {
  e: 'errexit',
  f: 'noglob',
  I: 'ignoreeof',
  i: 'interactive',
  m: 'monitor',
  n: 'noexec',
  s: 'stdin',
  x: 'xtrace',
  v: 'verbose',
  C: 'noclobber',
  a: 'allexport',
  b: 'notify',
  u: 'nounset',
  V: 'vi',
}

/** Prints on standard output, and says so when that fails. */
function print(sh: Shell, name: string, text: string, status = 0): void {
  sh.state.status = status
  if (text !== '') sh.state.frames.push({ k: 'write', fd: 1, text, builtin: name })
}

function fail(sh: Shell, name: string, message: string, status = 1): void {
  sh.state.status = status
  sh.complain(name, message)
}

const commands: Record<string, Builtin> = {
  ':': sh => void (sh.state.status = 0),
  true: sh => void (sh.state.status = 0),
  false: sh => void (sh.state.status = 1),
  echo: (sh, args) =>
    print(
      sh,
      'echo',
      sh.dialect === 'dash' ? echoText(['-e', ...args].slice(args[0] === '-n' ? 1 : 0)) : echoText(args),
    ),
  printf(sh, args) {
    const rest = args[0] === '--' ? args.slice(1) : args
    const [format, ...values] = rest
    if (format === undefined) return fail(sh, 'printf', 'usage: printf FORMAT [ARGUMENT...]', 2)
    const { text, errors } = printfText(format, values, sh.dialect === 'bash')
    print(sh, 'printf', text, errors.length > 0 ? 1 : 0)
    for (const message of errors)
      sh.write(2, sh.dialect === 'busybox' ? `${sh.state.arg0}: ${message}\n` : `${sh.who}: printf: ${message}\n`)
  },
  test: (sh, args) => test(sh, 'test', args),
  '[': (sh, args) => {
    if (args.at(-1) !== ']') return fail(sh, '[', 'missing ]', 2)
    test(sh, '[', args.slice(0, -1))
  },
  cd: changeDirectory,
  pwd: (sh, args) =>
    print(sh, 'pwd', `${args.includes('-P') ? sh.p.cwd() : (getVariable(sh.state, 'PWD')?.value ?? sh.p.cwd())}\n`),
  exit: (sh, args) => {
    const [code] = args
    if (code !== undefined && !/^\d+$/.test(code)) {
      if (sh.dialect === 'busybox')
        throw new CommandError(`exit: line ${sh.state.script ? sh.state.line : 0}: Illegal number: ${code}`, 2, true)
      throw new CommandError(`exit: ${code}: numeric argument required`, 2, true)
    }
    throw new ShellExit(code === undefined ? sh.state.status : Number(code) & 255)
  },
  return: (sh, args) => {
    const status = args[0] === undefined ? sh.state.status : Number(args[0]) & 255
    unwind(sh, frame => frame.k === 'call' || (frame.k === 'source' && frame.kind === 'dot'))
    sh.state.status = status
  },
  break: (sh, args) => loop(sh, args, true),
  continue: (sh, args) => loop(sh, args, false),
  eval: (sh, args) => {
    sh.state.status = 0
    if (args.length > 0) sh.pushSource(args.join(' '), 'eval', { line: sh.state.line })
  },
  '.': dot,
  source: dot,
  exec: execBuiltin,
  export: (sh, args) => declare(sh, 'export', args),
  readonly: (sh, args) => declare(sh, 'readonly', args),
  local: localBuiltin,
  unset: (sh, args) => {
    const functions = args[0] === '-f'
    sh.state.status = 0
    for (const name of args.filter(arg => !/^-[vf]$/.test(arg))) {
      if (functions) delete sh.state.functions[`$${name}`]
      else if (!namePattern.test(name)) return fail(sh, 'unset', `${name}: bad variable name`, 2)
      else unsetVariable(sh.state, name)
    }
  },
  shift: (sh, args) => {
    const count = args[0] === undefined ? 1 : Number(args[0])
    if (count > sh.state.args.length) {
      if (sh.dialect === 'dash') throw new CommandError("shift: can't shift that many", 2, true)
      sh.state.status = 1
      return
    }
    sh.state.args = sh.state.args.slice(count)
    sh.state.status = 0
  },
  set: setBuiltin,
  trap: trapBuiltin,
  wait: waitBuiltin,
  read: readBuiltin,
  umask: umaskBuiltin,
  ulimit: ulimitBuiltin,
  getopts: getoptsBuiltin,
  type: (sh, args) => typeBuiltin(sh, args, true),
  command: commandBuiltin,
  hash: sh => void (sh.state.status = 0),
  alias: aliasBuiltin,
  unalias: (sh, args) => {
    if (args[0] === '-a') sh.state.aliases = {}
    for (const name of args) delete sh.state.aliases[name]
    sh.state.status = 0
  },
  kill: killBuiltin,
  jobs: sh => {
    const text = sh.state.jobs.map(job => jobLine(job)).join('')
    forgetDone(sh)
    print(sh, 'jobs', text)
  },
  fg: (sh, args) => foreground(sh, args, true),
  bg: (sh, args) => foreground(sh, args, false),
  times: sh => {
    const show = (ms: number): string => `${Math.floor(ms / 60_000)}m${((ms % 60_000) / 1000).toFixed(3)}s`
    const [own, children] = [sh.p.rusage('self'), sh.p.rusage('children')]
    print(
      sh,
      'times',
      `${show(own.userMs)} ${show(own.systemMs)}\n${show(children.userMs)} ${show(children.systemMs)}\n`,
    )
  },
  let: (sh, args) => {
    let value = '0'
    for (const arg of args) value = arithmetic({ p: sh.p, state: sh.state, dialect: sh.dialect, memo: [], at: 0 }, arg)
    sh.state.status = value === '0' ? 1 : 0
  },
  history: sh =>
    print(sh, 'history', sh.state.history.map((line, at) => `${String(at + 1).padStart(5)} ${line}\n`).join('')),
}

const special = new Set([
  ':',
  '.',
  'break',
  'continue',
  'eval',
  'exec',
  'exit',
  'export',
  'readonly',
  'return',
  'set',
  'shift',
  'times',
  'trap',
  'unset',
  'local',
  'source',
])
const bashOnly = new Set(['shopt', 'declare', 'typeset', 'history'])

function test(sh: Shell, name: string, words: readonly string[]): void {
  try {
    sh.state.status = evaluateTest(sh.p, words, sh.dialect !== 'busybox') ? 0 : 1
  } catch (error) {
    if (!(error instanceof TestError)) throw error
    sh.state.status = 2
    if (sh.dialect === 'busybox') sh.write(2, `${sh.state.arg0}: ${error.message}\n`)
    else sh.write(2, `${sh.who}: ${name}: ${error.message}\n`)
  }
}

function changeDirectory(sh: Shell, args: string[]): void {
  const { p, state } = sh
  const operands = args.filter(arg => !/^-[LP]$/.test(arg) && arg !== '--')
  const old = getVariable(state, 'PWD')?.value ?? p.cwd()
  const target = operands[0] ?? getVariable(state, 'HOME')?.value ?? ''
  const path = target === '-' ? (getVariable(state, 'OLDPWD')?.value ?? old) : target
  const logical = path.startsWith('/') ? path : `${old === '/' ? '' : old}/${path}`
  const parts: string[] = []
  for (const part of logical.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  }
  const full = `/${parts.join('/')}`
  try {
    p.chdir(args.includes('-P') ? path : full)
  } catch (error) {
    if (!isErrno(error)) throw error
    const message =
      sh.dialect === 'bash'
        ? `${path}: ${error.message}`
        : `can't cd to ${path}${sh.dialect === 'busybox' ? `: ${error.message}` : ''}`
    return fail(sh, 'cd', message, sh.dialect === 'bash' ? 1 : 2)
  }
  setVariable(state, 'OLDPWD', old)
  setVariable(state, 'PWD', args.includes('-P') ? p.cwd() : full)
  print(sh, 'cd', target === '-' ? `${full}\n` : '')
}

/** Takes frames off down to one that `found` names, that one included. */
function unwind(sh: Shell, found: (frame: Frame) => boolean): void {
  const { frames } = sh.state
  if (!frames.some(found)) throw new ShellExit(sh.state.status)
  for (let frame = frames.pop(); frame; frame = frames.pop()) {
    sh.leave(frame)
    if (found(frame)) return
  }
}

function loop(sh: Shell, args: string[], leave: boolean): void {
  const { state } = sh
  let count = args[0] === undefined ? 1 : Number(args[0])
  const isLoop = (frame: Frame): boolean => frame.k === 'while' || frame.k === 'for'
  state.status = 0
  const boundary = state.frames.findLastIndex(frame => frame.k === 'call' && sh.dialect !== 'busybox')
  const loops = state.frames.filter((frame, at) => at > boundary && isLoop(frame)).length
  if (loops === 0) return
  count = Math.max(1, Math.min(count, loops))
  for (;;) {
    const frame = state.frames.at(-1)
    if (!frame) return
    if (isLoop(frame)) {
      count--
      if (count === 0) {
        if (leave) state.frames.pop()
        return
      }
    }
    state.frames.pop()
    sh.leave(frame)
  }
}

function dot(sh: Shell, args: string[], frame: Frame): void {
  const [name, ...rest] = args
  if (name === undefined) return void (sh.state.status = sh.dialect === 'bash' ? 2 : 0)
  let text: string
  try {
    const path = name.includes('/') ? name : findScript(sh, name)
    text = readAll(sh, path)
  } catch (error) {
    if (!isErrno(error)) throw error
    if (sh.dialect === 'bash') return fail(sh, '', `${name}: ${error.message}`)
    throw new CommandError(
      `.: ${sh.dialect === 'busybox' ? `line ${sh.state.script ? sh.state.line : 0}: can't open '${name}': ${error.message}` : `cannot open ${name}: ${error.message}`}`,
      2,
      true,
    )
  }
  sh.state.status = 0
  if (rest.length > 0) {
    sh.push({ k: 'call', args: sh.state.args, locals: [], c: frame.c === true })
    sh.state.args = rest
  }
  sh.pushSource(text, 'dot')
}

function findScript(sh: Shell, name: string): string {
  for (const folder of (exported(sh.state).get('PATH') ?? '').split(':')) {
    try {
      if (sh.p.stat(`${folder}/${name}`).type === 'file') return `${folder}/${name}`
    } catch {
      // Not in this folder.
    }
  }
  return name
}

function execBuiltin(sh: Shell, args: string[], frame: Frame): Block | undefined {
  const words = args[0] === '--' ? args.slice(1) : args
  if (words.length === 0) {
    sh.state.status = 0
    return undefined
  }
  const [name = ''] = words
  let path: string
  try {
    path = locate(sh, name)
  } catch (error) {
    if (!isErrno(error)) throw error
    const missing = error.code === 'ENOENT'
    const text =
      sh.dialect === 'busybox'
        ? `exec: line ${sh.state.script ? sh.state.line : 0}: ${name}: ${missing ? 'not found' : 'Permission denied'}`
        : `exec: ${name}: ${missing ? 'not found' : 'Permission denied'}`
    throw new CommandError(text, missing ? 127 : 126, true)
  }
  const env = exported(sh.state)
  for (const [variable, value] of frame.assigned as [string, string][]) env.set(variable, value)
  return { op: 'exec', path, argv: words, env }
}

function declare(sh: Shell, kind: 'export' | 'readonly', args: string[]): void {
  const { state } = sh
  state.status = 0
  const remove = args[0] === '-n'
  const names = args.filter(arg => !/^-[pn]$/.test(arg))
  if (names.length === 0) {
    const rows = Object.entries(state.vars)
      .filter(([, variable]) => (kind === 'export' ? variable.exported : variable.readonly))
      .map(
        ([key, variable]) =>
          `${kind} ${key.slice(1)}${variable.unset ? '' : `='${variable.value.replaceAll("'", "'\\''")}'`}\n`,
      )
    return print(sh, kind, rows.sort().join(''))
  }
  for (const word of names) {
    const equals = word.indexOf('=')
    const name = equals < 0 ? word : word.slice(0, equals)
    if (!namePattern.test(name)) {
      if (sh.dialect === 'bash') {
        fail(sh, kind, `\`${word}': not a valid identifier`)
        continue
      }
      throw new CommandError(
        `${kind}: ${sh.dialect === 'busybox' ? `line ${state.script ? state.line : 0}: ` : ''}${name}: bad variable name`,
        2,
        true,
      )
    }
    if (equals >= 0) setVariable(state, name, word.slice(equals + 1))
    const variable = (state.vars[`$${name}`] ??= { value: '', unset: true })
    if (kind === 'readonly') variable.readonly = true
    else if (remove) delete variable.exported
    else variable.exported = true
  }
}

function localBuiltin(sh: Shell, args: string[]): void {
  const { state } = sh
  const call = state.frames.findLast(frame => frame.k === 'call')
  if (!call)
    throw new CommandError(
      sh.dialect === 'bash'
        ? 'local: can only be used in a function'
        : `local: line ${state.script ? state.line : 0}: not in a function`,
      sh.dialect === 'bash' ? 1 : 2,
      sh.dialect !== 'bash',
    )
  state.status = 0
  const locals = call.locals as [string, Json][]
  for (const word of args.filter(arg => !arg.startsWith('-') || arg === '-')) {
    const equals = word.indexOf('=')
    const name = equals < 0 ? word : word.slice(0, equals)
    const key = `$${name}`
    const old = Object.hasOwn(state.vars, key) ? state.vars[key] : undefined
    if (!locals.some(([known]) => known === name)) locals.push([name, (old ? { ...old } : null) as Json])
    if (old?.readonly) throw new ReadOnly(name)
    const value = equals < 0 ? (sh.dialect === 'busybox' ? old?.value : undefined) : word.slice(equals + 1)
    state.vars[key] = {
      value: value ?? '',
      ...(old?.exported && { exported: true }),
      ...(value === undefined && { unset: true }),
    }
  }
}

function setBuiltin(sh: Shell, args: string[]): void {
  const { state } = sh
  state.status = 0
  if (args.length === 0) {
    const rows = Object.entries(state.vars)
      .filter(([, variable]) => !variable.unset)
      .map(([key, variable]) => `${key.slice(1)}='${variable.value.replaceAll("'", "'\\''")}'\n`)
    return print(sh, 'set', rows.sort().join(''))
  }
  for (let at = 0; at < args.length; at++) {
    const arg = args[at] ?? ''
    if (arg === '--' || arg === '-') {
      state.args = args.slice(at + 1)
      return
    }
    if (!/^[-+]./.test(arg)) {
      state.args = args.slice(at)
      return
    }
    const on = arg.startsWith('-')
    for (const letter of arg.slice(1)) {
      if (letter === 'o') {
        const name = args[++at]
        if (name === undefined) return print(sh, 'set', optionList(sh, on))
        if (name === 'pipefail') state.pipefail = on
        else {
          const known = Object.entries(optionNames).find(([, long]) => long === name)
          if (!known)
            throw new CommandError(
              `set: ${sh.dialect === 'busybox' ? `line ${state.script ? state.line : 0}: ` : ''}illegal option ${arg[0]}o ${name}`,
              2,
              true,
            )
          setOption(sh, known[0], on)
        }
      } else if (Object.hasOwn(optionNames, letter) || letter === 'h' || letter === 'B' || letter === 'E')
        setOption(sh, letter, on)
      else
        throw new CommandError(
          `set: ${sh.dialect === 'busybox' ? `line ${state.script ? state.line : 0}: ` : ''}illegal option ${arg[0]}${letter}`,
          2,
          true,
        )
    }
  }
}

export function setOption(sh: Shell, letter: string, on: boolean): void {
  const others = sh.state.options.replaceAll(letter, '')
  sh.state.options = on ? others + letter : others
}

function optionList(sh: Shell, table: boolean): string {
  const rows: [string, boolean][] = [
    ...Object.entries(optionNames).map(([letter, name]): [string, boolean] => [name, has(sh.state, letter)]),
    ['pipefail', sh.state.pipefail],
  ]
  return table
    ? `Current option settings\n${rows.map(([name, on]) => `${name.padEnd(16)}${on ? 'on' : 'off'}\n`).join('')}`
    : rows.map(([name, on]) => `set ${on ? '-' : '+'}o ${name}\n`).join('')
}

function trapBuiltin(sh: Shell, args: string[]): void {
  const { state, p } = sh
  state.status = 0
  const words = args[0] === '--' ? args.slice(1) : args
  if (words.length === 0) {
    const order = (name: string): number => (name === 'EXIT' ? 0 : signalNumber(name))
    const names = Object.keys(state.traps).sort((a, b) => order(a) - order(b))
    return print(
      sh,
      'trap',
      names.map(name => `trap -- '${(state.traps[name] ?? '').replaceAll("'", "'\\''")}' ${name}\n`).join(''),
    )
  }
  if (words[0] === '-l')
    return print(sh, 'trap', signalNames.map((name, at) => `${String(at + 1).padStart(2)}) ${name}\n`).join(''))
  const reset = words[0] === '-' || (words.length === 1 && toTrap(words[0] ?? '') !== undefined)
  const text = words[0] ?? ''
  for (const word of words.slice(words.length === 1 && reset && words[0] !== '-' ? 0 : 1)) {
    const name = toTrap(word)
    if (name === undefined) {
      fail(sh, 'trap', `${word}: invalid signal specification`)
      continue
    }
    if (reset) delete state.traps[name]
    else state.traps[name] = text
    if (name === 'EXIT' || name === 'KILL' || name === 'STOP') continue
    p.sigaction(name, reset ? 'default' : text === '' ? 'ignore' : 'catch')
  }
}

function toTrap(word: string): string | undefined {
  if (word === '0' || word.toUpperCase() === 'EXIT') return 'EXIT'
  return parseSignal(word)
}

/** `wait [PID|%JOB]…`. */
function waitBuiltin(sh: Shell, args: string[]): void {
  const { state } = sh
  let targets: number[]
  if (args.length === 0) targets = state.jobs.flatMap(job => job.running)
  else {
    targets = []
    for (const arg of args) {
      const job = arg.startsWith('%') ? findJob(sh, arg) : state.jobs.find(each => each.pids.includes(Number(arg)))
      if (!job) {
        state.status = 127
        if (sh.dialect === 'bash') sh.complain('wait', `pid ${arg} is not a child of this shell`)
        return
      }
      targets.push(arg.startsWith('%') ? (job.pids.at(-1) ?? 0) : Number(arg))
    }
  }
  state.status = 0
  sh.push({ k: 'waiting', targets, all: args.length === 0, c: true })
}

const waiting: Handler = (sh, frame, answer) => {
  const { state, p } = sh
  const targets = frame.targets as number[]
  if (answer && 'error' in answer) {
    if (answer.error.code === 'EINTR') {
      const signal = p.takeSignal()
      const text = signal === undefined ? undefined : state.traps[signal]
      if (signal !== undefined && text !== undefined) {
        sh.pop()
        state.status = 128 + signalNumber(signal)
        sh.push({ k: 'status', status: state.status })
        sh.pushSource(text, 'trap')
        return
      }
      if (signal === 'INT' && state.interactive) {
        sh.pop()
        state.status = 130
        return
      }
    }
  } else if (answer) {
    const { pid, status } = valueOf<{ pid: number; status: { code: number } | { signal: string } }>(answer)
    noteEnd(sh, pid, statusOf(status))
    if (sh.dialect === 'busybox' && frame.all !== true && 'signal' in status) {
      sh.write(2, `${signalText(String(status.signal))}\n`)
      targets.shift()
      if (targets.length === 0) frame.all = 'done'
      state.status = statusOf(status)
      return
    }
  }
  for (;;) {
    const [next] = targets
    if (next === undefined) {
      sh.pop()
      if (frame.all === true) state.status = 0
      state.jobs = state.jobs.filter(job => job.running.length > 0)
      return
    }
    const job = state.jobs.find(each => each.pids.includes(next))
    if (!job?.running.includes(next)) {
      if (frame.all !== true) state.status = job?.statuses[job.pids.indexOf(next)] ?? 127
      targets.shift()
      continue
    }
    return { op: 'wait', pid: next }
  }
}

/** Keeps the exit status of a background process. */
export function noteEnd(sh: Shell, pid: number, status: number): void {
  const job = sh.state.jobs.find(each => each.running.includes(pid))
  if (!job) return
  job.running = job.running.filter(each => each !== pid)
  job.statuses[job.pids.indexOf(pid)] = status
}

/** Takes in what has ended in the background without waiting. */
export function reapJobs(sh: Shell): void {
  for (;;) {
    try {
      const ended = sh.p.tryWait(-1)
      if (!ended) return
      noteEnd(sh, ended.pid, statusOf(ended.status))
    } catch (error) {
      if (isErrno(error)) return
      throw error
    }
  }
}

export function forgetDone(sh: Shell): void {
  sh.state.jobs = sh.state.jobs.filter(job => job.running.length > 0)
}

/** `[1]+  Done                    sleep 1`. */
export function jobLine(job: Job): string {
  const status = job.statuses.at(-1) ?? 0
  const word = job.stopped
    ? 'Stopped'
    : job.running.length > 0
      ? 'Running'
      : status === 0
        ? 'Done'
        : status > 128
          ? signalText(signalName(status - 128) ?? '') || `Done(${status})`
          : `Done(${status})`
  return `[${job.id}]+  ${word.padEnd(26)}${job.command}\n`
}

function findJob(sh: Shell, word: string): Job | undefined {
  const name = word.replace(/^%/, '')
  if (name === '' || name === '+' || name === '%') return sh.state.jobs.at(-1)
  if (name === '-') return sh.state.jobs.at(-2)
  return sh.state.jobs.find(job => String(job.id) === name) ?? sh.state.jobs.find(job => job.command.startsWith(name))
}

function foreground(sh: Shell, args: string[], front: boolean): void {
  const job = args[0] === undefined ? sh.state.jobs.at(-1) : findJob(sh, args[0])
  if (!job) return fail(sh, front ? 'fg' : 'bg', `${args[0] ?? '%%'}: no such job`, 2)
  job.stopped = false
  try {
    sh.p.kill(-job.pgid, 'CONT')
  } catch (error) {
    if (!isErrno(error)) throw error
  }
  sh.state.status = 0
  if (front) sh.push({ k: 'waiting', targets: [...job.running], all: false, c: true })
  print(sh, front ? 'fg' : 'bg', front ? `${job.command}\n` : `[${job.id}] ${job.command}\n`)
}

function killBuiltin(sh: Shell, args: string[]): void {
  const { state, p } = sh
  state.status = 0
  const words = [...args]
  let signal = 'TERM'
  if (words[0] === '-l' || words[0] === '-L') {
    const [, number] = words
    if (number !== undefined)
      return print(
        sh,
        'kill',
        `${/^\d+$/.test(number) ? (signalName(Number(number) & 127) ?? number) : signalNumber(parseSignal(number) ?? '')}\n`,
      )
    return print(sh, 'kill', signalNames.map((name, at) => `${String(at + 1).padStart(2)}) ${name}\n`).join(''))
  }
  const option = /^-(s|n)?(.*)$/.exec(words[0] ?? '')
  let probe = false
  if (option && words[0] !== '--' && words[0] !== '-') {
    words.shift()
    const name =
      option[1] !== undefined && option[2] === '' ? (words.shift() ?? '') : (option[1] ?? '') + (option[2] ?? '')
    const known = name === '0' ? '0' : parseSignal(name)
    if (known === undefined) return void badSignal(sh, name)
    probe = known === '0'
    signal = known
  }
  if (words[0] === '--') words.shift()
  if (words.length === 0) return void killUsage(sh)
  for (const word of words) {
    const job = word.startsWith('%') ? findJob(sh, word) : undefined
    if (word.startsWith('%') && !job) {
      fail(sh, 'kill', `${word}: no such job`)
      continue
    }
    if (!job && !/^-?\d+$/.test(word)) {
      state.status = 1
      sh.write(2, `${state.arg0}: invalid number '${word}'\n`)
      continue
    }
    try {
      if (job && !state.interactive) for (const pid of job.running) p.kill(pid, probe ? 0 : signal)
      else p.kill(job ? -job.pgid : Number(word), probe ? 0 : signal)
    } catch (error) {
      if (!isErrno(error)) throw error
      state.status = 1
      sh.write(
        2,
        sh.dialect === 'busybox'
          ? `${state.arg0}: can't kill pid ${word}: ${error.message}\n`
          : `${sh.who}: kill: ${sh.dialect === 'bash' ? `(${word}) - ` : ''}${error.message}\n`,
      )
    }
  }
}

function badSignal(sh: Shell, name: string): void {
  sh.state.status = 1
  sh.write(
    2,
    sh.dialect === 'busybox'
      ? `${sh.state.arg0}: bad signal name '${name}'\n`
      : `${sh.who}: kill: ${name}: invalid signal specification\n`,
  )
}

function killUsage(sh: Shell): void {
  sh.state.status = sh.dialect === 'bash' ? 2 : 1
  sh.write(
    2,
    sh.dialect === 'busybox'
      ? `${sh.state.arg0}: you need to specify whom to kill\n`
      : `${sh.who}: kill: usage: kill [-s sigspec | -n signum | -sigspec] pid | jobspec ... or kill -l [sigspec]\n`,
  )
}

/** `read [-r] [-p PROMPT] [-t SECONDS] [-n COUNT] [-d DELIMITER] [-s] [NAME…]`. */
function readBuiltin(sh: Shell, args: string[]): void {
  const options: Record<string, string> = {}
  let at = 0
  for (; at < args.length; at++) {
    const arg = args[at] ?? ''
    if (!/^-./.test(arg) || arg === '--') break
    for (let letter = 1; letter < arg.length; letter++) {
      const name = arg[letter] ?? ''
      if ('rsA'.includes(name)) options[name] = '1'
      else if ('ptndu'.includes(name)) {
        options[name] = arg.slice(letter + 1) || (args[++at] ?? '')
        break
      } else return fail(sh, 'read', `illegal option -${name}`, 2)
    }
  }
  if (args[at] === '--') at++
  const names = args.slice(at)
  for (const name of names)
    if (!namePattern.test(name))
      return fail(
        sh,
        'read',
        sh.dialect === 'bash' ? `\`${name}': not a valid identifier` : `'${name}': bad variable name`,
        sh.dialect === 'bash' ? 1 : 2,
      )
  const fd = options.u === undefined ? 0 : Number(options.u)
  sh.push({
    k: 'reading',
    fd,
    names,
    options,
    text: '',
    escaped: [],
    c: true,
    ...(options.t !== undefined && { until: sh.p.now() + Number(options.t) * 1000 }),
  })
  if (options.s !== undefined && sh.p.isatty(fd)) sh.p.termios(fd, { echo: false })
  if (options.p !== undefined && sh.p.isatty(fd)) sh.write(2, options.p)
}

const reading: Handler = (sh, frame, answer) => {
  const { state } = sh
  const options = frame.options as Record<string, string>
  const fd = frame.fd as number
  const end = (status: number): void => {
    if (options.s !== undefined && sh.p.isatty(fd)) sh.p.termios(fd, { echo: true })
    sh.pop()
    assignRead(sh, frame)
    state.status = status
  }
  const next = (): Block => {
    const until = frame.until as number | undefined
    if (until !== undefined && frame.polled !== true)
      return { op: 'poll', fds: [{ fd, event: 'in' }], ms: Math.max(0, until - sh.p.now()) }
    return { op: 'read', fd, length: 1 }
  }
  if (!answer) return next()
  if ('error' in answer) {
    if (answer.error.code === 'EINTR') {
      sh.pop()
      state.status = 129
      sh.takeSignals()
      return
    }
    sh.pop()
    return fail(sh, 'read', answer.error.message, 1)
  }
  if (frame.until !== undefined && frame.polled !== true) {
    if ((answer.value as number[]).length === 0) return end(142)
    frame.polled = true
    return next()
  }
  // Each byte of a read with a deadline is polled for anew.
  frame.polled = false
  const data = valueOf<Uint8Array>(answer)
  const [byte] = data
  if (byte === undefined) return end(1)
  const char = String.fromCharCode(byte)
  const text = frame.text as string
  if (frame.escape === true) {
    frame.escape = false
    if (char !== '\n') {
      ;(frame.escaped as number[]).push(text.length)
      frame.text = text + char
    }
    return next()
  }
  if (char === '\\' && options.r === undefined) {
    frame.escape = true
    return next()
  }
  const delimiter = options.d === undefined ? '\n' : (options.d[0] ?? '\0')
  if (char === delimiter) return end(0)
  if (char !== '\0') frame.text = text + char
  if (options.n !== undefined && (frame.text as string).length >= Number(options.n)) return end(0)
  return next()
}

/** Splits a line among the names: the last gets the rest. */
function assignRead(sh: Shell, frame: Frame): void {
  const names = frame.names as string[]
  const text = frame.text as string
  const escaped = new Set(frame.escaped as number[])
  if (names.length === 0) return setVariable(sh.state, 'REPLY', text)
  const ifs = getVariable(sh.state, 'IFS')?.value ?? ' \t\n'
  const isBlank = (at: number): boolean =>
    !escaped.has(at) && ifs.includes(text[at] ?? '\0') && /[ \t\n]/.test(text[at] ?? '')
  const isSeparator = (at: number): boolean => !escaped.has(at) && at < text.length && ifs.includes(text[at] ?? '\0')
  let at = 0
  while (at < text.length && isBlank(at)) at++
  for (const [index, name] of names.entries()) {
    if (index === names.length - 1) {
      let stop = text.length
      while (stop > at && isBlank(stop - 1)) stop--
      // A lone separator at the end belongs to nobody.
      if (
        stop > at &&
        isSeparator(stop - 1) &&
        ![...text.slice(at, stop - 1)].some((_, offset) => isSeparator(at + offset))
      )
        stop--
      setVariable(sh.state, name, text.slice(at, stop))
      return
    }
    let stop = at
    while (stop < text.length && !isSeparator(stop)) stop++
    setVariable(sh.state, name, text.slice(at, stop))
    at = stop
    while (at < text.length && isBlank(at)) at++
    if (at < text.length && isSeparator(at) && !isBlank(at)) at++
    while (at < text.length && isBlank(at)) at++
  }
}

function umaskBuiltin(sh: Shell, args: string[]): void {
  const [mask] = args.filter(arg => !arg.startsWith('-'))
  if (mask === undefined) {
    const value = sh.p.umask()
    const symbolic = ['u', 'g', 'o']
      .map((who, at) => `${who}=${['r', 'w', 'x'].filter((_, bit) => !(value & (0o400 >> (at * 3 + bit)))).join('')}`)
      .join(',')
    return print(sh, 'umask', `${args.includes('-S') ? symbolic : value.toString(8).padStart(4, '0')}\n`)
  }
  if (!/^[0-7]+$/.test(mask)) return fail(sh, 'umask', `illegal mode: ${mask}`, 2)
  sh.p.umask(Number.parseInt(mask, 8))
  sh.state.status = 0
}

const limits: Record<string, [name: RlimitName, label: string, unit: number]> = {
  c: ['core', 'core file size (blocks)         (-c)', 512],
  d: ['data', 'data seg size (kb)              (-d)', 1024],
  e: ['nice', 'scheduling priority             (-e)', 1],
  f: ['fsize', 'file size (blocks)              (-f)', 512],
  i: ['sigpending', 'pending signals                 (-i)', 1],
  l: ['memlock', 'max locked memory (kb)          (-l)', 1024],
  m: ['rss', 'max memory size (kb)            (-m)', 1024],
  n: ['nofile', 'open files                      (-n)', 1],
  q: ['msgqueue', 'POSIX message queues (bytes)    (-q)', 1],
  r: ['rtprio', 'real-time priority              (-r)', 1],
  s: ['stack', 'stack size (kb)                 (-s)', 1024],
  t: ['cpu', 'cpu time (seconds)              (-t)', 1],
  u: ['nproc', 'max user processes              (-u)', 1],
  v: ['as', 'virtual memory (kb)             (-v)', 1024],
  x: ['locks', 'file locks                      (-x)', 1],
}

function ulimitBuiltin(sh: Shell, args: string[]): void {
  const letters = args.filter(arg => arg.startsWith('-')).flatMap(arg => [...arg.slice(1)])
  const [value] = args.filter(arg => !arg.startsWith('-'))
  const hard = letters.includes('H')
  const chosen = letters.filter(letter => letter !== 'H' && letter !== 'S')
  const show = (letter: string): string => {
    const [name, , unit] = limits[letter] ?? ['fsize', '', 512]
    const limit = sh.p.getrlimit(name as RlimitName)
    const number = hard ? limit.hard : limit.soft
    return Number.isFinite(number) ? String(Math.floor(number / unit)) : 'unlimited'
  }
  if (chosen.includes('a'))
    return print(
      sh,
      'ulimit',
      Object.entries(limits)
        .map(([letter, [, label]]) => `${label} ${show(letter)}\n`)
        .join(''),
    )
  const letter = chosen[0] ?? 'f'
  const known = Object.hasOwn(limits, letter) ? limits[letter] : undefined
  if (!known) return fail(sh, 'ulimit', `invalid option -- '${letter}'`, 2)
  if (value === undefined) return print(sh, 'ulimit', `${show(letter)}\n`)
  const [name, , unit] = known
  const wanted = value === 'unlimited' ? Number.POSITIVE_INFINITY : Number(value) * unit
  if (Number.isNaN(wanted)) return fail(sh, 'ulimit', `bad number`, 2)
  const old = sh.p.getrlimit(name)
  const soft = letters.includes('S') || !hard
  try {
    sh.p.setrlimit(name, {
      soft: soft ? wanted : Math.min(old.soft, wanted),
      hard: hard || !letters.includes('S') ? wanted : old.hard,
    })
    sh.state.status = 0
  } catch (error) {
    if (!isErrno(error)) throw error
    fail(sh, 'ulimit', `error setting limit: ${error.message}`)
  }
}

function getoptsBuiltin(sh: Shell, args: string[]): void {
  const { state } = sh
  const [spec = '', name = '', ...given] = args
  const words = args.length > 2 ? given : state.args
  const silent = spec.startsWith(':')
  let index = Number(getVariable(state, 'OPTIND')?.value ?? '1')
  if (index !== state.optionIndex) state.optionOffset = 0
  const word = words[index - 1]
  const finish = (letter: string, status: number): void => {
    setVariable(state, name, letter)
    setVariable(state, 'OPTIND', String(index))
    state.optionIndex = index
    state.status = status
  }
  if (state.optionOffset === 0 && (word === undefined || word === '-' || !word.startsWith('-'))) return finish('?', 1)
  if (state.optionOffset === 0 && word === '--') {
    index++
    return finish('?', 1)
  }
  const offset = state.optionOffset || 1
  const letter = word?.[offset] ?? ''
  const at = letter === ':' ? -1 : spec.indexOf(letter, silent ? 1 : 0)
  const last = offset + 1 >= (word?.length ?? 0)
  const advance = (): void => {
    if (last) {
      index++
      state.optionOffset = 0
    } else state.optionOffset = offset + 1
  }
  if (at < 0) {
    advance()
    if (silent) setVariable(state, 'OPTARG', letter)
    else {
      unsetVariable(state, 'OPTARG')
      sh.write(
        2,
        sh.dialect === 'bash' ? `${state.arg0}: illegal option -- ${letter}\n` : `Illegal option -${letter}\n`,
      )
    }
    return finish('?', 0)
  }
  if (spec[at + 1] !== ':') {
    advance()
    return finish(letter, 0)
  }
  state.optionOffset = 0
  const value = last ? words[index] : word?.slice(offset + 1)
  index += last ? 2 : 1
  if (value === undefined) {
    index--
    if (silent) {
      setVariable(state, 'OPTARG', letter)
      return finish(':', 0)
    }
    sh.write(
      2,
      sh.dialect === 'bash'
        ? `${state.arg0}: option requires an argument -- ${letter}\n`
        : `No arg for -${letter} option\n`,
    )
    return finish('?', 0)
  }
  setVariable(state, 'OPTARG', value)
  finish(letter, 0)
}

const keywords = new Set([
  'if',
  'then',
  'else',
  'elif',
  'fi',
  'for',
  'while',
  'until',
  'do',
  'done',
  'case',
  'esac',
  '{',
  '}',
  '!',
  'in',
])

function typeBuiltin(sh: Shell, args: string[], verbose: boolean): void {
  let text = ''
  let status = 0
  for (const name of args) {
    const found = describe(sh, name, verbose)
    if (found === undefined) {
      status = 127
      if (verbose) text += sh.dialect === 'bash' ? '' : `${name}: not found\n`
      if (verbose && sh.dialect === 'bash') sh.complain('type', `${name}: not found`)
    } else text += `${found}\n`
  }
  print(sh, 'type', text, sh.dialect === 'bash' && status ? 1 : status)
}

function describe(sh: Shell, name: string, verbose: boolean): string | undefined {
  const { state } = sh
  if (keywords.has(name)) return verbose ? `${name} is a shell keyword` : name
  if (Object.hasOwn(state.aliases, name))
    return verbose ? `${name} is an alias for ${state.aliases[name]}` : `alias ${name}='${state.aliases[name]}'`
  if (Object.hasOwn(state.functions, `$${name}`))
    return verbose ? `${name} is a ${sh.dialect === 'bash' ? '' : 'shell '}function` : name
  if (builtins.commands.has(name))
    return verbose ? `${name} is a ${special.has(name) && sh.dialect !== 'bash' ? 'special ' : ''}shell builtin` : name
  try {
    const path = locate(sh, name)
    return verbose ? `${name} is ${path}` : path
  } catch {
    return undefined
  }
}

function commandBuiltin(sh: Shell, args: string[], frame: Frame): Block | undefined {
  const words = [...args]
  while (words[0] === '-p' || words[0] === '--') words.shift()
  if (words[0] === '-v' || words[0] === '-V') {
    typeBuiltin(sh, words.slice(1), words[0] === '-V')
    return undefined
  }
  const [name] = words
  sh.state.status = 0
  if (name === undefined) return undefined
  const own = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (own) return own(sh, words.slice(1), frame) ?? undefined
  return execute(sh, frame, words, frame.assigned as [string, string][]) ?? undefined
}

function aliasBuiltin(sh: Shell, args: string[]): void {
  const { aliases } = sh.state
  const show = (name: string): string =>
    `${sh.dialect === 'bash' ? 'alias ' : ''}${name}=${quoteAlways(aliases[name] ?? '')}\n`
  if (args.length === 0) return print(sh, 'alias', Object.keys(aliases).sort().map(show).join(''))
  sh.state.status = 0
  for (const word of args) {
    const equals = word.indexOf('=')
    if (equals > 0) aliases[word.slice(0, equals)] = word.slice(equals + 1)
    else if (Object.hasOwn(aliases, word)) print(sh, 'alias', show(word))
    else fail(sh, 'alias', `${word} not found`)
  }
}

const quoteAlways = (text: string): string => (quote(text).startsWith("'") ? quote(text) : `'${text}'`)

export const builtins = {
  commands: new Set(Object.keys(commands)) as ReadonlySet<string>,
  special: special as ReadonlySet<string>,
  frames: { waiting, reading } as Readonly<Record<string, Handler>>,
  /** Runs a builtin; it may leave frames above its own, and wait. */
  run(sh: Shell, frame: Frame, words: string[]): Block | undefined {
    const [name = '', ...args] = words
    const builtin = Object.hasOwn(commands, name) ? commands[name] : undefined
    if (!builtin || (bashOnly.has(name) && sh.dialect !== 'bash'))
      throw new CommandError(`${name}: not found`, 127, false)
    return builtin(sh, args, frame) ?? undefined
  },
}
