/** awk's input records, and its files and pipes by name. */
import { isErrno } from '../../../vfs/errno.ts'
import type { Proc, Routine } from '../../program.ts'
import { Claim, openInput, readChunk } from '../lib/input.ts'
import { Out } from '../lib/out.ts'
import { exitCode, waitFor } from '../lib/spawn.ts'
import { awkRegex } from './regex.ts'

/** Records of one descriptor, separated as RS says at each read. */
export class RecordReader {
  readonly fd: number
  private buffer = ''
  private ended = false
  /** Memory for a record that does not end. */
  private readonly claim: Claim
  private started = false

  constructor(p: Proc, fd: number) {
    this.fd = fd
    this.claim = new Claim(p)
  }

  /** The next record; undefined at the end. */
  *next(separator: string): Routine<string | undefined> {
    if (separator.length === 1) return yield* this.nextUntil(separator)
    if (separator === '') yield* this.skipNewlines()
    // A long text without a separator is looked at again only when it has doubled.
    let enough = 0
    for (;;) {
      const found = this.buffer.length > enough || this.ended ? this.find(separator) : undefined
      if (found) {
        const record = this.buffer.slice(0, found[0])
        this.buffer = this.buffer.slice(found[1])
        return record
      }
      if (this.ended) break
      if (this.buffer.length > 1_000_000) enough = this.buffer.length * 2
      const part = yield* readChunk(this.fd)
      this.ended = part === ''
      this.buffer += part
      if (enough > 0) this.claim.add(part.length)
    }
    if (this.buffer === '') return undefined
    const record = separator === '' ? this.buffer.replace(/\n+$/, '') : this.buffer
    this.buffer = ''
    return record
  }

  private *nextUntil(separator: string): Routine<string | undefined> {
    const ready = this.buffer.indexOf(separator)
    if (ready !== -1) {
      const record = this.buffer.slice(0, ready)
      this.buffer = this.buffer.slice(ready + 1)
      return record
    }
    const parts = [this.buffer]
    this.buffer = ''
    while (!this.ended) {
      const part = yield* readChunk(this.fd)
      this.ended = part === ''
      const end = part.indexOf(separator)
      if (end !== -1) {
        parts.push(part.slice(0, end))
        this.buffer = part.slice(end + 1)
        return parts.join('')
      }
      parts.push(part)
      if (parts.length > 16) this.claim.add(part.length)
    }
    const last = parts.join('')
    return last === '' ? undefined : last
  }

  private find(separator: string): readonly [number, number] | undefined {
    if (this.buffer === '') return undefined
    const match = awkRegex(separator === '' ? '\n\n+' : separator).find(this.buffer)
    if (!match || match[1] === match[0]) return undefined
    // A separator at the end of what was read could go on.
    return match[1] === this.buffer.length && !this.ended ? undefined : match
  }

  private *skipNewlines(): Routine<void> {
    if (this.started && this.buffer !== '' && !this.buffer.startsWith('\n')) return
    this.started = true
    for (;;) {
      this.buffer = this.buffer.replace(/^\n+/, '')
      if (this.buffer !== '' || this.ended) return
      const part = yield* readChunk(this.fd)
      this.ended = part === ''
      this.buffer = part
    }
  }
}

interface Stream {
  reader: RecordReader | undefined
  out: Out | undefined
  /** The command behind a pipe. */
  pid: number | undefined
}

export class Streams {
  private readonly p: Proc
  private readonly stdout: Out
  private readonly streams = new Map<string, Stream>()

  constructor(p: Proc, stdout: Out) {
    this.p = p
    this.stdout = stdout
  }

  /** Where `print > path` or `print | command` writes. Throws Errno. */
  output(mode: '>' | '>>' | '|', name: string): Out {
    if (mode !== '|' && (name === '/dev/stdout' || name === '-')) return this.stdout
    const key = `${mode === '|' ? '|' : '>'}${name}`
    const stream = this.streams.get(key)
    if (stream?.out) return stream.out
    if (mode === '|') return this.startWriter(key, name)
    const fd =
      name === '/dev/stderr'
        ? 2
        : this.p.open(name, { write: true, create: true, append: mode === '>>', truncate: mode === '>' }, 0o666)
    const out = new Out(fd)
    this.streams.set(key, { reader: undefined, out, pid: undefined })
    return out
  }

  private startWriter(key: string, command: string): Out {
    const [readEnd, writeEnd] = this.p.pipe()
    this.p.setCloexec(writeEnd, true)
    const pid = this.shell(
      command,
      new Map([
        [0, readEnd],
        [1, 1],
        [2, 2],
      ]),
    )
    this.p.close(readEnd)
    const out = new Out(writeEnd)
    this.streams.set(key, { reader: undefined, out, pid })
    return out
  }

  /** The records of a file or of a command's output. Throws Errno. */
  *reader(from: 'file' | 'command', name: string): Routine<RecordReader> {
    const key = `${from === 'file' ? '<' : '='}${name}`
    const stream = this.streams.get(key)
    if (stream?.reader) return stream.reader
    if (from === 'file') {
      const reader = new RecordReader(this.p, yield* openInput(name === '/dev/stdin' ? '-' : name))
      this.streams.set(key, { reader, out: undefined, pid: undefined })
      return reader
    }
    yield* this.flush()
    const [readEnd, writeEnd] = this.p.pipe()
    this.p.setCloexec(readEnd, true)
    const pid = this.shell(
      name,
      new Map([
        [0, 0],
        [1, writeEnd],
        [2, 2],
      ]),
    )
    this.p.close(writeEnd)
    const reader = new RecordReader(this.p, readEnd)
    this.streams.set(key, { reader, out: undefined, pid })
    return reader
  }

  private shell(command: string, fds: ReadonlyMap<number, number>): number {
    return this.p.spawn({ path: '/bin/sh', argv: ['sh', '-c', command], fds })
  }

  /** system(): the command's status. */
  *system(command: string): Routine<number> {
    yield* this.flush()
    const pid = this.shell(
      command,
      new Map([
        [0, 0],
        [1, 1],
        [2, 2],
      ]),
    )
    return exitCode(yield* waitFor(pid))
  }

  /** Closes all streams of a name; -1 when there is none, otherwise the status of a pipe's command. */
  *close(name: string): Routine<number> {
    let status = -1
    for (const mark of ['>', '|', '<', '=']) {
      const stream = this.streams.get(mark + name)
      if (!stream) continue
      this.streams.delete(mark + name)
      status = yield* this.end(stream)
    }
    return status
  }

  private *end({ reader, out, pid }: Stream): Routine<number> {
    if (out) {
      yield* out.flush()
      if (out.fd > 2) this.p.close(out.fd)
    }
    if (reader && reader.fd > 2) this.p.close(reader.fd)
    if (pid === undefined) return 0
    return exitCode(yield* waitFor(pid))
  }

  *flush(): Routine<void> {
    yield* this.stdout.flush()
    for (const { out } of this.streams.values()) if (out) yield* out.flush()
  }

  /** At the end of the program. */
  *closeAll(): Routine<void> {
    yield* this.stdout.flush()
    for (const stream of this.streams.values()) {
      try {
        yield* this.end(stream)
      } catch (error) {
        if (!isErrno(error)) throw error
      }
    }
  }
}
