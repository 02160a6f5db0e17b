/** Runs a Go program: its statements and expressions, by walking the tree. The library is in library.ts. */
import type { Json, Proc, Routine } from '../../../kernel/program.ts'
import type { Expr, Func, Program, Stmt, Type } from './ast.ts'
import {
  bytesOf,
  failure,
  freeze,
  type GoMap,
  isStruct,
  type Scope,
  type Struct,
  scope,
  show,
  slice,
  struct,
  textOf,
  thaw,
  type Value,
} from './values.ts'

/** Ends the program with a status; what it says has been printed. */
export class GoExit extends Error {
  readonly status: number
  constructor(status: number) {
    super(String(status))
    this.status = status
  }
}

/** A panic, or something that minidock does not model. */
export class GoPanic extends Error {
  readonly value: Value
  constructor(value: Value) {
    super(show(value))
    this.value = value
  }
}

export class NotModelled extends Error {}

type Flow = { k: 'return'; v: Value } | { k: 'break' | 'continue'; label?: string | undefined } | undefined

/** Several values of a call. */
export class Tuple {
  readonly v: Value[]
  constructor(v: Value[]) {
    this.v = v
  }
}

/** Steps between two moments when others may run. */
const sliceSteps = 500
const maxCalls = 2000

export type Library = (m: Machine, name: string, self: Value, args: Value[]) => Routine<Value | Tuple>

export class Machine {
  readonly p: Proc
  readonly program: Program
  readonly library: Library
  readonly globals: Scope = scope(null)
  readonly imports: ReadonlyMap<string, string>
  readonly #module: string
  readonly #declared = new Map<string, Func>()
  /** Goroutines that have not begun. */
  readonly pending: { f: Value; a: Value[] }[] = []
  #frame: { at: number; s: Scope } = { at: 0, s: scope(null) }
  /** Whether what runs is a goroutine: a server in one does not stop main. */
  goroutine = false
  /** Just brought back from a checkpoint. */
  resumed = false
  readonly #floats = new Set<string>()
  #steps = 0
  #calls = 0

  /** @param module path of the program's own module: what it imports below that is part of the program */
  constructor(p: Proc, program: Program, library: Library, module: string) {
    this.#module = module
    this.p = p
    this.program = program
    this.library = library
    this.imports = new Map(program.imports.map(one => [one.name, one.path]))
    for (const type of Object.values(program.types))
      for (const field of type.fields ?? [])
        if (/^float/.test(field.type.n ?? '')) for (const one of field.names) this.#floats.add(`.${one}`)
    for (const func of program.funcs)
      if (func.name !== '') this.#declared.set(func.recv ? `${func.recv.type}.${func.name}` : func.name, func)
  }

  /** Package variables, `init`, `main`. */
  *main(): Routine<void> {
    for (const one of this.program.vars) yield* this.#exec(one, this.globals)
    const init = this.#declared.get('init')
    if (init) yield* this.call({ t: 'fn', id: init.id, s: this.globals }, [])
    this.#frame = { at: 0, s: scope(this.globals) }
    yield* this.#goOn()
  }

