/**
 * Evaluating awk's expressions. Most cannot wait for the kernel and are computed at once (`value`); those that
 * can (getline, system, calls of functions that loop) go step by step (`steps`), sharing how operands combine.
 */
import { isErrno } from '../../../vfs/errno.ts'
import type { Routine } from '../../program.ts'
import { Failure } from '../lib/failure.ts'
import type { Regex } from '../lib/regex/regex.ts'
import type { Analysis } from './analyze.ts'
import type { Expr, FunctionDefinition } from './ast.ts'
import { callBuiltin } from './call-builtin.ts'
import { subscriptText } from './record.ts'
import { awkRegex } from './regex.ts'
import type { AwkState, Cell, Frame } from './state.ts'
import { AwkArray, compareValues, InputText, numberOf, truthOf, uninitialized, type Value } from './values.ts'

/** Deepest nesting of function calls. */
const maxDepth = 1200

export class Evaluator {
  readonly state: AwkState
  private readonly functions: ReadonlyMap<string, FunctionDefinition>
  private readonly analysis: Analysis
  /** Runs a function's body in a new frame and gives what it returned. */
  private readonly runBody: (definition: FunctionDefinition) => Routine<Value>
  private depth = 0

  constructor(
    state: AwkState,
    functions: ReadonlyMap<string, FunctionDefinition>,
    analysis: Analysis,
    runBody: (definition: FunctionDefinition) => Routine<Value>,
  ) {
    this.state = state
    this.functions = functions
    this.analysis = analysis
    this.runBody = runBody
  }

  /** The value of any expression. */
  *evaluate(expr: Expr): Routine<Value> {
    return this.analysis.blocking.has(expr) ? yield* this.steps(expr) : this.value(expr)
  }

  *test(expr: Expr): Routine<boolean> {
    return truthOf(yield* this.evaluate(expr))
  }

  *evaluateAll(exprs: readonly Expr[]): Routine<Value[]> {
    const values: Value[] = []
    for (const expr of exprs) values.push(yield* this.evaluate(expr))
    return values
  }

  /** Of an expression that cannot block. */
  private value(expr: Expr): Value {
    switch (expr.kind) {
      case 'number':
      case 'string':
        return expr.value
      case 'regex':
        return awkRegex(expr.source).test(this.state.record.whole()) ? 1 : 0
      case 'var':
        return this.state.get(expr.name)
      case 'field':
        return this.state.record.get(numberOf(this.value(expr.index)))
      case 'index':
        return this.state.array(expr.array).get(this.subscript(expr.subscripts.map(one => this.value(one))))
      case 'group':
        return this.value(expr.value)
      case 'cond':
        return truthOf(this.value(expr.test)) ? this.value(expr.yes) : this.value(expr.no)
      case 'and':
        return truthOf(this.value(expr.left)) && truthOf(this.value(expr.right)) ? 1 : 0
      case 'or':
        return truthOf(this.value(expr.left)) || truthOf(this.value(expr.right)) ? 1 : 0
      case 'binary':
        return this.binary(expr.op, this.value(expr.left), this.value(expr.right))
      case 'concat': {
        let text = ''
        for (const part of expr.parts) text += this.state.text(this.value(part))
        return this.bounded(text)
      }
      case 'match':
        return this.regexOf(expr.right, () => this.value(expr.right)).test(this.state.text(this.value(expr.left))) !==
          expr.negated
          ? 1
          : 0
      case 'unary':
        return this.unary(expr.op, this.value(expr.value))
      case 'in':
        return this.state.array(expr.array).items.has(this.subscript(expr.subscripts.map(one => this.value(one))))
          ? 1
          : 0
      case 'assign': {
        const place = this.place(expr.target, one => this.value(one))
        return place.set(this.combined(expr.op, () => place.get(), this.value(expr.value)))
      }
      case 'step':
        return this.step(expr, one => this.value(one))
      case 'builtin':
        return callBuiltin(
          this,
          expr.name,
          expr.args,
          expr.args.map((arg, index) => this.argument(expr.name, index, arg)),
        )
      case 'call':
        return this.finish(this.call(expr.name, expr.args))
      case 'getline':
        throw new Failure('getline out of place')
    }
  }

