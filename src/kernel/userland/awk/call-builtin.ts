/** Calls of awk's functions. */
import { Failure } from '../lib/failure.ts'
import { strftime } from '../lib/strftime.ts'
import { breakDown, makeTime, zoneFor } from '../lib/zone.ts'
import type { Expr } from './ast.ts'
import { gensub, sprintf, substitute, substr, substrBusybox } from './builtins.ts'
import type { Evaluator } from './evaluate.ts'
import { splitByRegex, splitFields } from './record.ts'
import { GlibcRandom, InputText, numberOf, type Value } from './values.ts'

/** The value of a function that only computes (getline, system, close and fflush are elsewhere). */
export function callBuiltin(
  evaluator: Evaluator,
  name: string,
  args: readonly Expr[],
  values: readonly Value[],
): Value {
  const { state } = evaluator
  const text = (index: number) => state.text(values[index] ?? '')
  const number = (index: number) => numberOf(values[index] ?? 0)
  switch (name) {
    case 'length': {
      const [arg] = args
      if (!arg) return state.record.whole().length
      return arg.kind === 'var' && evaluator.isArray(arg.name) ? state.array(arg.name).items.size : text(0).length
    }
    case 'substr':
      return (state.gnu ? substr : substrBusybox)(text(0), number(1), args.length > 2 ? number(2) : undefined)
    case 'index':
      return text(1) === '' ? 0 : text(0).indexOf(text(1)) + 1
    case 'split':
      return split(evaluator, args, values)
    case 'sub':
    case 'gsub': {
      const regex = evaluator.regexOf(args[0], () => values[0] ?? '')
      const place = evaluator.place(args[2] ?? { kind: 'field', index: { kind: 'number', value: 0 } })
      const result = substitute(regex, text(1), state.text(place.get()), name === 'sub' ? 1 : 0)
      if (result.count > 0) place.set(result.text)
      return result.count
    }
    case 'gensub':
      return gensub(
        evaluator.regexOf(args[0], () => values[0] ?? ''),
        text(1),
        text(2),
        args[3] ? text(3) : state.record.whole(),
      )
    case 'match':
      return match(evaluator, args, values)
    case 'sprintf':
      return sprintf(text(0), values.slice(1), state.convfmt, state.gnu)
    case 'sin':
      return Math.sin(number(0))
    case 'cos':
      return Math.cos(number(0))
    case 'atan2':
      return Math.atan2(number(0), number(1))
    case 'exp':
      return Math.exp(number(0))
    case 'log':
      return Math.log(number(0))
    case 'sqrt':
      return Math.sqrt(number(0))
    case 'int':
      return Math.trunc(number(0))
    case 'rand':
      // Busybox draws three numbers and takes its high bits from the last.
      if (!state.gnu) {
        state.random.next()
        state.random.next()
      }
      return state.random.next() / 2 ** 31
    case 'srand': {
      const before = state.seed
      state.seed = args.length === 0 ? Math.floor(state.p.now() / 1000) : Math.trunc(number(0))
      state.random = new GlibcRandom(state.seed)
      return before
    }
    case 'tolower':
      return text(0).replace(/[A-Z]+/g, part => part.toLowerCase())
    case 'toupper':
      return text(0).replace(/[a-z]+/g, part => part.toUpperCase())
    case 'systime':
      return Math.floor(state.p.now() / 1000)
    case 'strftime': {
      const ms = args.length > 1 ? number(1) * 1000 : state.p.now()
      const format = args.length === 0 ? '%c' : text(0)
      return strftime(format, breakDown(ms, zoneFor(state.p.env.get('TZ'))))
    }
    case 'mktime': {
      const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = text(0).trim().split(/\s+/).map(Number)
      if (text(0).trim().split(/\s+/).length < 6) return -1
      return Math.floor(makeTime(zoneFor(state.p.env.get('TZ')), year, month - 1, day, hour, minute, second) / 1000)
    }
    case 'and':
      return Number(BigInt(whole(number(0))) & BigInt(whole(number(1))))
    case 'or':
      return Number(BigInt(whole(number(0))) | BigInt(whole(number(1))))
    case 'xor':
      return Number(BigInt(whole(number(0))) ^ BigInt(whole(number(1))))
    case 'lshift':
      return whole(number(0)) * 2 ** whole(number(1))
    case 'rshift':
      return Math.floor(whole(number(0)) / 2 ** whole(number(1)))
    case 'compl':
      return Number(BigInt.asUintN(32, ~BigInt(whole(number(0)))))
  }
  throw new Failure('Call to undefined function')
}

function whole(value: number): number {
  return Number.isFinite(value) ? Math.trunc(value) : 0
}

function split(evaluator: Evaluator, args: readonly Expr[], values: readonly Value[]): number {
  const { state } = evaluator
  const target = args[1]
  if (target?.kind !== 'var') throw new Failure('Too few arguments')
  const source = state.text(values[0] ?? '')
  const separator = args[2]
  const parts =
    separator?.kind === 'regex'
      ? source === ''
        ? []
        : splitByRegex(source, separator.source)
      : splitFields(source, state.text(separator ? (values[2] ?? '') : state.get('FS')))
  const array = state.array(target.name)
  array.items.clear()
  parts.forEach((part, index) => {
    array.items.set(String(index + 1), new InputText(part))
  })
  return parts.length
}

function match(evaluator: Evaluator, args: readonly Expr[], values: readonly Value[]): number {
  const { state } = evaluator
  const slots = evaluator.regexOf(args[1], () => values[1] ?? '').exec(state.text(values[0] ?? ''))
  const start = slots ? (slots[0] ?? 0) + 1 : 0
  state.set('RSTART', start)
  state.set('RLENGTH', slots ? (slots[1] ?? 0) - (slots[0] ?? 0) : -1)
  const target = args[2]
  if (target?.kind === 'var') {
    const array = state.array(target.name)
    array.items.clear()
    const text = state.text(values[0] ?? '')
    for (let n = 0; slots && n * 2 < slots.length; n++) {
      if ((slots[n * 2] ?? -1) >= 0)
        array.items.set(String(n), new InputText(text.slice(slots[n * 2], slots[n * 2 + 1])))
    }
  }
  return start
}
