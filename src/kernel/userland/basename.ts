/** basename: the last part of a path. */
import { command } from './lib/command.ts'
import { UsageError } from './lib/failure.ts'
import { baseName } from './lib/walk.ts'

export const options = {
  multiple: '-a --multiple  every operand is a path',
  suffix: '-s --suffix=SUFFIX  take this end away (implies -a)',
  zero: 'gnu: -z --zero  end with NUL',
}

export const program = command('basename', options, function* ({ out, options: given, args, gnu }) {
  const many = given.has('multiple') || given.has('suffix')
  if (args.length === 0) throw new UsageError(gnu ? 'missing operand' : '')
  if (!many && args.length > 2) throw new UsageError(gnu ? `extra operand '${args[2] ?? ''}'` : '')
  const suffix = given.value('suffix') ?? (many ? '' : (args[1] ?? ''))
  for (const path of many ? args : args.slice(0, 1)) {
    const name = baseName(path)
    const short = suffix !== '' && name !== suffix && name.endsWith(suffix) ? name.slice(0, -suffix.length) : name
    yield* out.write(short + (given.has('zero') ? '\0' : '\n'))
  }
  return 0
})
