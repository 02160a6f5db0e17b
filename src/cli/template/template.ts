/** Go templates: parse once, run over values. Knows no docker. */
import { type ExecOptions, execute } from './exec.ts'
import { type Functions, functions, headerFunctions, jsonBy } from './funcs.ts'
import { parse } from './parse.ts'

export interface Template {
  /** Runs it over a value (see value.ts for what values are). @throws ExecError */
  execute(value: unknown, options?: ExecOptions): string
  /** The same with functions that leave names alone, for a table's header. @throws ExecError */
  header(value: unknown): string
}

/**
 * Parses a template.
 * @param name  what error messages call it
 * @param own.json  how `json` writes a value, where that is not Docker's way
 * @throws ParseError
 */
export function parseTemplate(text: string, name = '', own: { json?: (value: unknown) => string } = {}): Template {
  const { json } = own
  const all = json ? new Map([...functions, ['json', jsonBy(json)] as const]) : functions
  const parsed = parse(text, name, new Set(all.keys()))
  const run = (funcs: Functions, value: unknown, options?: ExecOptions): string =>
    execute(parsed, name, funcs, value, options)
  return {
    execute: (value, options) => run(all, value, options),
    header: value => run(headerFunctions, value),
  }
}
