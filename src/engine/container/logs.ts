/** GET /containers/{id}/logs. */
import { findRecord, recordIfThere, streamPath } from '../../container/containers.ts'
import { logAttributes } from '../../container/log-attributes.ts'
import { isRunning } from '../../container/record.ts'
import { notImplemented } from '../../errors.ts'
import { LineCutter, type LogLine } from '../../runtime/log-lines.ts'
import { readFrames, readFramesBackwards } from '../../runtime/stream-log.ts'
import type { EngineContext } from '../context.ts'
import type { Frame, LogsOptions } from '../engine.ts'

const readableDrivers = ['json-file', 'local', 'journald']

/** The lines a container has logged, as the json-file driver reads them back. */
export async function* containerLogs(
  ctx: EngineContext,
  reference: string,
  options: LogsOptions = {},
): AsyncGenerator<Frame> {
  if (!options.details) return yield* logLines(ctx, reference, options)
  await ctx.machine.settle()
  const prefix = Buffer.from(`${logAttributes(findRecord(ctx.store, reference))} `)
  for await (const line of logLines(ctx, reference, options))
    yield { ...line, data: Buffer.concat([prefix, line.data]) }
}

async function* logLines(ctx: EngineContext, reference: string, options: LogsOptions): AsyncGenerator<Frame> {
  await ctx.machine.settle()
  const record = findRecord(ctx.store, reference)
  if (!readableDrivers.includes(record.hostConfig.LogConfig.Type))
    throw notImplemented('configured logging driver does not support reading')
  const file = ctx.store.locate(streamPath(record.id))
  const wanted = (line: LogLine): boolean =>
    Boolean(line.stream === 'stdout' ? options.stdout : options.stderr) &&
    (options.since === undefined || line.time >= options.since) &&
    (options.until === undefined || line.time <= options.until)
  const cutter = new LineCutter()
  let at = record.logLength
  const from = options.tail === undefined ? 0 : tailStart(file, at, options.tail)
  const lines: LogLine[] = []
  const keep = (line: LogLine): void => {
    lines.push(line)
    if (options.tail !== undefined && lines.length > options.tail * 2 + 16) lines.splice(0, lines.length - options.tail)
  }
  const ended = !isRunning(record)
  if (options.tail === undefined) {
    for (const frame of readFrames(file, from, at)) for (const line of cutter.cut(frame)) if (wanted(line)) yield line
    if (ended) for (const line of cutter.flush()) if (wanted(line)) yield line
  } else if (options.tail > 0) {
    for (const frame of readFrames(file, from, at)) for (const line of cutter.cut(frame)) keep(line)
    if (ended) for (const line of cutter.flush()) keep(line)
    for (const line of lines.slice(-options.tail)) if (wanted(line)) yield line
  } else for (const frame of readFrames(file, from, at)) for (const _ of cutter.cut(frame));
  if (!options.follow) return
  for (let running = !ended; running && !options.signal?.aborted; ) {
    await ctx.machine.advance(options.signal)
    const current = recordIfThere(ctx.store, record.id)
    running = current !== undefined && isRunning(current)
    if (!current) return
    for (const frame of readFrames(file, at, current.logLength))
      for (const line of cutter.cut(frame)) if (wanted(line)) yield line
    at = current.logLength
    if (!running) for (const line of cutter.flush()) if (wanted(line)) yield line
  }
}

/** Where to begin reading so that the last `count` lines are all found: a whole number of frames from the end. */
function tailStart(file: string, length: number, count: number): number {
  let start = length
  let lines = 0
  for (const frame of readFramesBackwards(file, length)) {
    start -= frame.data.length + 20
    for (const byte of frame.data) if (byte === 10) lines++
    // One line more than asked for, because the first of them may have begun in an earlier frame.
    if (lines > count + 1) break
  }
  return start
}
