/** The built-in functions and types. */
import type { Proc } from '../../../kernel/program.ts'
import { type ErrnoCode, errnoNumber, isErrno } from '../../../vfs/errno.ts'
import { readFileNow } from '../../whole-file.ts'
import type { Interpreter } from './interp.ts'
import { sorted } from './methods.ts'
import {
  type Kwargs,
  PyBytes,
  PyClass,
  PyDict,
  PyFunction,
  PyInstance,
  PyIterator,
  PyList,
  PyModule,
  PyNative,
  PyRaise,
  PyRange,
  PySet,
  PyTuple,
  type Run,
  type Value,
} from './objects.ts'
import { typeName } from './words.ts'

/** Classes of errors that are more than an OSError. */
const errorClasses: Partial<Record<ErrnoCode, string>> = {
  EPERM: 'PermissionError',
  ENOENT: 'FileNotFoundError',
  EACCES: 'PermissionError',
  EEXIST: 'FileExistsError',
  ENOTDIR: 'NotADirectoryError',
  EISDIR: 'IsADirectoryError',
  EPIPE: 'BrokenPipeError',
  ECONNRESET: 'ConnectionResetError',
  ETIMEDOUT: 'TimeoutError',
  ECONNREFUSED: 'ConnectionRefusedError',
}

/** Turns the kernel's errors into Python's. */
export function* guarded<T>(interp: Interpreter, path: string | undefined, work: () => Run<T>): Run<T> {
  try {
    return yield* work()
  } catch (error) {
    if (!isErrno(error)) throw error
    const number = BigInt(errnoNumber(error.code))
    const raised = interp.error(errorClasses[error.code] ?? 'OSError', number, error.message)
    if (path !== undefined) raised.value.dict.set('filename', path)
    raised.value.dict.set('errno', number)
    raised.value.dict.set('strerror', error.message)
    throw raised
  }
}

/** As long as a string of the host can be; one of a repeated character takes no memory of the host. */
const longestString = 2 ** 29 - 25

export const latin = (text: string): string => Buffer.from(text, 'utf8').toString('latin1')
export const utf8 = (text: string): string => Buffer.from(text, 'latin1').toString('utf8')

/** The text of a file of the container. Throws Errno. */
export const sourceOf = (p: Proc, file: string): string => Buffer.from(readFileNow(p, latin(file))).toString('utf8')

/** The same; undefined when it cannot be read. */
export function sourceIfThere(p: Proc, file: string): string | undefined {
  try {
    return sourceOf(p, file)
  } catch (error) {
    if (isErrno(error)) return undefined
    throw error
  }
}

