/** dd: copies in blocks. */
import { isErrno } from '../../vfs/errno.ts'
import type { Json, Proc, Routine } from '../program.ts'
import { toBytes } from './lib/bytes.ts'
import { type Call, command } from './lib/command.ts'
import { type DdSettings, type DdState, parseDd, swab } from './lib/dd-settings.ts'
import { Failure } from './lib/failure.ts'
import { humanSizeGnu } from './lib/human.ts'
import { readBytes } from './lib/input.ts'

/** For the documentation: `dd-settings.ts` reads them. */
export const options: Record<string, string> = {
  files: 'if=FILE of=FILE  from where, to where',
  blocks: 'bs=N ibs=N obs=N count=N skip=N seek=N  sizes, with the suffixes c w b kB K MB M GB G',
  conversions: 'conv=notrunc,sync,noerror,fsync,swab,ucase,lcase,excl,nocreat  changes on the way',
  flags: 'iflag= oflag=fullblock,append,skip_bytes,count_bytes,seek_bytes  how files are used',
  status: 'status=none|noxfer|progress  what is reported',
}

export const program = command(
  'dd',
  options,
  function* (call) {
    const { p, args, gnu } = call
    const settings = parseDd(args, gnu)
    const saved = call.saved as unknown as DdState | null | undefined
    const state = saved ?? {
      input: 0,
      output: 1,
      read: [0, 0],
      written: [0, 0],
      bytes: 0,
      skipped: 0,
      started: p.now(),
    }
    if (!saved) yield* openFiles(call, settings, state)
    let status = 0
    try {
      yield* copy(p, settings, state)
    } catch (thrown) {
      if (!(thrown instanceof WriteFault)) throw thrown
      const to = settings.output ?? 'standard output'
      yield { op: 'write', fd: 2, data: toBytes(`dd: error writing '${to}': ${thrown.message}\n`) }
      status = 1
    }
    if (settings.status !== 'none') yield { op: 'write', fd: 2, data: toBytes(report(p, settings, state, gnu)) }
    return status
  },
  { raw: true },
)

/** Most that is read at once. */
const piece = 1 << 20

function* openFiles({ p, gnu }: Call<typeof options>, settings: DdSettings, state: DdState): Routine<void> {
  const failed = (path: string, thrown: unknown) => {
    if (!isErrno(thrown)) throw thrown
    return new Failure(gnu ? `failed to open '${path}': ${thrown.message}` : `can't open '${path}': ${thrown.message}`)
  }
  p.memory(settings.blockIn + settings.blockOut)
  if (settings.input !== undefined) {
    try {
      state.input = (yield {
        op: 'open',
        path: settings.input,
        flags: { read: true, ...(settings.directIn && { direct: true }) },
        mode: 0,
      }) as number
    } catch (thrown) {
      throw failed(settings.input, thrown)
    }
  }
  if (settings.output !== undefined) {
    const truncate = !settings.conversions.has('notrunc') && settings.seek === 0 && !settings.append
    const flags = {
      write: true,
      create: !settings.conversions.has('nocreat'),
      exclusive: settings.conversions.has('excl'),
      append: settings.append,
      truncate,
      ...(settings.directOut && { direct: true }),
    }
    try {
      state.output = (yield { op: 'open', path: settings.output, flags, mode: 0o666 }) as number
    } catch (thrown) {
      throw failed(settings.output, thrown)
    }
  }
  if (settings.skip > 0) yield* skipInput(p, settings, state)
  if (settings.seek > 0) {
    try {
      p.seek(state.output, settings.seek, 'set')
      if (settings.output !== undefined && !settings.conversions.has('notrunc'))
        p.ftruncate(state.output, settings.seek)
    } catch (thrown) {
      if (!isErrno(thrown)) throw thrown
      throw new Failure(
        gnu
          ? `'${settings.output ?? 'standard output'}': cannot seek: ${thrown.message}`
          : `${settings.output ?? 'standard output'}: ${thrown.message}`,
      )
    }
  }
}

function* skipInput(p: Proc, settings: DdSettings, state: DdState): Routine<void> {
  if (p.fstat(state.input).type === 'file') {
    p.seek(state.input, settings.skip, 'set')
    return
  }
  for (let left = settings.skip; left > 0; ) {
    const data = yield* readBytes(state.input, Math.min(left, 65_536))
    if (data.length === 0) return
    left -= data.length
  }
}

