/** dc: the reverse-polish calculator (POSIX-like; busybox). */
import type { Routine } from '../program.ts'
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
  parseDecimal,
  power,
  rescale,
  squareRoot,
} from './lib/decimal.ts'
import { Failure } from './lib/failure.ts'
import { readAll, readFile } from './lib/input.ts'

export const options = {
  expression: '-e=SCRIPT --expression=SCRIPT  a script',
  file: '-f=FILE --file=FILE  a script in a file',
  extended: '-x  accepted',
}

type Value = Decimal | string

export const program = command('dc', options, function* ({ p, out, options: given, args, error }) {
  const stack: Value[] = []
  const registers = new Map<string, Value[]>()
  const base = { input: 10, output: 10, scale: 0 }
  let steps = 0

  const pop = (): Value => {
    const value = stack.pop()
    if (value === undefined) throw new Failure('stack has too few elements')
    return value
  }
  const number = (): Decimal => {
    const value = pop()
    if (typeof value === 'string') throw new Failure('inappropriate number or string')
    return value
  }
  const show = (value: Value) => (typeof value === 'string' ? value : formatDecimal(value, base.output))
  const binary = (apply: (a: Decimal, b: Decimal) => Decimal) => {
    const b = number()
    stack.push(apply(number(), b))
  }
  const register = (name: string) => registers.get(name) ?? []
  const integer = () => Number(rescale(number(), 0).digits)

  /** Runs a script; the answer is how many levels of macros are still to be left. */
  function* run(text: string, depth: number): Routine<number> {
    if (depth > 1000) throw new Failure('recursion too deep')
    for (let i = 0; i < text.length; i++) {
      if (++steps % 10_000 === 0) yield { op: 'cpu', ms: 1 }
      const c = text.charAt(i)
      const literal = /^_?(?:[0-9A-F]+\.?[0-9A-F]*|\.[0-9A-F]+)/.exec(text.slice(i, i + 4096))
      if (literal) {
        const plain = parseDecimal(literal[0].replace('_', ''), base.input)
        stack.push(literal[0].startsWith('_') ? negate(plain) : plain)
        i += literal[0].length - 1
        continue
      }
      switch (c) {
        case '+':
          binary(add)
          break
        case '-':
          binary((a, b) => add(a, negate(b)))
          break
        case '*':
          binary((a, b) => multiply(a, b, base.scale))
          break
        case '/':
          binary((a, b) => divide(a, b, base.scale))
          break
        case '%':
          binary((a, b) => modulo(a, b, base.scale))
          break
        case '^':
          binary((a, b) => power(a, b, base.scale))
          break
        case 'v':
          stack.push(squareRoot(number(), base.scale))
          break
        case 'p': {
          const top = stack.at(-1)
          if (top === undefined) throw new Failure('stack has too few elements')
          yield* out.write(`${show(top)}\n`)
          break
        }
        case 'n':
          yield* out.write(`${show(pop())}\n`)
          break
        case 'P': {
          const top = pop()
          yield* out.write(typeof top === 'string' ? top : String.fromCharCode(Number(rescale(top, 0).digits & 255n)))
          break
        }
        case 'f':
          for (const value of stack.toReversed()) yield* out.write(`${show(value)}\n`)
          break
        case 'c':
          stack.length = 0
          break
        case 'd':
          stack.push(stack.at(-1) ?? pop())
          break
        case 'r': {
          const [b, a] = [pop(), pop()]
          stack.push(b, a)
          break
        }
        case 'z':
          stack.push(fromNumber(stack.length))
          break
        case 'k':
          base.scale = Math.max(0, Math.min(10_000, integer()))
          break
        case 'K':
          stack.push(fromNumber(base.scale))
          break
        case 'i':
          base.input = Math.max(2, Math.min(16, integer()))
          break
        case 'I':
          stack.push(fromNumber(base.input))
          break
        case 'o':
          base.output = Math.max(2, Math.min(9999, integer()))
          break
        case 'O':
          stack.push(fromNumber(base.output))
          break
        case 'Z': {
          const top = pop()
          stack.push(fromNumber(typeof top === 'string' ? top.length : top.digits.toString().replace('-', '').length))
          break
        }
        case 'X': {
          const top = pop()
          stack.push(fromNumber(typeof top === 'string' ? 0 : top.scale))
          break
        }
        case 's': {
          const name = text.charAt(++i)
          registers.set(name, [...register(name).slice(0, -1), pop()])
          break
        }
        case 'S':
          registers.set(text.charAt(++i), [...register(text.charAt(i)), pop()])
          break
        case 'l':
          stack.push(register(text.charAt(++i)).at(-1) ?? fromNumber(0))
          break
        case 'L': {
          const values = register(text.charAt(++i))
          const top = values.pop()
          if (top === undefined) throw new Failure('stack register is empty')
          stack.push(top)
          break
        }
        case '[': {
          let level = 1
          let at = i + 1
          for (; at < text.length && level > 0; at++)
            level += text.charAt(at) === '[' ? 1 : text.charAt(at) === ']' ? -1 : 0
          stack.push(text.slice(i + 1, at - 1))
          i = at - 1
          break
        }
        case 'x': {
          const top = pop()
          if (typeof top !== 'string') stack.push(top)
          else {
            const left = yield* run(top, depth + 1)
            if (left > 0) return left - 1
          }
          break
        }
        case '<':
        case '>':
        case '=':
        case '!': {
          const not = c === '!'
          const sign = not ? text.charAt(++i) : c
          const name = text.charAt(++i)
          const order = compare(number(), number())
          const holds = sign === '=' ? order === 0 : sign === '<' ? order < 0 : order > 0
          const macro = register(name).at(-1)
          if (holds !== not && typeof macro === 'string') {
            const left = yield* run(macro, depth + 1)
            if (left > 0) return left - 1
          }
          break
        }
        case 'q':
          return 1
        case 'Q':
          return Math.max(0, integer() - 1)
        case '#':
          while (i + 1 < text.length && text.charAt(i + 1) !== '\n') i++
          break
        default:
          if (!/\s/.test(c)) throw new Failure(`bad character '${c}'`)
      }
    }
    return 0
  }

  let status = 0
  const scripts = [...given.values('expression')]
  for (const file of [...given.values('file'), ...args]) scripts.push(yield* readFile(p, file))
  if (scripts.length === 0) scripts.push(yield* readAll(p, 0))
  for (const text of scripts) {
    try {
      if ((yield* run(text, 0)) > 0) return status
    } catch (thrown) {
      if (!(thrown instanceof Failure)) throw thrown
      yield* error(thrown.message)
      status = 1
    }
  }
  return status
})
