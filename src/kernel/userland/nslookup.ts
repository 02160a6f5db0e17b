/** nslookup: asks a name server (busybox; and that of BIND). */
import { isErrno } from '../../vfs/errno.ts'
import { command } from './lib/command.ts'
import { Failure, UsageError } from './lib/failure.ts'
import { isIPv4 } from './lib/hosts.ts'
import { type Answers, addressOfReverse, askNames, nameServers, reverseName } from './lib/lookup.ts'
import { requireSocket } from './lib/net-words.ts'

export const options = {
  type: '-type=TYPE  kind of record: a, aaaa, ptr, …',
  debug: '-debug  accepted',
}

export const program = command(
  'nslookup',
  options,
  function* ({ p, out, args, gnu, error }) {
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
    if (!gnu) requireSocket(p, 'inet', 'dgram')
    const reverse = isIPv4(name)
    const types = typesOf(type, reverse)
    const asked = reverse ? reverseName(name) : name
    let answers: Answers
    let known: boolean
    try {
      answers = yield* askNames(name, types, server)
      // A name without a record of the kind that was asked for is there all the same.
      known = answers.length > 0 || (!reverse && (yield* askNames(name, ['A', 'AAAA'], server)).length > 0)
    } catch (thrown) {
      if (!isErrno(thrown)) throw thrown
      if (thrown.code === 'ENETUNREACH' && !gnu)
        throw new Failure(`can't connect to remote host (${server}): ${thrown.message}`)
      if (thrown.code === 'ECONNREFUSED' && !gnu) yield* error(`write to '${server}': ${thrown.message}`)
      yield* out.write(';; connection timed out; no servers could be reached\n\n')
      return 1
    }
    yield* out.write(
      gnu ? `Server:\t\t${server}\nAddress:\t${server}#53\n\n` : `Server:\t\t${server}\nAddress:\t${server}:53\n\n`,
    )
    const queries: readonly unknown[] = types.length > 0 ? types : [type]
    if (!known) {
      // The embedded server asks the host's for what it does not know, and that one knows but a few names.
      const status = server === '127.0.0.11' ? 'SERVFAIL' : 'NXDOMAIN'
      for (const _query of gnu ? queries.slice(0, 1) : queries)
        yield* out.write(`** server can't find ${asked}: ${status}\n\n`)
      return 1
    }
    if (gnu && !reverse) yield* out.write('Non-authoritative answer:\n')
    for (const kind of queries) {
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

/** Kinds of records that the model has among those that were asked for. */
function typesOf(type: string | undefined, reverse: boolean): readonly ('A' | 'AAAA' | 'PTR')[] {
  if (reverse) return ['PTR']
  if (type === 'A' || type === 'AAAA') return [type]
  return type === undefined || type === 'ANY' ? ['A', 'AAAA'] : []
}