  /** Of an expression in which something blocks. */
  private *steps(expr: Expr): Routine<Value> {
    switch (expr.kind) {
      case 'field':
        return this.state.record.get(numberOf(yield* this.evaluate(expr.index)))
      case 'index':
        return this.state.array(expr.array).get(this.subscript(yield* this.evaluateAll(expr.subscripts)))
      case 'group':
        return yield* this.evaluate(expr.value)
      case 'cond':
        return yield* this.evaluate((yield* this.test(expr.test)) ? expr.yes : expr.no)
      case 'and':
        return (yield* this.test(expr.left)) && (yield* this.test(expr.right)) ? 1 : 0
      case 'or':
        return (yield* this.test(expr.left)) || (yield* this.test(expr.right)) ? 1 : 0
      case 'binary': {
        const left = yield* this.evaluate(expr.left)
        return this.binary(expr.op, left, yield* this.evaluate(expr.right))
      }
      case 'concat': {
        let text = ''
        for (const part of expr.parts) text += this.state.text(yield* this.evaluate(part))
        return this.bounded(text)
      }
      case 'match': {
        const left = this.state.text(yield* this.evaluate(expr.left))
        const right = expr.right.kind === 'regex' ? '' : yield* this.evaluate(expr.right)
        return this.regexOf(expr.right, () => right).test(left) !== expr.negated ? 1 : 0
      }
      case 'unary':
        return this.unary(expr.op, yield* this.evaluate(expr.value))
      case 'in':
        return this.state.array(expr.array).items.has(this.subscript(yield* this.evaluateAll(expr.subscripts))) ? 1 : 0
      case 'assign': {
        const known = yield* this.operandsOf(expr.target)
        const value = yield* this.evaluate(expr.value)
        const place = this.place(expr.target, known)
        return place.set(this.combined(expr.op, () => place.get(), value))
      }
      case 'step':
        return this.step(expr, yield* this.operandsOf(expr.target))
      case 'builtin': {
        const values: Value[] = []
        for (const [index, arg] of expr.args.entries()) {
          values.push(this.isPlain(expr.name, index, arg) ? '' : yield* this.evaluate(arg))
        }
        if (expr.name === 'system') return yield* this.state.streams.system(this.state.text(values[0] ?? ''))
        if (expr.name === 'close') return yield* this.state.streams.close(this.state.text(values[0] ?? ''))
        if (expr.name === 'fflush') {
          yield* this.state.streams.flush()
          return 0
        }
        return callBuiltin(this, expr.name, expr.args, values)
      }
      case 'call':
        return yield* this.call(expr.name, expr.args)
      case 'getline':
        return yield* this.getline(expr)
      default:
        return this.value(expr)
    }
  }

  /** Evaluates a target's index or subscripts once, for use by `place`. */
  private *operandsOf(target: Expr): Routine<(expr: Expr) => Value> {
    const known = new Map<Expr, Value>()
    const parts = target.kind === 'field' ? [target.index] : target.kind === 'index' ? target.subscripts : []
    for (const part of parts) known.set(part, yield* this.evaluate(part))
    return expr => known.get(expr) ?? uninitialized
  }

  /** A variable, element or field to read and write. */
  place(
    target: Expr,
    value: (expr: Expr) => Value = expr => this.value(expr),
  ): { get(): Value; set(value: Value): Value } {
    const { state } = this
    if (target.kind === 'group') return this.place(target.value, value)
    if (target.kind === 'var') {
      return {
        get: () => state.get(target.name),
        set: to => {
          state.set(target.name, to)
          return to
        },
      }
    }
    if (target.kind === 'field') {
      const index = numberOf(value(target.index))
      return {
        get: () => state.record.get(index),
        set: to => {
          state.record.assign(index, to)
          return to
        },
      }
    }
    if (target.kind !== 'index') {
      // gsub on a value that is no variable changes nothing.
      const now = value(target)
      return { get: () => now, set: to => to }
    }
    const array = state.array(target.array)
    const name = this.subscript(target.subscripts.map(value))
    return {
      get: () => array.get(name),
      set: to => {
        array.items.set(name, to)
        return to
      },
    }
  }

  private step(expr: Extract<Expr, { kind: 'step' }>, value: (expr: Expr) => Value): Value {
    const place = this.place(expr.target, value)
    const before = numberOf(place.get())
    place.set(before + expr.by)
    return expr.prefix ? before + expr.by : before
  }

  private combined(op: string, current: () => Value, value: Value): Value {
    return op === '=' ? value : this.binary(op.slice(0, -1), current(), value)
  }

  private unary(op: '-' | '+' | '!', value: Value): Value {
    if (op === '!') return truthOf(value) ? 0 : 1
    return op === '-' ? -numberOf(value) : numberOf(value)
  }

