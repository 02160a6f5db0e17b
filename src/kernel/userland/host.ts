/** host: asks a name server, in sentences (BIND). */
import { isErrno } from '../../vfs/errno.ts'
import { command } from './lib/command.ts'
import { isIPv4 } from './lib/hosts.ts'
import { type Answers, askNames, nameServers, reverseName } from './lib/lookup.ts'

export const options = {
  type: '-t=TYPE  kind of record',
  all: '-a  everything',
  four: '-4  IPv4',
  verbose: '-v  accepted',
  wait: '-W=SEC  accepted',
}

export const program = command(
  'host',
  options,
  function* ({ p, out, options: given, args }) {
    const [name = ''] = args
    const type = given.value('type')?.toUpperCase()
    const reverse = isIPv4(name)
    const types = reverse
      ? (['PTR'] as const)
      : type === 'A'
        ? (['A'] as const)
        : type === 'AAAA'
          ? (['AAAA'] as const)
          : (['A', 'AAAA'] as const)
    const server = args[1] ?? (yield* nameServers(p))[0] ?? '127.0.0.1'
    let answers: Answers
    try {
      answers = yield* askNames(name, types, server)
    } catch (thrown) {
      if (!isErrno(thrown)) throw thrown
      yield* out.write(';; connection timed out; no servers could be reached\n')
      return 1
    }
    if (answers.length === 0) {
      yield* out.write(
        reverse ? `Host ${reverseName(name)}. not found: 3(NXDOMAIN)\n` : `Host ${name} not found: 3(NXDOMAIN)\n`,
      )
      return 1
    }
    for (const { type: kind, values } of answers) {
      for (const value of values) {
        yield* out.write(
          kind === 'PTR'
            ? `${reverseName(name)} domain name pointer ${value}.\n`
            : `${name} has ${kind === 'A' ? 'address' : 'IPv6 address'} ${value}\n`,
        )
      }
    }
    return 0
  },
  { operands: [1, 2] },
)
