/** dirname: a path without its last part. */
import { command } from './lib/command.ts'
import { UsageError } from './lib/failure.ts'
import { dirName } from './lib/walk.ts'

export const options = {
  zero: 'gnu: -z --zero  end with NUL',
}

export const program = command('dirname', options, function* ({ out, options: given, args, gnu }) {
  if (args.length === 0 || (!gnu && args.length > 1)) throw new UsageError(gnu ? 'missing operand' : '')
  for (const path of args) yield* out.write(dirName(path) + (given.has('zero') ? '\0' : '\n'))
  return 0
})
