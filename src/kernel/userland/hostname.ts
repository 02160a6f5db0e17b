/** hostname: the host's name and addresses (busybox; and Debian's hostname). */
import { isErrno } from '../../vfs/errno.ts'
import type { Proc, Routine } from '../program.ts'
import { command } from './lib/command.ts'
import { Failure } from './lib/failure.ts'
import { canonicalName, resolveName } from './lib/hosts.ts'
import { readFile } from './lib/input.ts'
import { addresses } from './lib/interfaces.ts'

export const options = {
  short: '-s --short  up to the first dot',
  ip: '-i --ip-address  addresses of the host name',
  allIps: 'gnu: -I --all-ip-addresses  all addresses of the host',
  domain: '-d --domain  the DNS domain',
  fqdn: '-f --fqdn --long  the full name',
  allFqdns: 'gnu: -A --all-fqdns  all full names',
  nis: 'gnu: -y --yp --nis  the NIS domain',
  file: '-F=FILE --file=FILE  set the name from a file',
}

export const program = command('hostname', options, function* ({ p, out, options: given, args, gnu }) {
  const own = p.uname().nodename
  const file = given.value('file')
  const name =
    file === undefined
      ? args[0]
      : (yield* readFile(p, file)).split('\n').find(line => line !== '' && !line.startsWith('#'))
  if (name !== undefined) {
    try {
      p.sethostname(name.trim())
    } catch (error) {
      if (!isErrno(error)) throw error
      throw new Failure(gnu ? 'you must be root to change the host name' : `sethostname: ${error.message}`)
    }
    return 0
  }
  const which =
    p.name === 'dnsdomainname'
      ? 'domain'
      : p.name.endsWith('domainname')
        ? 'nis'
        : given.last('short', 'ip', 'allIps', 'domain', 'fqdn', 'allFqdns', 'nis')
  const line = yield* text(which)
  // Busybox prints no empty line for a host without a domain.
  if (line !== '' || gnu || which !== 'domain') yield* out.write(`${line}\n`)
  return 0

  function* fullName(): Routine<string> {
    const full = yield* canonicalName(p, own)
    if (full === undefined) throw unknown(own, gnu)
    return full
  }

  function* text(key: typeof which): Routine<string> {
    switch (key) {
      case 'short':
        return own.split('.')[0] ?? ''
      case 'ip':
        return (yield* ownAddresses(p, own, gnu)).join(' ')
      case 'allIps': {
        const all = yield* addresses(p)
        return all
          .filter(a => a.device !== 'lo' && a.scope !== 'link')
          .map(a => `${a.address} `)
          .join('')
      }
      case 'domain': {
        const full = yield* fullName()
        return full.includes('.') ? full.slice(full.indexOf('.') + 1) : ''
      }
      case 'fqdn':
      case 'allFqdns':
        return yield* fullName()
      case 'nis':
        return p.uname().domainname
      default:
        return own
    }
  }
})

const unknown = (own: string, gnu: boolean): Failure =>
  new Failure(gnu ? 'Name or service not known' : `${own}: Unknown host`)

function* ownAddresses(p: Proc, own: string, gnu: boolean): Routine<string[]> {
  const found = yield* resolveName(p, own, 4)
  if (found.length === 0) throw unknown(own, gnu)
  return found
}
