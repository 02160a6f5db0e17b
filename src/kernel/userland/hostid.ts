/** hostid: a number for the host, made from its address (gethostid(3)). */
import { command } from './lib/command.ts'
import { resolveName } from './lib/hosts.ts'

export const options = {}

export const program = command('hostid', options, function* ({ p, out }) {
  const [address = '127.0.0.1'] = yield* resolveName(p, p.uname().nodename, 4)
  const bytes = address.split('.').map(Number)
  // The two halves of the address in network order change places.
  const number = [bytes[1], bytes[0], bytes[3], bytes[2]]
    .map(byte => (byte ?? 0).toString(16).padStart(2, '0'))
    .join('')
  yield* out.write(`${number}\n`)
  return 0
})
