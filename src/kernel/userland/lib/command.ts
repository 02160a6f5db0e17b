/** The frame every command runs in: options, standard output, error lines, exit status. */
import { isErrno } from '../../../vfs/errno.ts'
import type { CoroutineProgram, Json, Proc, Routine } from '../../program.ts'
import { busyboxUsage } from './busybox-usage.generated.ts'
import { toBytes } from './bytes.ts'
import { Failure, UsageError } from './failure.ts'
import { type Options, type OptionTable, type ParseSettings, parseOptions } from './options.ts'
import { Out } from './out.ts'

/** One call of a command. */
export interface Call<T extends OptionTable> {
  readonly p: Proc
  /** Standard output; flushed at the end and before each error line. */
  readonly out: Out
  readonly options: Options<T>
  /** The operands. */
  readonly args: string[]
  readonly gnu: boolean
  /** What the last checkpoint kept. */
  readonly saved: Json | undefined
  /** Writes `NAME: text` to stderr, after what standard output holds. */
  error(text: string): Routine<void>
}

export interface CommandSettings extends Omit<ParseSettings, 'flavour'> {
  /** Exit status of a wrong command line and of a `Failure` without one. Default 1. */
  errorStatus?: number
  /** Busybox's status of a wrong command line where it differs from `errorStatus`. */
  usageStatus?: number
  /** GNU's own status where it differs (ls 2, …). */
  gnuErrorStatus?: number
  /** Least and most operands; otherwise busybox prints its usage and GNU its message. */
  operands?: readonly [least: number, most: number]
  /** The same for the GNU command, where busybox does not mind. */
  gnuOperands?: readonly [least: number, most: number]
  /** GNU's words for no operand at all, where they differ from `missing operand`. */
  missingWords?: string
  /** What GNU prints before `Try …` after a wrong command line. */
  gnuUsage?: string
  /** GNU diff and cmp begin that line with their name too. */
  gnuTryNamed?: boolean
  /** argv is handed on as it is: `args` holds everything after the name, nothing is an option. */
  raw?: boolean
  /** Options that are also written without a dash or in another way: rewrites argv first. */
  rewrite?: (args: string[], gnu: boolean) => string[]
}

/** Makes a program of a command's body, which returns the exit status. */
export function command<T extends OptionTable>(
  name: string,
  options: T,
  body: (call: Call<T>) => Routine<number>,
  settings: CommandSettings = {},
): CoroutineProgram {
  return { kind: 'coroutine', name, main: (p, saved) => run(p, saved, options, body, settings) }
}

function* run<T extends OptionTable>(
  p: Proc,
  saved: Json | undefined,
  table: T,
  body: (call: Call<T>) => Routine<number>,
  settings: CommandSettings,
): Routine<number> {
  const gnu = p.flavour === 'gnu'
  // A restart must call nothing that the journal since the checkpoint does not hold.
  const restored = saved as { tty: boolean; state: Json } | undefined
  const tty = restored?.tty ?? p.isatty(1)
  keepInCheckpoints(p, tty)
  const out = new Out(1, { lineBuffered: tty })
  function* error(text: string): Routine<void> {
    yield* out.flush()
    yield { op: 'write', fd: 2, data: toBytes(`${p.name}: ${text}\n`) }
  }
  const status = (gnu ? settings.gnuErrorStatus : undefined) ?? settings.errorStatus ?? 1
  let given = p.argv.slice(1)
  try {
    if (!settings.raw && given.length === 1 && given[0] === '--help') return yield* help(p, gnu)
    if (gnu && !settings.raw && given.includes('--version')) return yield* version(p, out)
    if (settings.rewrite) given = settings.rewrite(given, gnu)
    const options = parseOptions(settings.raw ? ({} as T) : table, settings.raw ? ['--', ...given] : given, {
      ...settings,
      flavour: p.flavour,
    })
    checkCount(
      options.operands,
      (gnu ? settings.gnuOperands : undefined) ?? settings.operands,
      gnu,
      settings.missingWords,
    )
    const code = yield* body({ p, out, options, args: options.operands, gnu, saved: restored?.state, error })
    yield* out.flush()
    return code
  } catch (thrown) {
    if (thrown instanceof UsageError) {
      yield* out.flush()
      if (thrown.message !== '') yield* error(thrown.message)
      yield { op: 'write', fd: 2, data: toBytes(gnu ? tryHelp(p, settings) : usageText(p)) }
      return thrown.status ?? (gnu ? status : (settings.usageStatus ?? status))
    }
    if (thrown instanceof Failure) {
      yield* out.flush()
      if (thrown.message !== '') yield* error(thrown.message)
      return thrown.status ?? status
    }
    // A pattern that is none, or a tree deeper than the simulator can follow.
    if (thrown instanceof RangeError || (thrown instanceof Error && thrown.name === 'RegexError')) {
      yield* error(thrown instanceof RangeError ? 'memory exhausted' : thrown.message)
      return status
    }
    if (!isErrno(thrown)) throw thrown
    // A write that failed cannot be tried again for the sake of the message's order.
    const text = thrown.code === 'EPIPE' || thrown.code === 'ENOSPC' ? `write error: ${thrown.message}` : thrown.message
    yield { op: 'write', fd: 2, data: toBytes(`${p.name}: ${text}\n`) }
    return status
  }
}

