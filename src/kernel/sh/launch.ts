/** Programs: where their files are, and how they are started or take the shell's place. */
import { isErrno } from '../../vfs/errno.ts'
import type { Block, Env, Json, SpawnRequest } from '../program.ts'
import { findProgram } from '../userland/lib/spawn.ts'
import { CommandError, forkFailed, jobSignals, type Shell } from './machine.ts'
import { environment, exported, type Frame, getVariable, type ShellState } from './state.ts'

/** Makes a process group the terminal's foreground; the shell's own by default. */
export function takeTerminal(sh: Shell, pgid = sh.p.pgid): void {
  try {
    sh.p.tcsetpgrp(0, pgid)
  } catch {
    // No terminal.
  }
}

/** Waits for a command in the foreground: at a terminal, until it ends or is stopped. */
export const waitFor = (sh: Shell, pid: number): Block => ({
  op: 'wait',
  pid,
  ...(sh.state.interactive && { untraced: true }),
})

/** Starts a program, or replaces the shell by it where nothing is left to do. */
export function execute(
  sh: Shell,
  frame: Frame,
  words: string[],
  assigned: readonly [string, string][],
): Block | undefined {
  const { p, state } = sh
  const [name = ''] = words
  const env = environment(sh, assigned)
  let path: string
  try {
    path = locate(sh, name, env)
  } catch (error) {
    if (!isErrno(error)) throw error
    throw notRunnable(sh, name, error.code)
  }
  const alone =
    frame.last === true &&
    state.frames.every(each => each === frame || each.k === 'source') &&
    Object.values(state.traps).every(text => text === '')
  if (alone && isProgram(sh, path)) {
    for (const [, copy] of (frame.saved ?? []) as [number, number][]) if (copy >= 0) p.close(copy)
    return { op: 'exec', path, argv: words, env }
  }
  const request = {
    path,
    argv: words,
    env,
    fds: sh.descriptors(),
    ...(state.interactive && { pgid: 0, unignore: jobSignals }),
  }
  try {
    frame.pid = spawn(sh, name, request)
  } catch (error) {
    if (!isErrno(error)) throw error
    if (error.code === 'ENOEXEC') frame.pid = runText(sh, path, words)
    else throw forkFailed(sh.dialect, error.code) ?? notRunnable(sh, name, error.code)
  }
  if (state.interactive) takeTerminal(sh, frame.pid as number)
  frame.pc = 3
  return waitFor(sh, frame.pid as number)
}

/** Starts a program; one whose file has gone from where it was is looked for again. */
function spawn(sh: Shell, name: string, request: SpawnRequest): number {
  try {
    return sh.p.spawn(request)
  } catch (error) {
    if (!isErrno(error) || error.code !== 'ENOENT' || name.includes('/')) throw error
    forgetLocation(sh, name)
    return sh.p.spawn({ ...request, path: locate(sh, name, request.env) })
  }
}

/** Whether exec would work, so that the shell may let go of itself. */
function isProgram(sh: Shell, path: string): boolean {
  try {
    if (!sh.p.access(path, { execute: true })) return false
    const fd = sh.p.open(path, { read: true })
    const head = sh.readFile(fd, 4)
    sh.p.close(fd)
    return head.startsWith('\x7fELF')
  } catch {
    return false
  }
}

/**
 * Where a command's file is, as the shell's own PATH says. What was found is remembered, as shells do (`hash`).
 * Throws ENOENT or EACCES.
 */
export function locate(sh: Shell, name: string, env: Env = exported(sh.state)): string {
  const path = env.get('PATH') ?? getVariable(sh.state, 'PATH')?.value ?? '/sbin:/usr/sbin:/bin:/usr/bin'
  if (name.includes('/') || name === '') return name
  const { state } = sh
  if (state.hashed?.path !== path) state.hashed = { path, files: {} }
  const known = state.hashed.files[`$${name}`]
  if (known !== undefined) return known
  const found = findApplet(sh, name) ?? findProgram(sh.p, name, path)
  state.hashed.files[`$${name}`] = found
  return found
}

/**
 * Debian's busybox (1.35, a real one has no marker) takes its own commands before those of PATH, whatever that is.
 */
