/** Runs a parsed template over a value (text/template/exec.go), with Go's error texts. */
import { messageOf } from '../../errors.ts'
import { quote } from '../../util/strconv.ts'
import { printed } from './format.ts'
import type { Func, Functions, Kind } from './funcs.ts'
import { type BranchNode, type CommandNode, type Node, nodeText, type Operand, type Pipe } from './node.ts'
import type { Parsed } from './parse.ts'
import { Float, fieldsOf, isMap, sortedEntries, truth, typeName } from './value.ts'

/** Something that went wrong while a template ran: `template: :1:2: executing "" at <.X>: ...`. */
export class ExecError extends Error {
  override readonly name = 'ExecError'
  /** What was printed until then. */
  readonly partial: string
  constructor(message: string, partial: string) {
    super(message)
    this.partial = partial
  }
}

export interface ExecOptions {
  /** A key that a map has not is an error, and types are unknown: how Docker reads raw JSON. */
  strict?: boolean
}

/** Go allows 100000; this is as deep as a stack of ours safely goes. */
const DEEPEST = 500
type Flow = 'next' | 'break' | 'continue'
const MISSING = Symbol('no final argument')

/** Runs the template over `dot` and returns its output. @throws ExecError */
export function execute(
  parsed: Parsed,
  label: string,
  functions: Functions,
  dot: unknown,
  options: ExecOptions = {},
): string {
  const state = new State(parsed, label, functions, options.strict === true)
  state.push('$', dot)
  state.walkList(dot, parsed.main)
  return state.output.join('')
}

class State {
  readonly output: string[] = []
  private readonly variables: { name: string; value: unknown }[] = []
  private name: string
  private depth = 0
  private at: Node | Pipe | CommandNode | Operand | undefined
  private readonly parsed: Parsed
  private readonly label: string
  private readonly functions: Functions
  private readonly strict: boolean

  constructor(parsed: Parsed, label: string, functions: Functions, strict: boolean) {
    this.parsed = parsed
    this.label = label
    this.functions = functions
    this.strict = strict
    this.name = label
  }

  push(name: string, value: unknown): void {
    this.variables.push({ name, value })
  }

  walkList(dot: unknown, nodes: readonly Node[]): Flow {
    for (const node of nodes) {
      const flow = this.walk(dot, node)
      if (flow !== 'next') return flow
    }
    return 'next'
  }

  private walk(dot: unknown, node: Node): Flow {
    this.at = node
    switch (node.kind) {
      case 'text':
        this.output.push(node.text)
        return 'next'
      case 'action': {
        const value = this.pipeline(dot, node.pipe)
        if (node.pipe.declares.length > 0) return 'next'
        if (typeof value === 'function') this.fail(`can't print ${nodeText(node)} of type func`)
        this.output.push(printed(this.strict && value === null ? undefined : value))
        return 'next'
      }
      case 'template':
        this.callTemplate(dot, node.name, node.pipe)
        return 'next'
      case 'break':
      case 'continue':
        return node.kind
      case 'range':
        return this.range(dot, node)
      default: {
        const mark = this.variables.length
        const value = this.pipeline(dot, node.pipe)
        let flow: Flow = 'next'
        if (truth(value)) flow = this.walkList(node.kind === 'with' ? value : dot, node.list)
        else if (node.otherwise) flow = this.walkList(dot, node.otherwise)
        this.variables.length = mark
        return flow
      }
    }
  }

  private range(dot: unknown, node: BranchNode): Flow {
    const mark = this.variables.length
    const value = this.pipeline(dot, node.pipe)
    const inside = this.variables.length
    const items = this.items(value)
    const [first, second] = node.pipe.declares
    for (const [key, item] of items) {
      if (second !== undefined && first !== undefined) {
        this.set(first, key, node.pipe.assigns)
        this.set(second, item, node.pipe.assigns)
      } else if (first !== undefined) this.set(first, item, node.pipe.assigns)
      const flow = this.walkList(item, node.list)
      this.variables.length = inside
      if (flow === 'break') break
    }
    if (items.length === 0 && node.otherwise) this.walkList(dot, node.otherwise)
    this.variables.length = mark
    return 'next'
  }

  /** What a range goes over: elements with their index, or values with their key. */
  private items(value: unknown): [unknown, unknown][] {
    if (value === null || value === undefined) return []
    if (Array.isArray(value)) return value.map((item, i) => [i, item])
    if (isMap(value)) return sortedEntries(value)
    if (typeof value === 'number') return Array.from({ length: Math.max(0, Math.min(value, 1e6)) }, (_, i) => [i, i])
    return this.fail(`range can't iterate over ${printed(value)}`)
  }