/**
 * After a restart `main` must make the very calls that follow the checkpoint: what the frame itself has asked
 * (whether output is a terminal) goes into each checkpoint beside the command's state.
 */
function keepInCheckpoints(p: Proc, tty: boolean): void {
  const checkpoint = p.checkpoint.bind(p)
  // A copy, as commands go on changing their state.
  p.checkpoint = state => checkpoint({ tty, state: copyOf(state) })
}

/** A copy of plain data (`structuredClone` takes ten times as long). */
function copyOf(state: Json): Json {
  if (state === null || typeof state !== 'object') return state
  if (Array.isArray(state)) return state.map(copyOf)
  const copy: { [key: string]: Json } = {}
  for (const key of Object.keys(state)) copy[key] = copyOf(state[key] ?? null)
  return copy
}

function checkCount(
  operands: string[],
  limits: readonly [number, number] | undefined,
  gnu: boolean,
  words: string | undefined,
): void {
  if (!limits) return
  const [least, most] = limits
  if (operands.length < least) {
    if (!gnu) throw new UsageError('')
    const after = operands.at(-1)
    throw new UsageError(after === undefined ? (words ?? 'missing operand') : `missing operand after '${after}'`)
  }
  if (operands.length > most) throw new UsageError(gnu ? `extra operand '${operands[most] ?? ''}'` : '')
}

/** `busybox X --help` prints to stderr and succeeds; GNU prints to stdout. */
function* help(p: Proc, gnu: boolean): Routine<number> {
  yield { op: 'write', fd: gnu ? 1 : 2, data: toBytes(gnu ? `Usage: ${p.name} [OPTION]... [ARG]...\n` : usageText(p)) }
  return 0
}

function* version(p: Proc, out: Out): Routine<number> {
  yield* out.write(`${versionLine(p)}\n`)
  yield* out.flush()
  return 0
}

/** Packages of the GNU project say so; util-linux, procps and gzip have forms of their own. */
function versionLine(p: Proc): string {
  const { package: name = 'coreutils', version: number = '9.1' } = p.marker
  if (name === 'gzip') return `gzip ${number}`
  if (name === 'util-linux') return `${p.name} from util-linux ${number}`
  if (name.startsWith('procps')) return `${p.name} from procps-ng ${number}`
  const gnu = ['coreutils', 'tar', 'findutils', 'grep', 'sed', 'diffutils', 'wget'].includes(name)
  return `${p.name} (${gnu ? `GNU ${name}` : name}) ${number}`
}

function tryHelp(p: Proc, settings: CommandSettings): string {
  const name = settings.gnuTryNamed ? `${p.name}: ` : ''
  return `${settings.gnuUsage ?? ''}${name}Try '${p.name} --help' for more information.\n`
}

/** Busybox's banner and the applet's usage, as after every wrong command line. */
export function usageText(p: Proc): string {
  const usage = busyboxUsage().get(p.name) ?? ''
  return `${busyboxBanner(p)}\n\n${usage === '' ? 'No help available\n' : usage}`
}

/** Whether this is Debian's build of busybox (a real binary that was loaded), which leaves some functions out. */
export const isDebianBusybox = (p: Proc): boolean => p.marker.version === undefined || p.marker.version === '1.35.0'

/** "BusyBox v1.35.0 (Debian 1:1.35.0-4+deb12u1+b1) multi-call binary." */
export function busyboxBanner(p: Proc): string {
  const version = isDebianBusybox(p) ? '1.35.0 (Debian 1:1.35.0-4+deb12u1+b1)' : p.marker.version
  return `BusyBox v${version} multi-call binary.`
}