const prefersApplets = (sh: Shell): boolean =>
  sh.dialect === 'busybox' && (sh.p.marker['version'] ?? '1.35').startsWith('1.35')

/** Where busybox's own command of a name is linked. */
function findApplet(sh: Shell, name: string): string | undefined {
  if (!prefersApplets(sh)) return undefined
  return ['/bin', '/sbin', '/usr/bin', '/usr/sbin'].map(folder => `${folder}/${name}`).find(path => isApplet(sh, path))
}

/** Whether a file is the busybox that the shell is, which then goes by the command's name alone. */
export function isApplet(sh: Shell, path: string): boolean {
  if (!prefersApplets(sh)) return false
  try {
    return sh.p.stat(path).ino === sh.p.stat(sh.p.exe).ino && sh.p.device(path) === sh.p.device(sh.p.exe)
  } catch {
    return false
  }
}

/** Forgets where a command was, or all of them. */
export function forgetLocation(sh: Shell, name?: string): void {
  if (name === undefined) delete sh.state.hashed
  else delete sh.state.hashed?.files[`$${name}`]
}

function notRunnable(sh: Shell, name: string, code: string): CommandError {
  const missing = code === 'ENOENT' || code === 'ENOTDIR'
  if (name === '' && sh.dialect !== 'bash') return new CommandError(': Permission denied', 127, false)
  if (sh.dialect === 'bash') {
    if (missing)
      return new CommandError(
        `${name}: ${name.includes('/') ? 'No such file or directory' : 'command not found'}`,
        127,
        false,
      )
    return new CommandError(`${name}: ${isFolder(sh, name) ? 'Is a directory' : 'Permission denied'}`, 126, false)
  }
  return new CommandError(
    `${name}: ${missing ? 'not found' : code === 'ENOEXEC' ? 'Exec format error' : 'Permission denied'}`,
    missing ? 127 : 126,
    false,
  )
}

export function isFolder(sh: Shell, path: string): boolean {
  try {
    return sh.p.stat(path).type === 'dir'
  } catch {
    return false
  }
}

/** A text file without `#!` is run by a shell of its own. */
function runText(sh: Shell, path: string, words: readonly string[]): number {
  const child: ShellState = {
    ...sh.state,
    frames: [{ k: 'source', source: 0, at: 0, kind: 'script', c: false, line: 1 }],
    args: words.slice(1),
    arg0: words[0] ?? path,
    script: true,
    jobs: [],
    functions: {},
    traps: {},
    subshell: true,
    interactive: false,
    sources: { 0: readAll(sh, path) },
    nextSource: 1,
  }
  return sh.p.fork(structuredClone(child) as unknown as Json, {
    fds: sh.descriptors(),
    argv: ['sh', ...words],
    ...(sh.state.interactive && { pgid: 0, unignore: jobSignals }),
  })
}

/** A script's text: files are read whole. */
export function readAll(sh: Shell, path: string): string {
  const fd = sh.p.open(path, { read: true })
  try {
    const { size } = sh.p.fstat(fd)
    return sh.readFile(fd, size)
  } finally {
    sh.p.close(fd)
  }
}

const signalTexts: Record<string, string> = {
  HUP: 'Hangup',
  QUIT: 'Quit',
  ILL: 'Illegal instruction',
  TRAP: 'Trace/breakpoint trap',
  ABRT: 'Aborted',
  BUS: 'Bus error',
  FPE: 'Floating point exception',
  KILL: 'Killed',
  SYS: 'Bad system call',
  USR1: 'User defined signal 1',
  SEGV: 'Segmentation fault',
  USR2: 'User defined signal 2',
  ALRM: 'Alarm clock',
  TERM: 'Terminated',
  XFSZ: 'File size limit exceeded',
}

/** What is printed for a signal that ended a command; '' for those that are taken for granted. */
export const signalText = (signal: string): string => signalTexts[signal] ?? ''

/** Says what signal ended a child that was waited for; bash does so at a terminal only. */
export function tellSignal(sh: Shell, signal: string): void {
  const text = sh.dialect === 'bash' && !sh.state.interactive ? '' : signalText(signal)
  if (text !== '') sh.write(2, `${text}\n`)
}
