/** The terminal's side of an attached process: input, output, signals, size, detach keys. */
import type { AttachOptions, Engine, Session } from '../../../engine/engine.ts'
import type { CliContext } from '../../command.ts'
import { DetachKeys } from './detach-keys.ts'

export interface PumpOptions extends AttachOptions {
  tty: boolean
  detachKeys: string
}

/**
 * Copies both ways until the process ends or the user types the detach keys.
 * @returns whether it was detached from
 */
export async function pump(ctx: CliContext, session: Session, options: PumpOptions): Promise<boolean> {
  const raw = options.tty && options.stdin && ctx.in.isTTY
  const stopSize = options.tty && ctx.out.isTTY ? followSize(ctx, session) : undefined
  let detached = false
  if (raw) ctx.in.setRaw(true)
  const ending = new AbortController()
  const input = options.stdin
    ? feed(ctx, session, raw ? new DetachKeys(options.detachKeys) : undefined, ending.signal).then(async left => {
        if (!left) return
        detached = true
        await session.close()
      })
    : undefined
  // An error of the input side must not go unheard, but the output decides when the session is over.
  input?.catch(() => session.close())
  try {
    for await (const { stream, data } of session.frames)
      (stream === 'stdout' ? ctx.out : ctx.err).write(raw && ctx.out.isTTY ? withoutReturns(data) : data)
  } finally {
    ending.abort()
    stopSize?.()
    if (raw) ctx.in.setRaw(false)
    await session.close()
  }
  return detached
}

/**
 * Output of a terminal for another one: Node leaves the host's in the mode that returns the carriage at a newline, which
 * the container's has done.
 */
function withoutReturns(data: Uint8Array): Uint8Array {
  return data.filter((byte, at) => byte !== 13 || data[at + 1] !== 10)
}

/** Input until its end (closes the process's input), or the detach keys (resolves to true). */
async function feed(
  ctx: CliContext,
  session: Session,
  keys: DetachKeys | undefined,
  signal: AbortSignal,
): Promise<boolean> {
  for await (const data of ctx.in.read()) {
    if (signal.aborted) return false
    const { pass, detach } = keys ? keys.filter(data) : { pass: data, detach: false }
    if (pass.length > 0) await session.write(pass)
    if (detach) return true
  }
  if (!signal.aborted) await session.closeInput()
  return false
}

function followSize(ctx: CliContext, session: Session): () => void {
  const tell = (): void => void session.resize(ctx.out.rows, ctx.out.columns).catch(() => undefined)
  tell()
  return ctx.onSignal(['SIGWINCH'], tell)
}

const proxied: NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2']

/** Hands the host's signals to the container (`--sig-proxy`); returns how to stop. */
export function proxySignals(ctx: CliContext, engine: Engine, id: string): () => void {
  return ctx.onSignal(proxied, signal => {
    engine.containers.kill(id, { signal: signal.replace(/^SIG/, '') }).catch(() => undefined)
  })
}