function* copy(p: Proc, settings: DdSettings, state: DdState): Routine<void> {
  let held: Uint8Array = new Uint8Array(0)
  for (;;) {
    const limit = settings.countBytes ? settings.count - state.bytes : settings.blockIn
    if (settings.countBytes ? limit <= 0 : state.read[0] + state.read[1] >= settings.count) break
    if (streams(settings)) {
      if (!(yield* streamBlock(settings, state, Math.min(settings.blockIn, limit)))) break
      p.checkpoint(state as unknown as Json)
      continue
    }
    let data = yield* readBlock(state.input, Math.min(settings.blockIn, limit), settings.fullBlock)
    if (data.length === 0) break
    const full = data.length === settings.blockIn
    state.read[full ? 0 : 1]++
    state.bytes += data.length
    if (!full && settings.conversions.has('sync')) {
      const padded = new Uint8Array(settings.blockIn)
      padded.set(data)
      data = padded
    }
    if (settings.conversions.has('swab')) data = swab(data)
    if (settings.conversions.has('ucase') || settings.conversions.has('lcase')) {
      const upper = settings.conversions.has('ucase')
      data = data.map(code =>
        upper ? (code >= 97 && code <= 122 ? code - 32 : code) : code >= 65 && code <= 90 ? code + 32 : code,
      )
    }
    if (settings.sameBlocks) {
      yield* writeBlock(state, data, settings.blockOut)
      // The files stay open, and everything else is in the state.
      p.checkpoint(state as unknown as Json)
      continue
    }
    held = held.length === 0 ? data : Buffer.concat([held, data])
    while (held.length >= settings.blockOut) {
      yield* writeBlock(state, held.subarray(0, settings.blockOut), settings.blockOut)
      held = held.subarray(settings.blockOut)
    }
  }
  if (held.length > 0) yield* writeBlock(state, held, settings.blockOut)
}

/** Blocks larger than one read go through piece by piece: the process claims the block's memory, minidock does not take it. */
const streams = ({ sameBlocks, blockIn, conversions }: DdSettings): boolean =>
  sameBlocks && blockIn > piece && !['sync', 'swab', 'ucase', 'lcase'].some(one => conversions.has(one))

/** Copies one block; false at the end of the input. */
function* streamBlock(settings: DdSettings, state: DdState, size: number): Routine<boolean> {
  let done = 0
  while (done < size) {
    const wanted = Math.min(piece, size - done)
    const data = yield* readBytes(state.input, wanted)
    if (data.length === 0) break
    yield* writeOut(state, data)
    done += data.length
    // A file or a pipe that gives less has no more for this block.
    if (data.length < wanted && !settings.fullBlock) break
  }
  if (done === 0) return false
  state.bytes += done
  const part = done === settings.blockIn ? 0 : 1
  state.read[part]++
  state.written[part]++
  return true
}

function* readBlock(fd: number, size: number, full: boolean): Routine<Uint8Array> {
  const first = yield* readBytes(fd, size)
  if (!full || first.length === size || first.length === 0) return first
  const parts = [first]
  let length = first.length
  while (length < size) {
    const part = yield* readBytes(fd, size - length)
    if (part.length === 0) break
    parts.push(part)
    length += part.length
  }
  return Buffer.concat(parts)
}

function* writeBlock(state: DdState, data: Uint8Array, size: number): Routine<void> {
  yield* writeOut(state, data)
  state.written[data.length >= size ? 0 : 1]++
}

/** Why the output takes no more. What was read before is told of. */
class WriteFault extends Error {}

function* writeOut(state: DdState, data: Uint8Array): Routine<void> {
  try {
    yield { op: 'write', fd: state.output, data }
  } catch (thrown) {
    throw isErrno(thrown) ? new WriteFault(thrown.message) : thrown
  }
}

function report(p: Proc, settings: DdSettings, state: DdState, gnu: boolean): string {
  const records = `${state.read[0]}+${state.read[1]} records in\n${state.written[0]}+${state.written[1]} records out\n`
  if (!gnu || settings.status === 'noxfer') return records
  const seconds = Math.max(0.0001, (p.now() - state.started) / 1000)
  const { bytes } = state
  const size = bytes < 1000 ? '' : ` (${unitText(bytes, 1000)}${bytes < 1024 ? '' : `, ${unitText(bytes, 1024)}`})`
  const rate = unitText(bytes / seconds, 1000)
  return `${records}${bytes} byte${bytes === 1 ? '' : 's'}${size} copied, ${Number(seconds.toPrecision(6))} s, ${rate}/s\n`
}

function unitText(bytes: number, base: number): string {
  const text = humanSizeGnu(Math.round(bytes), base)
  const unit = /[a-zA-Z]$/.exec(text)?.[0] ?? ''
  return `${text.replace(/[a-zA-Z]$/, '')} ${unit}${base === 1024 && unit !== '' ? 'i' : ''}B`
}
