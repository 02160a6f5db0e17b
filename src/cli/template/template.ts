/** Go templates: parse once, run over values. Knows no docker. */
import { type ExecOptions, execute } from './exec.ts'
import { type Functions, functions, headerFunctions } from './funcs.ts'
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
 * @throws ParseError
 */
export function parseTemplate(text: string, name = ''): Template {
  const parsed = parse(text, name, new Set(functions.keys()))
  const run = (funcs: Functions, value: unknown, options?: ExecOptions): string =>
    execute(parsed, name, funcs, value, options)
  return {
    execute: (value, options) => run(functions, value, options),
    header: value => run(headerFunctions, value),
  }
}
