/** halt, poweroff, reboot: ask init, which a container's PID 1 is not; nothing happens. */
import { command } from './lib/command.ts'
import { Failure } from './lib/failure.ts'

export const options = {
  delay: '-d=SEC  wait first',
  noSync: '-n  no sync',
  force: '-f  do not ask init',
  wtmp: '-w  accepted',
}

export const program = command('halt', options, function* ({ p, options: given }) {
  if (given.has('delay')) yield { op: 'sleep', ms: Number(given.value('delay')) * 1000 }
  if (given.has('force')) throw new Failure('Operation not permitted')
  // Busybox signals init; a PID 1 without a handler for it does not heed it.
  const signal = p.name === 'halt' ? 'USR1' : p.name === 'poweroff' ? 'USR2' : 'TERM'
  p.kill(1, signal)
  return 0
})
