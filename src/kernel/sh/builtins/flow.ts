/** What changes where the shell goes on: loops left, functions returned from, texts run, the process replaced. */
import { isErrno } from '../../../vfs/errno.ts'
import type { Block } from '../../program.ts'
import { locate, readAll } from '../launch.ts'
import { CommandError, type Shell, ShellExit } from '../machine.ts'
import { exported, type Frame } from '../state.ts'
import { type Builtin, fail } from './builtin.ts'

export const flow: Record<string, Builtin> = {
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
