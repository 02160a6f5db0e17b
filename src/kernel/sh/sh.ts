/** sh, ash, dash and bash: one shell, in three dialects. See machine.ts for how it runs. */
import { isErrno } from '../../vfs/errno.ts'
import type { Json, MachineProc, MachineProgram } from '../program.ts'
import { builtinsOf } from './builtins/index.ts'
import { isOption, optionLetter } from './builtins/options.ts'
import { type Dialect, dialectOf } from './dialect.ts'
import { handlers } from './frames/index.ts'
import { jobSignals, Shell } from './machine.ts'
import type { Frame, ShellState } from './state.ts'

const shells = new WeakMap<MachineProc, Shell>()

export const program: MachineProgram = {
  kind: 'machine',
  name: 'sh',
  start: p => startState(p) as unknown as Json,
  step(p, state, answer) {
    let shell = shells.get(p)
    if (!shell || shell.state !== (state as unknown as ShellState)) {
      shell = new Shell(p, state as unknown as ShellState, handlers, builtinsOf)
      shells.set(p, shell)
    }
    return shell.step(answer)
  },
}

/** Reads the command line: `-c TEXT`, a script, or commands from standard input. */
function startState(p: MachineProc): ShellState {
  const dialect = dialectOf(p.name, p.flavour, p.marker.program)
  const args = [...p.argv.slice(1)]
  let options = ''
  let text: string | undefined
  let wantsText = false
  let fromInput = false
  let forced = false
  let pipefail = false
  let wrong: { text: string; status: number } | undefined
  while (args[0] !== undefined && /^[-+]./.test(args[0]) && !wrong) {
    const word = args.shift() ?? ''
    if (word === '--') break
    if (word.startsWith('--')) continue
    for (const letter of word.slice(1)) {
      if (letter === 'c') wantsText = true
      else if (letter === 's') fromInput = true
      else if (letter === 'i') forced = true
      else if (letter === 'o') {
        const name = args.shift() ?? ''
        const known = name === 'pipefail' ? '' : optionLetter(name)
        if (known === undefined) wrong = badOption(dialect, p.name, `${word[0]}o`, name)
        else if (name === 'pipefail') pipefail = word.startsWith('-')
        else options += known
      } else if (!isOption(letter, dialect)) wrong = badOption(dialect, p.name, `${word[0]}${letter}`, undefined)
      else if (letter !== 'l') options = word.startsWith('-') ? options + letter : options.replaceAll(letter, '')
    }
  }
  if (wantsText && args.length === 0 && !wrong) wrong = noText(dialect, p.name)
  if (wantsText) {
    text = args.shift() ?? ''
    options += 'c'
  } else if (fromInput || args.length === 0) options += 's'
  const called = p.argv[0] ?? p.name
  const script = text === undefined && !fromInput ? args.shift() : undefined
  const arg0 = text !== undefined ? (args.shift() ?? called) : (script ?? called)
  const interactive = forced || (text === undefined && script === undefined && p.isatty(0) && p.isatty(2))
  const state: ShellState = {
    v: 1,
    frames: [],
    vars: {},
    functions: {},
    aliases: {},
    traps: {},
    sources: {},
    nextSource: 1,
    args,
    arg0: dialect === 'busybox' ? arg0 : arg0.replace(/^-/, ''),
    options,
    pipefail,
    status: 0,
    substStatus: 0,
    mainPid: p.pid,
    mainParent: p.ppid,
    lastBackground: 0,
    jobs: [],
    interactive,
    ...(interactive && { atTerminal: true }),
    subshell: false,
    line: 1,
    script: script !== undefined,
    optionIndex: 1,
    optionOffset: 0,
    caught: [],
    exiting: false,
    history: [],
  }
  for (const [name, value] of p.env)
    if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) state.vars[`$${name}`] = { value, exported: true }
  state.vars.$PWD = { value: workingDirectory(p), exported: true }
  state.vars.$OPTIND = { value: '1' }
  state.vars.$IFS = { value: ' \t\n' }
  state.vars.$PS4 = { value: '+ ' }
  if (dialect !== 'bash') {
    const root = p.cred.uid === 0
    state.vars.$PS1 ??= { value: dialect === 'busybox' ? '\\w \\$ ' : root ? '# ' : '$ ' }
    state.vars.$PS2 ??= { value: '> ' }
  } else if (interactive) {
    // Start-up files look at it: Debian's return at once where it is empty.
    state.vars.$PS1 ??= { value: '\\s-\\v\\$ ' }
    state.vars.$PS2 ??= { value: '> ' }
  }
  state.vars.$PATH ??= {
    value:
      dialect === 'busybox'
        ? '/sbin:/usr/sbin:/bin:/usr/bin'
        : '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  }
  if (dialect === 'bash') {
    bashVariables(p, state)
    const depth = Number(state.vars.$SHLVL?.value ?? 0)
    state.vars.$SHLVL = { value: String(depth + 1), exported: true }
  } else state.vars.$SHLVL = { value: String(Number(state.vars.$SHLVL?.value ?? 0) + 1), exported: true }
  if (wrong) {
    state.status = wrong.status
    state.frames.push({ k: 'write', fd: 2, text: wrong.text })
    return state
  }
  state.frames.push(firstFrame(p, state, text, script))
  if (interactive)
    for (const signal of ['INT', ...jobSignals]) p.sigaction(signal, signal === 'INT' ? 'catch' : 'ignore')
  return state
}

