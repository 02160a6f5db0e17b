/** The lines sed works on: all files as one stream, or each on its own (-s, -i, which also replaces it). */
import { isErrno } from '../../../vfs/errno.ts'
import type { Proc, Routine } from '../../program.ts'
import { Lines, openInput } from '../lib/input.ts'
import { Out } from '../lib/out.ts'

export interface SedInputOptions {
  separate: boolean
  inPlace: boolean
  /** What is added to the name of the kept original; '' keeps none. `*` stands for the name. */
  suffix: string
  delimiter: string
  gnu: boolean
}

export class SedInput {
  /** Where output goes now. */
  out: Out
  /** The number of the current line. */
  line = 0
  /** Whether the current line ended with a newline. */
  newline = true
  /** The last line written had no newline: what follows begins a new line first. */
  unfinished = false
  file = '-'
  failed = false
  /** One of the files was a directory. */
  directory = false
  private readonly p: Proc
  private readonly files: string[]
  private readonly stdout: Out
  private readonly options: SedInputOptions
  private readonly error: (text: string) => Routine<void>
  private lines: Lines | undefined

  constructor(
    p: Proc,
    files: readonly string[],
    stdout: Out,
    options: SedInputOptions,
    error: (text: string) => Routine<void>,
  ) {
    this.p = p
    this.files = [...files]
    this.stdout = stdout
    this.out = stdout
    this.options = options
    this.error = error
  }

  /** The next line; undefined at the end of all files. */
  *next(): Routine<string | undefined> {
    const line = yield* this.read()
    if (line === undefined) return undefined
    this.line++
    return line
  }

  /** Whether another line follows in the whole input. */
  *more(): Routine<boolean> {
    if (this.lines && (yield* this.lines.more())) return true
    if (this.options.inPlace) return false
    for (;;) {
      if (!(yield* this.advance())) return false
      if (this.lines && (yield* this.lines.more())) return true
    }
  }

  /** Whether the current line is `$`. */
  *isLast(): Routine<boolean> {
    if (this.options.separate) return !(this.lines && (yield* this.lines.more()))
    return !(yield* this.more())
  }

  private *read(): Routine<string | undefined> {
    for (;;) {
      const line = yield* this.readLine()
      if (line !== undefined) {
        this.newline = this.lines?.terminated ?? true
        return line
      }
      if (!(yield* this.advance())) return undefined
    }
  }

  private *readLine(): Routine<string | undefined> {
    try {
      return this.lines && (this.lines.take() ?? (yield* this.lines.next()))
    } catch (error) {
      // Busybox takes a directory for an empty file.
      if (!isErrno(error, 'EISDIR')) throw error
      return undefined
    }
  }

  /** Goes on to the next file; false when there is none. */
  private *advance(): Routine<boolean> {
    yield* this.finish()
    for (;;) {
      const file = this.files.shift()
      if (file === undefined) return false
      try {
        const { gnu, inPlace } = this.options
        if (gnu && file !== '-' && this.p.stat(file).type === 'dir') {
          yield* this.error(
            inPlace ? `couldn't edit ${file}: not a regular file` : `read error on ${file}: Is a directory`,
          )
          this.failed = true
          this.directory = true
          continue
        }
        const fd = yield* openInput(file)
        this.lines = new Lines(this.p, fd, this.options.delimiter)
        this.file = file
        if (this.options.separate) this.line = 0
        if (this.options.inPlace && file !== '-') this.startReplacing(file)
        return true
      } catch (thrown) {
        if (!isErrno(thrown)) throw thrown
        yield* this.error(this.options.gnu ? `can't read ${file}: ${thrown.message}` : `${file}: ${thrown.message}`)
        this.failed = true
      }
    }
  }

  private startReplacing(file: string): void {
    const stat = this.p.stat(file)
    const name = `${file.replace(/[^/]*$/, '')}sed${Buffer.from(this.p.random(3)).toString('hex')}`
    const fd = this.p.open(name, { write: true, create: true, exclusive: true }, 0o600)
    this.p.setattr(name, { uid: stat.uid, gid: stat.gid })
    this.p.setattr(name, { mode: stat.mode })
    this.out = new Out(fd)
    this.replacing = { file, name }
  }

  private replacing: { file: string; name: string } | undefined;

  /** Closes the current file; with -i the new one takes its place. */
  *finish(): Routine<void> {
    if (this.lines && this.lines.fd !== 0) this.p.close(this.lines.fd)
    this.lines = undefined
    const { replacing } = this
    if (!replacing) return
    yield* this.out.flush()
    this.p.close(this.out.fd)
    const { suffix } = this.options
    if (suffix !== '') {
      const base = replacing.file.replace(/^.*\//, '')
      const kept = suffix.includes('*') ? suffix.replaceAll('*', base) : base + suffix
      this.p.rename(
        replacing.file,
        kept.includes('/') ? kept : replacing.file.slice(0, replacing.file.length - base.length) + kept,
      )
    }
    this.p.rename(replacing.name, replacing.file)
    this.replacing = undefined
    this.out = this.stdout
    this.unfinished = false
  }
}
