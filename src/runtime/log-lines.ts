/** From frames to the lines of `docker logs`, as the json-file driver cuts them. */
import type { StreamFrame } from './stream-log.ts'

/** A line that is longer than this is logged in pieces (moby daemon/logger/copier.go). */
const pieceSize = 16 * 1024
const newline = 10

/** A logged line with its newline (none at the end of a piece), and the time of its end. */
export type LogLine = StreamFrame

/**
 * Lines in the order in which they were completed, each stream on its own. `flush` also gives what stands
 * unfinished at the end, as the driver does once the process has ended.
 */
export class LineCutter {
  #rest: Record<StreamFrame['stream'], Buffer> = { stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) }
  #lastTime = 0;

  *cut(frame: StreamFrame): Generator<LogLine> {
    const { stream, time } = frame
    this.#lastTime = time
    const rest = this.#rest[stream]
    let data: Buffer = Buffer.from(frame.data.buffer, frame.data.byteOffset, frame.data.length)
    if (rest.length > 0) data = Buffer.concat([rest, data])
    let at = 0
    for (;;) {
      const end = data.indexOf(newline, at)
      const next = end < 0 ? data.length : end + 1
      while (next - at > pieceSize) {
        yield { stream, time, data: data.subarray(at, at + pieceSize) }
        at += pieceSize
      }
      if (end < 0) break
      yield { stream, time, data: data.subarray(at, next) }
      at = next
    }
    this.#rest[stream] = Buffer.from(data.subarray(at))
  }

  *flush(): Generator<LogLine> {
    for (const stream of ['stdout', 'stderr'] as const) {
      const rest = this.#rest[stream]
      if (rest.length > 0) yield { stream, time: this.#lastTime, data: rest }
      this.#rest[stream] = Buffer.alloc(0)
    }
  }
}
