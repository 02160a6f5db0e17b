/** Docker's messages for a wrong number of arguments (docker/cli `cli/required.go`). */
import { StatusError } from './errors.ts'
import type { Arity } from './spec.ts'

/**
 * Checks the number of arguments.
 * @param call  how the command was called: `docker container ls`
 * @param usage  the usage line's text, without "Usage:  "
 * @param name  the program's name, which starts the message
 * @throws StatusError 1 with Docker's words
 */
export function checkArity(arity: Arity, count: number, call: string, usage: string, name: string): void {
  const problem = complaint(arity, count)
  if (problem === undefined) return
  const hint = arity.rule === 'atLeast' ? 'See' : 'Run'
  const message = `${name}: '${call}' ${problem}\n\nUsage:  ${usage}\n\n${hint} '${call} --help' for more information`
  throw new StatusError(1, message)
}

const plural = (n: number): string => (n === 1 ? `${n} argument` : `${n} arguments`)

/** What is wrong with `count` arguments; undefined when nothing is. */
export function complaint(arity: Arity, count: number): string | undefined {
  switch (arity.rule) {
    case 'none':
      return count === 0 ? undefined : 'accepts no arguments'
    case 'exactly':
      return count === arity.n ? undefined : `requires ${plural(arity.n)}`
    case 'atLeast':
      return count >= arity.n ? undefined : `requires at least ${plural(arity.n)}`
    case 'atMost':
      return count <= arity.n ? undefined : `requires at most ${plural(arity.n)}`
    case 'between':
      if (count >= arity.min && count <= arity.max) return undefined
      return `requires at least ${arity.min} and at most ${plural(arity.max)}`
    case 'any':
      return undefined
  }
}
