/**
 * Progress of pull, push, load and import: what the engine sends as messages, drawn as Docker draws it: a line for
 * each id that is rewritten on a terminal, plain lines without bars elsewhere (moby jsonmessage).
 */
import type { ProgressMessage } from '../../../api/image.ts'
import type { CliContext, Output } from '../../command.ts'
import { humanSize } from '../units.ts'

export interface PullOptions {
  /** Show nothing (errors still end it). */
  quiet?: boolean
  /** Where it is drawn; standard output if absent. */
  to?: Output
}

/**
 * Shows the messages as they come, and returns those with results (`aux`).
 * @throws Error with the words of a message that is an error
 */
export async function showPull(
  ctx: Pick<CliContext, 'out'>,
  messages: AsyncIterable<ProgressMessage>,
  options: PullOptions = {},
): Promise<Record<string, unknown>[]> {
  const out = options.to ?? ctx.out
  const results: Record<string, unknown>[] = []
  const lines = new Map<string, number>()
  for await (const message of messages) {
    if (message.aux) {
      results.push(message.aux)
      continue
    }
    if (message.error !== undefined) throw new Error(message.error)
    if (options.quiet) continue
    const text = out.isTTY ? onTerminal(message, lines, out.columns) : plain(message)
    if (text !== '') out.write(text)
  }
  return results
}

const hasBar = ({ progressDetail: detail }: ProgressMessage): boolean =>
  detail !== undefined && ((detail.current ?? 0) > 0 || (detail.total ?? 0) > 0)

function plain(message: ProgressMessage): string {
  if (hasBar(message)) return ''
  return body(message)
}

const body = (message: ProgressMessage): string => {
  if (message.stream !== undefined) return message.stream
  return `${message.id ? `${message.id}: ` : ''}${message.status ?? ''}\n`
}

/** Moves to the line of the message's id, rewrites it, and moves back below the last. */
function onTerminal(message: ProgressMessage, lines: Map<string, number>, columns: number): string {
  if (!message.id || !message.progressDetail) {
    lines.clear()
    return body(message)
  }
  let start = ''
  let line = lines.get(message.id)
  if (line === undefined) {
    line = lines.size
    lines.set(message.id, line)
    start = '\n'
  }
  const up = lines.size - line
  const bar = hasBar(message) ? ` ${progressBar(message.progressDetail, columns)}` : ''
  return `${start}\x1b[${up}A\x1b[2K\r${message.id}: ${message.status ?? ''}${bar}\r\x1b[${up}B`
}

/** `[====>      ]  1.2MB/3.4MB`; without the bar where the terminal is narrow. */
export function progressBar(detail: { current?: number; total?: number }, columns: number): string {
  const { current = 0, total = 0 } = detail
  const shown = humanSize(current).padStart(8)
  if (total <= 0) return shown
  const done = Math.min(50, Math.floor(Math.floor((current / total) * 100) / 2))
  const box = columns > 110 ? `[${'='.repeat(done)}>${' '.repeat(50 - done)}] ` : ''
  return current > total ? box + shown : `${box}${shown}/${humanSize(total)}`
}
