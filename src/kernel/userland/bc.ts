/** bc: the calculator with a language (POSIX; busybox). The functions of -l are not modelled, but for their scale. */
import type { Routine } from '../program.ts'
import { type Expression, parseBc, type Statement } from './lib/bc-parser.ts'
import { command } from './lib/command.ts'
import {
  add,
  compare,
  type Decimal,
  divide,
  formatDecimal,
  fromNumber,
  modulo,
  multiply,
  negate,
  one,
  parseDecimal,
  power,
  rescale,
  squareRoot,
  zero,
} from './lib/decimal.ts'
import { Failure } from './lib/failure.ts'
import { Lines, readAll, readFile } from './lib/input.ts'

export const options = {
  quiet: '-q --quiet  no banner',
  mathlib: '-l --mathlib  scale 20',
  standard: '-s --standard -w --warn  accepted',
  interactive: '-i --interactive  accepted',
}

type Outcome = 'break' | 'continue' | 'quit' | { value: Decimal } | undefined
type Frame = Map<string, Decimal>

export const program = command('bc', options, function* ({ p, out, options: given, args, error }) {
  const globals: Frame = new Map([
    ['scale', fromNumber(given.has('mathlib') ? 20 : 0)],
    ['ibase', fromNumber(10)],
    ['obase', fromNumber(10)],
  ])
  const frames: Frame[] = []
  const functions = new Map<string, Statement & { kind: 'define' }>()
  const mathlib = given.has('mathlib')
  let steps = 0
  let status = 0

  const scale = () => Math.max(0, Math.min(10_000, Number(rescale(lookup('scale'), 0).digits)))
  const show = (value: Decimal) => formatDecimal(value, Number(rescale(lookup('obase'), 0).digits))

  function lookup(name: string): Decimal {
    return frames.at(-1)?.get(name) ?? globals.get(name) ?? zero
  }

  function store(name: string, value: Decimal): Decimal {
    const frame = frames.at(-1)
    if (frame?.has(name)) frame.set(name, value)
    else globals.set(name, value)
    return value
  }

  function* nameOf(to: Expression): Routine<string> {
    if (to.kind === 'name') return to.name
    if (to.kind !== 'element') throw new Failure('bad assignment')
    return `${to.name}[${rescale(yield* evaluate(to.index), 0).digits}`
  }

  function apply(op: string, a: Decimal, b: Decimal): Decimal {
    const truth = (holds: boolean) => (holds ? one : zero)
    switch (op) {
      case '+':
        return add(a, b)
      case '-':
        return add(a, negate(b))
      case '*':
        return multiply(a, b, scale())
      case '/':
        return divide(a, b, scale())
      case '%':
        return modulo(a, b, scale())
      case '^':
        return power(a, b, scale())
      case '&&':
        return truth(a.digits !== 0n && b.digits !== 0n)
      case '||':
        return truth(a.digits !== 0n || b.digits !== 0n)
    }
    const order = compare(a, b)
    return truth(
      { '==': order === 0, '!=': order !== 0, '<': order < 0, '>': order > 0, '<=': order <= 0, '>=': order >= 0 }[
        op
      ] ?? false,
    )
  }

  function* evaluate(e: Expression): Routine<Decimal> {
    if (++steps % 10_000 === 0) yield { op: 'cpu', ms: 1 }
    switch (e.kind) {
      case 'number':
        return parseDecimal(e.text, Number(rescale(lookup('ibase'), 0).digits))
      case 'name':
      case 'element':
        return lookup(yield* nameOf(e))
      case 'group':
        return yield* evaluate(e.of)
      case 'unary': {
        const value = yield* evaluate(e.of)
        return e.op === '-' ? negate(value) : value.digits === 0n ? one : zero
      }
      case 'binary': {
        const left = yield* evaluate(e.left)
        return apply(e.op, left, yield* evaluate(e.right))
      }
      case 'assign': {
        const name = yield* nameOf(e.to)
        const value = yield* evaluate(e.value)
        return store(name, e.op === '' ? value : apply(e.op, lookup(name), value))
      }
      case 'step': {
        const name = yield* nameOf(e.to)
        const before = lookup(name)
        const after = store(name, add(before, fromNumber(e.by)))
        return e.before ? after : before
      }
      case 'call':
        return yield* call(e.name, e.args)
    }
  }

  function* call(name: string, given: Expression[]): Routine<Decimal> {
    const values: Decimal[] = []
    for (const arg of given) values.push(yield* evaluate(arg))
    const [first = zero] = values
    if (name === 'sqrt') return squareRoot(first, scale())
    if (name === 'scale') return fromNumber(first.scale)
    if (name === 'length')
      return fromNumber(
        first.digits === 0n ? Math.max(1, first.scale) : first.digits.toString().replace('-', '').length,
      )
    const known = functions.get(name)
    if (!known) {
      if (mathlib && /^[sceajl]$/.test(name)) throw new Failure(`function ${name}() of -l is not modelled by minidock`)
      throw new Failure('undefined function')
    }
    if (values.length !== known.params.length) throw new Failure('function parameter mismatch')
    if (frames.length > 500) throw new Failure('recursion too deep')
    frames.push(
      new Map([
        ...known.params.map((param, i): [string, Decimal] => [param, values[i] ?? zero]),
        ...known.locals.map((local): [string, Decimal] => [local, zero]),
      ]),
    )
    try {
      const outcome = yield* execute(known.body)
      return typeof outcome === 'object' ? outcome.value : zero
    } finally {
      frames.pop()
    }
  }

  function* execute(s: Statement): Routine<Outcome> {
    if (++steps % 10_000 === 0) yield { op: 'cpu', ms: 1 }
    switch (s.kind) {
      case 'string':
        yield* out.write(s.text)
        return undefined
      case 'print':
        for (const part of s.parts) {
          yield* out.write(typeof part === 'string' ? unescapeText(part) : show(yield* evaluate(part)))
        }
        return undefined
      case 'expression': {
        const value = yield* evaluate(s.of)
        if (s.of.kind !== 'assign') {
          globals.set('last', value)
          yield* out.write(`${show(value)}\n`)
        }
        return undefined
      }
      case 'block':
        for (const one of s.body) {
          const outcome = yield* execute(one)
          if (outcome !== undefined) return outcome
        }
        return undefined
      case 'if': {
        const holds = (yield* evaluate(s.test)).digits !== 0n
        return holds ? yield* execute(s.then) : s.otherwise ? yield* execute(s.otherwise) : undefined
      }
      case 'while':
      case 'for': {
        if (s.kind === 'for' && s.start) yield* evaluate(s.start)
        while (!s.test || (yield* evaluate(s.test)).digits !== 0n) {
          const outcome = yield* execute(s.body)
          if (outcome === 'break') break
          if (outcome !== undefined && outcome !== 'continue') return outcome
          if (s.kind === 'for' && s.next) yield* evaluate(s.next)
        }
        return undefined
      }
      case 'return':
        return { value: s.value ? yield* evaluate(s.value) : zero }
      case 'define':
        functions.set(s.name, s)
        return undefined
      case 'halt':
      case 'quit':
        return 'quit'
      default:
        return s.kind
    }
  }

  /** Runs a text; true when it quits. */
  function* run(text: string): Routine<boolean> {
    try {
      for (const one of parseBc(text)) if ((yield* execute(one)) === 'quit') return true
    } catch (thrown) {
      if (!(thrown instanceof Failure)) throw thrown
      frames.length = 0
      yield* error(thrown.message)
      status = 1
    }
    return false
  }

  for (const file of args) if (yield* run(yield* readFile(p, file))) return status
  if (!p.isatty(0)) {
    yield* run(yield* readAll(p, 0))
    return status
  }
  const lines = new Lines(p, 0)
  for (let line = yield* lines.next(); line !== undefined; line = yield* lines.next()) {
    if (yield* run(`${line}\n`)) break
    yield* out.flush()
  }
  return status
})

function unescapeText(text: string): string {
  return text.replace(
    /\\([ntbfraeq\\])/g,
    (_, c: string) => ({ n: '\n', t: '\t', b: '\b', f: '\f', r: '\r', a: '\x07', e: '\\', q: '"', '\\': '\\' })[c] ?? c,
  )
}