  /** The statements of main from where it is. Deferred calls of main run at its end. */
  *#goOn(): Routine<void> {
    const body = this.#declared.get('main')?.body ?? []
    const { s } = this.#frame
    s.v['#defer'] ??= slice([])
    for (; this.#frame.at < body.length; this.#frame.at++) {
      const one = body[this.#frame.at]
      const flow = one && (yield* this.#exec(one, s))
      if (flow) break
    }
    const deferred = s.v['#defer']
    const calls = (deferred && typeof deferred === 'object' && deferred.t === 'slice' ? deferred.e : []) as unknown as {
      f: Value
      a: Value[]
    }[]
    for (const one of calls.reverse()) yield* this.call(one.f, one.a)
  }

  /** Everything needed to go on from where main waits. */
  snapshot(signals: boolean): Json {
    const { s, at } = this.#frame
    const kept = { ...s.v }
    delete kept['#defer']
    return { state: freeze({ globals: this.globals, main: { ...s, v: kept } }), at, signals }
  }

  /** Goes on from a snapshot: what main waited for is waited for again, then main continues. */
  *resume(saved: Json): Routine<void> {
    const { state, at, signals } = saved as { state: Json; at: number; signals: boolean }
    const { globals, main } = thaw(state)
    Object.assign(this.globals.v, (globals as Scope).v)
    const local = main as Scope
    // The copy's own root is this machine's.
    relink(local, globals as Scope, this.globals)
    for (const value of Object.values(this.globals.v)) relinkValue(value, globals as Scope, this.globals)
    this.#frame = { at, s: local }
    this.resumed = true
    yield* this.library(this, '#serve', signals, [])
    this.#frame.at++
    yield* this.#goOn()
  }

  /** A method of a struct; undefined when it has none of that name. */
  method(owner: Struct, name: string): Value {
    const found = this.#declared.get(`${owner.n}.${name}`)
    return found && { t: 'fn', id: found.id, s: this.globals, self: owner }
  }

  /** A signal that the program does not wait for ends it as Go's runtime does: PID 1, which no signal kills, with 2. */
  end(signal: string): never {
    if (this.p.pid !== 1) {
      this.p.sigaction(signal, 'default')
      this.p.kill(this.p.pid, signal)
    }
    throw new GoExit(2)
  }

  /** Uses up processor time now and then, so that a loop without end is one. */
  *#step(): Routine<void> {
    if (++this.#steps % sliceSteps === 0) yield { op: 'cpu', ms: 0.05 }
  }

  *call(f: Value, args: Value[]): Routine<Value | Tuple> {
    if (typeof f !== 'object' || f === null)
      throw new GoPanic(failure('runtime error: invalid memory address or nil pointer dereference'))
    if (f.t === 'nat') return yield* this.library(this, f.n, f.self, args)
    if (f.t !== 'fn') throw new GoPanic(failure('call of what is no function'))
    const func = this.program.funcs[f.id]
    if (!func) throw new NotModelled('a function that is not there')
    if (++this.#calls > maxCalls) throw new GoPanic(failure('stack overflow'))
    const local = scope(f.s)
    if (func.recv) local.v[func.recv.name] = f.self
    for (const [at, name] of func.params.entries())
      local.v[name] = func.variadic && at === func.params.length - 1 ? slice(args.slice(at)) : args[at]
    for (const name of func.results) local.v[name] ??= undefined
    const deferred: { f: Value; a: Value[] }[] = []
    local.v['#defer'] = { t: 'slice', e: deferred as unknown as Value[] }
    let result: Flow
    try {
      result = yield* this.#block(func.body, local)
    } finally {
      this.#calls--
      for (const one of deferred.reverse()) yield* this.call(one.f, one.a)
    }
    if (result?.k !== 'return') return undefined
    if (result.v === undefined && func.results.length > 0)
      return func.results.length === 1
        ? local.v[func.results[0] ?? '']
        : (new Tuple(func.results.map(name => local.v[name])) as unknown as Value)
    return result.v
  }

  *#block(body: readonly Stmt[], outer: Scope): Routine<Flow> {
    for (const one of body) {
      const flow = yield* this.#exec(one, outer)
      if (flow) return flow
    }
    return undefined
  }

  *#exec(one: Stmt, s: Scope): Routine<Flow> {
    yield* this.#step()
    switch (one.k) {
      case 'expr':
        yield* this.eval(one.x, s)
        return undefined
      case 'define':
      case 'assign': {
        const values = yield* this.#values(one.r, s, one.l.length)
        for (const [at, target] of one.l.entries()) {
          let value = values[at]
          if (one.k === 'assign' && one.op !== '=')
            value = binary(one.op.slice(0, -1), single(yield* this.eval(target, s)), value)
          const from = one.r[at]
          if (one.k === 'define' && target.k === 'name' && from && this.#isFloat(from)) this.#floats.add(target.n)
          yield* this.#assign(target, copied(value), s, one.k === 'define')
        }
        return undefined
      }
      case 'var': {
        const values = one.r.length > 0 ? yield* this.#values(one.r, s, one.names.length) : []
        if (/^float/.test(one.t?.n ?? '')) for (const name of one.names) this.#floats.add(name)
        for (const [at, name] of one.names.entries())
          s.v[name] = one.r.length > 0 ? copied(values[at]) : this.zero(one.t)
        return undefined
      }
      case 'if': {
        const inner = scope(s)
        if (one.init) yield* this.#exec(one.init, inner)
        if (single(yield* this.eval(one.c, inner)) === true) return yield* this.#block(one.then, scope(inner))
        return one.else ? yield* this.#block(one.else, scope(inner)) : undefined
      }
      case 'for': {
        const inner = scope(s)
        if (one.init) yield* this.#exec(one.init, inner)
        for (;;) {
          yield* this.#step()
          if (one.c && single(yield* this.eval(one.c, inner)) !== true) return undefined
          const flow = yield* this.#block(one.body, scope(inner))
          if (flow?.k === 'return') return flow
          if (flow?.k === 'break') return undefined
          if (one.post) yield* this.#exec(one.post, inner)
        }
      }
      case 'range':
        return yield* this.#range(one, s)
      case 'switch':
        return yield* this.#switch(one, s)
      case 'select':
        return yield* this.#select(one, s)
      case 'return':
        if (one.r.length === 0) return { k: 'return', v: undefined }
        if (one.r.length === 1 && one.r[0]) return { k: 'return', v: (yield* this.eval(one.r[0], s)) as Value }
        return { k: 'return', v: new Tuple(yield* this.#values(one.r, s, one.r.length)) as unknown as Value }
      case 'break':
      case 'continue':
        return { k: one.k, label: one.label }
      case 'go': {
        if (one.x.k === 'call')
          this.pending.push({ f: single(yield* this.eval(one.x.f, s)), a: yield* this.#args(one.x.a, s, one.x.spread) })
        return undefined
      }
      case 'defer': {
        if (one.x.k !== 'call') return undefined
        const list = lookUp(s, '#defer')
        const entry = { f: single(yield* this.eval(one.x.f, s)), a: yield* this.#args(one.x.a, s, one.x.spread) }
        if (list && typeof list === 'object' && list.t === 'slice') list.e.push(entry as unknown as Value)
        return undefined
      }
      case 'block':
        return yield* this.#block(one.body, scope(s))
      case 'send': {
        const channel = single(yield* this.eval(one.c, s))
        const value = single(yield* this.eval(one.v, s))
        if (isStruct(channel, 'chan')) (channel.f['queue'] as { e: Value[] }).e.push(value)
        return undefined
      }
      case 'type':
        return undefined
    }
  }

  *#range(one: Extract<Stmt, { k: 'range' }>, s: Scope): Routine<Flow> {
    const value = single(yield* this.eval(one.x, s))
    let pairs: [Value, Value][]
    if (typeof value === 'number')
      pairs = Array.from({ length: Math.max(0, Math.min(value, 10_000_000)) }, (_, at) => [at, undefined])
    else if (typeof value === 'string') pairs = [...value].map((letter, at) => [at, letter.codePointAt(0)])
    else if (value && typeof value === 'object' && value.t === 'slice') pairs = value.e.map((item, at) => [at, item])
    else if (value && typeof value === 'object' && value.t === 'map') pairs = [...value.m]
    else if (isStruct(value, 'chan'))
      pairs = (value.f['queue'] as { e: Value[] }).e.splice(0).map(item => [item, undefined])
    else pairs = []
    for (const [key, item] of pairs) {
      yield* this.#step()
      const inner = scope(s)
      if (one.key) yield* this.#assign(one.key, key, inner, one.define)
      if (one.value) yield* this.#assign(one.value, copied(item), inner, one.define)
      const flow = yield* this.#block(one.body, inner)
      if (flow?.k === 'return') return flow
      if (flow?.k === 'break') return undefined
    }
    return undefined
  }

  *#switch(one: Extract<Stmt, { k: 'switch' }>, s: Scope): Routine<Flow> {
    const inner = scope(s)
    if (one.init) yield* this.#exec(one.init, inner)
    const value = one.x ? single(yield* this.eval(one.x, inner)) : true
    for (const each of [...one.cases.filter(part => part.e), ...one.cases.filter(part => !part.e)]) {
      let hit = each.e === undefined
      for (const test of each.e ?? [])
        if (!hit) hit = test.k === 'type' ? false : equal(single(yield* this.eval(test, inner)), value)
      if (!hit) continue
      const flow = yield* this.#block(each.body, scope(inner))
      return flow?.k === 'break' && flow.label === undefined ? undefined : flow
    }
    return undefined
  }

  *#select(one: Extract<Stmt, { k: 'select' }>, s: Scope): Routine<Flow> {
    if (one.cases.length === 0) {
      yield* this.library(this, '#forever', undefined, [])
      return undefined
    }
    const fallback = one.cases.find(part => part.comm === undefined)
    for (const part of one.cases) {
      const { comm } = part
      if (!comm) continue
      const receive = comm.k === 'expr' ? comm.x : comm.k === 'define' || comm.k === 'assign' ? comm.r[0] : undefined
      if (receive?.k !== 'un' || receive.op !== '<-') continue
      const channel = single(yield* this.eval(receive.x, s))
      const queue = isStruct(channel, 'chan') ? (channel.f['queue'] as { e: Value[] }).e : []
      if (
        queue.length === 0 &&
        (fallback || one.cases.length > 1) &&
        !(isStruct(channel, 'chan') && channel.f['signals'] === true)
      )
        continue
      const inner = scope(s)
      yield* this.#exec(comm, inner)
      return yield* this.#block(part.body, inner)
    }
    return fallback ? yield* this.#block(fallback.body, scope(s)) : undefined
  }

  *#values(list: readonly Expr[], s: Scope, wanted: number): Routine<Value[]> {
    const [first] = list
    if (list.length === 1 && first && wanted > 1) {
      if (first.k === 'index') {
        const map = single(yield* this.eval(first.x, s))
        const key = single(yield* this.eval(first.i, s))
        if (map && typeof map === 'object' && map.t === 'map')
          return [map.m.has(key as string) ? map.m.get(key as string) : map.z, map.m.has(key as string)]
      }
      if (first.k === 'assert') return [single(yield* this.eval(first.x, s)), true]
      const result = yield* this.eval(first, s)
      if (result instanceof Tuple) return result.v
      return [result, first.k === 'un' ? true : null]
    }
    const values: Value[] = []
    for (const one of list) values.push(single(yield* this.eval(one, s)))
    return values
  }

  *#args(list: readonly Expr[], s: Scope, spread: boolean): Routine<Value[]> {
    const [first] = list
    if (list.length === 1 && first) {
      const only = yield* this.eval(first, s)
      if (only instanceof Tuple) return only.v
      if (spread && only && typeof only === 'object' && only.t === 'slice') return only.e
      return [only]
    }
    const values: Value[] = []
    for (const one of list) values.push(single(yield* this.eval(one, s)))
    const last = values.at(-1)
    if (spread && last && typeof last === 'object' && last.t === 'slice') values.splice(-1, 1, ...last.e)
    return values
  }

  *#assign(target: Expr, value: Value, s: Scope, define: boolean): Routine<void> {
    switch (target.k) {
      case 'name': {
        if (target.n === '_') return
        if (define) {
          s.v[target.n] = value
          return
        }
        for (let at: Scope | null = s; at; at = at.up)
          if (Object.hasOwn(at.v, target.n)) {
            at.v[target.n] = value
            return
          }
        throw new NotModelled(target.n)
      }
      case 'sel': {
        const owner = single(yield* this.eval(target.x, s))
        if (isStruct(owner)) owner.f[target.n] = value
        else throw new GoPanic(failure('runtime error: invalid memory address or nil pointer dereference'))
        return
      }
      case 'index': {
        const owner = single(yield* this.eval(target.x, s))
        const key = single(yield* this.eval(target.i, s))
        if (owner && typeof owner === 'object' && owner.t === 'map') owner.m.set(key as string, value)
        else if (owner && typeof owner === 'object' && owner.t === 'slice') {
          if (typeof key !== 'number' || key < 0 || key >= owner.e.length) throw outOfRange(key, owner.e.length)
          owner.e[key] = value
        } else throw new GoPanic(failure('assignment to entry in nil map'))
        return
      }
      case 'un': {
        // A pointer is what it points to: only structs are pointed to here.
        const owner = single(yield* this.eval(target.x, s))
        if (isStruct(owner) && isStruct(value)) Object.assign(owner.f, value.f)
        else if (isStruct(owner, 'ptr')) owner.f['v'] = value
        return
      }
      default:
        throw new NotModelled('this assignment')
    }
  }

