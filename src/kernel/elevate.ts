/** Files with the setuid or setgid bit: who a process is once it has executed one (execve(2), credentials(7)). */
import type { Image } from './exec.ts'
import type { Process } from './process.ts'

/** The applets of busybox that keep what the bit gives; the others give it up at once (libbb/appletlib.c). */
const keeping = new Set([
  'su',
  'ping',
  'ping6',
  'traceroute',
  'traceroute6',
  'passwd',
  'login',
  'crontab',
  'mount',
  'umount',
  'findfs',
  'wall',
])
/** Shells give it up unless they are started with -p. */
const shells = new Set(['sh', 'ash', 'dash', 'bash'])

/** Changes the effective user and group of a process that executes an image, unless it may gain nothing. */
export function elevate(process: Process, image: Image): void {
  const { setuid, setgid, program, flavour, argv } = image
  if (process.noNewPrivs || (setuid === undefined && setgid === undefined)) return
  if (flavour === 'busybox' ? !keeping.has(program) : shells.has(program) && !argv.includes('-p')) return
  const { cred, caps } = process
  const uid = setuid ?? cred.uid
  const gid = setgid ?? cred.gid
  if (uid !== cred.uid) process.ruid = cred.uid
  if (gid !== cred.gid) process.rgid = cred.gid
  const gained = uid === cred.uid ? undefined : uid === 0 ? caps.bounding : 0n
  process.cred = { ...cred, uid, gid, ...(gained !== undefined && { caps: gained }) }
  if (gained !== undefined) process.caps = { ...caps, permitted: gained }
}