export function install(interp: Interpreter): void {
  const { names } = interp.builtins
  const add = (name: string, call: (args: Value[], kwargs: Kwargs) => Run | Value, type = false): void => {
    const made = new PyNative(name, call)
    if (type) made.attributes.set('#type', true)
    names.set(name, made)
  }
  const property = new PyClass('property', [interp.objectClass])
  for (const name of ['classmethod', 'staticmethod']) {
    const cls = new PyClass(name, [interp.objectClass])
    add(name, ([func]) => new PyInstance(cls, func))
  }
  add('property', ([get, set]) => new PyInstance(property, { get, set }))
  interp.methods?.natives.set(property, {
    setter: (self, [set]) => new PyInstance(property, { get: (self.native as { get: Value }).get, set }),
    getter: (self, [get]) => new PyInstance(property, { ...(self.native as object), get }),
  })
  add('print', function* (args, kwargs) {
    const parts: string[] = []
    for (const each of args) parts.push(yield* interp.str(each))
    const separator = kwargs.get('sep')
    const end = kwargs.get('end')
    const text = parts.join(typeof separator === 'string' ? separator : ' ') + (typeof end === 'string' ? end : '\n')
    const file =
      kwargs.get('file') ?? ((interp.modules.get('sys') as PyModule).names.get('stdout') as Value | undefined) ?? null
    yield* interp.callMethod(file, 'write', [text])
    const flush = kwargs.get('flush')
    if (flush !== undefined && (yield* interp.truth(flush))) yield* interp.callMethod(file, 'flush', [])
    return null
  })
  add('input', function* ([prompt]) {
    yield* interp.flush()
    if (prompt !== undefined) yield { op: 'write', fd: 1, data: Buffer.from(yield* interp.str(prompt), 'utf8') }
    const line = yield* interp.callMethod(
      (interp.modules.get('sys') as PyModule).names.get('stdin') as Value,
      'readline',
      [],
    )
    if (line === '') throw interp.error('EOFError', 'EOF when reading a line')
    return String(line).replace(/\n$/, '')
  })
  add('len', function* ([value]) {
    if (value instanceof PyBytes) return BigInt(value.text.length)
    if (value instanceof PyDict || value instanceof PySet) return BigInt(value.map.size)
    if (typeof value === 'string') {
      const pairs = value.match(/[\ud800-\udbff][\udc00-\udfff]/g)?.length ?? 0
      return BigInt(value.length - pairs)
    }
    const items = interp.quick(value as Value)
    if (items) return BigInt(items.length)
    if (value instanceof PyRange || (value instanceof PyClass && value.find('_member_map_')))
      return BigInt((yield* interp.list(value)).length)
    if (value instanceof PyInstance && (value.cls.find('__len__') || interp.methods?.instance(value, '__len__')))
      return yield* interp.callMethod(value, '__len__', [])
    throw interp.error('TypeError', `object of type '${typeName(value as Value)}' has no len()`)
  })
  add(
    'range',
    args => {
      for (const each of args)
        if (typeof each !== 'bigint')
          throw interp.error('TypeError', `'${typeName(each)}' object cannot be interpreted as an integer`)
      const [a, b, c] = args as bigint[]
      if (c === 0n) throw interp.error('ValueError', 'range() arg 3 must not be zero')
      return b === undefined ? new PyRange(0n, a ?? 0n, 1n) : new PyRange(a ?? 0n, b, c ?? 1n)
    },
    true,
  )
  add(
    'int',
    function* ([value, base], kwargs) {
      if (value === undefined) return 0n
      if (typeof value === 'bigint') return value
      if (typeof value === 'boolean') return BigInt(value)
      if (typeof value === 'number') {
        if (!Number.isFinite(value)) throw interp.error('OverflowError', 'cannot convert float infinity to integer')
        return BigInt(Math.trunc(value))
      }
      const given = value instanceof PyBytes ? value.text : value
      if (typeof given === 'string') {
        const radix = Number(base ?? kwargs.get('base') ?? 10n)
        const text = given.trim().replaceAll('_', '').toLowerCase()
        const prefix = { 16: '0x', 2: '0b', 8: '0o' }[radix]
        const digits = text.replace(/^[+-]/, '').replace(prefix ? new RegExp(`^${prefix}`) : /^$/, '')
        const good = digits !== '' && [...digits].every(each => Number.parseInt(each, 36) < radix)
        if (!good)
          throw interp.error('ValueError', `invalid literal for int() with base ${radix}: ${yield* interp.repr(value)}`)
        const made = radix === 10 ? BigInt(digits) : BigInt(Number.parseInt(digits, radix))
        return text.startsWith('-') ? -made : made
      }
      if (value instanceof PyInstance && value.cls.find('__int__'))
        return yield* interp.callMethod(value, '__int__', [])
      throw interp.error(
        'TypeError',
        `int() argument must be a string, a bytes-like object or a real number, not '${typeName(value)}'`,
      )
    },
    true,
  )
  add(
    'float',
    function* ([value]) {
      if (value === undefined) return 0
      if (typeof value === 'number') return value
      if (typeof value === 'bigint' || typeof value === 'boolean') return Number(value)
      if (typeof value === 'string') {
        const text = value.trim().toLowerCase()
        const special = { inf: Infinity, '-inf': -Infinity, nan: Number.NaN, infinity: Infinity }[text]
        if (special !== undefined) return special
        if (text === '' || Number.isNaN(Number(text)))
          throw interp.error('ValueError', `could not convert string to float: ${yield* interp.repr(value)}`)
        return Number(text)
      }
      throw interp.error(
        'TypeError',
        `float() argument must be a string or a real number, not '${typeName(value as Value)}'`,
      )
    },
    true,
  )
  add(
    'str',
    function* ([value]) {
      if (value === undefined) return ''
      return yield* interp.str(value)
    },
    true,
  )
  add('repr', function* ([value]) {
    return yield* interp.repr(value as Value)
  })
  add(
    'bool',
    function* ([value]) {
      return value === undefined ? false : yield* interp.truth(value)
    },
    true,
  )
  // A bytearray is bytes that a program does not change: what courses do with one is to fill the memory.
  for (const name of ['bytes', 'bytearray'])
    add(
      name,
      function* ([value]) {
        if (typeof value === 'string') return new PyBytes(latin(value))
        if (typeof value === 'bigint') {
          interp.p.memory(Number(value))
          return new PyBytes('\0'.repeat(Math.min(Number(value), longestString)))
        }
        if (value === undefined) return new PyBytes('')
        if (value instanceof PyBytes) return value
        return new PyBytes(String.fromCharCode(...(yield* interp.list(value)).map(Number)))
      },
      true,
    )
  add(
    'list',
    function* ([value]) {
      return new PyList(value === undefined ? [] : yield* interp.list(value))
    },
    true,
  )
  add(
    'tuple',
    function* ([value]) {
      return new PyTuple(value === undefined ? [] : yield* interp.list(value))
    },
    true,
  )
  for (const name of ['set', 'frozenset'])
    add(
      name,
      function* ([value]) {
        const made = new PySet(name === 'frozenset')
        if (value !== undefined) for (const each of yield* interp.list(value)) made.map.set(interp.key(each), each)
        return made
      },
      true,
    )
  add(
    'dict',
    function* ([value], kwargs) {
      const made = new PyDict()
      yield* interp.callMethod(made, 'update', value === undefined ? [] : [value], kwargs)
      return made
    },
    true,
  )
  add(
    'type',
    ([value]) => {
      if (value instanceof PyInstance) return value.cls
      return (
        interp.builtins.names.get(typeName(value as Value)) ??
        new PyClass(typeName(value as Value), [interp.objectClass])
      )
    },
    true,
  )
  add('isinstance', ([value, type]) => interp.isInstance(value as Value, type as Value))
  add(
    'issubclass',
    ([value, type]) =>
      value instanceof PyClass &&
      (type instanceof PyTuple ? type.items : [type]).some(each => each instanceof PyClass && value.isSubclassOf(each)),
  )
  add(
    'callable',
    ([value]) =>
      value instanceof PyFunction ||
      value instanceof PyNative ||
      value instanceof PyClass ||
      (value instanceof PyInstance && value.cls.find('__call__') !== undefined) ||
      typeName(value as Value) === 'method',
  )
  add('hasattr', function* ([object, name]) {
    try {
      return (yield* interp.findAttribute(object as Value, String(name))) !== undefined
    } catch (error) {
      if (error instanceof PyRaise) return false
      throw error
    }
  })
  add('getattr', function* ([object, name, fallback]) {
    const found = yield* interp.findAttribute(object as Value, String(name))
    if (found !== undefined) return found
    return fallback === undefined ? yield* interp.attribute(object as Value, String(name)) : fallback
  })
  add('setattr', function* ([object, name, value]) {
    yield* interp.setAttribute(object as Value, String(name), value as Value)
    return null
  })
  add('iter', function* ([value]) {
    return yield* interp.iter(value as Value)
  })
  add('next', function* ([iterator, fallback]) {
    const value =
      iterator instanceof PyIterator
        ? yield* interp.next(iterator)
        : yield* interp.callMethod(iterator as Value, '__next__', [])
    if (value !== undefined) return value
    if (fallback !== undefined) return fallback
    throw interp.error('StopIteration')
  })
  add('sorted', function* ([value], kwargs) {
    return new PyList(yield* sorted(interp, yield* interp.list(value as Value), kwargs))
  })
  add('reversed', function* ([value]) {
    const items = (yield* interp.list(value as Value)).reverse()
    return yield* interp.iter(new PyList(items))
  })
  add('enumerate', function* ([value, start], kwargs) {
    const inner = yield* interp.iter(value as Value)
    let at = BigInt((start ?? kwargs.get('start') ?? 0n) as bigint)
    return new PyIterator('enumerate', function* () {
      const next = yield* interp.next(inner)
      return next === undefined ? undefined : new PyTuple([at++, next])
    })
  })
  add('zip', function* (args) {
    const inner: PyIterator[] = []
    for (const each of args) inner.push(yield* interp.iter(each))
    return new PyIterator('zip', function* () {
      const row: Value[] = []
      for (const each of inner) {
        const next = yield* interp.next(each)
        if (next === undefined) return undefined
        row.push(next)
      }
      return row.length === 0 ? undefined : new PyTuple(row)
    })
  })
  add('map', function* ([func, ...lists]) {
    const inner: PyIterator[] = []
    for (const each of lists) inner.push(yield* interp.iter(each))
    return new PyIterator('map', function* () {
      const row: Value[] = []
      for (const each of inner) {
        const next = yield* interp.next(each)
        if (next === undefined) return undefined
        row.push(next)
      }
      return yield* interp.call(func as Value, row)
    })
  })
  add('filter', function* ([func, list]) {
    const inner = yield* interp.iter(list as Value)
    return new PyIterator('filter', function* () {
      for (let next = yield* interp.next(inner); next !== undefined; next = yield* interp.next(inner))
        if (yield* interp.truth(func === null ? next : yield* interp.call(func as Value, [next]))) return next
      return undefined
    })
  })
  add('sum', function* ([list, start]) {
    let total: Value = start ?? 0n
    for (const each of yield* interp.list(list as Value)) total = yield* interp.binary('+', total, each)
    return total
  })
  for (const [name, op] of [
    ['min', '<'],
    ['max', '>'],
  ] as const)
    add(name, function* (args, kwargs) {
      const items = args.length === 1 ? yield* interp.list(args[0] as Value) : args
      if (items.length === 0) {
        const fallback = kwargs.get('default')
        if (fallback !== undefined) return fallback
        throw interp.error('ValueError', `${name}() arg is an empty sequence`)
      }
      const key = kwargs.get('key')
      let best = items[0] as Value
      let bestKey = key ? yield* interp.call(key, [best]) : best
      for (const each of items.slice(1)) {
        const own = key ? yield* interp.call(key, [each]) : each
        if (yield* interp.truth(yield* interp.compare(op, own, bestKey))) [best, bestKey] = [each, own]
      }
      return best
    })
  add('any', function* ([list]) {
    for (const each of yield* interp.list(list as Value)) if (yield* interp.truth(each)) return true
    return false
  })
  add('all', function* ([list]) {
    for (const each of yield* interp.list(list as Value)) if (!(yield* interp.truth(each))) return false
    return true
  })
  add('abs', ([value]) => (typeof value === 'bigint' ? (value < 0n ? -value : value) : Math.abs(Number(value))))
  add('round', ([value, digits]) => {
    if (typeof value === 'bigint') return value
    const places = typeof digits === 'bigint' ? Number(digits) : 0
    const scaled = Number(value) * 10 ** places
    const low = Math.floor(scaled)
    const rest = scaled - low
    const rounded = Math.abs(rest - 0.5) < 1e-9 ? (low % 2 === 0 ? low : low + 1) : Math.round(scaled)
    return digits === undefined || digits === null
      ? BigInt(rounded)
      : Number((rounded / 10 ** places).toFixed(Math.max(0, places)))
  })
  add('divmod', function* ([a, b]) {
    return new PyTuple([
      yield* interp.binary('//', a as Value, b as Value),
      yield* interp.binary('%', a as Value, b as Value),
    ])
  })
  add('pow', function* ([a, b, c]) {
    const made = yield* interp.binary('**', a as Value, b as Value)
    return c === undefined ? made : yield* interp.binary('%', made, c)
  })
  add('ord', ([value]) => BigInt(String(value instanceof PyBytes ? value.text : value).codePointAt(0) ?? 0))
  add('chr', ([value]) => String.fromCodePoint(Number(value)))
  add('hex', ([value]) => `0x${(value as bigint).toString(16)}`)
  add('bin', ([value]) => `0b${(value as bigint).toString(2)}`)
  add('oct', ([value]) => `0o${(value as bigint).toString(8)}`)
  add('id', () => 139_902_345_678_912n)
  add('hash', ([value]) =>
    BigInt([...String(interp.key(value as Value))].reduce((sum, each) => (sum * 31 + each.charCodeAt(0)) | 0, 7)),
  )
  add('format', function* ([value, spec]) {
    return yield* interp.format(value as Value, typeof spec === 'string' ? spec : '')
  })
  add(
    'dir',
    ([value]) =>
      new PyList(
        value instanceof PyModule
          ? [...value.names.keys()].sort()
          : value instanceof PyInstance
            ? [...new Set([...value.dict.keys(), ...value.cls.mro.flatMap(each => [...each.dict.keys()])])].sort()
            : [],
      ),
  )
  add('delattr', ([object, name]) => {
    if (object instanceof PyInstance) object.dict.delete(String(name))
    return null
  })
  add('vars', ([value]) => {
    const made = new PyDict()
    if (value instanceof PyInstance) for (const [key, each] of value.dict) interp.set(made, key, each)
    return made
  })
  for (const name of ['locals', 'globals', 'super']) add(name, () => null)
  add('open', (args, kwargs) => openFile(interp, args, kwargs))
  for (const name of ['exit', 'quit'])
    add(name, ([code]) => {
      throw interp.error('SystemExit', ...(code === undefined ? [] : [code]))
    })
  add('__import__', ([name]) => interp.importModule(String(name)) as Run)
  for (const name of ['eval', 'exec', 'compile'])
    add(name, () => {
      throw interp.error('NotImplementedError', `minidock: ${name}() is not modelled`)
    })
  names.set('NotImplemented', null)
  names.set('__name__', 'builtins')
  names.set('IOError', interp.exceptions.get('OSError') as Value)
  names.set('EnvironmentError', interp.exceptions.get('OSError') as Value)
}