  zero(t: Type | undefined): Value {
    if (!t) return undefined
    if (t.k === 'slice' || t.k === 'array') return slice([])
    if (t.k === 'struct') return this.#fields('', t)
    if (t.k !== 'name' || t.n === undefined) return null
    if (t.n === 'string') return ''
    if (t.n === 'bool') return false
    if (/^(u?int(8|16|32|64|ptr)?|float(32|64)|byte|rune|time\.Duration)$/.test(t.n)) return 0
    if (t.n === 'error' || t.n === 'any') return null
    const named = this.#typeOf(t.n)
    if (named?.k === 'struct')
      return this.#fields(this.program.types[t.n] ? t.n : t.n.slice(t.n.indexOf('.') + 1), named)
    if (named) return this.zero(named)
    return t.n.includes('.') ? struct(t.n) : null
  }

  /** A declared type; `models.User` of a package of the program's own is `User`. */
  #typeOf(n: string): Type | undefined {
    const own = this.program.types[n]
    const path = n.includes('.') ? this.imports.get(n.slice(0, n.indexOf('.'))) : undefined
    return own ?? (path?.startsWith(`${this.#module}/`) ? this.program.types[n.slice(n.indexOf('.') + 1)] : undefined)
  }

  #fields(name: string, t: Type): Value {
    const made = struct(name)
    for (const field of t.fields ?? [])
      for (const one of field.names) made.f[one] = field.type.k === 'ptr' ? null : this.zero(field.type)
    return made
  }

  *eval(x: Expr, s: Scope): Routine<Value> {
    switch (x.k) {
      case 'lit':
        return x.v
      case 'name':
        return this.#name(x.n, s)
      case 'func':
        return { t: 'fn', id: x.id, s }
      case 'sel':
        return yield* this.#select2(x, s)
      case 'index': {
        const owner = single(yield* this.eval(x.x, s))
        const key = single(yield* this.eval(x.i, s))
        if (typeof owner === 'string' || isStruct(owner, '[]byte')) return Buffer.from(textOf(owner))[Number(key)]
        if (owner && typeof owner === 'object' && owner.t === 'map')
          return owner.m.has(key as string) ? owner.m.get(key as string) : owner.z
        if (owner && typeof owner === 'object' && owner.t === 'slice') {
          if (typeof key !== 'number' || key < 0 || key >= owner.e.length) throw outOfRange(key, owner.e.length)
          return owner.e[key]
        }
        return undefined
      }
      case 'slice': {
        const owner = single(yield* this.eval(x.x, s))
        const lo = x.lo ? Number(single(yield* this.eval(x.lo, s))) : 0
        const hi = x.hi ? Number(single(yield* this.eval(x.hi, s))) : undefined
        if (typeof owner === 'string') return Buffer.from(owner).subarray(lo, hi).toString()
        if (owner && typeof owner === 'object' && owner.t === 'slice') return slice(owner.e.slice(lo, hi))
        return owner
      }
      case 'call':
        return (yield* this.#call(x, s)) as Value
      case 'un': {
        if (x.op === '<-')
          return yield* this.library(this, '#receive', single(yield* this.eval(x.x, s)), []) as Routine<Value>
        const value = single(yield* this.eval(x.x, s))
        if (x.op === '!') return value !== true
        if (x.op === '-') return -Number(value)
        if (x.op === '&') {
          if (isStruct(value) && x.x.k === 'comp') value.f['&'] = true
          return value
        }
        if (x.op === '*' && isStruct(value) && value.f['&'] === true) {
          const { '&': _, ...fields } = value.f
          return struct(value.n, fields)
        }
        return x.op === '*' && isStruct(value, 'ptr') ? value.f['v'] : value
      }
      case 'bin': {
        const left = single(yield* this.eval(x.l, s))
        if (x.op === '&&') return left === true ? single(yield* this.eval(x.r, s)) : false
        if (x.op === '||') return left === true ? true : single(yield* this.eval(x.r, s))
        const right = single(yield* this.eval(x.r, s))
        // Numbers do not tell whether they are floats: the expression does.
        if (x.op === '/' && (this.#isFloat(x.l) || this.#isFloat(x.r))) return Number(left) / Number(right)
        return binary(x.op, left, right)
      }
      case 'comp':
        return yield* this.#composite(x.t, x.e, s)
      case 'assert':
        return single(yield* this.eval(x.x, s))
      case 'type':
        return struct('type', { n: x.t.n ?? x.t.k, of: x.t.of?.n ?? x.t.of?.k ?? '' })
    }
  }

  /** Whether an expression is a float, as far as its form, and the names and fields of float types tell. */
  #isFloat(x: Expr): boolean {
    if (x.k === 'lit') return typeof x.v === 'number' && x.int !== true
    if (x.k === 'name') return this.#floats.has(x.n)
    if (x.k === 'sel') return this.#floats.has(`.${x.n}`)
    if (x.k === 'bin') return this.#isFloat(x.l) || this.#isFloat(x.r)
    if (x.k === 'un') return this.#isFloat(x.x)
    if (x.k !== 'call') return false
    return (
      (x.f.k === 'name' && /^float(32|64)$/.test(x.f.n)) ||
      (x.f.k === 'sel' && x.f.x.k === 'name' && (x.f.x.n === 'math' || x.f.n === 'Seconds'))
    )
  }

  #name(n: string, s: Scope): Value {
    const found = lookUp(s, n)
    if (found !== missing) return found as Value
    const func = this.#declared.get(n)
    if (func) return { t: 'fn', id: func.id, s: this.globals }
    if (n === 'true' || n === 'false') return n === 'true'
    if (n === 'nil') return null
    if (this.imports.has(n)) return struct('package', { n })
    return { t: 'nat', n }
  }

  *#select2(x: Extract<Expr, { k: 'sel' }>, s: Scope): Routine<Value> {
    if (x.x.k === 'name' && lookUp(s, x.x.n) === missing && this.imports.has(x.x.n)) {
      const path = this.imports.get(x.x.n) ?? ''
      if (this.#module !== '' && path.startsWith(`${this.#module}/`)) return this.#name(x.n, this.globals)
      const constant = yield* this.library(this, `#const ${path}.${x.n}`, undefined, [])
      return constant === undefined ? { t: 'nat', n: `${path}.${x.n}` } : (constant as Value)
    }
    return this.#member(single(yield* this.eval(x.x, s)), x.n)
  }

  /** A field or method: the value's own, of what is embedded in it, or the library's. */
  #member(owner: Value, n: string): Value {
    if (isStruct(owner)) {
      if (Object.hasOwn(owner.f, n)) return owner.f[n]
      const method = this.#declared.get(`${owner.n}.${n}`)
      if (method) return { t: 'fn', id: method.id, s: this.globals, self: owner }
      for (const inner of Object.values(owner.f))
        if (isStruct(inner) && (Object.hasOwn(inner.f, n) || this.#declared.has(`${inner.n}.${n}`)))
          return this.#member(inner, n)
      return { t: 'nat', n: `${owner.n}#${n}`, self: owner }
    }
    if (owner === null || owner === undefined)
      throw new GoPanic(failure('runtime error: invalid memory address or nil pointer dereference'))
    return { t: 'nat', n: `${typeof owner === 'object' ? owner.t : typeof owner}#${n}`, self: owner }
  }

  *#call(x: Extract<Expr, { k: 'call' }>, s: Scope): Routine<Value | Tuple> {
    yield* this.#step()
    if (x.f.k === 'type') {
      const value = single(yield* this.eval(x.a[0] ?? { k: 'lit', v: '' }, s))
      if (x.f.t.k === 'slice' && x.f.t.of?.n === 'byte') return bytesOf(textOf(value))
      return value
    }
    if (x.f.k === 'name' && lookUp(s, x.f.n) === missing && !this.#declared.has(x.f.n)) {
      const [first] = x.a
      if (x.f.n === 'make' && first?.k === 'type') {
        if (first.t.k === 'map') return { t: 'map', m: new Map(), z: this.zero(first.t.of) }
        if (first.t.k === 'chan') return struct('chan', { queue: slice([]) })
        const length = x.a[1] ? Number(single(yield* this.eval(x.a[1], s))) : 0
        if (length > 10_000_000) throw new GoPanic(failure('runtime error: makeslice: len out of range'))
        this.p.memory(length * 8)
        return slice(Array.from({ length }, () => this.zero(first.t.of)))
      }
      if (x.f.n === 'new' && first?.k === 'type') return this.zero(first.t)
      if (this.program.types[x.f.n] && first) return single(yield* this.eval(first, s))
    }
    const f = single(yield* this.eval(x.f, s))
    return yield* this.call(f, yield* this.#args(x.a, s, x.spread))
  }

  *#composite(t: Type, elements: readonly { key?: Expr; v: Expr }[], s: Scope): Routine<Value> {
    const named = t.k === 'name' && t.n !== undefined ? this.#typeOf(t.n) : undefined
    const shape = named && named.k !== 'name' ? named : t
    if (shape.k === 'map' || t.n === 'gin.H' || t.n === 'echo.Map' || t.n === 'fiber.Map') {
      const map: GoMap = { t: 'map', m: new Map(), z: shape.of ? this.zero(shape.of) : null }
      for (const { key, v } of elements)
        map.m.set((key ? single(yield* this.eval(key, s)) : '') as string, copied(single(yield* this.eval(v, s))))
      return map
    }
    if (shape.k === 'slice' || shape.k === 'array') {
      const list: Value[] = []
      for (const { v } of elements) list.push(copied(single(yield* this.eval(v, s))))
      return shape.of?.n === 'byte' ? bytesOf(String.fromCharCode(...list.map(Number))) : slice(list)
    }
    const made = t.k === 'struct' ? this.zero(t) : this.zero({ k: 'name', n: t.n ?? '' })
    const target = isStruct(made) ? made : struct(t.n ?? '')
    const fields = Object.keys(target.f)
    for (const [at, { key, v }] of elements.entries())
      target.f[key?.k === 'name' ? key.n : (fields[at] ?? String(at))] = copied(single(yield* this.eval(v, s)))
    return target
  }

  /** Runs what goroutines are waiting to begin. */
  *runPending(): Routine<void> {
    const before = this.goroutine
    this.goroutine = true
    for (let one = this.pending.shift(); one; one = this.pending.shift()) yield* this.call(one.f, one.a)
    this.goroutine = before
  }

  /** The tag of a struct's field. */
  tag = (type: string, field: string): string | undefined =>
    this.program.types[type]?.fields?.find(one => one.names.includes(field))?.tag
}

