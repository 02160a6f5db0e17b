/** Running an awk program: its rules over the records, and its statements. */
import { isErrno } from '../../../vfs/errno.ts'
import type { Routine } from '../../program.ts'
import { Failure } from '../lib/failure.ts'
import type { Out } from '../lib/out.ts'
import { type Analysis, analyze } from './analyze.ts'
import type { Expr, Program, Redirect, Rule, Stmt } from './ast.ts'
import { sprintf } from './builtins.ts'
import { Evaluator } from './evaluate.ts'
import type { AwkState } from './state.ts'
import { InputText, numberOf, textOf, uninitialized, type Value } from './values.ts'

/** How a statement ended. */
type Flow = 'on' | 'break' | 'continue' | 'next' | 'nextfile' | 'exit' | 'return'

/** Turns of loops that count as a millisecond of processor time: a loop without end uses it up. */
const turnsPerMs = 2000

export class Executor {
  private readonly program: Program
  private readonly state: AwkState
  private readonly evaluator: Evaluator
  private readonly active = new Set<Rule>()
  private returned: Value = uninitialized
  private exitCode = 0
  private turns = 0
  /** The statement that runs, for error messages. */
  current: Stmt | undefined

  constructor(program: Program, state: AwkState) {
    this.program = program
    this.state = state
    const analysis: Analysis = analyze(program)
    this.evaluator = new Evaluator(state, program.functions, analysis, definition => this.body(definition.body))
  }

  /** Runs BEGIN, the rules, END. Returns the exit status. */
  *run(): Routine<number> {
    const { program, state } = this
    let flow: Flow = 'on'
    for (const begin of program.begin) {
      flow = yield* this.statement(begin)
      if (flow === 'exit') break
    }
    if (flow !== 'exit' && (program.rules.length > 0 || program.end.length > 0)) flow = yield* this.records()
    // `exit` in BEGIN or in a rule still runs END.
    for (const end of program.end) if ((yield* this.statement(end)) === 'exit') break
    yield* state.streams.closeAll()
    return this.exitCode
  }

  private *records(): Routine<Flow> {
    const { state } = this
    for (let text = yield* state.nextRecord(); text !== undefined; text = yield* state.nextRecord()) {
      state.record.set(text)
      const flow = yield* this.rules()
      if (flow === 'exit') return flow
      if (flow === 'nextfile') state.skipFile()
      if (state.out.full) yield* state.out.flush()
    }
    return 'on'
  }

  private *rules(): Routine<Flow> {
    for (const rule of this.program.rules) {
      if (!(yield* this.selects(rule))) continue
      if (!rule.body) {
        this.state.out.put(this.state.record.whole() + this.state.text(this.state.get('ORS')))
        continue
      }
      const flow = yield* this.statement(rule.body)
      if (flow === 'next' || flow === 'nextfile' || flow === 'exit') return flow
    }
    return 'on'
  }

  private *selects(rule: Rule): Routine<boolean> {
    if (!rule.pattern) return true
    if (!rule.until) return yield* this.evaluator.test(rule.pattern)
    if (!this.active.has(rule)) {
      if (!(yield* this.evaluator.test(rule.pattern))) return false
      this.active.add(rule)
    }
    if (yield* this.evaluator.test(rule.until)) this.active.delete(rule)
    return true
  }

  private *body(statement: Stmt): Routine<Value> {
    this.returned = uninitialized
    const flow = yield* this.statement(statement)
    if (flow === 'exit' || flow === 'next' || flow === 'nextfile') throw new Unwind(flow)
    const value = flow === 'return' ? this.returned : uninitialized
    this.returned = uninitialized
    return value
  }

  /** A statement; what unwinds out of functions arrives here as a flow. */
  private *statement(statement: Stmt): Routine<Flow> {
    const outer = this.state.frame
    if (outer) return yield* this.execute(statement)
    try {
      return yield* this.execute(statement)
    } catch (thrown) {
      if (!(thrown instanceof Unwind)) throw thrown
      this.state.frame = undefined
      return thrown.flow
    }
  }

