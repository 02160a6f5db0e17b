/**
 * Binaries that compilers of the simulation make. Such a file is a placeholder of a real binary's size:
 *
 *     \x7fELFminidock-program: compiled language=go version=go1.22.12 arch=amd64 libc=none
 *     minidock-compiled: {"language":"go","sources":{"main.go":"package main ..."}}
 *     zeros
 *
 * The first line is the marker that every placeholder has (docs/catalogue.md, "Programs"); `libc` says which C library a
 * dynamically linked one needs: `none` is static. The second line is the record: what the program does, for the language's
 * model. Go's is its source, which is run as it is; other languages have what was found in theirs: lines that are
 * printed, a port, routes and answers.
 */
import type { CoroutineProgram, Json, Proc, Routine } from '../../kernel/program.ts'
import { toBytes } from '../../kernel/userland/lib/bytes.ts'
import { library } from '../compiled/go/library.ts'
import { emptyProgram, parseFile } from '../compiled/go/parse.ts'
import { GoExit, GoPanic, Machine, NotModelled } from '../compiled/go/run.ts'
import { show } from '../compiled/go/values.ts'
import { type PlainRecord, runPlain } from '../compiled/plain.ts'

export interface GoRecord {
  language: 'go'
  sources: Record<string, string>
  /** Path of its module. */
  module: string
}

export type CompiledRecord = GoRecord | PlainRecord

export interface Target {
  /** As the marker says it: `go1.22.12`, `rustc-1.87.0`. */
  version: string
  /** `amd64`, `arm64`. */
  arch: string
  libc: 'none' | 'glibc' | 'musl'
}

const recordStart = 'minidock-compiled: '

/** The bytes of a binary, as a byte string, before the zeros. */
export function compiledText(record: CompiledRecord, target: Target): string {
  const marker = `\x7fELFminidock-program: compiled language=${record.language} version=${target.version} arch=${target.arch} libc=${target.libc}\n`
  return `${marker}${recordStart}${Buffer.from(JSON.stringify(record)).toString('latin1')}\n`
}

/** The record in a binary's text; undefined when it has none. */
export function recordIn(text: string): CompiledRecord | undefined {
  const start = text.indexOf(recordStart)
  if (start < 0) return undefined
  const end = text.indexOf('\n', start)
  try {
    return JSON.parse(
      Buffer.from(text.slice(start + recordStart.length, end < 0 ? undefined : end), 'latin1').toString('utf8'),
    ) as CompiledRecord
  } catch {
    return undefined
  }
}

/** Reads the record of the file that a process executes: the head of it, up to the zeros. */
function* readRecord(p: Proc): Routine<CompiledRecord | undefined> {
  const fd = p.open(p.exe, { read: true })
  const parts: Buffer[] = []
  for (;;) {
    const part = Buffer.from((yield { op: 'read', fd, length: 65_536 }) as Uint8Array)
    if (part.length === 0) break
    const zero = part.indexOf(0)
    parts.push(zero < 0 ? part : part.subarray(0, zero))
    if (zero >= 0) break
  }
  p.close(fd)
  return recordIn(Buffer.concat(parts).toString('latin1'))
}

export const program: CoroutineProgram = {
  kind: 'coroutine',
  name: 'compiled',
  *main(p, saved) {
    if (saved !== undefined) {
      const { record, state } = saved as unknown as { record: CompiledRecord; state: Json }
      return record.language === 'go' ? yield* runGo(p, record, state) : yield* runPlain(p, record, state)
    }
    const record = yield* readRecord(p)
    if (!record) {
      yield { op: 'write', fd: 2, data: toBytes(`minidock: ${p.exe}: a compiled program without its record\n`) }
      return 126
    }
    return record.language === 'go' ? yield* runGo(p, record, undefined) : yield* runPlain(p, record, undefined)
  },
}

/** Runs Go source in this process; the exit status. Also what `go run` does. */
export function* runGo(p: Proc, record: GoRecord, saved: Json | undefined): Routine<number> {
  const tree = emptyProgram()
  for (const name of Object.keys(record.sources).sort()) parseFile(record.sources[name] ?? '', tree)
  const checkpoint = p.checkpoint.bind(p)
  p.checkpoint = state => checkpoint({ record: record as unknown as Json, state })
  const machine = new Machine(p, tree, library, record.module)
  try {
    yield* saved === undefined ? machine.main() : machine.resume(saved)
    return 0
  } catch (error) {
    if (error instanceof GoExit) return error.status
    if (error instanceof GoPanic) {
      const runtime =
        typeof error.value === 'object' &&
        error.value !== null &&
        error.value.t === 'err' &&
        error.value.m.startsWith('runtime error')
      const words =
        typeof error.value === 'object' && error.value !== null && error.value.t === 'err' && !runtime
          ? `&errors.errorString{s:${JSON.stringify(error.value.m)}}`
          : show(error.value)
      yield {
        op: 'write',
        fd: 2,
        data: toBytes(
          Buffer.from(
            `panic: ${words}\n\ngoroutine 1 [running]:\nmain.main()\n\t/app/main.go\nexit status 2\n`,
          ).toString('latin1'),
        ),
      }
      return 2
    }
    if (error instanceof NotModelled) {
      yield {
        op: 'write',
        fd: 2,
        data: toBytes(
          Buffer.from(
            `minidock: this Go program uses ${error.message}, which is not modelled (docs/programs.md says what is)\n`,
          ).toString('latin1'),
        ),
      }
      return 126
    }
    if (error instanceof RangeError) {
      yield {
        op: 'write',
        fd: 2,
        data: toBytes('runtime: goroutine stack exceeds 1000000000-byte limit\nfatal error: stack overflow\n'),
      }
      return 2
    }
    throw error
  }
}
