/** What strings, lists, dictionaries and numbers can do. */
import type { Interpreter } from './interp.ts'
import {
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
  PyTuple,
  type Run,
  type Value,
} from './objects.ts'
import { floatText, quote, typeName } from './words.ts'

type Work = (self: never, args: Value[], kwargs: Kwargs) => Run | Value

const int = (value: Value | undefined, fallback: number): number =>
  typeof value === 'bigint' ? Number(value) : typeof value === 'boolean' ? Number(value) : fallback
const text = (value: Value | undefined): string => (typeof value === 'string' ? value : '')

export class TypeMethods {
  readonly #interp: Interpreter
  readonly #tables: Record<string, Record<string, Work>>
  /** Methods of classes that are made here: by class. */
  readonly natives = new Map<
    PyClass,
    Record<string, (self: PyInstance, args: Value[], kwargs: Kwargs) => Run | Value>
  >()
  /** Attributes of such classes that are no methods. */
  readonly fields = new Map<PyClass, (self: PyInstance, name: string) => Value | undefined>()
  readonly texts = new Map<PyClass, { str?: (self: PyInstance) => string; repr?: (self: PyInstance) => string }>()

  /** What types have without an object. */
  readonly #statics: Record<string, Work> = {
    'str.maketrans': (_: never, [from, to, gone]) => {
      const made = new PyDict()
      const set = (key: string, value: Value): void => this.#interp.set(made, BigInt(key.codePointAt(0) ?? 0), value)
      if (from instanceof PyDict)
        for (const [key, value] of from.map.values())
          set(typeof key === 'bigint' ? String.fromCodePoint(Number(key)) : String(key), value)
      else [...text(from)].forEach((each, at) => void set(each, [...text(to)][at] ?? null))
      for (const each of text(gone)) set(each, null)
      return made
    },
    'dict.fromkeys': (_: never, [keys, value]) => this.#fromKeys(keys as Value, value ?? null),
    'bytes.fromhex': (_: never, [hex]) =>
      new PyBytes(Buffer.from(text(hex).replaceAll(' ', ''), 'hex').toString('latin1')),
    'int.from_bytes': (_: never, [data, order]) => {
      const bytes = Buffer.from(data instanceof PyBytes ? data.text : '', 'latin1')
      return BigInt(`0x${(order === 'little' ? bytes.reverse() : bytes).toString('hex') || '0'}`)
    },
  }

  constructor(interp: Interpreter) {
    this.#interp = interp
    this.#tables = {
      str: this.#strings(),
      list: this.#lists(),
      dict: this.#dicts(),
      set: this.#sets(),
      frozenset: this.#sets(),
      tuple: this.#tuples(),
      bytes: this.#bytes(),
      int: this.#ints(),
      float: this.#floats(),
      generator: this.#generators(),
      coroutine: this.#generators(),
    }
  }

  find(object: Value, name: string): Value | undefined {
    const work = this.#tables[typeName(object)]?.[name]
    if (work) return new PyNative(name, (args, kwargs) => work(object as never, args, kwargs))
    if (object instanceof PyIterator && name === '__next__') return new PyNative(name, () => this.#advance(object))
    if (name === '__len__') return new PyNative(name, () => BigInt(this.#interp.quick(object)?.length ?? 0))
    if (name === 'real') return object
    return undefined
  }

  /** `str.upper`, `dict.fromkeys`: a method of a type, its object the first argument; or one that has none. */
  ofType(type: string, name: string): Value | undefined {
    const alone = this.#statics[`${type}.${name}`]
    if (alone) return new PyNative(name, (args, kwargs) => alone(null as never, args, kwargs))
    const work = this.#tables[type]?.[name]
    if (work) return new PyNative(name, ([self, ...args], kwargs) => work(self as never, args, kwargs))
    return undefined
  }

  *#fromKeys(keys: Value, value: Value): Run {
    const made = new PyDict()
    for (const key of yield* this.#interp.list(keys)) this.#interp.set(made, key, value)
    return made
  }

  *#advance(iterator: PyIterator): Run {
    const value = yield* this.#interp.next(iterator)
    if (value === undefined) throw this.#interp.stopped(iterator)
    return value
  }

  instance(object: PyInstance, name: string): Value | undefined {
    for (const cls of object.cls.mro) {
      const work = this.natives.get(cls)?.[name]
      if (work) return new PyNative(name, (args, kwargs) => work(object, args, kwargs))
      const field = this.fields.get(cls)?.(object, name)
      if (field !== undefined) return field
    }
    return undefined
  }

  text(object: PyInstance): string | undefined {
    for (const cls of object.cls.mro) {
      const made = this.texts.get(cls)?.str?.(object)
      if (made !== undefined) return made
    }
    return undefined
  }

  represent(object: PyInstance): string | undefined {
    for (const cls of object.cls.mro) {
      const made = this.texts.get(cls)?.repr?.(object)
      if (made !== undefined) return made
    }
    return undefined
  }

  plainRepr(value: Value): string {
    if (value === null) return 'None'
    if (typeof value === 'boolean') return value ? 'True' : 'False'
    if (typeof value === 'bigint') return value.toString()
    if (typeof value === 'number') return floatText(value)
    if (typeof value === 'string') return quote(value)
    if (value instanceof PyBytes) return `b${quote(value.text, true)}`
    if (value instanceof PyClass)
      return `<class '${value.module === 'builtins' ? '' : `${value.module}.`}${value.name}'>`
    if (value instanceof PyFunction) return `<function ${value.name} at 0x7f3c1a2b4c10>`
    if (value instanceof PyNative)
      return value.attributes.has('#type') ? `<class '${value.name}'>` : `<built-in function ${value.name}>`
    if (value instanceof PyMethod) return `<bound method ${value.func.name} of ${typeName(value.self)}>`
    if (value instanceof PyModule)
      return `<module '${value.name}'${value.names.get('__file__') ? ` from '${value.names.get('__file__')}'` : ' (built-in)'}>`
    if (value instanceof PyRange)
      return `range(${value.start}, ${value.stop}${value.step === 1n ? '' : `, ${value.step}`})`
    if (value instanceof PyIterator) return `<${value.kind} object at 0x7f3c1a2b4e50>`
    return typeName(value) === 'ellipsis' ? 'Ellipsis' : `<${typeName(value)}>`
  }

  /** Numbers and sequences; undefined: somebody else must know. */
  binary(op: string, left: Value, right: Value): Value | undefined {
    const a = typeof left === 'boolean' ? BigInt(left) : left
    const b = typeof right === 'boolean' ? BigInt(right) : right
    const fail = (name: string, words: string) => this.#interp.error(name, words)
    if (typeof a === 'bigint' && typeof b === 'bigint') {
      switch (op) {
        case '+':
          return a + b
        case '-':
          return a - b
        case '*':
          return a * b
        case '/':
          if (b === 0n) throw fail('ZeroDivisionError', 'division by zero')
          return Number(a) / Number(b)
        case '//':
          if (b === 0n) throw fail('ZeroDivisionError', 'integer division or modulo by zero')
          return floorDivide(a, b)
        case '%':
          if (b === 0n) throw fail('ZeroDivisionError', 'integer modulo by zero')
          return a - floorDivide(a, b) * b
        case '**':
          if (b < 0n) return Number(a) ** Number(b)
          if (b > 100_000n) throw fail('MemoryError', '')
          return a ** b
        case '&':
          return a & b
        case '|':
          return a | b
        case '^':
          return a ^ b
        case '<<':
          if (b > 1_000_000n) throw fail('MemoryError', '')
          return a << b
        case '>>':
          return a >> b
      }
    }
    if ((typeof a === 'bigint' || typeof a === 'number') && (typeof b === 'bigint' || typeof b === 'number')) {
      const x = Number(a)
      const y = Number(b)
      switch (op) {
        case '+':
          return x + y
        case '-':
          return x - y
        case '*':
          return x * y
        case '/':
          if (y === 0) throw fail('ZeroDivisionError', 'float division by zero')
          return x / y
        case '//':
          if (y === 0) throw fail('ZeroDivisionError', 'float floor division by zero')
          return Math.floor(x / y)
        case '%':
          if (y === 0) throw fail('ZeroDivisionError', 'float modulo')
          return x - Math.floor(x / y) * y
        case '**':
          return x ** y
      }
      return undefined
    }
    if (op === '+') {
      if (typeof a === 'string' && typeof b === 'string') return a + b
      if (a instanceof PyList && b instanceof PyList) return new PyList([...a.items, ...b.items])
      if (a instanceof PyTuple && b instanceof PyTuple) return new PyTuple([...a.items, ...b.items])
      if (a instanceof PyBytes && b instanceof PyBytes) return new PyBytes(a.text + b.text)
    }
    if (op === '*') {
      const [sequence, count] = typeof b === 'bigint' ? [a, b] : typeof a === 'bigint' ? [b, a] : [undefined, undefined]
      if (sequence !== undefined && count !== undefined) {
        const times = Math.max(0, Number(count))
        const size =
          typeof sequence === 'string'
            ? sequence.length
            : sequence instanceof PyList || sequence instanceof PyTuple
              ? sequence.items.length * 8
              : 1
        if (size * times > 1 << 20) this.#interp.p.memory(Math.min(size * times, 2 ** 40))
        if (size * times > 1 << 28) throw fail('MemoryError', '')
        if (typeof sequence === 'string') return sequence.repeat(times)
        if (sequence instanceof PyBytes) return new PyBytes(sequence.text.repeat(times))
        if (sequence instanceof PyList) return new PyList(Array.from({ length: times }, () => sequence.items).flat())
        if (sequence instanceof PyTuple) return new PyTuple(Array.from({ length: times }, () => sequence.items).flat())
      }
    }
    if (a instanceof PyDict && b instanceof PyDict && op === '|') {
      const made = new PyDict()
      for (const [key, value] of [...a.map.values(), ...b.map.values()]) this.#interp.set(made, key, value)
      return made
    }
    if (a instanceof PySet && b instanceof PySet) {
      const made = new PySet(a.frozen)
      for (const [key, value] of a.map)
        if (op === '|' || (op === '&' && b.map.has(key)) || ((op === '-' || op === '^') && !b.map.has(key)))
          made.map.set(key, value)
      if (op === '|' || op === '^')
        for (const [key, value] of b.map) if (op === '|' || !a.map.has(key)) made.map.set(key, value)
      return made
    }
    return undefined
  }

  *percent(format: string, given: Value): Run<string> {
    const interp = this.#interp
    const args = given instanceof PyTuple ? [...given.items] : [given]
    let at = 0
    let made = ''
    let last = 0
    for (const match of format.matchAll(/%(?:\((\w+)\))?([-+ 0#]*)(\d+|\*)?(?:\.(\d+))?([sdifrxXoeEgGc%])/g)) {
      made += format.slice(last, match.index)
      last = (match.index ?? 0) + match[0].length
      const [, name, flags = '', width, digits, kind = ''] = match
      if (kind === '%') {
        made += '%'
        continue
      }
      const value = name !== undefined && given instanceof PyDict ? interp.get(given, name) : args[at++]
      if (value === undefined) throw interp.error('TypeError', 'not enough arguments for format string')
      let shown: string
      if (kind === 's') shown = yield* interp.str(value)
      else if (kind === 'r') shown = yield* interp.repr(value)
      else if (kind === 'd' || kind === 'i') {
        if (typeof value === 'string') throw interp.error('TypeError', `%d format: a real number is required, not str`)
        shown = typeof value === 'number' ? String(Math.trunc(value)) : String(int(value, 0))
      } else shown = this.format(value, `${digits === undefined ? '' : `.${digits}`}${kind}`, '')
      if (flags.includes('+') && !shown.startsWith('-')) shown = `+${shown}`
      const size = Number(width ?? 0)
      made += flags.includes('-') ? shown.padEnd(size) : shown.padStart(size, flags.includes('0') ? '0' : ' ')
    }
    if (at < args.length && !(given instanceof PyDict))
      throw interp.error('TypeError', 'not all arguments converted during string formatting')
    return made + format.slice(last)
  }

  format(value: Value, spec: string, shown: string): string {
    const match = /^(?:(.)?([<>=^]))?([-+ ])?(#)?(0)?(\d+)?([,_])?(?:\.(\d+))?([bcdeEfFgGnosxX%])?$/su.exec(spec)
    if (!match)
      throw this.#interp.error(
        'ValueError',
        `Invalid format specifier '${spec}' for object of type '${typeName(value)}'`,
      )
    const [, fill, align, sign, hash, zero, width, comma, digits, kind] = match
    let body = shown
    const number = typeof value === 'bigint' || typeof value === 'number' || typeof value === 'boolean'
    if (number) {
      const n = typeof value === 'boolean' ? BigInt(value) : value
      if (kind && 'fFeEgG%'.includes(kind)) {
        const x = Number(n) * (kind === '%' ? 100 : 1)
        const places = Number(digits ?? 6)
        body =
          kind === 'e' || kind === 'E'
            ? x.toExponential(places).replace(/e([+-])(\d)$/, 'e$10$2')
            : kind === 'g' || kind === 'G'
              ? String(Number(x.toPrecision(places || 1)))
              : x.toFixed(places)
        if (kind === '%') body += '%'
      } else if (typeof n === 'bigint' && kind && 'bxXo'.includes(kind)) {
        body = n.toString(kind === 'b' ? 2 : kind === 'o' ? 8 : 16)
        if (kind === 'X') body = body.toUpperCase()
        if (hash) body = `0${kind}${body}`
      } else if (kind === 'c') body = String.fromCodePoint(Number(n))
      else if (typeof n === 'number' && digits !== undefined) body = String(Number(n.toPrecision(Number(digits) || 1)))
      if (comma) body = body.replace(/^(-?\d+)/, whole => whole.replace(/\B(?=(\d{3})+$)/g, comma))
      if ((sign === '+' || sign === ' ') && !body.startsWith('-')) body = sign + body
    } else {
      if (kind && kind !== 's')
        throw this.#interp.error('ValueError', `Unknown format code '${kind}' for object of type '${typeName(value)}'`)
      if (digits !== undefined) body = [...body].slice(0, Number(digits)).join('')
    }
    const size = Number(width ?? 0)
    const lack = size - [...body].length
    if (lack <= 0) return body
    const pad = (fill ?? (zero ? '0' : ' ')).repeat(lack)
    const how = align ?? (zero && number ? '=' : number ? '>' : '<')
    if (how === '<') return body + pad
    if (how === '>') return pad + body
    if (how === '=') return body.replace(/^([+-]?)/, `$1${pad}`)
    const left = Math.floor(lack / 2)
    return pad.slice(0, left) + body + pad.slice(left)
  }

  #strings(): Record<string, Work> {
    const interp = this.#interp
    const strip = (value: string, chars: Value | undefined, ends: 'both' | 'left' | 'right'): string => {
      const set = typeof chars === 'string' ? new Set(chars) : undefined
      const test = (char: string | undefined): boolean => char !== undefined && (set ? set.has(char) : /\s/.test(char))
      let from = 0
      let to = value.length
      if (ends !== 'right') while (from < to && test(value[from])) from++
      if (ends !== 'left') while (to > from && test(value[to - 1])) to--
      return value.slice(from, to)
    }
    const split = (value: string, by: Value | undefined, most: number): string[] => {
      if (typeof by !== 'string') {
        const words: string[] = []
        let rest = value.trimStart()
        while (rest !== '') {
          if (most >= 0 && words.length >= most) {
            words.push(rest.trimEnd())
            break
          }
          const word = /^\S+/.exec(rest)?.[0] ?? ''
          words.push(word)
          rest = rest.slice(word.length).trimStart()
        }
        return words
      }
      if (by === '') throw interp.error('ValueError', 'empty separator')
      const parts = value.split(by)
      return most < 0 || parts.length <= most + 1 ? parts : [...parts.slice(0, most), parts.slice(most).join(by)]
    }
    const list = (parts: string[]): PyList => new PyList(parts)
    const title = (value: string): string =>
      value.toLowerCase().replace(/(^|[^\p{L}])(\p{L})/gu, (_, a: string, b: string) => a + b.toUpperCase())
    const ends = (value: string, given: Value | undefined, test: (value: string, part: string) => boolean): boolean =>
      (given instanceof PyTuple ? given.items : [given]).some(each => typeof each === 'string' && test(value, each))
    return {
      upper: (self: string) => self.toUpperCase(),
      lower: (self: string) => self.toLowerCase(),
      casefold: (self: string) => self.toLowerCase(),
      title: (self: string) => title(self),
      capitalize: (self: string) => self.charAt(0).toUpperCase() + self.slice(1).toLowerCase(),
      swapcase: (self: string) =>
        [...self].map(each => (each === each.toUpperCase() ? each.toLowerCase() : each.toUpperCase())).join(''),
      strip: (self: string, [chars]) => strip(self, chars, 'both'),
      lstrip: (self: string, [chars]) => strip(self, chars, 'left'),
      rstrip: (self: string, [chars]) => strip(self, chars, 'right'),
      split: (self: string, [by, most], kwargs) =>
        list(split(self, by ?? kwargs.get('sep'), int(most ?? kwargs.get('maxsplit'), -1))),
      rsplit: (self: string, [by, most]) => {
        const parts = split(self, by, -1)
        const limit = int(most, -1)
        if (limit < 0 || parts.length <= limit + 1 || typeof by !== 'string') return list(parts)
        return list([parts.slice(0, parts.length - limit).join(by), ...parts.slice(parts.length - limit)])
      },
      splitlines: (self: string, [keep]) =>
        list(
          self === ''
            ? []
            : (self.match(/[^\n]*\n|[^\n]+$/g) ?? []).map(each => (keep === true ? each : each.replace(/\r?\n$/, ''))),
        ),
      partition: (self: string, [by]) => {
        const at = self.indexOf(text(by))
        return new PyTuple(at < 0 ? [self, '', ''] : [self.slice(0, at), text(by), self.slice(at + text(by).length)])
      },
      rpartition: (self: string, [by]) => {
        const at = self.lastIndexOf(text(by))
        return new PyTuple(at < 0 ? ['', '', self] : [self.slice(0, at), text(by), self.slice(at + text(by).length)])
      },
      *join(self: string, [given]) {
        const parts: string[] = []
        for (const [at, each] of (yield* interp.list(given ?? null)).entries()) {
          if (typeof each !== 'string')
            throw interp.error('TypeError', `sequence item ${at}: expected str instance, ${typeName(each)} found`)
          parts.push(each)
        }
        return parts.join(self)
      },
      replace: (self: string, [from, to, count]) => {
        const most = int(count, -1)
        if (most < 0) return self.replaceAll(text(from), () => text(to))
        let made = self
        for (let turn = 0, at = 0; turn < most; turn++) {
          const found = made.indexOf(text(from), at)
          if (found < 0) break
          made = made.slice(0, found) + text(to) + made.slice(found + text(from).length)
          at = found + text(to).length
        }
        return made
      },
      startswith: (self: string, [part]) => ends(self, part, (value, each) => value.startsWith(each)),
      endswith: (self: string, [part]) => ends(self, part, (value, each) => value.endsWith(each)),
      removeprefix: (self: string, [part]) => (self.startsWith(text(part)) ? self.slice(text(part).length) : self),
      removesuffix: (self: string, [part]) =>
        self.endsWith(text(part)) ? self.slice(0, self.length - text(part).length) : self,
      find: (self: string, [part, from]) => BigInt(self.indexOf(text(part), int(from, 0))),
      rfind: (self: string, [part]) => BigInt(self.lastIndexOf(text(part))),
      index: (self: string, [part]) => {
        const at = self.indexOf(text(part))
        if (at < 0) throw interp.error('ValueError', 'substring not found')
        return BigInt(at)
      },
      count: (self: string, [part]) => BigInt(self.split(text(part)).length - 1),
      isdigit: (self: string) => /^\d+$/.test(self),
      isnumeric: (self: string) => /^\d+$/.test(self),
      isdecimal: (self: string) => /^\d+$/.test(self),
      isalpha: (self: string) => /^\p{L}+$/u.test(self),
      isalnum: (self: string) => /^[\p{L}\p{N}]+$/u.test(self),
      isspace: (self: string) => /^\s+$/.test(self),
      isupper: (self: string) => /\p{Lu}/u.test(self) && !/\p{Ll}/u.test(self),
      islower: (self: string) => /\p{Ll}/u.test(self) && !/\p{Lu}/u.test(self),
      isidentifier: (self: string) => /^[\p{L}_][\p{L}\p{N}_]*$/u.test(self),
      zfill: (self: string, [size]) =>
        self.replace(
          /^([+-]?)(.*)$/s,
          (_, sign: string, rest: string) => sign + rest.padStart(int(size, 0) - sign.length, '0'),
        ),
      ljust: (self: string, [size, fill]) => self.padEnd(int(size, 0), typeof fill === 'string' ? fill : ' '),
      rjust: (self: string, [size, fill]) => self.padStart(int(size, 0), typeof fill === 'string' ? fill : ' '),
      center: (self: string, [size, fill]) =>
        this.format(self, `${typeof fill === 'string' ? fill : ' '}^${int(size, 0)}`, self),
      expandtabs: (self: string) => self.replaceAll('\t', '        '),
      encode: (self: string) => new PyBytes(Buffer.from(self, 'utf8').toString('latin1')),
      format: (self: string, args, kwargs) => this.#formatMethod(self, args, kwargs),
      translate: (self: string, [table]) =>
        [...self]
          .map(each => {
            const found = table instanceof PyDict ? interp.get(table, BigInt(each.codePointAt(0) ?? 0)) : undefined
            if (found === undefined) return each
            return typeof found === 'bigint' ? String.fromCodePoint(Number(found)) : (found ?? '')
          })
          .join(''),
    } as Record<string, Work>
  }

  *#formatMethod(template: string, args: Value[], kwargs: Kwargs): Run<string> {
    const interp = this.#interp
    let made = ''
    let auto = 0
    let last = 0
    for (const match of template.matchAll(/\{\{|\}\}|\{([^{}!:]*)(?:!([rsa]))?(?::((?:[^{}]|\{[^{}]*\})*))?\}/g)) {
      made += template.slice(last, match.index)
      last = (match.index ?? 0) + match[0].length
      if (match[0] === '{{' || match[0] === '}}') {
        made += match[0][0]
        continue
      }
      const [, field = '', conversion, spec = ''] = match
      const [, head = '', rest = ''] = /^([^.[]*)(.*)$/.exec(field) ?? []
      let value = head === '' ? args[auto++] : /^\d+$/.test(head) ? args[Number(head)] : kwargs.get(head)
      if (value === undefined) {
        if (head !== '' && !/^\d+$/.test(head)) throw interp.error('KeyError', head)
        throw interp.error(
          'IndexError',
          `Replacement index ${head === '' ? auto - 1 : head} out of range for positional args tuple`,
        )
      }
      for (const [, name, index] of rest.matchAll(/\.(\w+)|\[([^\]]*)\]/g))
        value =
          name !== undefined
            ? yield* interp.attribute(value, name)
            : yield* interp.item(value, /^\d+$/.test(index ?? '') ? BigInt(index ?? 0) : (index ?? ''))
      if (conversion === 'r') value = yield* interp.repr(value)
      made += yield* interp.format(value, spec)
    }
    return made + template.slice(last)
  }

  #lists(): Record<string, Work> {
    const interp = this.#interp
    return {
      append(self: PyList, [value]) {
        self.items.push(value as Value)
        return null
      },
      *extend(self: PyList, [value]) {
        self.items.push(...(yield* interp.list(value as Value)))
        return null
      },
      insert(self: PyList, [at, value]) {
        self.items.splice(int(at, 0), 0, value as Value)
        return null
      },
      pop(self: PyList, [at]) {
        if (self.items.length === 0) throw interp.error('IndexError', 'pop from empty list')
        return self.items.splice(
          at === undefined ? self.items.length - 1 : interp.position(at, self.items.length, 'pop'),
          1,
        )[0] as Value
      },
      *remove(self: PyList, [value]) {
        for (const [at, each] of self.items.entries())
          if (yield* interp.equal(each, value as Value)) {
            self.items.splice(at, 1)
            return null
          }
        throw interp.error('ValueError', 'list.remove(x): x not in list')
      },
      clear(self: PyList) {
        self.items = []
        return null
      },
      copy: (self: PyList) => new PyList([...self.items]),
      reverse(self: PyList) {
        self.items.reverse()
        return null
      },
      *sort(self: PyList, _, kwargs) {
        self.items = yield* sorted(interp, self.items, kwargs)
        return null
      },
      *index(self: PyList, [value]) {
        for (const [at, each] of self.items.entries()) if (yield* interp.equal(each, value as Value)) return BigInt(at)
        throw interp.error('ValueError', `${yield* interp.repr(value as Value)} is not in list`)
      },
      *count(self: PyList, [value]) {
        let count = 0n
        for (const each of self.items) if (yield* interp.equal(each, value as Value)) count++
        return count
      },
    } as Record<string, Work>
  }

  #tuples(): Record<string, Work> {
    const lists = this.#lists()
    return { index: lists['index'] as Work, count: lists['count'] as Work }
  }

  #dicts(): Record<string, Work> {
    const interp = this.#interp
    const values = (items: Value[]): PyList => new PyList(items)
    return {
      get: (self: PyDict, [key, fallback]) => interp.get(self, key as Value) ?? fallback ?? null,
      keys: (self: PyDict) => values([...self.map.values()].map(each => each[0])),
      values: (self: PyDict) => values([...self.map.values()].map(each => each[1])),
      items: (self: PyDict) => values([...self.map.values()].map(each => new PyTuple([...each]))),
      setdefault(self: PyDict, [key, value]) {
        const known = interp.get(self, key as Value)
        if (known !== undefined) return known
        interp.set(self, key as Value, value ?? null)
        return value ?? null
      },
      pop(self: PyDict, [key, fallback]) {
        const known = interp.get(self, key as Value)
        if (known === undefined) {
          if (fallback === undefined) throw interp.error('KeyError', key as Value)
          return fallback
        }
        self.map.delete(interp.key(key as Value))
        return known
      },
      popitem(self: PyDict) {
        const last = [...self.map].at(-1)
        if (!last) throw interp.error('KeyError', 'popitem(): dictionary is empty')
        self.map.delete(last[0])
        return new PyTuple([...last[1]])
      },
      *update(self: PyDict, [other], kwargs) {
        if (other instanceof PyDict) for (const [key, value] of other.map.values()) interp.set(self, key, value)
        else if (other instanceof PyInstance && (yield* interp.findAttribute(other, 'keys')) !== undefined)
          for (const key of yield* interp.list(yield* interp.callMethod(other, 'keys', [])))
            interp.set(self, key, yield* interp.item(other, key))
        else if (other !== undefined)
          for (const pair of yield* interp.list(other)) {
            const [key, value] = yield* interp.list(pair)
            interp.set(self, key as Value, value as Value)
          }
        for (const [key, value] of kwargs) interp.set(self, key, value)
        return null
      },
      clear(self: PyDict) {
        self.map.clear()
        return null
      },
      copy(self: PyDict) {
        const made = new PyDict()
        for (const [key, value] of self.map.values()) interp.set(made, key, value)
        return made
      },
    } as Record<string, Work>
  }

  #sets(): Record<string, Work> {
    const interp = this.#interp
    const combine = (op: string) =>
      function* (this: TypeMethods, self: PySet, [other]: Value[]): Run {
        const right = new PySet()
        for (const each of yield* interp.list(other as Value)) right.map.set(interp.key(each), each)
        return this.binary(op, self, right) ?? null
      }.bind(this)
    return {
      add(self: PySet, [value]) {
        self.map.set(interp.key(value as Value), value as Value)
        return null
      },
      discard(self: PySet, [value]) {
        self.map.delete(interp.key(value as Value))
        return null
      },
      remove(self: PySet, [value]) {
        if (!self.map.delete(interp.key(value as Value))) throw interp.error('KeyError', value as Value)
        return null
      },
      pop(self: PySet) {
        const [first] = self.map
        if (!first) throw interp.error('KeyError', 'pop from an empty set')
        self.map.delete(first[0])
        return first[1]
      },
      clear(self: PySet) {
        self.map.clear()
        return null
      },
      *update(self: PySet, others) {
        for (const other of others) for (const each of yield* interp.list(other)) self.map.set(interp.key(each), each)
        return null
      },
      copy(self: PySet) {
        const made = new PySet()
        for (const [key, value] of self.map) made.map.set(key, value)
        return made
      },
      union: combine('|'),
      intersection: combine('&'),
      difference: combine('-'),
      symmetric_difference: combine('^'),
      *issubset(self: PySet, [other]) {
        const items = new Set((yield* interp.list(other as Value)).map(each => interp.key(each)))
        return [...self.map.keys()].every(each => items.has(each))
      },
    } as Record<string, Work>
  }

  #bytes(): Record<string, Work> {
    const interp = this.#interp
    return {
      decode: (self: PyBytes) => Buffer.from(self.text, 'latin1').toString('utf8'),
      hex: (self: PyBytes) => Buffer.from(self.text, 'latin1').toString('hex'),
      *join(self: PyBytes, [list]) {
        const parts: string[] = []
        for (const each of yield* interp.list(list as Value)) parts.push(each instanceof PyBytes ? each.text : '')
        return new PyBytes(parts.join(self.text))
      },
      strip: (self: PyBytes) => new PyBytes(self.text.trim()),
      rstrip: (self: PyBytes) => new PyBytes(self.text.trimEnd()),
      lstrip: (self: PyBytes) => new PyBytes(self.text.trimStart()),
      lower: (self: PyBytes) => new PyBytes(self.text.replace(/[A-Z]/g, each => each.toLowerCase())),
      upper: (self: PyBytes) => new PyBytes(self.text.replace(/[a-z]/g, each => each.toUpperCase())),
      count: (self: PyBytes, [part]) => BigInt(self.text.split((part as PyBytes).text).length - 1),
      splitlines: (self: PyBytes) =>
        new PyList(
          self.text
            .replace(/\n$/, '')
            .split(/\r?\n/)
            .map(each => new PyBytes(each)),
        ),
      split: (self: PyBytes, [by]) =>
        new PyList(
          (by instanceof PyBytes ? self.text.split(by.text) : self.text.split(/\s+/).filter(Boolean)).map(
            each => new PyBytes(each),
          ),
        ),
      startswith: (self: PyBytes, [part]) => part instanceof PyBytes && self.text.startsWith(part.text),
      endswith: (self: PyBytes, [part]) => part instanceof PyBytes && self.text.endsWith(part.text),
      replace: (self: PyBytes, [from, to]) =>
        new PyBytes(self.text.replaceAll((from as PyBytes).text, (to as PyBytes).text)),
      find: (self: PyBytes, [part]) => BigInt(self.text.indexOf((part as PyBytes).text)),
    } as Record<string, Work>
  }

  #ints(): Record<string, Work> {
    return {
      bit_length: (self: bigint) => BigInt(self.toString(2).replace('-', '').length),
      to_bytes: (self: bigint, [size]) =>
        new PyBytes(Buffer.from(self.toString(16).padStart(int(size, 1) * 2, '0'), 'hex').toString('latin1')),
    } as Record<string, Work>
  }

  #floats(): Record<string, Work> {
    return { is_integer: (self: number) => Number.isInteger(self) } as Record<string, Work>
  }

  #generators(): Record<string, Work> {
    const interp = this.#interp
    return {
      *send(self: PyIterator, [value]) {
        const made = yield* self.resume(value as Value)
        if (made === undefined) throw interp.stopped(self)
        return made
      },
      *throw(self: PyIterator, [given]) {
        const error = given instanceof PyClass ? yield* interp.call(given, []) : given
        const made = yield* self.resume(null, new PyRaise(error as PyInstance))
        if (made === undefined) throw interp.stopped(self)
        return made
      },
      close: () => null,
    } as Record<string, Work>
  }
}

