/** env: shows the environment, or runs a program in a changed one. */
import { isErrno } from '../../vfs/errno.ts'
import type { Env } from '../program.ts'
import { command } from './lib/command.ts'
import { Failure, UsageError } from './lib/failure.ts'
import { becomeProgram } from './lib/run.ts'

export const options = {
  empty: '-i --ignore-environment  start with an empty environment',
  unset: '-u --unset=NAME  remove a variable',
  zero: '-0 --null  end each line with NUL, not newline',
  chdir: 'gnu: -C --chdir=DIR  change the working directory',
  split: 'gnu: -S --split-string=S  split S into several arguments (for #! lines)',
  debug: 'gnu: -v --debug  accepted',
}

export const program = command(
  'env',
  options,
  function* ({ p, out, options: given, args, gnu }) {
    const rest = [...args]
    const dash = rest[0] === '-'
    if (dash) rest.shift()
    const env: Env = given.has('empty') || dash ? new Map() : new Map(p.env)
    for (const name of given.values('unset')) env.delete(name)
    for (let word = rest[0]; word?.includes('='); word = rest[0]) {
      const at = word.indexOf('=')
      env.set(word.slice(0, at), word.slice(at + 1))
      rest.shift()
    }
    const dir = given.value('chdir')
    if (dir !== undefined) {
      if (rest.length === 0) throw new UsageError('must specify command with --chdir (-C)')
      try {
        p.chdir(dir)
      } catch (error) {
        if (isErrno(error)) throw new Failure(`cannot change directory to '${dir}': ${error.message}`, 125)
        throw error
      }
    }
    if (rest.length > 0) {
      if (gnu && given.has('zero')) throw new UsageError('cannot specify --null (-0) with command')
      yield* becomeProgram(p, rest, { env, gnuWords: (name, reason) => `'${name}': ${reason}` })
    }
    const end = given.has('zero') ? '\0' : '\n'
    for (const [name, value] of env) yield* out.write(`${name}=${value}${end}`)
    return 0
  },
  { stopAtOperand: true, gnuErrorStatus: 125, rewrite: (args, gnu) => (gnu ? splitStrings(args) : args) },
)

/** `-S 'A B'`, the way a #! line passes it, becomes `A B`. */
function splitStrings(args: string[]): string[] {
  const at = args.findIndex(
    arg => arg.startsWith('-S') || arg === '--split-string' || arg.startsWith('--split-string='),
  )
  if (at === -1 || args.slice(0, at).some(arg => !arg.startsWith('-') && !arg.includes('='))) return args
  const arg = args[at] ?? ''
  const alone = arg === '-S' || arg === '--split-string'
  const text = alone ? (args[at + 1] ?? '') : arg.replace(/^(-S|--split-string=)/, '')
  return [...args.slice(0, at), ...text.split(/\s+/).filter(word => word !== ''), ...args.slice(at + (alone ? 2 : 1))]
}
