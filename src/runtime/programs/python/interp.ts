/** Runs Python's tree: a generator over generators, so that anything may wait for the kernel at any depth. */
import type { Proc } from '../../../kernel/program.ts'
import { PySyntaxError } from './lexer.ts'
import type { TypeMethods } from './methods.ts'
import {
  BreakLoop,
  ContinueLoop,
  ellipsis,
  type Kwargs,
  PyBytes,
  PyClass,
  PyDict,
  PyFunction,
  PyInstance,
  PyIterator,
  PyList,
  PyMethod,
  PyModule,
  PyNative,
  PyRaise,
  PyRange,
  PySet,
  PySlice,
  PyTuple,
  ReturnValue,
  type Run,
  Scope,
  type Value,
} from './objects.ts'
import { type Node, type Params, parseModule } from './parser.ts'
import { exceptionTree, typeName } from './words.ts'

/** Steps between two looks at the clock, and what they take of the processor, in ms. */
const stepsPerLook = 20_000
const lookCost = 1
/** What Python holds back of its output before it writes it to a pipe or a file. */
const bufferSize = 8192
/** Depth of calls that Python allows by default. */
const deepest = 950

interface Frame {
  file: string
  name: string
  node: Node
}

/** Whether the host's stack ended: asked where there is nearly none left, so without an expression to compile. */
const overflowed = (error: unknown): boolean =>
  (error instanceof RangeError || error instanceof SyntaxError) && error.message.includes('call stack')

export class Interpreter {
  readonly p: Proc
  readonly builtins = new Scope(undefined)
  readonly modules = new Map<string, PyModule>()
  /** `sys.modules`. */
  readonly loaded = new PyDict()
  readonly exceptions = new Map<string, PyClass>()
  readonly objectClass: PyClass
  readonly sources = new Map<string, string[]>()
  readonly frames: Frame[] = []
  readonly version: string
  methods: TypeMethods | undefined
  /** Whether standard output waits until there is enough of it: to anything but a terminal, without `-u`. */
  buffered = false
  /** What waits, and how many bytes it is. */
  #pending: Uint8Array[] = []
  #waiting = 0
  // biome-ignore lint/correctness/useYield: set by modules.ts
  loadModule: (name: string, interp: Interpreter) => Run<PyModule | undefined> = function* () {
    return undefined
  }
  /** Signals that the program handles. */
  readonly handlers = new Map<string, Value>()
  handling: PyInstance | undefined
  #steps = 0
  path: string[] = []

  /** `list[int]`, `Optional[str]`: `__origin__` and `__args__`. */
  readonly aliasClass: PyClass

  constructor(p: Proc, version: string) {
    this.p = p
    this.version = version
    this.objectClass = new PyClass('object', [])
    this.objectClass.module = 'builtins'
    this.aliasClass = new PyClass('GenericAlias', [this.objectClass])
    this.aliasClass.module = 'types'
    for (const [name, base] of exceptionTree) {
      const parent = base === '' ? this.objectClass : (this.exceptions.get(base) as PyClass)
      const made = new PyClass(name, [parent])
      made.module = 'builtins'
      this.exceptions.set(name, made)
      this.builtins.names.set(name, made)
    }
    this.builtins.names.set('object', this.objectClass)
  }

  error(name: string, ...args: Value[]): PyRaise {
    const cls = this.exceptions.get(name) ?? (this.exceptions.get('Exception') as PyClass)
    const made = new PyInstance(cls)
    made.dict.set('args', new PyTuple(args))
    if (name === 'SystemExit') made.dict.set('code', args[0] ?? null)
    return new PyRaise(made)
  }

  /** Keeps output back until there is enough of it. */
  *hold(data: Uint8Array): Run<void> {
    this.#pending.push(data)
    this.#waiting += data.length
    if (this.#waiting >= bufferSize) yield* this.flush()
  }

  *flush(): Run<void> {
    const data = Buffer.concat(this.#pending)
    this.#pending = []
    this.#waiting = 0
    if (data.length > 0) yield { op: 'write', fd: 1, data }
  }

  /** The end of an iterator, with what a generator returned. */
  stopped(iterator: PyIterator): PyRaise {
    const { result } = iterator as PyIterator & { result?: Value }
    const raised = this.error('StopIteration', ...(result === undefined || result === null ? [] : [result]))
    raised.value.dict.set('value', result ?? null)
    return raised
  }

  /** A module's text, run in a scope of its own. */
  *runModule(text: string, file: string, scope: Scope): Run<void> {
    this.sources.set(file, text.split('\n'))
    let body: Node[]
    try {
      body = parseModule(text)
    } catch (error) {
      if (!(error instanceof PySyntaxError)) throw error
      throw this.syntaxError(error, file)
    }
    yield* this.inFrame({ file, name: '<module>', node: { t: 'pass', line: 1, column: 0, end: 0 } }, () =>
      this.block(body, scope),
    )
  }

  syntaxError(error: PySyntaxError, file: string): PyRaise {
    const raised = this.error(error.kind, error.message)
    const { dict } = raised.value
    dict.set('filename', file)
    dict.set('lineno', BigInt(error.line))
    dict.set('offset', BigInt(error.column + 1))
    dict.set('text', this.sources.get(file)?.[error.line - 1] ?? '')
    return raised
  }

  *inFrame<T>(frame: Frame, work: () => Run<T>): Run<T> {
    if (this.frames.length >= deepest) throw this.error('RecursionError', 'maximum recursion depth exceeded')
    this.frames.push(frame)
    try {
      return yield* work()
    } catch (error) {
      if (error instanceof PyRaise) {
        error.value.trace ??= []
        error.value.trace.unshift({ file: frame.file, line: frame.node.line, name: frame.name, node: frame.node })
      } else if (overflowed(error)) {
        const raised = this.error('RecursionError', 'maximum recursion depth exceeded')
        raised.value.trace = [{ file: frame.file, line: frame.node.line, name: frame.name, node: undefined }]
        throw raised
      }
      throw error
    } finally {
      this.frames.pop()
    }
  }

  *tick(): Run<void> {
    if (++this.#steps < stepsPerLook) return
    this.#steps = 0
    yield { op: 'cpu', ms: lookCost }
    yield* this.signals()
  }

  /** Runs the handlers of signals that came. */
  *signals(): Run<void> {
    for (let name = this.p.takeSignal(); name !== undefined; name = this.p.takeSignal()) {
      const handler = this.handlers.get(name)
      if (handler === undefined) {
        if (name === 'INT') throw this.error('KeyboardInterrupt')
        continue
      }
      yield* this.call(handler, [BigInt(name === 'TERM' ? 15 : name === 'INT' ? 2 : name === 'HUP' ? 1 : 10), null])
    }
  }

  *block(body: readonly Node[], scope: Scope): Run<void> {
    for (const node of body) yield* this.statement(node, scope)
  }

  #mark(node: Node): void {
    const frame = this.frames.at(-1)
    if (frame) frame.node = node
  }

  *statement(node: Node, scope: Scope): Run<void> {
    this.#mark(node)
    yield* this.tick()
    switch (node.t) {
      case 'Expr':
        yield* this.ev(node['value'] as Node, scope)
        return
      case 'Assign': {
        const value = yield* this.ev(node['value'] as Node, scope)
        for (const target of node['targets'] as Node[]) yield* this.assign(target, value, scope)
        return
      }
      case 'Aug': {
        const target = node['target'] as Node
        const left = yield* this.ev(target, scope)
        const right = yield* this.ev(node['value'] as Node, scope)
        if (node['op'] === '+' && left instanceof PyList) {
          left.items.push(...(yield* this.list(right)))
          return yield* this.assign(target, left, scope)
        }
        this.#mark(node)
        yield* this.assign(target, yield* this.binary(node['op'] as string, left, right), scope)
        return
      }
      case 'Annotated':
        if (node['value'])
          yield* this.assign(node['target'] as Node, yield* this.ev(node['value'] as Node, scope), scope)
        if ((node['target'] as Node).t === 'Name' && !scope.locals) {
          const annotations = scope.names.get('__annotations__') ?? new PyDict()
          scope.names.set('__annotations__', annotations)
          if (annotations instanceof PyDict)
            this.set(
              annotations,
              (node['target'] as Node)['name'] as string,
              yield* this.#annotation(node['annotation'] as Node, scope),
            )
        }
        return
      case 'If':
        if (yield* this.truth(yield* this.ev(node['test'] as Node, scope)))
          yield* this.block(node['body'] as Node[], scope)
        else yield* this.block(node['otherwise'] as Node[], scope)
        return
      case 'While':
        return yield* this.#while(node, scope)
      case 'For':
        return yield* this.#for(node, scope)
      case 'Def':
        return yield* this.#bindDecorated(node, yield* this.func(node, scope), scope)
      case 'Class':
        return yield* this.#bindDecorated(node, yield* this.#class(node, scope), scope)
      case 'Return':
        throw new ReturnValue(node['value'] ? yield* this.ev(node['value'] as Node, scope) : null)
      case 'break':
        throw new BreakLoop()
      case 'continue':
        throw new ContinueLoop()
      case 'pass':
        return
      case 'Raise':
        return yield* this.#raise(node, scope)
      case 'Try':
        return yield* this.#try(node, scope)
      case 'With':
        return yield* this.#with(node, scope, 0)
      case 'Import':
        for (const { name, as } of node['names'] as { name: string; as?: string }[]) {
          const module = yield* this.importModule(name)
          this.#mark(node)
          const top = name.split('.')[0] ?? name
          if (as) this.setName(as, module, scope)
          else this.setName(top, name === top ? module : yield* this.importModule(top), scope)
        }
        return
      case 'From':
        return yield* this.#from(node, scope)
      case 'global':
      case 'nonlocal':
        for (const name of node['names'] as string[]) scope.outer.set(name, node.t)
        return
      case 'Del':
        for (const target of node['targets'] as Node[]) yield* this.#delete(target, scope)
        return
      case 'Assert':
        if (!(yield* this.truth(yield* this.ev(node['test'] as Node, scope)))) {
          const message = node['message'] ? [yield* this.ev(node['message'] as Node, scope)] : []
          throw this.error('AssertionError', ...message)
        }
        return
    }
    throw this.error('NotImplementedError', `minidock: ${node.t} is not modelled`)
  }

  /** What an annotation names; None where that is not there (yet). */
  *#annotation(node: Node, scope: Scope): Run {
    try {
      return yield* this.ev(node, scope)
    } catch (error) {
      if (error instanceof PyRaise) return null
      throw error
    }
  }

  *#while(node: Node, scope: Scope): Run<void> {
    for (;;) {
      this.#mark(node)
      if (!(yield* this.truth(yield* this.ev(node['test'] as Node, scope)))) break
      try {
        yield* this.block(node['body'] as Node[], scope)
      } catch (error) {
        if (error instanceof BreakLoop) return
        if (!(error instanceof ContinueLoop)) throw error
      }
      yield* this.tick()
    }
    yield* this.block(node['otherwise'] as Node[], scope)
  }

