/** getopt: takes a script's options apart (util-linux and busybox). */
import type { Routine } from '../program.ts'
import { toBytes } from './lib/bytes.ts'
import { command } from './lib/command.ts'
import { Failure, UsageError } from './lib/failure.ts'

export const options = {
  options: '-o=SHORT --options=SHORT  short options',
  long: '-l=LONG --longoptions=LONG --long=LONG  long options',
  name: '-n=NAME --name=NAME  name for messages',
  quiet: '-q --quiet  no messages',
  quietOutput: '-Q --quiet-output  no output',
  shell: '-s=SHELL --shell=SHELL  quoting for this shell',
  test: '-T --test  status 4: this is the newer one',
  unquoted: '-u --unquoted  do not quote',
  alternative: '-a --alternative  long options with one dash',
}

export const program = command(
  'getopt',
  options,
  function* ({ p, out, options: given, args }) {
    if (given.has('test')) return 4
    const legacy = given.given.length === 0
    const rest = [...args]
    const short = given.value('options') ?? rest.shift()
    if (short === undefined) {
      if (p.flavour === 'gnu') throw new UsageError('missing optstring argument')
      throw new Failure('missing optstring argument')
    }
    const name = given.value('name') ?? p.name
    const quote = (text: string) => (legacy || given.has('unquoted') ? text : `'${text.replace(/'/g, `'\\''`)}'`)
    const long = given
      .values('long')
      .flatMap(list => list.split(/[,\s]+/))
      .filter(word => word !== '')
    const mode = short.startsWith('+') ? 'stop' : short.startsWith('-') ? 'inOrder' : 'permute'
    const letters = short.replace(/^[+-]/, '')
    const found: string[] = []
    const operands: string[] = []
    let failed = false
    function* complain(text: string): Routine<void> {
      failed = true
      if (!given.has('quiet')) yield { op: 'write', fd: 2, data: toBytes(`${name}: ${text}\n`) }
    }
    for (let at = 0; at < rest.length; at++) {
      const word = rest[at] ?? ''
      if (word === '--') {
        operands.push(...rest.slice(at + 1))
        break
      }
      if (word.startsWith('--') && long.length > 0) {
        const equals = word.indexOf('=')
        const given0 = equals === -1 ? word.slice(2) : word.slice(2, equals)
        const exact = long.find(one => one.replace(/:+$/, '') === given0)
        const near = exact === undefined ? long.filter(one => one.startsWith(given0)) : [exact]
        const option = near[0]
        if (option === undefined || near.length > 1) {
          yield* complain(near.length > 1 ? `option '--${given0}' is ambiguous` : `unrecognized option '--${given0}'`)
          continue
        }
        const full = option.replace(/:+$/, '')
        const takes = option.endsWith('::') ? 'optional' : option.endsWith(':') ? 'required' : 'none'
        if (takes === 'none' && equals !== -1) yield* complain(`option '--${full}' doesn't allow an argument`)
        else if (takes === 'none') found.push(`--${full}`)
        else if (equals !== -1) found.push(`--${full}`, quote(word.slice(equals + 1)))
        else if (takes === 'optional') found.push(`--${full}`, quote(''))
        else if (at + 1 >= rest.length) yield* complain(`option '--${full}' requires an argument`)
        else found.push(`--${full}`, quote(rest[++at] ?? ''))
        continue
      }
      if (!word.startsWith('-') || word === '-') {
        if (mode === 'stop') {
          operands.push(...rest.slice(at))
          break
        }
        if (mode === 'inOrder') found.push(quote(word))
        else operands.push(word)
        continue
      }
      for (let i = 1; i < word.length; i++) {
        const letter = word.charAt(i)
        const where = letter === ':' ? -1 : letters.indexOf(letter)
        if (where === -1) {
          yield* complain(`invalid option -- '${letter}'`)
          continue
        }
        if (letters.charAt(where + 1) !== ':') {
          found.push(`-${letter}`)
          continue
        }
        const tail = word.slice(i + 1)
        if (tail !== '' || letters.charAt(where + 2) === ':') found.push(`-${letter}`, quote(tail))
        else if (at + 1 >= rest.length) yield* complain(`option requires an argument -- '${letter}'`)
        else found.push(`-${letter}`, quote(rest[++at] ?? ''))
        break
      }
    }
    if (!given.has('quietOutput'))
      yield* out.write(
        `${[...found.map(word => ` ${word}`), ' --', ...operands.map(word => ` ${quote(word)}`)].join('')}\n`,
      )
    return failed ? 1 : 0
  },
  { stopAtOperand: true },
)