function floorDivide(a: bigint, b: bigint): bigint {
  const quotient = a / b
  return a % b !== 0n && a < 0n !== b < 0n ? quotient - 1n : quotient
}

/** A stable sort by `key`, with `reverse`. */
export function* sorted(interp: Interpreter, items: readonly Value[], kwargs: Kwargs): Run<Value[]> {
  const key = kwargs.get('key')
  const keyed: [Value, Value][] = []
  for (const each of items)
    keyed.push([key === undefined || key === null ? each : yield* interp.call(key, [each]), each])
  const reverse = kwargs.get('reverse') === true || kwargs.get('reverse') === 1n
  // A merge sort, so that comparing may wait.
  const merge = function* (part: [Value, Value][]): Run<[Value, Value][]> {
    if (part.length < 2) return part
    const middle = part.length >> 1
    const left = yield* merge(part.slice(0, middle))
    const right = yield* merge(part.slice(middle))
    const made: [Value, Value][] = []
    let a = 0
    let b = 0
    while (a < left.length && b < right.length) {
      const [x, y] = [left[a] as [Value, Value], right[b] as [Value, Value]]
      const swap = reverse ? yield* interp.compare('<', x[0], y[0]) : yield* interp.compare('<', y[0], x[0])
      made.push(swap === true ? y : x)
      if (swap === true) b++
      else a++
    }
    return [...made, ...left.slice(a), ...right.slice(b)]
  }
  return (yield* merge(keyed)).map(each => each[1])
}
