/** nslookup: asks a name server (busybox; and that of BIND). */
import { command } from './lib/command.ts'
import { UsageError } from './lib/failure.ts'
import { isIPv4 } from './lib/hosts.ts'
import { addressOfReverse, askNames, nameServers, reverseName } from './lib/lookup.ts'

export const options = {
  type: '-type=TYPE  kind of record: a, aaaa, ptr, …',
  debug: '-debug  accepted',
}

export const program = command(
  'nslookup',
  options,
  function* ({ p, out, args, gnu }) {
    const names = args.filter(arg => !arg.startsWith('-'))
    const type = args
      .map(arg => /^-(?:query)?type=(.+)$/i.exec(arg) ?? /^-q=(.+)$/i.exec(arg))
      .find(m => m)?.[1]
      ?.toUpperCase()
    const [first, given] = names
    if (first === undefined) throw new UsageError('')
    const name = type === 'PTR' ? addressOfReverse(first) : first
    const server = given ?? (yield* nameServers(p))[0]
    if (server === undefined) {
      yield* out.write(';; connection timed out; no servers could be reached\n\n')
      return 1
    }
    const reverse = isIPv4(name)
    yield* out.write(
      gnu ? `Server:\t\t${server}\nAddress:\t${server}#53\n\n` : `Server:\t\t${server}\nAddress:\t${server}:53\n\n`,
    )
    const types = reverse
      ? (['PTR'] as const)
      : type === 'A'
        ? (['A'] as const)
        : type === 'AAAA'
          ? (['AAAA'] as const)
          : (['A', 'AAAA'] as const)
    // A name server does not know what /etc/hosts says of the loopback.
    const answers = name === 'localhost' ? [] : yield* askNames(name, types)
    const asked = reverse ? reverseName(name) : name
    // A name without an address of the kind that was asked for is there all the same.
    const known = answers.length > 0 || (type === 'AAAA' && (yield* askNames(name, ['A'])).length > 0)
    if (!known) {
      // The embedded server asks the host's for what it does not know, and that one knows but a few names.
      const status = server === '127.0.0.11' ? 'SERVFAIL' : 'NXDOMAIN'
      for (const _query of gnu ? types.slice(0, 1) : types)
        yield* out.write(`** server can't find ${asked}: ${status}\n\n`)
      return 1
    }
    if (gnu && !reverse) yield* out.write('Non-authoritative answer:\n')
    for (const kind of types) {
      // Busybox gives each query its section, an empty one too.
      if (!gnu) yield* out.write('Non-authoritative answer:\n')
      for (const value of answers.find(answer => answer.type === kind)?.values ?? []) {
        yield* out.write(
          kind === 'PTR' ? `${asked}\tname = ${value}${gnu ? '.' : ''}\n` : `Name:\t${name}\nAddress: ${value}\n`,
        )
      }
      if (!gnu) yield* out.write('\n')
    }
    if (gnu) yield* out.write('\n')
    return 0
  },
  { raw: true },
)
