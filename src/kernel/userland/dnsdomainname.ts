/** dnsdomainname: the domain of the host's name. */
import { command } from './lib/command.ts'
import { canonicalName } from './lib/hosts.ts'

export const options = {}

export const program = command('dnsdomainname', options, function* ({ p, out }) {
  const full = yield* canonicalName(p, p.uname().nodename)
  const dot = full.indexOf('.')
  if (dot !== -1) yield* out.write(`${full.slice(dot + 1)}\n`)
  return 0
})
