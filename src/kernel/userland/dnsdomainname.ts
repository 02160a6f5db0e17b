/** dnsdomainname: the domain of the host's name. */
import { command } from './lib/command.ts'
import { Failure } from './lib/failure.ts'
import { canonicalName } from './lib/hosts.ts'

export const options = {}

export const program = command('dnsdomainname', options, function* ({ p, out, gnu }) {
  const own = p.uname().nodename
  const full = yield* canonicalName(p, own)
  if (full === undefined) throw new Failure(gnu ? 'Name or service not known' : `${own}: Unknown host`)
  const dot = full.indexOf('.')
  if (dot !== -1) yield* out.write(`${full.slice(dot + 1)}\n`)
  return 0
})
