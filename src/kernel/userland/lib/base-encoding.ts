/** base64 and base32. */
import type { CoroutineProgram, Routine } from '../../program.ts'
import { fromBytes } from './bytes.ts'
import { type Call, command } from './command.ts'
import { Failure } from './failure.ts'
import { eachInput } from './files.ts'
import { readChunk } from './input.ts'

export const baseOptions = {
  decode: '-d --decode  decode',
  wrap: '-w --wrap=N  columns of a line (default: 76, 0: no breaks)',
  ignore: 'gnu: -i --ignore-garbage  pass over what is no digit',
}

/** The command for base 64 or 32. */
export function baseCommand(name: string, base: 64 | 32): CoroutineProgram {
  return command(
    name,
    baseOptions,
    function* (call) {
      const { out, args, options: given, gnu } = call
      const wrapText = given.value('wrap') ?? '76'
      if (!/^\d+$/.test(wrapText))
        throw new Failure(gnu ? `invalid wrap size: '${wrapText}'` : `invalid number '${wrapText}'`)
      const fine = yield* eachInput(call, args, function* (fd) {
        if (given.has('decode')) yield* gnu || base === 32 ? decode(call, fd, base) : decodeLoosely(call, fd)
        else {
          const wrap = Number(wrapText)
          const group = base === 64 ? 3 : 5
          let line = ''
          let rest = ''
          for (;;) {
            const part = yield* readChunk(fd)
            const text = rest + part
            const size = part === '' ? text.length : text.length - (text.length % group)
            line += encode(text.slice(0, size), base)
            rest = text.slice(size)
            if (wrap > 0) {
              let at = 0
              for (; line.length - at > wrap || (line.length - at === wrap && part !== ''); at += wrap)
                yield* out.write(`${line.slice(at, at + wrap)}\n`)
              line = line.slice(at)
            } else {
              yield* out.write(line)
              line = ''
            }
            if (part === '') break
          }
          yield* out.write(line === '' ? '' : wrap > 0 ? `${line}\n` : line)
        }
      })
      return fine ? 0 : 1
    },
    { gnuOperands: [0, 1] },
  )
}

const digits32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

function encode(text: string, base: 64 | 32): string {
  if (base === 64) return Buffer.from(text, 'latin1').toString('base64')
  let result = ''
  for (let at = 0; at < text.length; at += 5) {
    const group = text.slice(at, at + 5)
    let bits = 0n
    for (let n = 0; n < 5; n++) bits = (bits << 8n) | BigInt(group.charCodeAt(n) || 0)
    const used = Math.ceil((group.length * 8) / 5)
    for (let n = 0; n < 8; n++) result += n < used ? digits32.charAt(Number((bits >> BigInt(35 - n * 5)) & 31n)) : '='
  }
  return result
}

/** Busybox passes over what is no digit, decodes group by group, and gives nothing of one that is cut. */
function* decodeLoosely({ out }: Call<typeof baseOptions>, fd: number): Routine<void> {
  let rest = ''
  for (;;) {
    const part = yield* readChunk(fd)
    const text = rest + part.replace(/[^A-Za-z0-9+/=]/g, '')
    const whole = text.slice(0, text.length - (text.length % 4))
    rest = text.slice(whole.length)
    for (const [run] of whole.matchAll(/(?:[^=]{4})+|.{4}/g)) yield* out.write(fromBytes(Buffer.from(run, 'base64')))
    if (part !== '') continue
    if (rest !== '') throw new Failure('truncated input')
    return
  }
}

function* decode({ out, options: given, gnu }: Call<typeof baseOptions>, fd: number, base: 64 | 32): Routine<void> {
  const group = base === 64 ? 4 : 8
  const valid = base === 64 ? /^[A-Za-z0-9+/]*={0,2}$/ : /^[A-Z2-7]*={0,6}$/
  let rest = ''
  for (;;) {
    const part = yield* readChunk(fd)
    let text = rest + part.replace(/\n/g, '')
    if (given.has('ignore')) text = text.replace(base === 64 ? /[^A-Za-z0-9+/=]/g : /[^A-Z2-7=]/g, '')
    const size = part === '' ? text.length : text.length - (text.length % group)
    const piece = text.slice(0, size)
    rest = text.slice(size)
    const bad = !valid.test(piece) || (part === '' && piece.length % group !== 0)
    const good = bad ? (/^[A-Za-z0-9+/]*/.exec(piece)?.[0] ?? '') : piece
    yield* out.write(base === 64 ? fromBytes(Buffer.from(good, 'base64')) : decode32(good))
    if (bad) throw new Failure(gnu ? 'invalid input' : 'truncated input')
    if (part === '') return
  }
}

function decode32(text: string): string {
  let result = ''
  let bits = 0
  let count = 0
  for (const char of text.replace(/=+$/, '')) {
    bits = ((bits << 5) | digits32.indexOf(char)) & 0xfff
    count += 5
    if (count >= 8) {
      count -= 8
      result += String.fromCharCode((bits >> count) & 255)
    }
  }
  return result
}
