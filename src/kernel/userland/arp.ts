/** arp: the neighbours whose hardware addresses are known (busybox and net-tools). */
import { command } from './lib/command.ts'
import { Failure } from './lib/failure.ts'
import { nameOfAddress } from './lib/hosts.ts'
import { neighbours } from './lib/interfaces.ts'

export const options = {
  all: '-a  all hosts',
  numeric: '-n  no names',
  verbose: '-v  verbose',
  device: '-i=IFACE  only this interface',
  remove: '-d  delete an entry',
  set: '-s  set an entry',
}

export const program = command('arp', options, function* ({ p, out, options: given, args, gnu }) {
  if (given.has('remove')) throw new Failure('SIOCDARP(priv): Operation not permitted')
  if (given.has('set')) throw new Failure('SIOCSARP: Operation not permitted')
  const shown = (yield* neighbours(p)).filter(
    one => (given.value('device') ?? one.device) === one.device && (args[0] === undefined || args[0] === one.address),
  )
  if (gnu && !given.has('all')) {
    if (shown.length === 0) return 0
    yield* out.write('Address                  HWtype  HWaddress           Flags Mask            Iface\n')
  }
  for (const one of shown) {
    const name = given.has('numeric') ? undefined : yield* nameOfAddress(p, one.address)
    const known = (one.flags & 2) !== 0
    yield* out.write(
      gnu && !given.has('all')
        ? `${(name ?? one.address).padEnd(23)}  ${known ? `ether   ${one.mac}   C    ` : `        (incomplete)        `}                 ${one.device}\n`
        : `${name ?? '?'} (${one.address}) at ${known ? `${one.mac} [ether]` : '<incomplete>'}  on ${one.device}\n`,
    )
  }
  return 0
})
