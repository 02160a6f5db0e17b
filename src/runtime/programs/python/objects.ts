/** Python's values. None is null, booleans and strings are JavaScript's, integers are bigint, floats are numbers. */
import type { Block } from '../../../kernel/program.ts'
import type { Node, Params } from './parser.ts'

export type Value = null | boolean | bigint | number | string | PyObject
/** What runs may wait for the kernel, or hand a value out of a generator. */
export type Run<T = Value> = Generator<Block | { handed: Value }, T, unknown>

export type PyObject =
  | PyList
  | PyTuple
  | PyDict
  | PySet
  | PyBytes
  | PyFunction
  | PyNative
  | PyMethod
  | PyClass
  | PyInstance
  | PyModule
  | PyIterator
  | PySlice
  | PyRange
  | PyEllipsis

export class PyList {
  items: Value[]
  constructor(items: Value[]) {
    this.items = items
  }
}
export class PyTuple {
  readonly items: readonly Value[]
  constructor(items: readonly Value[]) {
    this.items = items
  }
}
export class PyDict {
  readonly map = new Map<unknown, [Value, Value]>()
}
export class PySet {
  readonly map = new Map<unknown, Value>()
  readonly frozen: boolean
  constructor(frozen = false) {
    this.frozen = frozen
  }
}
export class PyBytes {
  /** A byte string. */
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}
export class PySlice {
  readonly lower: Value
  readonly upper: Value
  readonly step: Value
  constructor(lower: Value, upper: Value, step: Value) {
    this.lower = lower
    this.upper = upper
    this.step = step
  }
}
export class PyRange {
  readonly start: bigint
  readonly stop: bigint
  readonly step: bigint
  constructor(start: bigint, stop: bigint, step: bigint) {
    this.start = start
    this.stop = stop
    this.step = step
  }
}
export class PyEllipsis {}
export const ellipsis = new PyEllipsis()

/** Names of one run of a function, a class body or a module. */
export class Scope {
  readonly names = new Map<string, Value>()
  readonly parent: Scope | undefined
  readonly globals: Scope
  /** Names that belong to a function's own run. */
  readonly locals: ReadonlySet<string> | undefined
  readonly outer = new Map<string, 'global' | 'nonlocal'>()
  constructor(parent: Scope | undefined, globals?: Scope, locals?: ReadonlySet<string>) {
    this.parent = parent
    this.globals = globals ?? this
    this.locals = locals
  }
}

export class PyFunction {
  readonly name: string
  readonly params: Params
  readonly defaults: (Value | undefined)[]
  readonly keywordDefaults: Map<string, Value>
  readonly node: Node
  readonly scope: Scope
  readonly file: string
  readonly attributes = new Map<string, Value>()
  constructor(
    name: string,
    params: Params,
    defaults: (Value | undefined)[],
    keywordDefaults: Map<string, Value>,
    node: Node,
    scope: Scope,
    file: string,
  ) {
    this.name = name
    this.params = params
    this.defaults = defaults
    this.keywordDefaults = keywordDefaults
    this.node = node
    this.scope = scope
    this.file = file
  }
}
export type Kwargs = Map<string, Value>
export class PyNative {
  readonly name: string
  readonly call: (args: Value[], kwargs: Kwargs) => Run | Value
  readonly attributes = new Map<string, Value>()
  constructor(name: string, call: (args: Value[], kwargs: Kwargs) => Run | Value) {
    this.name = name
    this.call = call
  }
}
export class PyMethod {
  readonly self: Value
  readonly func: PyFunction | PyNative
  constructor(self: Value, func: PyFunction | PyNative) {
    this.self = self
    this.func = func
  }
}
/** Python's order of a class's ancestors (C3): each before its own bases, and these in the order they were named. */
function merge(lists: PyClass[][]): PyClass[] {
  const order: PyClass[] = []
  for (;;) {
    const left = lists.filter(list => list.length > 0)
    const next = left.find(([head]) => left.every(list => list.indexOf(head as PyClass) < 1))?.[0]
    if (next === undefined) return [...order, ...new Set(left.flat())]
    order.push(next)
    for (const list of lists) if (list[0] === next) list.shift()
  }
}

export class PyClass {
  readonly name: string
  readonly bases: PyClass[]
  readonly dict: Map<string, Value>
  module = '__main__'
  readonly mro: PyClass[]
  constructor(name: string, bases: PyClass[], dict: Map<string, Value> = new Map()) {
    this.name = name
    this.bases = bases
    this.dict = dict
    this.mro = [this, ...merge([...bases.map(each => [...each.mro]), [...bases]])]
  }
  find(name: string): Value | undefined {
    for (const each of this.mro) {
      const found = each.dict.get(name)
      if (found !== undefined) return found
    }
    return undefined
  }
  isSubclassOf(other: PyClass): boolean {
    return this.mro.includes(other)
  }
}
export class PyInstance {
  cls: PyClass
  readonly dict = new Map<string, Value>()
  /** What a class of the host's side keeps: a socket, a date, a pattern. */
  native: unknown
  /** Where an exception came by: innermost last. */
  trace: { file: string; line: number; name: string; node: Node | undefined }[] | undefined
  constructor(cls: PyClass, native?: unknown) {
    this.cls = cls
    this.native = native
  }
}
export class PyModule {
  readonly name: string
  readonly names: Map<string, Value>
  constructor(name: string, names: Map<string, Value> = new Map()) {
    this.name = name
    this.names = names
  }
}
/** Anything that can be asked for its next value; `kind`: generator, list_iterator, map, … */
export class PyIterator {
  readonly kind: string
  readonly next: () => Run<Value | undefined> | Value | undefined
  readonly generator: Run<Value> | undefined
  /** Sent to a generator, or thrown into it. */
  resume: (value: Value, error?: unknown) => Run<Value | undefined>
  constructor(kind: string, next: () => Run<Value | undefined> | Value | undefined, generator?: Run<Value>) {
    this.kind = kind
    this.next = next
    this.generator = generator
    this.resume = function* () {
      const made = next()
      return made !== null && typeof made === 'object' && Symbol.iterator in made && 'throw' in made
        ? yield* made as Run<Value | undefined>
        : (made as Value | undefined)
    }
  }
}

/** A raised exception on its way. */
export class PyRaise extends Error {
  readonly value: PyInstance
  constructor(value: PyInstance) {
    super('python')
    this.value = value
  }
}
export class BreakLoop extends Error {}
export class ContinueLoop extends Error {}
export class ReturnValue extends Error {
  readonly value: Value
  constructor(value: Value) {
    super('return')
    this.value = value
  }
}
