/** kill: sends signals (busybox; and procps' /bin/kill, which scripts rarely reach past the shell's own). */
import { isErrno } from '../../vfs/errno.ts'
import { command } from './lib/command.ts'
import { Failure, UsageError } from './lib/failure.ts'
import { signalList } from './lib/kill-list.ts'
import { signalName, signalNumber } from './lib/signal-names.ts'

export const options = {
  signal: '-s=SIGNAL -SIGNAL  the signal to send instead of TERM',
  list: '-l  list signal names, or convert between name and number',
}

export const program = command(
  'kill',
  options,
  function* ({ p, out, args, gnu, error }) {
    const rest = [...args]
    let signal = 15
    const first = rest[0]
    if (first === '-l' || first === '-L' || first === '--list' || first === '--table') {
      rest.shift()
      yield* out.write(rest.length === 0 ? signalList(gnu) : rest.map(word => `${convert(word)}\n`).join(''))
      return 0
    }
    if (first === '-s' || first === '--signal') {
      const name = rest[1]
      if (name === undefined) throw new Failure(gnu ? 'option requires an argument -- s' : "bad signal name 's'")
      signal = parse(name, gnu)
      rest.splice(0, 2)
    } else if (first?.startsWith('-') && first !== '--') {
      signal = parse(first.startsWith('--signal=') ? first.slice(9) : first.slice(1), gnu)
      rest.shift()
    }
    if (rest[0] === '--') rest.shift()
    if (rest.length === 0) {
      if (gnu) throw new UsageError('not enough arguments')
      throw new Failure('you need to specify whom to kill')
    }
    let failed = 0
    for (const word of rest) {
      if (!/^-?\d+$/.test(word)) {
        yield* error(gnu ? `failed to parse argument: '${word}'` : `invalid number '${word}'`)
        failed++
        continue
      }
      try {
        p.kill(Number(word), signal === 0 ? 0 : signalName(signal))
      } catch (thrown) {
        if (!isErrno(thrown)) throw thrown
        yield* error(gnu ? `(${word}): ${thrown.message}` : `can't kill pid ${word}: ${thrown.message}`)
        failed++
      }
    }
    return gnu ? Math.min(failed, 1) : failed
  },
  { raw: true },
)

function parse(name: string, gnu: boolean): number {
  const number = signalNumber(name)
  if (number === undefined) throw new Failure(gnu ? `unknown signal name ${name}` : `bad signal name '${name}'`)
  return number
}

/** A name's number; a number's name, also that of a status (137: KILL). */
function convert(word: string): string {
  if (/^\d+$/.test(word)) return signalName(Number(word) & 0x7f)
  const number = signalNumber(word)
  if (number === undefined) throw new Failure(`unknown signal '${word}'`)
  return String(number)
}