  private binary(op: string, left: Value, right: Value): Value {
    switch (op) {
      case '+':
        return numberOf(left) + numberOf(right)
      case '-':
        return numberOf(left) - numberOf(right)
      case '*':
        return numberOf(left) * numberOf(right)
      case '/':
      case '%': {
        const divisor = numberOf(right)
        // mawk, Debian's awk, goes on with inf and nan.
        if (divisor === 0 && !this.state.gnu) throw new Failure('Division by zero')
        return op === '/' ? numberOf(left) / divisor : numberOf(left) % divisor
      }
      case '^':
        return numberOf(left) ** numberOf(right)
    }
    const order = compareValues(left, right, this.state.convfmt)
    if (op === '<') return order < 0 ? 1 : 0
    if (op === '<=') return order <= 0 ? 1 : 0
    if (op === '==') return order === 0 ? 1 : 0
    if (op === '!=') return order !== 0 ? 1 : 0
    return (op === '>' ? order > 0 : order >= 0) ? 1 : 0
  }

  private bounded(text: string): string {
    if (text.length > 100_000_000) throw new Failure('out of memory')
    return text
  }

  subscript(values: readonly Value[]): string {
    return subscriptText(values, this.state.text(this.state.get('SUBSEP')), this.state.convfmt)
  }

  /** A regular expression operand: a literal, or any value's text. */
  regexOf(expr: Expr | undefined, value: () => Value): Regex {
    if (expr?.kind === 'regex') return awkRegex(expr.source)
    return awkRegex(this.state.text(value()))
  }

  private argument(name: string, index: number, arg: Expr): Value {
    return this.isPlain(name, index, arg) ? '' : this.value(arg)
  }

  /** Operands that are not evaluated: literal regular expressions of the functions that match, and arrays. */
  private isPlain(name: string, index: number, arg: Expr): boolean {
    if (name === 'split') return index === 1 || (index === 2 && arg.kind === 'regex')
    if (name === 'match') return (index === 1 && arg.kind === 'regex') || index === 2
    if (name === 'sub' || name === 'gsub' || name === 'gensub') return index === 0 && arg.kind === 'regex'
    return name === 'length' && arg.kind === 'var' && this.isArray(arg.name)
  }

  isArray(name: string): boolean {
    return (this.state.frame?.get(name) ?? this.state.globals.get(name)) instanceof AwkArray
  }

  private *call(name: string, args: readonly Expr[]): Routine<Value> {
    const definition = this.functions.get(name)
    if (!definition) throw new Failure('Call to undefined function')
    const arrays = this.analysis.arrays.get(name)
    const frame: Frame = new Map()
    for (const [index, param] of definition.params.entries()) {
      const arg = args[index]
      let cell: Cell = arrays?.has(param) ? new AwkArray() : uninitialized
      if (arg && arrays?.has(param) && arg.kind === 'var') cell = this.state.array(arg.name)
      else if (arg)
        cell = arg.kind === 'var' && this.isArray(arg.name) ? this.state.array(arg.name) : yield* this.evaluate(arg)
      frame.set(param, cell)
    }
    if (++this.depth > maxDepth) throw new Failure('function calls nested too deep')
    const outer = this.state.frame
    this.state.frame = frame
    try {
      return yield* this.runBody(definition)
    } finally {
      this.state.frame = outer
      this.depth--
    }
  }

  /** Runs to the end what does not block. */
  private finish(routine: Routine<Value>): Value {
    const step = routine.next()
    if (!step.done) throw new Failure('a function blocked unexpectedly')
    return step.value
  }

  private *getline(expr: Extract<Expr, { kind: 'getline' }>): Routine<Value> {
    const { state } = this
    const known = expr.target ? yield* this.operandsOf(expr.target) : undefined
    let record: string | undefined
    if (expr.from === 'main' || !expr.source) {
      record = yield* state.nextRecord()
    } else {
      const name = state.text(yield* this.evaluate(expr.source))
      try {
        const reader = yield* state.streams.reader(expr.from, name)
        record = yield* reader.next(state.text(state.get('RS')))
      } catch (error) {
        if (!isErrno(error)) throw error
        return -1
      }
      if (record !== undefined && expr.from === 'command') state.set('NR', numberOf(state.get('NR')) + 1)
    }
    if (record === undefined) return 0
    if (expr.target) this.place(expr.target, known).set(new InputText(record))
    else state.record.set(record)
    return 1
  }
}
