/**
 * What a command is: one file a verb at `commands/<noun>/<verb>.ts` that exports
 * `export const command: Command = { run(ctx, args, flags) { ... } }`. Its name, usage, arity and flags are rows of
 * `tree/<noun>.ts`, its file a line of `loaders.ts`; by the time `run` is called, flags are parsed and the arity is
 * checked.
 */
import type { Clock } from '../clock.ts'
import type { Engine } from '../engine/engine.ts'
import type { Internals } from '../engine/internals.ts'
import type { Flags } from './flags.ts'

export interface Command {
  /**
   * Does the work. Resolves to the exit status (nothing: 0). Errors are thrown: an `EngineError` is printed with the
   * daemon's prefix, a `StatusError` with its own words and status; see `errors.ts`.
   */
  run(ctx: CliContext, args: readonly string[], flags: Flags): Promise<number | undefined> | Promise<void>
}

/** The one handle that a command gets: streams, environment, engine. Nothing else in a command is global. */
export interface CliContext {
  /** The name the program was called by: `docker` through a shim, else `minidock`. For usage lines and hints. */
  readonly name: string
  /** The words of the command as the user typed them: `['container', 'ls']` or `['ps']`. */
  readonly path: readonly string[]
  readonly out: Output
  readonly err: Output
  readonly in: Input
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  /** The flags of the noun, before the verb: compose's `-f`, `-p`, buildx's `--builder`. */
  readonly parent: Flags
  /** The flags before the command: `docker --context x -D ps`. */
  readonly globals: Globals
  /** Compose's `--dry-run`: nothing is to be changed. */
  readonly dryRun?: boolean
  /** Opens the engine on first use (and loads its code only then). */
  engine(): Promise<Engine>
  /** What the engine hides, for `explain`. */
  internals(): Promise<Internals>
  /** The engine's clock, for "2 minutes ago" and waits. */
  clock(): Promise<Clock>
  /** Lets `ms` of a virtual clock's time pass, and what is due then happen. Only for `clock advance`. */
  advance(ms: number): Promise<void>
  /** Calls `handler` for each of the host's signals (SIGINT, SIGTERM, SIGWINCH, ...); returns how to stop. */
  onSignal(signals: readonly NodeJS.Signals[], handler: (signal: NodeJS.Signals) => void): () => void
}

export interface Globals {
  /** Folder of client configuration (`--config`, DOCKER_CONFIG, ~/.docker). */
  readonly config: string
  readonly context: string
  readonly debug: boolean
  readonly host: string
  /** The address of `-H` where it is another engine's: nothing listens there. */
  elsewhere: string
  /** The engine is an ordinary user's (`--rootless`). */
  readonly rootless: boolean
}

/** A stream for people or pipes. A write is complete when it returns; text is UTF-8. */
export interface Output {
  write(data: string | Uint8Array): void
  readonly isTTY: boolean
  /** Width and height of the terminal; 80 x 24 where there is none. */
  readonly columns: number
  readonly rows: number
  /** Whether colours and moving progress are wanted: a terminal, without NO_COLOR or TERM=dumb. */
  readonly colors: boolean
}

export interface Input {
  readonly isTTY: boolean
  /** The bytes as they come; ends at end of input. One reader at a time; leaving the loop early stops reading. */
  read(): AsyncIterable<Uint8Array>
  /** All of the input. */
  readAll(): Promise<Uint8Array>
  /** The next line without its end, or undefined at the end of input. */
  readLine(): Promise<string | undefined>
  /** Raw mode on a terminal (no echo, no line editing); does nothing elsewhere. */
  setRaw(raw: boolean): void
}