/** A text or binary file, as a whole in memory. */
function* openFile(interp: Interpreter, args: Value[], kwargs: Kwargs): Run {
  const { p } = interp
  const [given, modeValue] = args
  const path = yield* interp.str(given as Value)
  const mode = String(modeValue ?? kwargs.get('mode') ?? 'r')
  const binary = mode.includes('b')
  const fileClass = interp.modules.get('io')?.names.get('TextIOWrapper') as PyClass
  const made = new PyInstance(fileClass)
  const state = { path, mode, binary, at: 0, text: '', closed: false }
  // biome-ignore lint/correctness/useYield: done at once
  yield* guarded(interp, path, function* () {
    if (mode.startsWith('r')) {
      const { type } = p.stat(latin(path))
      if (type === 'dir') {
        const raised = interp.error('IsADirectoryError', 21n, 'Is a directory')
        raised.value.dict.set('filename', path)
        throw raised
      }
      const bytes = Buffer.from(readFileNow(p, latin(path))).toString('latin1')
      state.text = binary ? bytes : utf8(bytes)
    } else {
      const fd = p.open(
        latin(path),
        {
          write: true,
          create: true,
          truncate: mode.startsWith('w'),
          append: mode.startsWith('a'),
          exclusive: mode.startsWith('x'),
        },
        0o666,
      )
      p.close(fd)
    }
  })
  made.native = state
  made.dict.set('name', path)
  made.dict.set('mode', mode)
  return made
}