  private set(name: string, value: unknown, assign: boolean): void {
    const found = assign ? this.variables.findLast(v => v.name === name) : undefined
    if (found) found.value = value
    else if (assign) this.fail(`undefined variable: ${name}`)
    else this.push(name, value)
  }

  private callTemplate(dot: unknown, name: string, pipe: Pipe | undefined): void {
    const nodes = this.parsed.defined.get(name)
    if (!nodes) this.fail(`template ${quote(name)} not defined`)
    if (this.depth === DEEPEST) this.fail('exceeded maximum template depth (100000)')
    const value = pipe ? this.pipeline(dot, pipe) : undefined
    const outer = { name: this.name, variables: this.variables.splice(0) }
    this.name = name
    this.depth++
    this.push('$', value)
    this.walkList(value, nodes)
    this.depth--
    this.name = outer.name
    this.variables.splice(0, this.variables.length, ...outer.variables)
  }

  private pipeline(dot: unknown, pipe: Pipe): unknown {
    let value: unknown = MISSING
    for (const command of pipe.commands) value = this.command(dot, command, value)
    if (value === MISSING) value = undefined
    if (pipe.declares.length === 1) for (const name of pipe.declares) this.set(name, value, pipe.assigns)
    return value
  }

  private command(dot: unknown, command: CommandNode, final: unknown): unknown {
    const [first, ...rest] = command.args
    if (!first) return undefined
    switch (first.kind) {
      case 'field':
        this.at = first
        return this.fields(dot, dot, first.names, first, rest, final)
      case 'chain':
        this.at = first
        if (first.of.kind === 'nil') this.fail(`indirection through explicit nil in ${nodeText(first)}`)
        return this.fields(dot, this.argument(dot, first.of), first.names, first, rest, final)
      case 'variable':
        return this.fields(dot, this.variable(first.names[0] ?? ''), first.names.slice(1), first, rest, final)
      case 'identifier':
        return this.function(dot, first.name, command, rest, final)
    }
    this.at = first
    if (rest.length > 0 || final !== MISSING) this.fail(`can't give argument to non-function ${nodeText(first)}`)
    if (first.kind === 'nil') this.fail('nil is not a command')
    return this.argument(dot, first)
  }

  /** The value of an operand that stands alone. */
  private argument(dot: unknown, node: Operand): unknown {
    this.at = node
    switch (node.kind) {
      case 'dot':
        return dot
      case 'nil':
        return null
      case 'bool':
      case 'string':
        return node.value
      case 'number':
        return node.float ? new Float(node.value) : node.value
      case 'pipe':
        return this.pipeline(dot, node)
      case 'identifier':
        return this.function(dot, node.name, node, [], MISSING)
      case 'field':
        return this.fields(dot, dot, node.names, node, [], MISSING)
      case 'variable':
        return this.fields(dot, this.variable(node.names[0] ?? ''), node.names.slice(1), node, [], MISSING)
      case 'chain':
        return this.fields(dot, this.argument(dot, node.of), node.names, node, [], MISSING)
    }
  }

  private variable(name: string): unknown {
    return this.variables.findLast(v => v.name === name)?.value
  }

  private fields(
    dot: unknown,
    start: unknown,
    names: readonly string[],
    node: Operand,
    args: readonly Operand[],
    final: unknown,
  ): unknown {
    let value = start
    for (const [i, name] of names.entries()) {
      const last = i === names.length - 1
      value = this.field(dot, value, name, node, last ? args : [], last ? final : MISSING)
    }
    if (names.length === 0 && (args.length > 0 || final !== MISSING)) {
      this.at = node
      this.fail(`can't give argument to non-function ${nodeText(node)}`)
    }
    return value
  }

