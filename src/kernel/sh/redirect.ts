/** Redirections: their targets expanded, then descriptors opened, kept and put back. */
import { isErrno } from '../../vfs/errno.ts'
import type { Answer, Block, OpenFlags } from '../program.ts'
import type { Redirect } from './ast.ts'
import { type ExpandContext, expandString } from './expand.ts'
import { CommandError, type Shell, valueOf } from './machine.ts'
import { type Frame, getVariable, has, setVariable } from './state.ts'

/** Descriptors of the shell's own are kept from here on. */
const keptFrom = 10
const pipeRoom = 65_536

interface Target {
  fd: number
  op: Redirect['op']
  text: string
  /** `{name}>`: the variable that gets the number of a new descriptor. */
  variable?: string
}

export function redirectTargets(context: ExpandContext, redirects: readonly Redirect[]): Target[] {
  return redirects.map(({ fd, op, target, variable }) => ({
    fd,
    op,
    text: expandString(context, target) + (op === '<<<' ? '\n' : ''),
    ...(variable !== undefined && { variable }),
  }))
}

/**
 * Carries out `frame.targets` one after the other, noting in `frame.saved` what to put back. Returns a block where
 * opening waits (a fifo). A failure throws CommandError; what was done is in `saved`.
 * @param keep  `exec`: the descriptors stay
 */
export function applyRedirects(sh: Shell, frame: Frame, answer: Answer | undefined, keep = false): Block | undefined {
  const targets = frame.targets as unknown as Target[]
  const saved = frame.saved as [number, number][]
  let at = (frame.redirected as number | undefined) ?? 0
  let opened: number | undefined
  if (answer && frame.opening === true) {
    frame.opening = false
    const target = targets[at]
    try {
      opened = valueOf<number>(answer)
    } catch (error) {
      if (isErrno(error) && target) throw cannotOpen(sh, target, error.code, error.message)
      throw error
    }
  }
  for (; at < targets.length; at++) {
    frame.redirected = at
    const target = targets[at]
    if (!target) break
    if (opened === undefined && isFifo(sh, target)) {
      frame.opening = true
      return { op: 'open', path: target.text, flags: flagsOf(sh, target.op), mode: 0o666 }
    }
    redirect(sh, target, saved, keep, opened)
    opened = undefined
  }
  frame.redirected = at
  return undefined
}

function isFifo(sh: Shell, target: Target): boolean {
  if (['<<', '<<<', '>&', '<&'].includes(target.op)) return false
  try {
    return sh.p.stat(target.text).type === 'fifo'
  } catch {
    return false
  }
}

function flagsOf(sh: Shell, op: Redirect['op']): OpenFlags {
  switch (op) {
    case '<':
      return { read: true }
    case '<>':
      return { read: true, write: true, create: true }
    case '>>':
    case '&>>':
      return { write: true, create: true, append: true }
    case '>':
      return has(sh.state, 'C')
        ? { write: true, create: true, exclusive: true }
        : { write: true, create: true, truncate: true }
    default:
      return { write: true, create: true, truncate: true }
  }
}

function redirect(
  sh: Shell,
  target: Target,
  saved: [number, number][],
  keep: boolean,
  opened: number | undefined,
): void {
  const { p } = sh
  const { op, text, variable } = target
  if (variable !== undefined && text === '-') {
    closeQuietly(sh, Number(getVariable(sh.state, variable)?.value ?? -1))
    return
  }
  const fd = variable === undefined ? target.fd : freeFrom(sh, keptFrom)
  if (variable !== undefined) setVariable(sh.state, variable, String(fd))
  if ((op === '>&' || op === '<&') && /^(\d+|-)$/.test(text)) {
    if (!keep && variable === undefined) keepCopy(sh, fd, saved)
    if (text === '-') closeQuietly(sh, fd)
    else {
      try {
        p.dup2(Number(text), fd)
      } catch (error) {
        if (isErrno(error)) throw new CommandError(`${text}: ${error.message}`, sh.dialect === 'dash' ? 2 : 1, false)
        throw error
      }
    }
    return
  }
  let file: number
  if (op === '<<' || op === '<<<') file = hereDocument(sh, text)
  else if (opened !== undefined) file = opened
  else {
    try {
      const flags = flagsOf(sh, op)
      file = flags.exclusive && isDevice(sh, text) ? p.open(text, { write: true }) : p.open(text, flags, 0o666)
    } catch (error) {
      if (isErrno(error)) throw cannotOpen(sh, target, error.code, error.message)
      throw error
    }
  }
  const both = op === '&>' || op === '&>>' || (op === '>&' && fd === 1)
  if (!keep && variable === undefined) keepCopy(sh, fd, saved)
  if (both && !keep) keepCopy(sh, 2, saved)
  if (file !== fd) {
    p.dup2(file, fd)
    p.close(file)
  }
  if (both) p.dup2(fd, 2)
}

function freeFrom(sh: Shell, first: number): number {
  const open = new Set(sh.p.fdList())
  let fd = first
  while (open.has(fd)) fd++
  return fd
}

/** With noclobber, what is no ordinary file may still be written to. */
function isDevice(sh: Shell, path: string): boolean {
  try {
    return sh.p.stat(path).type !== 'file'
  } catch {
    return false
  }
}

function keepCopy(sh: Shell, fd: number, saved: [number, number][]): void {
  if (saved.some(([known]) => known === fd)) return
  try {
    const copy = sh.p.dup(fd, keptFrom)
    sh.p.setCloexec(copy, true)
    saved.push([fd, copy])
  } catch (error) {
    if (!isErrno(error, 'EBADF')) throw error
    saved.push([fd, -1])
  }
}

function closeQuietly(sh: Shell, fd: number): void {
  try {
    sh.p.close(fd)
  } catch (error) {
    if (!isErrno(error)) throw error
  }
}

/** A pipe that holds the text; what is too long for one is written by a child. */
function hereDocument(sh: Shell, text: string): number {
  const { p } = sh
  const [read, write] = p.pipe()
  if (text.length <= pipeRoom) p.writeNow(write, Buffer.from(text, 'latin1'))
  else sh.fork([{ k: 'write', fd: 1, text }], { fds: new Map([[1, write]]) })
  p.close(write)
  return read
}

function cannotOpen(sh: Shell, target: Target, code: string, message: string): CommandError {
  const reading = target.op === '<'
  if (sh.dialect === 'bash')
    return new CommandError(
      `${target.text}: ${code === 'EEXIST' ? 'cannot overwrite existing file' : message}`,
      1,
      false,
    )
  const missing = reading ? 'no such file' : 'nonexistent directory'
  const reason =
    code === 'ENOENT'
      ? sh.dialect === 'dash'
        ? reading
          ? 'No such file'
          : 'Directory nonexistent'
        : missing
      : code === 'EEXIST'
        ? 'File exists'
        : message
  const verb = sh.dialect === 'dash' ? 'cannot' : "can't"
  return new CommandError(
    `${verb} ${reading ? 'open' : 'create'} ${target.text}: ${reason}`,
    sh.dialect === 'dash' ? 2 : 1,
    false,
  )
}
