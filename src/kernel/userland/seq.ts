/** seq: numbers in a row. */
import { command } from './lib/command.ts'
import { Failure, UsageError } from './lib/failure.ts'
import { formatOne } from './lib/printf-format.ts'

export const options = {
  width: '-w --equal-width  leading zeros',
  separator: '-s --separator=STRING  between numbers (default: newline)',
  format: 'gnu: -f --format=FORMAT  printf format of a number',
}

/** CPU time for the numbers of one write, in ms. */
const msPerFlush = 1

export const program = command(
  'seq',
  options,
  function* ({ p, out, options: given, args, gnu, saved }) {
    if (args.length === 0 || args.length > 3) {
      throw new UsageError(!gnu ? '' : args.length === 0 ? 'missing operand' : `extra operand '${args[3] ?? ''}'`)
    }
    for (const text of args) {
      if (/^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$/.test(text)) continue
      throw gnu ? new UsageError(`invalid floating point argument: '${text}'`) : new UsageError('')
    }
    const [first, step, last] =
      args.length === 1 ? ['1', '1', args[0]] : args.length === 2 ? [args[0], '1', args[1]] : args
    if (Number(step) === 0)
      throw gnu ? new UsageError(`invalid Zero increment value: '${step ?? ''}'`) : new Failure('invalid number')
    const decimals = Math.max(decimalsOf(first ?? ''), decimalsOf(step ?? ''), gnu ? 0 : 0)
    const scale = 10 ** decimals
    const start = Math.round(Number(first) * scale)
    const by = Math.round(Number(step) * scale)
    const stop = Number(last) * scale + Math.abs(by) * 1e-9 * Math.sign(by)
    const show = (value: number) => (value / scale).toFixed(decimals)
    const ends = [show(start), decimals > 0 ? Number(last).toFixed(decimals) : String(last)]
    const width = given.has('width') ? Math.max(...ends.map(text => text.length)) : 0
    const separator = given.value('separator') ?? '\n'
    const format = given.value('format')
    let n = (saved as number | null | undefined) ?? 0
    for (; ; n++) {
      const value = start + n * by
      if (by > 0 ? value > stop : value < stop) break
      const text = format === undefined ? pad(show(value), width) : formatOne(format, value / scale)
      out.put((n === 0 ? '' : separator) + text)
      if (!out.full) continue
      yield* out.flush()
      // Numbers are computed, which takes time as well as writing them does.
      yield { op: 'cpu', ms: msPerFlush }
      p.checkpoint(n + 1)
    }
    if (n > 0) yield* out.write('\n')
    return 0
  },
  { rewrite: (args, gnu) => (gnu ? protectNegative(args) : stopAtOperand(args)) },
)

function decimalsOf(text: string): number {
  return /[eE]/.test(text) ? 0 : (text.split('.')[1] ?? '').length
}

function pad(text: string, width: number): string {
  return text.startsWith('-') ? `-${text.slice(1).padStart(width - 1, '0')}` : text.padStart(width, '0')
}

/** Busybox looks for options only before the first number. */
function stopAtOperand(args: string[]): string[] {
  const at = args.findIndex((arg, n) => !arg.startsWith('-') && args[n - 1] !== '-s')
  return at === -1 ? args : [...args.slice(0, at), '--', ...args.slice(at)]
}

/** A negative number is an operand. */
function protectNegative(args: string[]): string[] {
  const at = args.findIndex((arg, n) => /^-[\d.]/.test(arg) && args[n - 1] !== '-s' && args[n - 1] !== '-f')
  return at === -1 || args.includes('--') ? args : [...args.slice(0, at), '--', ...args.slice(at)]
}
