/** nslookup: asks a name server (busybox; and that of BIND). */
import { command } from './lib/command.ts'
import { UsageError } from './lib/failure.ts'
import { isIPv4 } from './lib/hosts.ts'
import { askNames, nameServers, reverseName } from './lib/lookup.ts'

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
    const [name, given] = names
    if (name === undefined) throw new UsageError('')
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
    if (answers.length === 0) {
      for (const _query of gnu ? types.slice(0, 1) : types)
        yield* out.write(`** server can't find ${asked}: NXDOMAIN\n\n`)
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
