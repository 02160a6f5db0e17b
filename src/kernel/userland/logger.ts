/** logger: writes to the system log, which nobody keeps in a container; with -s also to stderr. */
import type { Routine } from '../program.ts'
import { toBytes } from './lib/bytes.ts'
import { command } from './lib/command.ts'
import { Lines } from './lib/input.ts'
import { readAccounts, userName } from './lib/users.ts'

export const options = {
  stderr: '-s --stderr  to standard error as well',
  tag: '-t=TAG --tag=TAG  tag (default: the user)',
  priority: '-p=PRIO --priority=PRIO  facility and level',
  id: 'gnu: -i --id  with the process number',
  file: 'gnu: -f=FILE --file=FILE  from a file',
}

export const program = command('logger', options, function* ({ p, options: given, args }) {
  const tag = given.value('tag') ?? userName(yield* readAccounts(p), p.cred.uid) ?? '?'
  const say = function* (text: string): Routine<void> {
    if (given.has('stderr'))
      yield { op: 'write', fd: 2, data: toBytes(`${p.flavour === 'gnu' ? '<13>' : ''}${tag}: ${text}\n`) }
  }
  if (args.length > 0) {
    yield* say(args.join(' '))
    return 0
  }
  const lines = new Lines(p, 0)
  for (let line = yield* lines.next(); line !== undefined; line = yield* lines.next()) yield* say(line)
  return 0
})