function firstFrame(p: MachineProc, state: ShellState, text: string | undefined, script: string | undefined): Frame {
  if (text !== undefined) {
    state.sources['0'] = text
    return { k: 'source', source: 0, at: 0, kind: 'command', c: false, line: 1 }
  }
  if (script === undefined) return state.interactive ? { k: 'interactive' } : { k: 'stdin' }
  try {
    const fd = p.open(script, { read: true })
    const { size, type } = p.fstat(fd)
    const data = type === 'dir' ? new Uint8Array(0) : p.readNow(fd, size)
    p.close(fd)
    state.sources['0'] = Buffer.from(data).toString('latin1')
    return { k: 'source', source: 0, at: 0, kind: 'script', c: false, line: 1 }
  } catch (error) {
    if (!isErrno(error)) throw error
    state.status = 127
    state.script = false
    const dialect = dialectOf(p.name, p.flavour, p.marker.program)
    state.status = dialect === 'bash' ? 127 : 2
    const message =
      dialect === 'busybox'
        ? `${p.name}: can't open '${script}': ${error.message}`
        : dialect === 'dash'
          ? `${p.name}: 0: cannot open ${script}: No such file`
          : `${p.name}: ${script}: ${error.message}`
    return { k: 'write', fd: 2, text: `${message}\n` }
  }
}

/** PWD of the environment while it is right, which keeps symlinks as they were written. */
function workingDirectory(p: MachineProc): string {
  const real = p.cwd()
  const given = p.env.get('PWD')
  try {
    if (given?.startsWith('/') && p.realpath(given) === real) return given
  } catch {
    // It names nothing.
  }
  return real
}

type Wrong = { text: string; status: number }

/** What a shell says of an option that it does not have; ash ends with 0 after a wrong name. */
function badOption(dialect: Dialect, name: string, option: string, long: string | undefined): Wrong {
  if (dialect === 'busybox')
    return {
      text: `${name}: illegal option ${option}${long === undefined ? '' : ` ${long}`}\n`,
      status: long === undefined ? 2 : 0,
    }
  if (dialect === 'dash')
    return { text: `${name}: 0: Illegal option ${option}${long === undefined ? '' : ` ${long}`}\n`, status: 2 }
  return long === undefined
    ? { text: `${name}: ${option}: invalid option\n`, status: 2 }
    : { text: `${name}: line 0: ${name}: ${long}: invalid option name\n`, status: 2 }
}

function noText(dialect: Dialect, name: string): Wrong {
  if (dialect === 'busybox') return { text: `${name}: -c requires an argument\n`, status: 2 }
  if (dialect === 'dash') return { text: `${name}: 0: -c requires an argument\n`, status: 2 }
  return { text: `${name}: -c: option requires an argument\n`, status: 2 }
}

/** What bash knows of itself and of the machine. */
function bashVariables(p: MachineProc, state: ShellState): void {
  const version = p.marker.version ?? '5.2.15(1)-release'
  const [, major = '5', minor = '2', patch = '15'] = /^(\d+)\.(\d+)(?:\.(\d+))?/.exec(version) ?? []
  const { machine } = p.uname()
  state.startedAt = p.now()
  const values = {
    BASH: '/bin/bash',
    BASH_VERSION: /^\d+\.\d+\.\d+$/.test(version) ? `${version}(1)-release` : version,
    HOSTNAME: p.uname().nodename,
    HOSTTYPE: machine,
    MACHTYPE: `${machine}-pc-linux-gnu`,
    OSTYPE: 'linux-gnu',
  }
  for (const [name, value] of Object.entries(values)) state.vars[`$${name}`] ??= { value }
  const items = { 0: major, 1: minor, 2: patch, 3: '1', 4: 'release', 5: values.MACHTYPE }
  state.vars.$BASH_VERSINFO = { value: major, items, readonly: true }
  for (const name of ['UID', 'EUID'])
    state.vars[`$${name}`] = { value: String(p.cred.uid), integer: true, readonly: true }
}
