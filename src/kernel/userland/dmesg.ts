/** dmesg: the kernel's messages, which a container may not read. */
import { command } from './lib/command.ts'
import { Failure } from './lib/failure.ts'

export const options = {
  clear: '-c --read-clear  clear afterwards',
  level: '-n=LEVEL --console-level=LEVEL  console level',
  size: '-s=SIZE --buffer-size=SIZE  buffer size',
  raw: '-r --raw  raw',
  human: 'gnu: -H --human  for people',
  times: 'gnu: -T --ctime  clock times',
  wait: 'gnu: -w --follow  wait for more',
}

export const program = command('dmesg', options, function* ({ gnu, out }) {
  yield* out.flush()
  throw new Failure(gnu ? 'read kernel buffer failed: Operation not permitted' : 'klogctl: Operation not permitted')
})
