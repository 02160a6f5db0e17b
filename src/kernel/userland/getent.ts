/** getent: entries of the name databases (glibc and musl). */
import type { Routine } from '../program.ts'
import { command } from './lib/command.ts'
import { hostLines, isIPv4, isIPv6, resolveName } from './lib/hosts.ts'
import { textOf } from './lib/interfaces.ts'

export const options = { service: '-s=CONFIG --service=CONFIG  accepted', noIdn: '-i --no-idn  accepted' }

const files: Record<string, { file: string; key: number; separator: string }> = {
  passwd: { file: '/etc/passwd', key: 2, separator: ':' },
  group: { file: '/etc/group', key: 2, separator: ':' },
  shadow: { file: '/etc/shadow', key: -1, separator: ':' },
  gshadow: { file: '/etc/gshadow', key: -1, separator: ':' },
}

export const program = command('getent', options, function* ({ p, out, args }) {
  const [database = '', ...keys] = args
  if (args.length === 0) {
    yield {
      op: 'write',
      fd: 2,
      data: Buffer.from(
        "Usage: getent [OPTION...] database [key ...]\nTry `getent --help' or `getent --usage' for more information.\n",
      ),
    }
    return 1
  }
  const source = Object.hasOwn(files, database) ? files[database] : undefined
  let status = 0
  if (source) {
    const lines = (yield* textOf(p, source.file)).split('\n').filter(line => line.includes(':'))
    if (keys.length === 0) yield* out.write(lines.map(line => `${line}\n`).join(''))
    for (const key of keys) {
      const found = lines.find(line => {
        const fields = line.split(':')
        return fields[0] === key || (source.key > 0 && fields[source.key] === key)
      })
      if (found === undefined) status = 2
      else yield* out.write(`${found}\n`)
    }
    return status
  }
  if (['hosts', 'ahosts', 'ahostsv4', 'ahostsv6'].includes(database)) {
    if (keys.length === 0) {
      for (const { address, names } of yield* hostLines(p))
        yield* out.write(`${address.padEnd(15)} ${names.join(' ')}\n`)
    }
    for (const key of keys) {
      const family = database === 'ahostsv6' ? 6 : database === 'ahostsv4' ? 4 : undefined
      const reverse = isIPv4(key) || isIPv6(key)
      const named = reverse ? ((yield { op: 'resolve', name: key, type: 'PTR' }) as string[]) : []
      const lines = (yield* hostLines(p)).filter(host => (reverse ? host.address === key : host.names.includes(key)))
      const known = lines.length > 0 || named.length > 0 || database !== 'hosts'
      const found = reverse ? (known ? [key] : []) : yield* addressesOf(key, family)
      if (found.length === 0) status = 2
      for (const address of found) {
        if (database === 'hosts')
          yield* out.write(
            `${address.padEnd(15)} ${(lines.find(host => host.address === address)?.names ?? (reverse ? named : [key])).join(' ')}\n`,
          )
        else
          for (const kind of [`STREAM ${key}`, 'DGRAM  ', 'RAW    '])
            yield* out.write(`${address.padEnd(15)} ${kind}\n`)
      }
    }
    return status
  }
  if (['services', 'protocols', 'networks', 'rpc', 'ethers', 'netgroup', 'aliases', 'initgroups'].includes(database)) {
    for (const line of (yield* textOf(p, `/etc/${database}`)).split('\n')) {
      const words = line.replace(/#.*/, '').trim().split(/\s+/)
      if (
        words.length > 1 &&
        (keys.length === 0 || keys.includes(words[0] ?? '') || keys.includes((words[1] ?? '').split('/')[0] ?? ''))
      ) {
        yield* out.write(`${(words[0] ?? '').padEnd(21)} ${words.slice(1).join(' ')}\n`)
      }
    }
    return status
  }
  yield {
    op: 'write',
    fd: 2,
    data: Buffer.from(
      `Unknown database: ${database}\nTry \`getent --help' or \`getent --usage' for more information.\n`,
      'latin1',
    ),
  }
  return 1

  /** `hosts` asks for IPv6 addresses, and for IPv4 ones only when there are none. */
  function* addressesOf(name: string, family: 4 | 6 | undefined): Routine<string[]> {
    if (database !== 'hosts') return yield* resolveName(p, name, family)
    const six = yield* resolveName(p, name, 6)
    return six.length > 0 ? six : yield* resolveName(p, name, 4)
  }
})
