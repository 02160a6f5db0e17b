/**
 * The commands that minidock models, by name: what an executable file called so runs. Each row loads its
 * command's file when it is first called.
 */
import type { Program } from '../program.ts'

type Load = () => Promise<Program>

export const userland: ReadonlyMap<string, Load> = new Map<string, Load>([
  // Files and text.
  ['cat', () => import('./cat.ts').then(m => m.program)],
  ['echo', () => import('./echo.ts').then(m => m.program)],
  ['head', () => import('./head.ts').then(m => m.program)],
  ['wc', () => import('./wc.ts').then(m => m.program)],
  ['sort', () => import('./sort.ts').then(m => m.program)],
  ['uniq', () => import('./uniq.ts').then(m => m.program)],
  ['cut', () => import('./cut.ts').then(m => m.program)],
  ['tr', () => import('./tr.ts').then(m => m.program)],
  ['grep', () => import('./grep.ts').then(m => m.program)],
  ['egrep', () => import('./grep.ts').then(m => m.program)],
  ['fgrep', () => import('./grep.ts').then(m => m.program)],

  // Processes, system, network, archives.
  ['sleep', () => import('./sleep.ts').then(m => m.program)],
  ['usleep', () => import('./usleep.ts').then(m => m.program)],
  ['env', () => import('./env.ts').then(m => m.program)],
  ['printenv', () => import('./printenv.ts').then(m => m.program)],
  ['id', () => import('./id.ts').then(m => m.program)],
  ['whoami', () => import('./whoami.ts').then(m => m.program)],
  ['groups', () => import('./groups.ts').then(m => m.program)],
  ['logname', () => import('./logname.ts').then(m => m.program)],
  ['users', () => import('./users.ts').then(m => m.program)],
  ['who', () => import('./who.ts').then(m => m.program)],
  ['w', () => import('./w.ts').then(m => m.program)],
  ['tty', () => import('./tty.ts').then(m => m.program)],
  ['nproc', () => import('./nproc.ts').then(m => m.program)],
  ['arch', () => import('./arch.ts').then(m => m.program)],
  ['uname', () => import('./uname.ts').then(m => m.program)],
  ['clear', () => import('./clear.ts').then(m => m.program)],
  ['reset', () => import('./reset.ts').then(m => m.program)],
  ['ps', () => import('./ps.ts').then(m => m.program)],
  ['kill', () => import('./kill.ts').then(m => m.program)],
  ['killall', () => import('./killall.ts').then(m => m.program)],
  ['killall5', () => import('./killall5.ts').then(m => m.program)],
  ['pidof', () => import('./pidof.ts').then(m => m.program)],
  ['pgrep', () => import('./pgrep.ts').then(m => m.program)],
  ['pkill', () => import('./pkill.ts').then(m => m.program)],
  ['timeout', () => import('./timeout.ts').then(m => m.program)],
  ['time', () => import('./time.ts').then(m => m.program)],
  ['nohup', () => import('./nohup.ts').then(m => m.program)],
  ['nice', () => import('./nice.ts').then(m => m.program)],
  ['setsid', () => import('./setsid.ts').then(m => m.program)],
  ['chroot', () => import('./chroot.ts').then(m => m.program)],
  ['renice', () => import('./renice.ts').then(m => m.program)],
  ['hostname', () => import('./hostname.ts').then(m => m.program)],
  ['uptime', () => import('./uptime.ts').then(m => m.program)],
  ['date', () => import('./date.ts').then(m => m.program)],
  ['free', () => import('./free.ts').then(m => m.program)],
])
