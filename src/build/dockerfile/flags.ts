/** The `--flags` of one instruction (buildkit frontend/dockerfile/instructions/bflag.go). */
import { parseError } from '../errors.ts'
import type { Instruction } from './parser.ts'
import { suggestion } from './suggestion.ts'

/** Flags that may be given several times. */
const lists = ['mount', 'exclude']

/** Reads them; throws BuildError for unknown ones, doubles and missing values. */
export class FlagReader {
  readonly #values = new Map<string, string[]>()

  constructor(line: Instruction, known: readonly string[], bools: readonly string[] = []) {
    for (const word of line.flags) {
      const equals = word.indexOf('=')
      const name = word.slice(2, equals < 0 ? undefined : equals)
      if (!known.includes(name)) {
        const near = suggestion(name, known)
        throw parseError(
          `unknown flag: --${name}${near === undefined ? '' : ` (did you mean ${near}?)`}`,
          line.location,
        )
      }
      if (this.#values.has(name) && !lists.includes(name))
        throw parseError(`duplicate flag specified: --${name}`, line.location)
      if (equals < 0 && !bools.includes(name)) throw parseError(`missing a value on flag: --${name}`, line.location)
      const value = equals < 0 ? 'true' : word.slice(equals + 1)
      if (bools.includes(name) && !['true', 'false'].includes(value.toLowerCase()))
        throw parseError(`expecting boolean value for flag --${name}, not: ${value}`, line.location)
      this.#values.set(name, [...(this.#values.get(name) ?? []), value])
    }
  }

  text(name: string): string {
    return this.#values.get(name)?.at(-1) ?? ''
  }

  list(name: string): string[] {
    return this.#values.get(name) ?? []
  }

  bool(name: string): boolean | undefined {
    const value = this.#values.get(name)?.at(-1)
    return value === undefined ? undefined : value.toLowerCase() === 'true'
  }
}