  *#for(node: Node, scope: Scope): Run<void> {
    const list = yield* this.ev(node['iter'] as Node, scope)
    const iterator = node['isAsync'] === true ? yield* this.#asyncIter(list) : yield* this.iter(list)
    for (;;) {
      const value = yield* this.next(iterator)
      if (value === undefined) break
      yield* this.assign(node['target'] as Node, value, scope)
      try {
        yield* this.block(node['body'] as Node[], scope)
      } catch (error) {
        if (error instanceof BreakLoop) return
        if (!(error instanceof ContinueLoop)) throw error
      }
      this.#mark(node)
    }
    yield* this.block(node['otherwise'] as Node[], scope)
  }

  *#asyncIter(list: Value): Run<PyIterator> {
    if (!(list instanceof PyInstance)) return yield* this.iter(list)
    const source = yield* this.callMethod(list, '__aiter__', [])
    return new PyIterator('async_iterator', () => this.#nextAsync(source))
  }

  *#nextAsync(source: Value): Run<Value | undefined> {
    try {
      return yield* this.wait(yield* this.callMethod(source, '__anext__', []))
    } catch (error) {
      if (error instanceof PyRaise && error.value.cls.name === 'StopAsyncIteration') return undefined
      throw error
    }
  }

  *func(node: Node, scope: Scope): Run<PyFunction> {
    const params = node['params'] as Params
    const defaults: (Value | undefined)[] = []
    for (const each of params.defaults) defaults.push(each ? yield* this.ev(each, scope) : undefined)
    const named = new Map<string, Value>()
    for (const { name, value } of params.keywordOnly) if (value) named.set(name, yield* this.ev(value, scope))
    const frame = this.frames.at(-1)
    const made = new PyFunction(
      (node['name'] as string) ?? '<lambda>',
      params,
      defaults,
      named,
      node,
      scope,
      frame?.file ?? '',
    )
    const [first] = node.t === 'Def' ? (node['body'] as Node[]) : []
    const doc = first?.t === 'Expr' ? ((first['value'] as Node)['value'] as { str?: string } | undefined) : undefined
    if (doc?.str !== undefined) made.attributes.set('__doc__', doc.str)
    return made
  }

  *#bindDecorated(node: Node, made: Value, scope: Scope): Run<void> {
    let value = made
    for (const decorator of [...((node['decorators'] as Node[] | undefined) ?? [])].reverse())
      value = yield* this.call(yield* this.ev(decorator, scope), [value])
    this.setName(node['name'] as string, value, scope)
  }

  *#class(node: Node, scope: Scope): Run<PyClass> {
    const bases: PyClass[] = []
    for (const each of node['bases'] as Node[]) {
      const base = yield* this.ev(each, scope)
      const origin = base instanceof PyInstance && base.cls === this.aliasClass ? base.dict.get('__origin__') : base
      if (origin instanceof PyClass) bases.push(origin)
      else if (origin instanceof PyNative) bases.push(this.#builtinBase(origin))
    }
    for (const { value } of node['keywords'] as { value: Node }[]) yield* this.ev(value, scope)
    const inner = new Scope(scope, scope.globals)
    const frame = this.frames.at(-1)
    yield* this.inFrame({ file: frame?.file ?? '', name: node['name'] as string, node }, () =>
      this.block(node['body'] as Node[], inner),
    )
    const made = new PyClass(node['name'] as string, bases.length > 0 ? bases : [this.objectClass], inner.names)
    made.module = String(inner.names.get('__module__') ?? scope.globals.names.get('__name__') ?? '__main__')
    const hook = made.bases.map(each => each.find('__init_subclass__')).find(each => each !== undefined)
    if (hook !== undefined) yield* this.call(hook, [made])
    return made
  }

  /** `object.__new__`. */
  readonly #maker = new PyNative('__new__', ([cls]) => new PyInstance(cls as PyClass))

  readonly #bases = new Map<string, PyClass>()
  /** dict, list and their like as bases are classes without what they do. */
  #builtinBase(native: PyNative): PyClass {
    const known = this.#bases.get(native.name) ?? new PyClass(native.name, [this.objectClass])
    this.#bases.set(native.name, known)
    return known
  }

  *#raise(node: Node, scope: Scope): Run<void> {
    if (!node['value']) {
      if (!this.handling) throw this.error('RuntimeError', 'No active exception to reraise')
      throw new PyRaise(this.handling)
    }
    let value = yield* this.ev(node['value'] as Node, scope)
    if (value instanceof PyClass) value = yield* this.call(value, [])
    this.#mark(node)
    if (!(value instanceof PyInstance) || !value.cls.isSubclassOf(this.exceptions.get('BaseException') as PyClass))
      throw this.error('TypeError', 'exceptions must derive from BaseException')
    if (node['cause']) value.dict.set('__cause__', yield* this.ev(node['cause'] as Node, scope))
    this.#mark(node)
    if (!node['cause'] && this.handling && this.handling !== value && !value.dict.has('__context__'))
      value.dict.set('__context__', this.handling)
    value.trace = undefined
    throw new PyRaise(value)
  }

  *#try(node: Node, scope: Scope): Run<void> {
    try {
      try {
        yield* this.block(node['body'] as Node[], scope)
      } catch (error) {
        if (!(error instanceof PyRaise)) throw error
        const before = this.handling
        const where = this.frames.at(-1)
        const at = where && { file: where.file, line: where.node.line, name: where.name, node: where.node }
        for (const handler of node['handlers'] as { type?: Node; name?: string; body: Node[] }[]) {
          if (handler.type && !this.isInstance(error.value, yield* this.ev(handler.type, scope))) continue
          this.handling = error.value
          error.value.trace ??= []
          if (at && !error.value.trace.some(each => each.node === at.node)) error.value.trace.unshift(at)
          if (handler.name) this.setName(handler.name, error.value, scope)
          try {
            yield* this.block(handler.body, scope)
          } catch (again) {
            if (again instanceof PyRaise && again.value !== error.value && !again.value.dict.has('__context__'))
              again.value.dict.set('__context__', error.value)
            throw again
          } finally {
            this.handling = before
          }
          return
        }
        throw error
      }
      yield* this.block(node['otherwise'] as Node[], scope)
    } finally {
      yield* this.block(node['final'] as Node[], scope)
    }
  }

  *#with(node: Node, scope: Scope, at: number): Run<void> {
    const items = node['items'] as { value: Node; as?: Node }[]
    const item = items[at]
    if (!item) return yield* this.block(node['body'] as Node[], scope)
    const manager = yield* this.ev(item.value, scope)
    const how = node['isAsync'] === true && (yield* this.findAttribute(manager, '__aenter__')) !== undefined ? 'a' : ''
    const exit = function* (this: Interpreter, ...args: Value[]): Run {
      const answer = yield* this.callMethod(manager, `__${how}exit__`, args)
      return how === '' ? answer : yield* this.wait(answer)
    }.bind(this)
    let entered = yield* this.callMethod(manager, `__${how}enter__`, [])
    if (how !== '') entered = yield* this.wait(entered)
    if (item.as) yield* this.assign(item.as, entered, scope)
    try {
      yield* this.#with(node, scope, at + 1)
    } catch (error) {
      if (!(error instanceof PyRaise)) {
        yield* exit(null, null, null)
        throw error
      }
      if (yield* this.truth(yield* exit(error.value.cls, error.value, null))) return
      throw error
    }
    yield* exit(null, null, null)
  }

  *importModule(name: string): Run<PyModule> {
    const parts = name.split('.')
    let full = ''
    let found: PyModule | undefined
    for (const part of parts) {
      full = full === '' ? part : `${full}.${part}`
      let module = this.modules.get(full)
      if (!module) {
        module = yield* this.loadModule(full, this)
        if (!module) throw this.#missing(full)
        this.modules.set(full, module)
        this.set(this.loaded, full, module)
      }
      this.set(this.loaded, full, module)
      found?.names.set(part, module)
      found = module
    }
    return found as PyModule
  }

  #missing(name: string): PyRaise {
    const raised = this.error('ModuleNotFoundError', `No module named '${name}'`)
    raised.value.dict.set('name', name)
    return raised
  }

  *#from(node: Node, scope: Scope): Run<void> {
    const dots = node['dots'] as number
    let name = node['module'] as string
    if (dots > 0) {
      const own = String(scope.globals.names.get('__package__') ?? '')
      const base = own
        .split('.')
        .slice(0, own === '' ? 0 : own.split('.').length - dots + 1)
        .join('.')
      if (base === '') throw this.error('ImportError', 'attempted relative import with no known parent package')
      name = name === '' ? base : `${base}.${name}`
    }
    const module = yield* this.importModule(name)
    this.#mark(node)
    for (const { name: wanted, as } of node['names'] as { name: string; as?: string }[]) {
      if (wanted === '*') {
        for (const [key, value] of module.names) if (!key.startsWith('_')) this.setName(key, value, scope)
        continue
      }
      let value = module.names.get(wanted)
      if (value === undefined)
        value = this.modules.get(`${name}.${wanted}`) ?? (yield* this.loadModule(`${name}.${wanted}`, this))
      if (value === undefined)
        throw this.error(
          'ImportError',
          `cannot import name '${wanted}' from '${name}' (${module.names.get('__file__') ?? 'unknown location'})`,
        )
      this.setName(as ?? wanted, value, scope)
    }
  }

  *#delete(target: Node, scope: Scope): Run<void> {
    if (target.t === 'Name') {
      if (!scope.names.delete(target['name'] as string))
        throw this.error('NameError', `name '${target['name']}' is not defined`)
    } else if (target.t === 'Subscript') {
      const object = yield* this.ev(target['value'] as Node, scope)
      const index = yield* this.ev(target['index'] as Node, scope)
      if (object instanceof PyDict) {
        if (!object.map.delete(this.key(index))) throw this.error('KeyError', index)
      } else if (object instanceof PyList) {
        if (index instanceof PySlice) {
          const [from, to] = this.span(index, object.items.length)
          object.items.splice(from, to - from)
        } else object.items.splice(this.position(index, object.items.length, 'list assignment'), 1)
      } else yield* this.callMethod(object, '__delitem__', [index])
    } else if (target.t === 'Attribute') {
      const object = yield* this.ev(target['value'] as Node, scope)
      if (object instanceof PyInstance) object.dict.delete(target['name'] as string)
    }
  }

  setName(name: string, value: Value, scope: Scope): void {
    const outer = scope.outer.get(name)
    if (outer === 'global') scope.globals.names.set(name, value)
    else if (outer === 'nonlocal') {
      for (let each = scope.parent; each; each = each.parent)
        if (each.names.has(name)) {
          each.names.set(name, value)
          return
        }
    } else scope.names.set(name, value)
  }

  lookup(name: string, scope: Scope): Value {
    for (let each: Scope | undefined = scope; each; each = each.parent) {
      // A class body is no scope for the functions in it.
      if (each !== scope && !each.locals && each !== each.globals) continue
      const found = each.names.get(name)
      if (found !== undefined) return found
      if (each === scope && each.locals?.has(name))
        throw this.error(
          'UnboundLocalError',
          `cannot access local variable '${name}' where it is not associated with a value`,
        )
    }
    const found = scope.globals.names.get(name) ?? this.builtins.names.get(name)
    if (found !== undefined) return found
    throw this.error('NameError', `name '${name}' is not defined`)
  }

  *assign(target: Node, value: Value, scope: Scope): Run<void> {
    switch (target.t) {
      case 'Name':
        this.setName(target['name'] as string, value, scope)
        return
      case 'Attribute':
        return yield* this.setAttribute(yield* this.ev(target['value'] as Node, scope), target['name'] as string, value)
      case 'Subscript':
        return yield* this.setItem(
          yield* this.ev(target['value'] as Node, scope),
          yield* this.ev(target['index'] as Node, scope),
          value,
        )
      case 'Tuple':
      case 'List': {
        const items = target['items'] as Node[]
        const values = yield* this.list(value)
        const star = items.findIndex(each => each.t === 'Starred')
        if (star < 0) {
          if (values.length < items.length)
            throw this.error(
              'ValueError',
              `not enough values to unpack (expected ${items.length}, got ${values.length})`,
            )
          if (values.length > items.length)
            throw this.error('ValueError', `too many values to unpack (expected ${items.length})`)
          for (const [at, each] of items.entries()) yield* this.assign(each, values[at] as Value, scope)
          return
        }
        const after = items.length - star - 1
        if (values.length < items.length - 1)
          throw this.error(
            'ValueError',
            `not enough values to unpack (expected at least ${items.length - 1}, got ${values.length})`,
          )
        for (let at = 0; at < star; at++) yield* this.assign(items[at] as Node, values[at] as Value, scope)
        yield* this.assign(
          (items[star] as Node)['value'] as Node,
          new PyList(values.slice(star, values.length - after)),
          scope,
        )
        for (let at = 0; at < after; at++)
          yield* this.assign(items[star + 1 + at] as Node, values[values.length - after + at] as Value, scope)
        return
      }
    }
    throw this.error('SyntaxError', 'cannot assign to this')
  }

  *ev(node: Node, scope: Scope): Run {
    switch (node.t) {
      case 'Constant':
        return constant(node['value'])
      case 'Name':
        this.#mark(node)
        return this.lookup(node['name'] as string, scope)
      case 'Attribute': {
        const value = yield* this.ev(node['value'] as Node, scope)
        this.#mark(node)
        return yield* this.attribute(value, node['name'] as string)
      }
      case 'Call':
        return yield* this.#call(node, scope)
      case 'Bin': {
        const left = yield* this.ev(node['left'] as Node, scope)
        const right = yield* this.ev(node['right'] as Node, scope)
        this.#mark(node)
        return yield* this.binary(node['op'] as string, left, right)
      }
      case 'Compare': {
        let left = yield* this.ev(node['left'] as Node, scope)
        const ops = node['ops'] as string[]
        for (const [at, op] of ops.entries()) {
          const right = yield* this.ev((node['rights'] as Node[])[at] as Node, scope)
          this.#mark(node)
          const result = yield* this.compare(op, left, right)
          if (ops.length === 1) return result
          if (!(yield* this.truth(result))) return false
          left = right
        }
        return true
      }
      case 'Bool': {
        const left = yield* this.ev(node['left'] as Node, scope)
        const is = yield* this.truth(left)
        return is === (node['op'] === 'or') ? left : yield* this.ev(node['right'] as Node, scope)
      }
      case 'Not':
        return !(yield* this.truth(yield* this.ev(node['value'] as Node, scope)))
      case 'Unary': {
        const value = yield* this.ev(node['value'] as Node, scope)
        const number = typeof value === 'boolean' ? BigInt(value) : value
        if (typeof number === 'bigint') return node['op'] === '-' ? -number : node['op'] === '~' ? ~number : number
        if (typeof number === 'number') return node['op'] === '-' ? -number : number
        throw this.error('TypeError', `bad operand type for unary ${node['op']}: '${typeName(value)}'`)
      }
      case 'IfExp':
        return (yield* this.truth(yield* this.ev(node['test'] as Node, scope)))
          ? yield* this.ev(node['body'] as Node, scope)
          : yield* this.ev(node['otherwise'] as Node, scope)
      case 'Tuple':
        return new PyTuple(yield* this.#items(node, scope))
      case 'List':
        return new PyList(yield* this.#items(node, scope))
      case 'Set': {
        const made = new PySet()
        for (const each of yield* this.#items(node, scope)) made.map.set(this.key(each), each)
        return made
      }
      case 'Dict': {
        const made = new PyDict()
        for (const { key, value } of node['pairs'] as { key?: Node; value: Node }[]) {
          if (key) {
            const name = yield* this.ev(key, scope)
            this.set(made, name, yield* this.ev(value, scope))
          } else {
            const other = yield* this.ev(value, scope)
            if (other instanceof PyDict) for (const [name, each] of other.map.values()) this.set(made, name, each)
          }
        }
        return made
      }
      case 'Subscript': {
        const value = yield* this.ev(node['value'] as Node, scope)
        const index = yield* this.ev(node['index'] as Node, scope)
        this.#mark(node)
        return yield* this.item(value, index)
      }
      case 'Slice': {
        const part = function* (this: Interpreter, name: string): Run {
          return node[name] ? yield* this.ev(node[name] as Node, scope) : null
        }
        return new PySlice(
          yield* part.call(this, 'lower'),
          yield* part.call(this, 'upper'),
          yield* part.call(this, 'step'),
        )
      }
      case 'Format': {
        let text = ''
        for (const part of node['parts'] as (string | Node)[])
          text += typeof part === 'string' ? part : yield* this.#formatted(part, scope)
        return text
      }
      case 'Lambda':
        return yield* this.func(node, scope)
      case 'Walrus': {
        const value = yield* this.ev(node['value'] as Node, scope)
        this.setName(node['name'] as string, value, scope)
        return value
      }
      case 'ListComp':
      case 'SetComp':
      case 'DictComp': {
        const inner = new Scope(scope, scope.globals, new Set())
        const list: Value[] = []
        const dict = new PyDict()
        yield* this.#clauses(
          node,
          inner,
          0,
          function* (this: Interpreter) {
            if (node.t === 'DictComp') {
              const key = yield* this.ev(node['key'] as Node, inner)
              this.set(dict, key, yield* this.ev(node['value'] as Node, inner))
            } else list.push(yield* this.ev(node['value'] as Node, inner))
          }.bind(this),
        )
        if (node.t === 'DictComp') return dict
        if (node.t === 'ListComp') return new PyList(list)
        const set = new PySet()
        for (const each of list) set.map.set(this.key(each), each)
        return set
      }
      case 'GenExp': {
        const inner = new Scope(scope, scope.globals, new Set())
        const body = function* (this: Interpreter): Run {
          yield* this.#clauses(
            node,
            inner,
            0,
            function* (this: Interpreter) {
              yield { handed: yield* this.ev(node['value'] as Node, inner) }
            }.bind(this),
          )
          return null
        }.bind(this)
        return this.generator(body())
      }
      case 'Yield': {
        const value = node['value'] ? yield* this.ev(node['value'] as Node, scope) : null
        const sent = yield { handed: value }
        return (sent ?? null) as Value
      }
      case 'YieldFrom': {
        return yield* this.#delegate(yield* this.iter(yield* this.ev(node['value'] as Node, scope)))
      }
      case 'Await':
        return yield* this.wait(yield* this.ev(node['value'] as Node, scope))
      case 'Starred':
        throw this.error('SyntaxError', "can't use starred expression here")
    }
    throw this.error('NotImplementedError', `minidock: ${node.t} is not modelled`)
  }

  /** `await`: a coroutine run to its end; what it waits for is handed to the loop that drives the outermost. */
  *wait(value: Value): Run {
    if (value instanceof PyInstance) {
      const awaited = yield* this.findAttribute(value, '__await__')
      if (awaited !== undefined) return yield* this.wait(yield* this.call(awaited, []))
    }
    if (!(value instanceof PyIterator))
      throw this.error('TypeError', `object ${typeName(value)} can't be used in 'await' expression`)
    return yield* this.#delegate(value)
  }

  /** Hands out what an inner generator gives, and in what is sent or thrown; its result. */
  *#delegate(inner: PyIterator): Run {
    let step = yield* inner.resume(null)
    for (;;) {
      if (step === undefined) return (inner as PyIterator & { result?: Value }).result ?? null
      let sent: unknown
      try {
        sent = yield { handed: step }
      } catch (error) {
        step = yield* inner.resume(null, error)
        continue
      }
      step = yield* inner.resume((sent ?? null) as Value)
    }
  }

  *#clauses(node: Node, scope: Scope, at: number, work: () => Run<void>): Run<void> {
    const clause = (node['clauses'] as { target: Node; iter: Node; tests: Node[] }[])[at]
    if (!clause) return yield* work()
    const iterator = yield* this.iter(yield* this.ev(clause.iter, scope))
    outer: for (let value = yield* this.next(iterator); value !== undefined; value = yield* this.next(iterator)) {
      yield* this.tick()
      yield* this.assign(clause.target, value, scope)
      for (const test of clause.tests) if (!(yield* this.truth(yield* this.ev(test, scope)))) continue outer
      yield* this.#clauses(node, scope, at + 1, work)
    }
  }

  *#items(node: Node, scope: Scope): Run<Value[]> {
    const values: Value[] = []
    for (const each of node['items'] as Node[]) {
      if (each.t === 'Starred') values.push(...(yield* this.list(yield* this.ev(each['value'] as Node, scope))))
      else values.push(yield* this.ev(each, scope))
    }
    return values
  }

  *#formatted(part: Node, scope: Scope): Run<string> {
    let value = yield* this.ev(part['value'] as Node, scope)
    const conversion = part['conversion'] as string
    if (conversion === 'r' || conversion === 'a') value = yield* this.repr(value)
    else if (conversion === 's') value = yield* this.str(value)
    let spec = ''
    for (const each of part['spec'] as (string | Node)[])
      spec += typeof each === 'string' ? each : yield* this.#formatted(each, scope)
    return yield* this.format(value, spec)
  }

  *format(value: Value, spec: string): Run<string> {
    if (value instanceof PyInstance && value.cls.find('__format__'))
      return String(yield* this.callMethod(value, '__format__', [spec]))
    if (spec === '') return yield* this.str(value)
    if (!this.methods) return ''
    return this.methods.format(value, spec, yield* this.str(value))
  }

  *#call(node: Node, scope: Scope): Run {
    const func = yield* this.ev(node['func'] as Node, scope)
    const args: Value[] = []
    for (const each of node['args'] as Node[]) {
      if (each.t === 'Starred') args.push(...(yield* this.list(yield* this.ev(each['value'] as Node, scope))))
      else args.push(yield* this.ev(each, scope))
    }
    const kwargs: Kwargs = new Map()
    for (const { name, value } of node['keywords'] as { name?: string; value: Node }[]) {
      const given = yield* this.ev(value, scope)
      if (name) kwargs.set(name, given)
      else if (given instanceof PyDict) for (const [key, each] of given.map.values()) kwargs.set(String(key), each)
    }
    this.#mark(node)
    // `super()` without arguments looks at the method that calls it.
    if (func instanceof PyNative && func.name === 'super' && args.length === 0) return this.#super(scope)
    if (
      func instanceof PyNative &&
      (func.name === 'locals' || func.name === 'globals' || func.name === 'vars') &&
      args.length === 0
    ) {
      const made = new PyDict()
      for (const [key, value] of (func.name === 'globals' ? scope.globals : scope).names) this.set(made, key, value)
      return made
    }
    return yield* this.call(func, args, kwargs)
  }

  #super(scope: Scope): Value {
    for (let each: Scope | undefined = scope; each; each = each.parent) {
      const cls = each.names.get('#class')
      const self = each.names.get('#self')
      if (cls instanceof PyClass && self !== undefined) {
        const made = new PyInstance(new PyClass('super', [this.objectClass]))
        made.native = { super: cls, self }
        return made
      }
    }
    throw this.error('RuntimeError', 'super(): no arguments')
  }

  *call(func: Value, args: Value[], kwargs: Kwargs = new Map()): Run {
    yield* this.tick()
    if (func instanceof PyNative) {
      const result = func.call(args, kwargs)
      if (result !== null && typeof result === 'object' && 'next' in result && 'throw' in result)
        return yield* result as Run
      return result as Value
    }
    if (func instanceof PyMethod) return yield* this.#callBound(func, args, kwargs)
    if (func instanceof PyFunction) return yield* this.#callFunction(func, args, kwargs)
    if (func instanceof PyClass) return yield* this.instantiate(func, args, kwargs)
    if (func instanceof PyInstance) {
      if (func.cls === this.aliasClass) return yield* this.call(func.dict.get('__origin__') ?? null, args, kwargs)
      const own = func.cls.find('__call__')
      if (own !== undefined) return yield* this.callMethod(func, '__call__', args, kwargs)
    }
    throw this.error('TypeError', `'${typeName(func)}' object is not callable`)
  }

  *#callBound(method: PyMethod, args: Value[], kwargs: Kwargs): Run {
    return yield* this.call(method.func, [method.self, ...args], kwargs)
  }

  *#callFunction(func: PyFunction, args: Value[], kwargs: Kwargs): Run {
    const scope = new Scope(func.scope, func.scope.globals, new Set(func.node['locals'] as string[]))
    this.#bind(func, args, kwargs, scope)
    const owner = func.attributes.get('#class')
    if (owner !== undefined && args[0] !== undefined) {
      scope.names.set('#class', owner)
      scope.names.set('#self', args[0])
    }
    const { node } = func
    const frame = { file: func.file, name: func.name, node }
    if (node.t === 'Lambda') return yield* this.inFrame(frame, () => this.ev(node['value'] as Node, scope))
    const body = function* (this: Interpreter): Run {
      try {
        yield* this.inFrame(frame, () => this.block(node['body'] as Node[], scope))
      } catch (error) {
        if (error instanceof ReturnValue) return error.value
        throw error
      }
      return null
    }.bind(this)
    if (node['generator'] || node['isAsync'])
      return this.generator(body(), node['isAsync'] === true ? 'coroutine' : 'generator')
    return yield* body()
  }

  generator(body: Run, kind = 'generator'): PyIterator {
    let done = false
    const made = new PyIterator(kind, () => made.resume(null), body)
    made.resume = function* (value, error) {
      if (done) return undefined
      try {
        let step = error === undefined ? body.next(value) : body.throw(error)
        for (;;) {
          if (step.done) {
            done = true
            ;(made as PyIterator & { result?: Value }).result = step.value
            return undefined
          }
          if ('handed' in step.value) return step.value.handed
          let answer: unknown
          try {
            answer = yield step.value
          } catch (thrown) {
            step = body.throw(thrown)
            continue
          }
          step = body.next(answer)
        }
      } catch (thrown) {
        done = true
        throw thrown
      }
    }
    return made
  }

  #bind(func: PyFunction, args: Value[], kwargs: Kwargs, scope: Scope): void {
    const { params } = func
    const shown = `${func.name}()`
    const rest = new Map(kwargs)
    const missing: string[] = []
    params.names.forEach((name, at) => {
      if (at < args.length) {
        if (rest.has(name)) throw this.error('TypeError', `${shown} got multiple values for argument '${name}'`)
        scope.names.set(name, args[at] as Value)
        return
      }
      const given = rest.get(name) ?? (rest.has(name) ? null : func.defaults[at])
      rest.delete(name)
      if (given === undefined) missing.push(name)
      else scope.names.set(name, given)
    })
    if (missing.length > 0) {
      const names = missing.map(each => `'${each}'`)
      const list =
        names.length === 1
          ? names[0]
          : `${names.slice(0, -1).join(', ')}${names.length > 2 ? ',' : ''} and ${names.at(-1)}`
      throw this.error(
        'TypeError',
        `${shown} missing ${missing.length} required positional argument${missing.length > 1 ? 's' : ''}: ${list}`,
      )
    }
    if (params.star) scope.names.set(params.star, new PyTuple(args.slice(params.names.length)))
    else if (args.length > params.names.length) {
      const takes = params.names.length
      throw this.error(
        'TypeError',
        `${shown} takes ${takes} positional argument${takes === 1 ? '' : 's'} but ${args.length} ${args.length === 1 ? 'was' : 'were'} given`,
      )
    }
    for (const { name } of params.keywordOnly) {
      const given = rest.has(name) ? (rest.get(name) as Value) : func.keywordDefaults.get(name)
      rest.delete(name)
      if (given === undefined)
        throw this.error('TypeError', `${shown} missing 1 required keyword-only argument: '${name}'`)
      scope.names.set(name, given)
    }
    if (params.double) {
      const dict = new PyDict()
      for (const [key, value] of rest) this.set(dict, key, value)
      scope.names.set(params.double, dict)
    } else if (rest.size > 0)
      throw this.error('TypeError', `${shown} got an unexpected keyword argument '${[...rest.keys()][0]}'`)
  }

  *instantiate(cls: PyClass, args: Value[], kwargs: Kwargs): Run {
    const maker = cls.find('__new__')
    const made =
      maker === undefined
        ? new PyInstance(cls)
        : yield* this.call(this.#owned(maker, cls, '__new__'), [cls, ...args], kwargs)
    if (!(made instanceof PyInstance)) return made
    const base = this.exceptions.get('BaseException') as PyClass
    if (cls.isSubclassOf(base)) made.dict.set('args', new PyTuple(args))
    if (cls.find('__str__') === undefined && cls.mro.some(each => each.name === 'SystemExit'))
      made.dict.set('code', args[0] ?? null)
    const init = cls.find('__init__')
    if (init !== undefined) yield* this.call(this.#owned(init, cls, '__init__') as Value, [made, ...args], kwargs)
    else if (args.length > 0 && !cls.isSubclassOf(base) && maker === undefined)
      throw this.error('TypeError', `${cls.name}() takes no arguments`)
    return made
  }

  /** A method knows the class that it was found in, for `super()`. */
  #owned(value: Value, cls: PyClass, name: string): Value {
    if (value instanceof PyFunction && !value.attributes.has('#class'))
      value.attributes.set('#class', cls.mro.find(each => each.dict.get(name) === value) ?? cls)
    return value
  }

  *callMethod(object: Value, name: string, args: Value[], kwargs: Kwargs = new Map()): Run {
    return yield* this.call(yield* this.attribute(object, name), args, kwargs)
  }

  *attribute(object: Value, name: string): Run {
    const found = yield* this.findAttribute(object, name)
    if (found !== undefined) return found
    if (object instanceof PyModule)
      throw this.error('AttributeError', `module '${object.name}' has no attribute '${name}'`)
    if (object instanceof PyClass)
      throw this.error('AttributeError', `type object '${object.name}' has no attribute '${name}'`)
    throw this.error('AttributeError', `'${typeName(object)}' object has no attribute '${name}'`)
  }

  *findAttribute(object: Value, name: string): Run<Value | undefined> {
    if (object instanceof PyInstance) {
      const parent = object.native as { super?: PyClass; self?: Value } | undefined
      if (parent?.super && parent.self !== undefined) {
        const { self } = parent
        const mro = (self instanceof PyInstance ? self.cls : (self as PyClass)).mro
        for (const each of mro.slice(mro.indexOf(parent.super) + 1)) {
          const found = each.dict.get(name)
          if (found !== undefined && name === '__new__') return this.#owned(found, each, name)
          if (found !== undefined) return yield* this.#bound(this.#owned(found, each, name), self, each)
        }
        if (name === '__init__') return new PyNative('__init__', () => null)
        if (name === '__new__') return this.#maker
        return undefined
      }
      const inClass = object.cls.find(name)
      if (inClass instanceof PyInstance && inClass.cls.name === 'property')
        return yield* this.call((inClass.native as { get: Value }).get, [object])
      const own = object.dict.get(name)
      if (own !== undefined) return own
      if (inClass !== undefined) return yield* this.#bound(this.#owned(inClass, object.cls, name), object, object.cls)
      if (name === '__class__') return object.cls
      if (name === '__dict__') {
        const made = new PyDict()
        for (const [key, value] of object.dict) this.set(made, key, value)
        return made
      }
      const native = this.methods?.instance(object, name)
      if (native !== undefined) return native
      const fallback = object.cls.find('__getattr__')
      if (fallback !== undefined) return yield* this.call(fallback, [object, name])
      return undefined
    }
    if (object instanceof PyModule) return object.names.get(name) ?? (name === '__name__' ? object.name : undefined)
    if (object instanceof PyClass) {
      const found = object.find(name)
      if (found instanceof PyInstance && (found.cls.name === 'classmethod' || found.cls.name === 'staticmethod'))
        return yield* this.#bound(found, object, object)
      if (found !== undefined) return this.#owned(found, object, name)
      if (name === '__name__' || name === '__qualname__') return object.name
      if (name === '__module__') return object.module
      if (name === '__doc__') return null
      if (name === '__new__') return this.#maker
      if (name === '__mro__') return new PyTuple(object.mro)
      if (name === '__dict__') {
        const made = new PyDict()
        for (const [key, value] of object.dict) this.set(made, key, value)
        return made
      }
      return undefined
    }
    if (object instanceof PyFunction || object instanceof PyNative) {
      const own = object.attributes.get(name)
      if (own !== undefined) return own
      if (object instanceof PyNative && object.attributes.has('#type')) {
        const method = this.methods?.ofType(object.name, name)
        if (method !== undefined) return method
      }
      if (name === '__name__' || name === '__qualname__') return object.name
      if (name === '__doc__') return null
      if (name === '__module__')
        return object instanceof PyFunction ? (object.scope.globals.names.get('__name__') ?? '__main__') : 'builtins'
      if (name === '__dict__') return new PyDict()
      if (name === '__annotations__' && object instanceof PyFunction) {
        const made = new PyDict()
        for (const { name: each, node } of object.params.annotations)
          this.set(made, each, yield* this.#annotation(node, object.scope))
        object.attributes.set(name, made)
        return made
      }
      // What inspect.signature would tell.
      if (name === '_parameters' && object instanceof PyFunction) {
        const made = new PyDict()
        object.params.names.forEach((each, at) => {
          this.set(made, each, new PyTuple(object.defaults[at] === undefined ? [] : [object.defaults[at] as Value]))
        })
        for (const { name: each } of object.params.keywordOnly)
          this.set(
            made,
            each,
            new PyTuple(object.keywordDefaults.has(each) ? [object.keywordDefaults.get(each) as Value] : []),
          )
        return made
      }
    }
    if (object instanceof PyMethod) {
      if (name === '__self__') return object.self
      if (name === '__func__') return object.func
      return yield* this.findAttribute(object.func, name)
    }
    if (name === '__class__') return this.builtins.names.get(typeName(object)) ?? null
    return this.methods?.find(object, name)
  }

  *#bound(value: Value, self: Value, cls: PyClass): Run {
    if (value instanceof PyFunction || value instanceof PyNative) return new PyMethod(self, value)
    if (value instanceof PyInstance && value.cls.name === 'staticmethod') return value.native as Value
    if (value instanceof PyInstance && value.cls.name === 'classmethod')
      return new PyMethod(self instanceof PyClass ? self : cls, value.native as PyFunction)
    if (value instanceof PyInstance && value.cls.name === 'property')
      return yield* this.call((value.native as { get: Value }).get, [self])
    return value
  }

  *setAttribute(object: Value, name: string, value: Value): Run<void> {
    if (object instanceof PyInstance) {
      const inClass = object.cls.find(name)
      if (inClass instanceof PyInstance && inClass.cls.name === 'property') {
        const { set } = inClass.native as { set?: Value }
        if (set === undefined)
          throw this.error('AttributeError', `property '${name}' of '${object.cls.name}' object has no setter`)
        yield* this.call(set, [object, value])
        return
      }
      object.dict.set(name, value)
    } else if (object instanceof PyModule) object.names.set(name, value)
    else if (object instanceof PyClass) object.dict.set(name, value)
    else if (object instanceof PyFunction || object instanceof PyNative) object.attributes.set(name, value)
    else throw this.error('AttributeError', `'${typeName(object)}' object has no attribute '${name}'`)
  }

  *truth(value: Value): Run<boolean> {
    if (value === null) return false
    if (typeof value === 'boolean') return value
    if (typeof value === 'bigint') return value !== 0n
    if (typeof value === 'number') return value !== 0
    if (typeof value === 'string') return value !== ''
    if (value instanceof PyList || value instanceof PyTuple) return value.items.length > 0
    if (value instanceof PyDict || value instanceof PySet) return value.map.size > 0
    if (value instanceof PyBytes) return value.text !== ''
    if (value instanceof PyInstance) {
      if (value.cls.find('__bool__')) return yield* this.truth(yield* this.callMethod(value, '__bool__', []))
      if (value.cls.find('__len__')) return (yield* this.callMethod(value, '__len__', [])) !== 0n
    }
    return true
  }

  /** What stands for a value as a key: equal values give equal keys. */
  key(value: Value): unknown {
    if (typeof value === 'string') return value
    if (typeof value === 'boolean') return BigInt(value)
    if (typeof value === 'number' && Number.isInteger(value)) return BigInt(value)
    if (value instanceof PyTuple)
      return `\0t${value.items.map(each => `${typeof this.key(each)}:${String(this.key(each))}`).join('\0')}`
    if (value instanceof PyBytes) return `\0b${value.text}`
    if (value instanceof PyList || value instanceof PyDict || (value instanceof PySet && !value.frozen))
      throw this.error('TypeError', `unhashable type: '${typeName(value)}'`)
    return value
  }

  set(dict: PyDict, key: Value, value: Value): void {
    const hash = this.key(key)
    const known = dict.map.get(hash)
    if (known) known[1] = value
    else dict.map.set(hash, [key, value])
  }

  get(dict: PyDict, key: Value): Value | undefined {
    return dict.map.get(this.key(key))?.[1]
  }

  *iter(value: Value): Run<PyIterator> {
    if (value instanceof PyIterator) return value
    const members = value instanceof PyClass ? value.find('_member_map_') : undefined
    const items = members instanceof PyDict ? [...members.map.values()].map(([, member]) => member) : this.quick(value)
    if (items) {
      let at = 0
      return new PyIterator(`${typeName(value)}_iterator`, () =>
        at < items.length ? (items[at++] as Value) : undefined,
      )
    }
    if (value instanceof PyRange) {
      let at = value.start
      return new PyIterator('range_iterator', () => {
        if (value.step > 0n ? at >= value.stop : at <= value.stop) return undefined
        const now = at
        at += value.step
        return now
      })
    }
    if (value instanceof PyInstance) {
      if (value.cls.find('__iter__') || this.methods?.instance(value, '__iter__')) {
        const made = yield* this.callMethod(value, '__iter__', [])
        if (made instanceof PyIterator) return made
        if (made instanceof PyInstance && made.cls.find('__next__')) return this.#nextOf(made)
        return yield* this.iter(made)
      }
      if (value.cls.find('__getitem__')) {
        let at = 0n
        const interp = this
        return new PyIterator('iterator', function* () {
          try {
            return yield* interp.callMethod(value, '__getitem__', [at++])
          } catch (error) {
            if (error instanceof PyRaise && error.value.cls.name === 'IndexError') return undefined
            throw error
          }
        })
      }
    }
    throw this.error('TypeError', `'${typeName(value)}' object is not iterable`)
  }

  #nextOf(object: PyInstance): PyIterator {
    const interp = this
    return new PyIterator('iterator', function* () {
      try {
        return yield* interp.callMethod(object, '__next__', [])
      } catch (error) {
        if (error instanceof PyRaise && error.value.cls.name === 'StopIteration') return undefined
        throw error
      }
    })
  }

  quick(value: Value): readonly Value[] | undefined {
    if (value instanceof PyList || value instanceof PyTuple) return value.items
    if (typeof value === 'string') return [...value]
    if (value instanceof PyDict) return [...value.map.values()].map(each => each[0])
    if (value instanceof PySet) return [...value.map.values()]
    if (value instanceof PyBytes) return [...value.text].map(each => BigInt(each.charCodeAt(0)))
    return undefined
  }

  *next(iterator: PyIterator): Run<Value | undefined> {
    const made = iterator.next()
    if (made !== null && typeof made === 'object' && 'next' in made && 'throw' in made)
      return yield* made as Run<Value | undefined>
    return made as Value | undefined
  }

  *list(value: Value): Run<Value[]> {
    const items = this.quick(value)
    if (items) return [...items]
    const iterator = yield* this.iter(value)
    const made: Value[] = []
    for (let each = yield* this.next(iterator); each !== undefined; each = yield* this.next(iterator)) {
      made.push(each)
      if (made.length % 65_536 === 0) this.p.memory(65_536 * 56)
      yield* this.tick()
    }
    return made
  }

  position(index: Value, size: number, what: string): number {
    if (typeof index === 'boolean') return Number(index)
    if (typeof index !== 'bigint')
      throw this.error(
        'TypeError',
        `${what.replace(' assignment', '')} indices must be integers or slices, not ${typeName(index)}`,
      )
    const at = index < 0n ? size + Number(index) : Number(index)
    if (at < 0 || at >= size) throw this.error('IndexError', `${what} index out of range`)
    return at
  }

  span(slice: PySlice, size: number): [from: number, to: number, step: number] {
    const step = typeof slice.step === 'bigint' ? Number(slice.step) : 1
    const clip = (value: Value, fallback: number): number => {
      if (typeof value !== 'bigint') return fallback
      const at = value < 0n ? size + Number(value) : Number(value)
      return Math.max(step < 0 ? -1 : 0, Math.min(step < 0 ? size - 1 : size, at))
    }
    return [clip(slice.lower, step < 0 ? size - 1 : 0), clip(slice.upper, step < 0 ? -1 : size), step]
  }

  *item(object: Value, index: Value): Run {
    if (object instanceof PyDict) {
      const found = object.map.get(this.key(index))
      if (found) return found[1]
      throw this.error('KeyError', index)
    }
    if (object instanceof PyList || object instanceof PyTuple) {
      if (index instanceof PySlice) {
        const items = slice(object.items, this.span(index, object.items.length))
        return object instanceof PyList ? new PyList(items) : new PyTuple(items)
      }
      return object.items[this.position(index, object.items.length, typeName(object))] as Value
    }
    if (typeof object === 'string') {
      const chars = /^[\x00-\x7f]*$/.test(object) ? object : [...object]
      if (index instanceof PySlice) return slice([...chars], this.span(index, chars.length)).join('')
      return chars[this.position(index, chars.length, 'string')] as string
    }
    if (object instanceof PyBytes) {
      if (index instanceof PySlice)
        return new PyBytes(slice([...object.text], this.span(index, object.text.length)).join(''))
      return BigInt(object.text.charCodeAt(this.position(index, object.text.length, 'index')))
    }
    if (object instanceof PyRange)
      return (yield* this.list(object))[
        this.position(index, (yield* this.list(object)).length, 'range object')
      ] as Value
    if (
      object instanceof PyInstance &&
      (object.cls.find('__getitem__') || this.methods?.instance(object, '__getitem__'))
    )
      return yield* this.callMethod(object, '__getitem__', [index])
    if (object instanceof PyClass && object.find('__class_getitem__'))
      return yield* this.callMethod(object, '__class_getitem__', [index])
    if (object instanceof PyClass || object instanceof PyNative)
      return this.alias(object, index instanceof PyTuple ? index.items : [index])
    throw this.error('TypeError', `'${typeName(object)}' object is not subscriptable`)
  }

  alias(origin: Value, args: readonly Value[]): PyInstance {
    const made = new PyInstance(this.aliasClass)
    made.dict.set('__origin__', origin)
    made.dict.set('__args__', new PyTuple(args))
    return made
  }

  /** Whether a value may stand in `int | None`. */
  #isType(value: Value): boolean {
    return (
      value instanceof PyClass ||
      (value instanceof PyNative && value.attributes.has('#type')) ||
      (value instanceof PyInstance && value.cls === this.aliasClass)
    )
  }

  *setItem(object: Value, index: Value, value: Value): Run<void> {
    if (object instanceof PyDict) return this.set(object, index, value)
    if (object instanceof PyList) {
      if (index instanceof PySlice) {
        const [from, to] = this.span(index, object.items.length)
        object.items.splice(from, Math.max(0, to - from), ...(yield* this.list(value)))
      } else object.items[this.position(index, object.items.length, 'list assignment')] = value
      return
    }
    if (
      object instanceof PyInstance &&
      (object.cls.find('__setitem__') || this.methods?.instance(object, '__setitem__'))
    ) {
      yield* this.callMethod(object, '__setitem__', [index, value])
      return
    }
    throw this.error('TypeError', `'${typeName(object)}' object does not support item assignment`)
  }

  *binary(op: string, a: Value, b: Value): Run {
    if (!this.methods) return null
    const quick = this.methods.binary(op, a, b)
    if (quick !== undefined) return quick
    const names: Record<string, string> = {
      '+': 'add',
      '-': 'sub',
      '*': 'mul',
      '/': 'truediv',
      '//': 'floordiv',
      '%': 'mod',
      '**': 'pow',
      '&': 'and',
      '|': 'or',
      '^': 'xor',
      '<<': 'lshift',
      '>>': 'rshift',
    }
    if (op === '%' && typeof a === 'string') return yield* this.methods.percent(a, b)
    if (op === '|' && (this.#isType(a) || this.#isType(b))) return this.alias('Union', [a, b])
    const name = names[op] ?? ''
    if (a instanceof PyInstance && (a.cls.find(`__${name}__`) || this.methods.instance(a, `__${name}__`)))
      return yield* this.callMethod(a, `__${name}__`, [b])
    if (b instanceof PyInstance && b.cls.find(`__r${name}__`)) return yield* this.callMethod(b, `__r${name}__`, [a])
    if (op === '+' && typeof a === 'string')
      throw this.error('TypeError', `can only concatenate str (not "${typeName(b)}") to str`)
    if (op === '+' && a instanceof PyList)
      throw this.error('TypeError', `can only concatenate list (not "${typeName(b)}") to list`)
    throw this.error(
      'TypeError',
      `unsupported operand type(s) for ${op === '**' ? '** or pow()' : op}: '${typeName(a)}' and '${typeName(b)}'`,
    )
  }

  *equal(a: Value, b: Value): Run<boolean> {
    if (a === b) return true
    const x = typeof a === 'boolean' ? BigInt(a) : a
    const y = typeof b === 'boolean' ? BigInt(b) : b
    if ((typeof x === 'bigint' || typeof x === 'number') && (typeof y === 'bigint' || typeof y === 'number'))
      return x <= y && x >= y
    if ((a instanceof PyList && b instanceof PyList) || (a instanceof PyTuple && b instanceof PyTuple)) {
      if (a.items.length !== b.items.length) return false
      for (const [at, each] of a.items.entries()) if (!(yield* this.equal(each, b.items[at] as Value))) return false
      return true
    }
    if (a instanceof PyDict && b instanceof PyDict) {
      if (a.map.size !== b.map.size) return false
      for (const [key, [, value]] of a.map) {
        const other = b.map.get(key)
        if (!other || !(yield* this.equal(value, other[1]))) return false
      }
      return true
    }
    if (a instanceof PySet && b instanceof PySet)
      return a.map.size === b.map.size && [...a.map.keys()].every(each => b.map.has(each))
    if (a instanceof PyBytes && b instanceof PyBytes) return a.text === b.text
    if (a instanceof PyInstance && (a.cls.find('__eq__') || this.methods?.instance(a, '__eq__')))
      return yield* this.truth(yield* this.callMethod(a, '__eq__', [b]))
    return false
  }

  *compare(op: string, a: Value, b: Value): Run {
    switch (op) {
      case '==':
        return yield* this.equal(a, b)
      case '!=':
        if (a instanceof PyInstance && a.cls.find('__ne__')) return yield* this.callMethod(a, '__ne__', [b])
        return !(yield* this.equal(a, b))
      case 'is':
        return a === b || (a instanceof PyClass && b instanceof PyClass && a === b)
      case 'is not':
        return a !== b
      case 'in':
        return yield* this.contains(b, a)
      case 'not in':
        return !(yield* this.contains(b, a))
    }
    const order = yield* this.order(a, b, op)
    if (typeof order === 'boolean') return order
    return op === '<' ? order < 0 : op === '>' ? order > 0 : op === '<=' ? order <= 0 : order >= 0
  }

  *order(a: Value, b: Value, op: string): Run<number | boolean> {
    const x = typeof a === 'boolean' ? BigInt(a) : a
    const y = typeof b === 'boolean' ? BigInt(b) : b
    if ((typeof x === 'bigint' || typeof x === 'number') && (typeof y === 'bigint' || typeof y === 'number'))
      return x < y ? -1 : x > y ? 1 : x <= y ? 0 : Number.NaN
    if (typeof x === 'string' && typeof y === 'string') return x < y ? -1 : x > y ? 1 : 0
    if ((x instanceof PyList && y instanceof PyList) || (x instanceof PyTuple && y instanceof PyTuple)) {
      for (let at = 0; at < Math.min(x.items.length, y.items.length); at++) {
        if (yield* this.equal(x.items[at] as Value, y.items[at] as Value)) continue
        return yield* this.order(x.items[at] as Value, y.items[at] as Value, op)
      }
      return x.items.length - y.items.length
    }
    if (x instanceof PySet && y instanceof PySet) {
      const inside = [...x.map.keys()].every(each => y.map.has(each))
      const around = [...y.map.keys()].every(each => x.map.has(each))
      return op === '<=' ? inside : op === '<' ? inside && !around : op === '>=' ? around : around && !inside
    }
    const name = { '<': '__lt__', '>': '__gt__', '<=': '__le__', '>=': '__ge__' }[op] ?? '__lt__'
    const mirror = { '<': '__gt__', '>': '__lt__', '<=': '__ge__', '>=': '__le__' }[op] ?? '__gt__'
    if (x instanceof PyInstance && (x.cls.find(name) || this.methods?.instance(x, name)))
      return yield* this.truth(yield* this.callMethod(x, name, [y]))
    if (y instanceof PyInstance && y.cls.find(mirror)) return yield* this.truth(yield* this.callMethod(y, mirror, [x]))
    throw this.error('TypeError', `'${op}' not supported between instances of '${typeName(a)}' and '${typeName(b)}'`)
  }

  *contains(container: Value, value: Value): Run<boolean> {
    if (typeof container === 'string') {
      if (typeof value !== 'string')
        throw this.error('TypeError', `'in <string>' requires string as left operand, not ${typeName(value)}`)
      return container.includes(value)
    }
    if (container instanceof PyDict || container instanceof PySet) return container.map.has(this.key(value))
    if (container instanceof PyBytes && value instanceof PyBytes) return container.text.includes(value.text)
    if (
      container instanceof PyInstance &&
      (container.cls.find('__contains__') || this.methods?.instance(container, '__contains__'))
    )
      return yield* this.truth(yield* this.callMethod(container, '__contains__', [value]))
    const iterator = yield* this.iter(container)
    for (let each = yield* this.next(iterator); each !== undefined; each = yield* this.next(iterator))
      if (yield* this.equal(each, value)) return true
    return false
  }

  isInstance(value: Value, type: Value): boolean {
    if (type instanceof PyTuple) return type.items.some(each => this.isInstance(value, each))
    if (type instanceof PyClass) {
      if (type === this.objectClass) return true
      return value instanceof PyInstance && value.cls.isSubclassOf(type)
    }
    if (type instanceof PyNative) {
      const name = typeName(value)
      if (type.name === 'type') return value instanceof PyClass
      if (value instanceof PyInstance) return value.cls.mro.some(each => each.name === type.name)
      return name === type.name || (type.name === 'int' && name === 'bool')
    }
    return false
  }

  *str(value: Value): Run<string> {
    if (typeof value === 'string') return value
    if (value instanceof PyInstance) {
      const base = this.exceptions.get('BaseException') as PyClass
      if (value.cls.find('__str__')) return String(yield* this.callMethod(value, '__str__', []))
      const native = this.methods?.text(value)
      if (native !== undefined) return native
      if (value.cls.isSubclassOf(base)) {
        const args = value.dict.get('args')
        const items = args instanceof PyTuple ? args.items : []
        if (items.length === 0) return ''
        if (items.length === 1)
          return value.cls.name === 'KeyError'
            ? yield* this.repr(items[0] as Value)
            : yield* this.str(items[0] as Value)
        if (value.cls.isSubclassOf(this.exceptions.get('OSError') as PyClass)) {
          const name = value.dict.get('filename')
          return `[Errno ${items[0]}] ${items[1]}${name === undefined || name === null ? '' : `: ${yield* this.repr(name)}`}`
        }
        return yield* this.repr(args as Value)
      }
    }
    return yield* this.repr(value)
  }

  *repr(value: Value, depth = 0): Run<string> {
    if (depth > 50) return '...'
    if (value instanceof PyList || value instanceof PyTuple) {
      const parts: string[] = []
      for (const each of value.items) parts.push(yield* this.repr(each, depth + 1))
      return value instanceof PyList ? `[${parts.join(', ')}]` : `(${parts.join(', ')}${parts.length === 1 ? ',' : ''})`
    }
    if (value instanceof PyDict) {
      const parts: string[] = []
      for (const [key, each] of value.map.values())
        parts.push(`${yield* this.repr(key, depth + 1)}: ${yield* this.repr(each, depth + 1)}`)
      return `{${parts.join(', ')}}`
    }
    if (value instanceof PySet) {
      const parts: string[] = []
      for (const each of value.map.values()) parts.push(yield* this.repr(each, depth + 1))
      const body = parts.length === 0 ? 'set()' : `{${parts.join(', ')}}`
      return value.frozen ? (parts.length === 0 ? 'frozenset()' : `frozenset(${body})`) : body
    }
    if (value instanceof PyInstance) {
      if (value.cls.find('__repr__')) return String(yield* this.callMethod(value, '__repr__', []))
      const native = this.methods?.represent(value)
      if (native !== undefined) return native
      if (value.cls.isSubclassOf(this.exceptions.get('BaseException') as PyClass)) {
        const args = value.dict.get('args')
        const parts: string[] = []
        if (args instanceof PyTuple) for (const each of args.items) parts.push(yield* this.repr(each))
        return `${value.cls.name}(${parts.join(', ')})`
      }
      return `<${value.cls.module}.${value.cls.name} object at 0x7f3c1a2b4d90>`
    }
    return this.methods?.plainRepr(value) ?? ''
  }
}

const slice = <T>(items: readonly T[], [from, to, step]: [number, number, number]): T[] => {
  const made: T[] = []
  if (step > 0) for (let at = from; at < to; at += step) made.push(items[at] as T)
  else for (let at = from; at > to; at += step) made.push(items[at] as T)
  return made
}

function constant(value: unknown): Value {
  if (value === 'None') return null
  if (value === 'True') return true
  if (value === 'False') return false
  if (value === 'Ellipsis') return ellipsis
  const given = value as { int?: string; float?: number; str?: string; bytes?: string }
  if (given.int !== undefined) return BigInt(given.int.replace(/^0+(?=\d)/, ''))
  if (given.float !== undefined) return given.float
  if (given.bytes !== undefined) return new PyBytes(given.bytes)
  return given.str ?? ''
}
