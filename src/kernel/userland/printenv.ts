/** printenv: the environment, or the values of some variables. */
import { command } from './lib/command.ts'

export const options = { zero: 'gnu: -0 --null  end each line with NUL, not newline' }

export const program = command('printenv', options, function* ({ p, out, options: given, args }) {
  const end = given.has('zero') ? '\0' : '\n'
  if (args.length === 0) {
    for (const [name, value] of p.env) yield* out.write(`${name}=${value}${end}`)
    return 0
  }
  let status = 0
  for (const name of args) {
    const value = p.env.get(name)
    if (value === undefined) status = 1
    else yield* out.write(value + end)
  }
  return status
})
