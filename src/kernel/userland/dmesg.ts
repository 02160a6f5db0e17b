/** dmesg: the kernel's messages, for those who may read them (CAP_SYSLOG). */
import { isErrno } from '../../vfs/errno.ts'
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

export const program = command('dmesg', options, function* ({ p, gnu, out }) {
  try {
    for (const line of p.kernelLog()) yield* out.write(`${line}\n`)
    return 0
  } catch (error) {
    if (!isErrno(error)) throw error
    yield* out.flush()
    throw new Failure(gnu ? `read kernel buffer failed: ${error.message}` : `klogctl: ${error.message}`)
  }
})