  private field(
    dot: unknown,
    receiver: unknown,
    name: string,
    node: Operand,
    args: readonly Operand[],
    final: unknown,
  ): unknown {
    this.at = node
    const type = this.strict ? 'interface {}' : typeName(receiver)
    const hasArgs = args.length > 0 || final !== MISSING
    if (receiver === undefined) {
      if (this.strict) this.fail(`nil data; no entry for key ${quote(name)}`)
      return undefined
    }
    if (receiver === null) this.fail(`nil pointer evaluating ${this.strict ? type : 'interface {}'}.${name}`)
    if (isMap(receiver)) {
      if (hasArgs) this.fail(`${name} is not a method but has arguments`)
      if (receiver.has(name)) return receiver.get(name)
      if (this.strict) this.fail(`map has no entry for key ${quote(name)}`)
      return undefined
    }
    const fields = fieldsOf(receiver)
    if (fields && Object.hasOwn(fields, name)) {
      const value = fields[name]
      if (typeof value === 'function') {
        const count = args.length + (final === MISSING ? 0 : 1)
        if (count !== value.length) this.fail(`wrong number of args for ${name}: want ${value.length} got ${count}`)
        const given = args.map(arg => this.typed(dot, arg, 'string'))
        if (final !== MISSING) given.push(this.validate(final, 'string'))
        this.at = node
        return Reflect.apply(value, undefined, given)
      }
      if (hasArgs) this.fail(`${name} has arguments but cannot be invoked as function`)
      return value
    }
    return this.fail(`can't evaluate field ${name} in type ${type}`)
  }

  private function(
    dot: unknown,
    name: string,
    node: CommandNode | Operand,
    args: readonly Operand[],
    final: unknown,
  ): unknown {
    this.at = node
    if (name === 'and' || name === 'or') return this.shortCircuit(dot, name, args, final)
    const func = this.functions.get(name)
    if (!func) return this.fail(`${quote(name)} is not a defined function`)
    const count = args.length + (final === MISSING ? 0 : 1)
    this.at = node.kind === 'command' ? (node.args[0] ?? node) : node
    if (func.rest === undefined ? count !== func.params.length : count < func.params.length) {
      const want = func.rest === undefined ? '' : 'at least '
      this.fail(`wrong number of args for ${name}: want ${want}${func.params.length} got ${count}`)
    }
    this.at = node
    const values = args.map((arg, i) => this.typed(dot, arg, kindOf(func, i)))
    if (final !== MISSING) values.push(this.validate(final, kindOf(func, args.length)))
    this.at = node
    if (name === 'call' && typeof values[0] !== 'function') {
      const callee = node.kind === 'command' && node.args[1] ? nodeText(node.args[1]) : ''
      this.fail(`error calling call: non-function ${callee} of type ${typeName(values[0], this.strict)}`)
    }
    try {
      return func.run(values)
    } catch (error) {
      if (error instanceof ExecError) throw error
      return this.fail(`error calling ${name}: ${messageOf(error)}`)
    }
  }

  private shortCircuit(dot: unknown, name: 'and' | 'or', args: readonly Operand[], final: unknown): unknown {
    if (args.length === 0 && final === MISSING) this.fail(`wrong number of args for ${name}: want at least 1 got 0`)
    let value: unknown
    for (const arg of args) {
      value = this.argument(dot, arg)
      if (truth(value) === (name === 'or')) return value
    }
    return final === MISSING ? value : final
  }

  /** An argument for a parameter of a kind: literals are checked as they are written, values by their type. */
  private typed(dot: unknown, node: Operand, kind: Kind): unknown {
    const literal = ['bool', 'string', 'number'].includes(node.kind)
    if (!literal || kind === 'any') return this.validate(this.argument(dot, node), kind)
    this.at = node
    const fits = kind === 'string' ? node.kind === 'string' : kind === 'int' && node.kind === 'number' && !node.float
    if (!fits) {
      if (kind === 'strings') this.fail(`can't handle ${nodeText(node)} for arg of type []string`)
      this.fail(`expected ${kind === 'int' ? 'integer' : kind}; found ${nodeText(node)}`)
    }
    return this.argument(dot, node)
  }

  private validate(value: unknown, kind: Kind): unknown {
    if (kind === 'any') return value
    const wanted = kind === 'strings' ? '[]string' : kind
    if (value === undefined || value === null) this.fail(`invalid value; expected ${wanted}`)
    const fits =
      kind === 'string'
        ? typeof value === 'string'
        : kind === 'int'
          ? typeof value === 'number'
          : Array.isArray(value) && !this.strict && value.every(item => typeof item === 'string')
    if (!fits) this.fail(`wrong type for value; expected ${wanted}; got ${typeName(value, this.strict)}`)
    return value
  }

  private fail(message: string): never {
    const node = this.at
    const before = this.parsed.text.slice(0, node?.at ?? 0)
    const column = before.length - (before.lastIndexOf('\n') + 1)
    const place = `${this.label}:${before.split('\n').length}:${column}`
    const context = node ? ` at <${nodeText(node)}>` : ''
    throw new ExecError(`template: ${place}: executing ${quote(this.name)}${context}: ${message}`, this.output.join(''))
  }
}

const kindOf = (func: Func, index: number): Kind => func.params[index] ?? func.rest ?? 'any'
