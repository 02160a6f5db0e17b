/**
 * YAML as compose reads it: go-yaml's meaning of scalars and merge keys, its errors for the common mistakes,
 * `!reset` and `!override`, and bounds on what anchors may unfold to.
 */
import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, type ParsedNode, parseAllDocuments } from 'yaml'
import { quote } from '../../util/strconv.ts'
import { isTime, resolveScalar } from './scalar.ts'
import { ComposeError, isMapping, type Mapping, mapping, type Value } from './tree.ts'
import { syntaxError } from './yaml-errors.ts'

/** A document of a file. */
export interface Document {
  value: Value
  /** Where `!reset` and `!override` stand: what earlier files have there is dropped. */
  resets: string[][]
  /** Where plain scalars stand that go-yaml takes for points in time: no key of a compose file wants one. */
  times: string[][]
}

/** Values that one file may unfold to through its anchors. */
const MAX_VALUES = 500_000
const MAX_BYTES = 8 * 1024 * 1024

/**
 * The documents of a text.
 * @throws ComposeError in go-yaml's words, beginning with `yaml: ` or `line N: `
 */
export function parseYaml(text: string): Document[] {
  if (text.length > MAX_BYTES) throw new ComposeError('yaml: document is too large')
  const lines = new LineCounter()
  try {
    const documents = parseAllDocuments<ParsedNode>(text, {
      schema: 'failsafe',
      uniqueKeys: false,
      merge: false,
      strict: false,
      prettyErrors: false,
      logLevel: 'silent',
      lineCounter: lines,
    })
    if (!Array.isArray(documents)) return []
    return documents.flatMap(document => {
      if (document.errors.length > 0) throw syntaxError(document.errors, text)
      if (document.contents === null || isNothing(document.contents)) return []
      const reader = new Reader(lines)
      const value = reader.read(document.contents, [])
      return [{ value: value === DROPPED ? null : value, resets: reader.resets, times: reader.times }]
    })
  } catch (error) {
    // The parser recurses: what is nested too deeply ends the stack.
    if (error instanceof RangeError) throw new ComposeError('yaml: exceeded max depth of 10000')
    throw error
  }
}

const isNothing = (node: Node): boolean => isScalar(node) && node.type === 'PLAIN' && node.source === ''

const DROPPED: unique symbol = Symbol('a value with !reset')
type Read = Value | typeof DROPPED

class Reader {
  readonly resets: string[][] = []
  readonly times: string[][] = []
  readonly #anchors = new Map<string, { node: Node; path: readonly string[] }>()
  readonly #lines: LineCounter
  readonly #open = new Set<Node>()
  #count = 0

  constructor(lines: LineCounter) {
    this.#lines = lines
  }

  read(node: Node | null | undefined, path: readonly string[]): Read {
    if (++this.#count > MAX_VALUES) throw new ComposeError('yaml: document contains excessive aliasing')
    if (node === null || node === undefined) return null
    if (isAlias(node)) return this.#alias(node.source, path)
    if ('anchor' in node && typeof node.anchor === 'string') this.#anchors.set(node.anchor, { node, path })
    if (node.tag === '!reset') {
      this.resets.push([...path])
      return DROPPED
    }
    if (node.tag === '!override') this.resets.push([...path])
    this.#open.add(node)
    try {
      if (isSeq(node)) return this.#list(node.items, path)
      if (isMap(node)) return this.#mapping(node.items, path)
      if (!isScalar(node)) return null
      if (node.type === 'PLAIN' && node.tag === undefined && isTime(String(node.source))) this.times.push([...path])
      return scalarValue(node)
    } finally {
      this.#open.delete(node)
    }
  }

  #alias(name: string, path: readonly string[]): Read {
    const target = this.#anchors.get(name)
    if (!target) throw new ComposeError(`yaml: unknown anchor '${name}' referenced`)
    if (this.#open.has(target.node)) {
      const again = [...path, ...path.slice(target.path.length)].join('.')
      throw new ComposeError(`cycle detected: node at path ${again} references node at path ${path.join('.')}`)
    }
    return this.read(target.node, path)
  }

  #list(items: readonly unknown[], path: readonly string[]): Value[] {
    const list: Value[] = []
    items.forEach((item, i) => {
      const value = this.read(item as Node | null, [...path, String(i)])
      if (value !== DROPPED) list.push(value)
    })
    return list
  }

  #mapping(items: readonly { key: unknown; value: unknown }[], path: readonly string[]): Mapping {
    const made = mapping()
    const merged: Mapping[] = []
    const seen = new Map<string, number>()
    for (const { key, value } of items) {
      const name = this.#key(key as Node | null, path)
      const line = this.#line(key as Node | null)
      const before = seen.get(name)
      if (before !== undefined) {
        throw new ComposeError(`line ${line}: mapping key ${quote(name)} already defined at line ${before}`)
      }
      seen.set(name, line)
      if (name === '<<') merged.push(...this.#merged(value as Node | null, path))
      else {
        const read = this.read(value as Node | null, [...path, name])
        if (read !== DROPPED) made[name] = read
      }
    }
    for (const source of merged)
      for (const [name, value] of Object.entries(source)) if (!(name in made)) made[name] = value
    return made
  }

  #merged(node: Node | null, path: readonly string[]): Mapping[] {
    const value = this.read(node, path)
    const sources = Array.isArray(value) ? value : [value]
    return sources.map(source => {
      if (typeof source === 'symbol' || !isMapping(source))
        throw new ComposeError('yaml: map merge requires map or sequence of maps as the value')
      return source
    })
  }

  #key(node: Node | null, path: readonly string[]): string {
    const value = this.read(node, path)
    if (typeof value === 'string') return value
    if (value === null || value === DROPPED || typeof value === 'object') {
      throw new ComposeError(`yaml: invalid map key: ${value === null ? 'null' : 'map'}`)
    }
    const place = path.length === 0 ? 'at top level' : `in ${path.join('.')}`
    throw new ComposeError(`non-string key ${place}: ${String(value)}`)
  }

  #line(node: Node | null): number {
    return node?.range ? this.#lines.linePos(node.range[0]).line : 0
  }
}

/** A scalar by its style and tag. */
function scalarValue(node: { value: unknown; type?: string; tag?: string; source?: string }): Value {
  const text = typeof node.value === 'string' ? node.value : String(node.value ?? '')
  const tag = node.tag ?? ''
  if (tag.endsWith(':str')) return text
  if (/:(int|float|bool|null)$/.test(tag)) {
    const value = resolveScalar(text)
    if (typeof value === 'string')
      throw new ComposeError(`yaml: cannot decode !!str \`${text}\` as a !!${tag.replace(/^.*:/, '')}`)
    return value
  }
  return node.type === 'PLAIN' ? resolveScalar(text) : text
}