const missing = Symbol('missing')

function lookUp(s: Scope, name: string): Value | typeof missing {
  for (let at: Scope | null = s; at; at = at.up) if (Object.hasOwn(at.v, name)) return at.v[name]
  return missing
}

export function single(value: Value | Tuple): Value {
  return value instanceof Tuple ? value.v[0] : value
}

/** Structs are values: assigning copies them, unless they were made with `&`. */
function copied(value: Value): Value {
  return isStruct(value) &&
    value.f['&'] !== true &&
    !value.n.includes('.') &&
    !['chan', 'type', 'package', '[]byte', 'ptr'].includes(value.n)
    ? struct(value.n, value.f)
    : value
}

function outOfRange(key: Value, length: number): GoPanic {
  return new GoPanic(failure(`runtime error: index out of range [${show(key)}] with length ${length}`))
}

export function equal(a: Value, b: Value): boolean {
  if ((a === null || a === undefined) && (b === null || b === undefined)) return true
  if (isStruct(a) && isStruct(b) && a.n === b.n) return a === b || show(a) === show(b)
  return a === b
}

function binary(op: string, l: Value, r: Value): Value {
  if (op === '==') return equal(l, r)
  if (op === '!=') return !equal(l, r)
  const [a, b] = [nanos(l), nanos(r)]
  if (typeof a === 'string' || typeof b === 'string') {
    const [x, y] = [textOf(a), textOf(b)]
    return op === '+' ? x + y : op === '<' ? x < y : op === '>' ? x > y : op === '<=' ? x <= y : x >= y
  }
  const [x, y] = [Number(a), Number(b)]
  const integers = Number.isInteger(x) && Number.isInteger(y)
  const wrap = (value: number): Value =>
    isStruct(l, 'time.Duration') || isStruct(r, 'time.Duration') ? struct('time.Duration', { ns: value }) : value
  switch (op) {
    case '+':
      return wrap(x + y)
    case '-':
      return wrap(x - y)
    case '*':
      return wrap(x * y)
    case '/':
      if (integers && y === 0) throw new GoPanic(failure('runtime error: integer divide by zero'))
      return wrap(integers ? Math.trunc(x / y) : x / y)
    case '%':
      if (y === 0) throw new GoPanic(failure('runtime error: integer divide by zero'))
      return x % y
    case '<':
      return x < y
    case '>':
      return x > y
    case '<=':
      return x <= y
    case '>=':
      return x >= y
    case '&':
      return Number(BigInt(x) & BigInt(y))
    case '|':
      return Number(BigInt(x) | BigInt(y))
    case '^':
      return Number(BigInt(x) ^ BigInt(y))
    case '<<':
      return x * 2 ** y
    case '>>':
      return Math.floor(x / 2 ** y)
    default:
      throw new NotModelled(`the operator ${op}`)
  }
}

function nanos(value: Value): Value {
  return isStruct(value, 'time.Duration') ? (value.f['ns'] ?? 0) : value
}

/** Makes what was thawed lead to a machine's own root scope. */
function relink(s: Scope, from: Scope, to: Scope, seen = new Set<object>()): void {
  if (seen.has(s)) return
  seen.add(s)
  if (s.up === from) s.up = to
  else if (s.up) relink(s.up, from, to, seen)
  for (const value of Object.values(s.v)) relinkValue(value, from, to, seen)
}

function relinkValue(value: Value, from: Scope, to: Scope, seen = new Set<object>()): void {
  if (typeof value !== 'object' || value === null || seen.has(value)) return
  if (value.t === 'scope') {
    relink(value, from, to, seen)
    return
  }
  seen.add(value)
  if (value.t === 'fn') {
    if (value.s === from) value.s = to
    else relink(value.s, from, to, seen)
  } else if (value.t === 'slice') for (const one of value.e) relinkValue(one, from, to, seen)
  else if (value.t === 'map') for (const one of value.m.values()) relinkValue(one, from, to, seen)
  else if (value.t === 'struct') for (const one of Object.values(value.f)) relinkValue(one, from, to, seen)
}