  private *execute(statement: Stmt): Routine<Flow> {
    const { evaluator } = this
    this.current = statement
    switch (statement.kind) {
      case 'expr':
        yield* evaluator.evaluate(statement.value)
        return 'on'
      case 'print':
      case 'printf':
        yield* this.print(statement)
        return 'on'
      case 'block':
        for (const one of statement.body) {
          const flow = yield* this.execute(one)
          if (flow !== 'on') return flow
        }
        return 'on'
      case 'if':
        if (yield* evaluator.test(statement.test)) return yield* this.execute(statement.yes)
        return statement.no ? yield* this.execute(statement.no) : 'on'
      case 'while':
        return yield* this.loop(statement.test, statement.body, undefined)
      case 'do': {
        const first = yield* this.execute(statement.body)
        if (first === 'break') return 'on'
        if (first !== 'on' && first !== 'continue') return first
        return yield* this.loop(statement.test, statement.body, undefined)
      }
      case 'for': {
        if (statement.init) yield* this.execute(statement.init)
        return yield* this.loop(statement.test, statement.body, statement.step)
      }
      case 'forin':
        return yield* this.forIn(statement)
      case 'break':
      case 'continue':
      case 'next':
      case 'nextfile':
        return statement.kind
      case 'exit':
        if (statement.value) this.exitCode = Math.trunc(numberOf(yield* evaluator.evaluate(statement.value))) & 255
        return 'exit'
      case 'return':
        this.returned = statement.value ? yield* evaluator.evaluate(statement.value) : uninitialized
        return 'return'
      case 'delete': {
        const array = this.state.array(statement.array)
        if (statement.subscripts)
          array.items.delete(evaluator.subscript(yield* evaluator.evaluateAll(statement.subscripts)))
        else array.items.clear()
        return 'on'
      }
    }
  }

  private *loop(test: Expr | undefined, body: Stmt, step: Stmt | undefined): Routine<Flow> {
    while (!test || (yield* this.evaluator.test(test))) {
      const flow = yield* this.execute(body)
      if (flow === 'break') return 'on'
      if (flow !== 'on' && flow !== 'continue') return flow
      if (step) yield* this.execute(step)
      yield* this.tick()
    }
    return 'on'
  }

  private *tick(): Routine<void> {
    if (this.state.out.full) yield* this.state.out.flush()
    if (++this.turns % turnsPerMs === 0) yield { op: 'cpu', ms: 1 }
  }

  private *forIn(statement: Extract<Stmt, { kind: 'forin' }>): Routine<Flow> {
    const array = this.state.array(statement.array)
    for (const name of array.names(this.state.gnu)) {
      this.evaluator.place(statement.variable).set(new InputText(name))
      const flow = yield* this.execute(statement.body)
      if (flow === 'break') return 'on'
      if (flow !== 'on' && flow !== 'continue') return flow
      yield* this.tick()
    }
    return 'on'
  }

  private *print(statement: Extract<Stmt, { kind: 'print' | 'printf' }>): Routine<void> {
    const { state, evaluator } = this
    const values = yield* evaluator.evaluateAll(statement.args)
    let text: string
    if (statement.kind === 'printf')
      text = sprintf(state.text(values[0] ?? ''), values.slice(1), state.convfmt, state.gnu)
    else {
      const format = state.text(state.get('OFMT'))
      const parts = values.length === 0 ? [state.record.whole()] : values.map(value => textOf(value, format))
      text = parts.join(state.text(state.get('OFS'))) + state.text(state.get('ORS'))
    }
    if (!statement.to) {
      state.out.put(text)
      return
    }
    const out = yield* this.target(statement.to)
    out.put(text)
    if (out.full || out.fd === 2) yield* out.flush()
  }

  private *target({ mode, target }: Redirect): Routine<Out> {
    const name = this.state.text(yield* this.evaluator.evaluate(target))
    if (name === '') throw new Failure("can't redirect to an empty file name")
    if (mode === '|') yield* this.state.out.flush()
    try {
      return this.state.streams.output(mode, name)
    } catch (error) {
      if (!isErrno(error)) throw error
      throw new Failure(
        this.state.gnu ? `cannot open "${name}" (${error.message})` : `can't open '${name}': ${error.message}`,
        this.state.gnu ? 2 : 1,
      )
    }
  }
}

/** exit, next or nextfile inside a function: leaves all calls at once. */
class Unwind extends Error {
  readonly flow: 'exit' | 'next' | 'nextfile'

  constructor(flow: 'exit' | 'next' | 'nextfile') {
    super(flow)
    this.flow = flow
  }
}
