/** What changes where the shell goes on: loops left, functions returned from, texts run, the process replaced. */
import { isErrno } from '../../../vfs/errno.ts'
import type { Block } from '../../program.ts'
import { leaveShell } from '../jobs.ts'
import { isFolder, locate, readAll } from '../launch.ts'
import { CommandError, type Shell, ShellExit } from '../machine.ts'
import { environment, exported, type Frame } from '../state.ts'
import { type Builtin, fail, naturalNumber, options, problem } from './builtin.ts'

export const flow: Record<string, Builtin> = {
  exit: (sh, args) => {
    const [code] = args
    const status = code === undefined ? sh.state.status : exitNumber(sh, 'exit', code)
    if (!sh.state.interactive) throw new ShellExit(status)
    leaveShell(sh, status)
  },
  return: (sh, args) => {
    const status = args[0] === undefined ? sh.state.status : exitNumber(sh, 'return', args[0])
    const returns = (frame: Frame): boolean => frame.k === 'call' || (frame.k === 'source' && frame.kind === 'dot')
    if (!sh.state.frames.some(returns)) {
      if (sh.dialect === 'bash') return fail(sh, 'return', "can only `return' from a function or sourced script", 2)
      throw new ShellExit(status)
    }
    unwind(sh, returns)
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
}

/** A status; bash takes negative ones, and ends with 2 for what is no number. */
function exitNumber(sh: Shell, name: string, text: string): number {
  if (sh.dialect !== 'bash') return naturalNumber(name, text) & 255
  if (!/^[+-]?\d+$/.test(text)) throw new CommandError(`${text}: numeric argument required`, 2, name === 'exit', name)
  return Number(text) & 255
}

/** Takes frames off down to one that `found` names, that one included. */
function unwind(sh: Shell, found: (frame: Frame) => boolean): void {
  const { frames } = sh.state
  for (let frame = frames.pop(); frame; frame = frames.pop()) {
    sh.leave(frame)
    if (found(frame)) return
  }
}

function loopCount(sh: Shell, name: string, text = '1'): number {
  if (sh.dialect !== 'bash') {
    const count = naturalNumber(name, text)
    if (count === 0) throw problem(name, `Illegal number: ${text}`)
    return count
  }
  if (!/^[+-]?\d+$/.test(text)) throw new CommandError(`${text}: numeric argument required`, 128, true, name)
  return Number(text)
}

function loop(sh: Shell, args: string[], leave: boolean): void {
  const { state } = sh
  const name = leave ? 'break' : 'continue'
  let count = loopCount(sh, name, args[0])
  const isLoop = (frame: Frame): boolean => ['while', 'for', 'count', 'select'].includes(frame.k)
  state.status = 0
  const boundary = state.frames.findLastIndex(frame => frame.k === 'call' && sh.dialect !== 'busybox')
  const loops = state.frames.filter((frame, at) => at > boundary && isLoop(frame)).length
  if (loops === 0) {
    if (sh.dialect === 'bash') fail(sh, name, "only meaningful in a `for', `while', or `until' loop", 0)
    return
  }
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
  let path = name
  try {
    path = name.includes('/') ? name : findScript(sh, name)
    text = readAll(sh, path)
  } catch (error) {
    if (!isErrno(error)) throw error
    if (sh.dialect === 'bash') {
      sh.state.status = 1
      return sh.tell(`${name}: ${error.message}`)
    }
    if (!name.includes('/')) throw problem('.', `${name}: not found`)
    const reason = error.code === 'ENOENT' ? 'No such file' : error.message
    throw problem(
      '.',
      sh.dialect === 'dash' ? `cannot open ${name}: ${reason}` : `can't open '${name}': ${error.message}`,
    )
  }
  sh.state.status = 0
  if (rest.length > 0) {
    sh.push({ k: 'call', args: sh.state.args, locals: [], c: frame.c === true })
    sh.state.args = rest
  }
  sh.pushSource(text, 'dot', { path })
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
  const { given, rest: words } =
    sh.dialect === 'bash'
      ? options(sh, 'exec', args, 'cla:')
      : { given: new Map<string, string>(), rest: args[0] === '--' ? args.slice(1) : args }
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
    throw notExecuted(sh, name, missing ? 'ENOENT' : error.code)
  }
  if (isFolder(sh, path)) throw notExecuted(sh, name, 'EACCES')
  const assigned = frame.assigned as [string, string][]
  const env = given.has('c') ? new Map(assigned) : environment(sh, assigned)
  const title = given.get('a') ?? words[0] ?? ''
  return { op: 'exec', path, argv: [given.has('l') ? `-${title}` : title, ...words.slice(1)], env }
}

/** What `exec` says of a file that it cannot execute. */
function notExecuted(sh: Shell, name: string, code: string): CommandError {
  const missing = code === 'ENOENT'
  const words = missing
    ? sh.dialect === 'bash' && name.includes('/')
      ? 'No such file or directory'
      : 'not found'
    : 'Permission denied'
  if (sh.dialect === 'bash' && !missing)
    return new CommandError(
      `${name}: cannot execute: ${isFolder(sh, name) ? 'Is a directory' : words}`,
      126,
      true,
      'exec',
    )
  return new CommandError(`${name}: ${words}`, missing ? 127 : 126, true, 'exec')
}
