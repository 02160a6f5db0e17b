/** stress: makes work: processors, memory, disk (stress 1.0 and the options of stress-ng that labs use). */
import { isErrno } from '../../vfs/errno.ts'
import type { ExitStatus, Proc, Routine } from '../program.ts'
import { command } from './lib/command.ts'
import { backgroundTask, sendToBackground } from './lib/daemon.ts'
import { Failure } from './lib/failure.ts'
import { parseSeconds } from './lib/seconds.ts'

export const options = {
  cpu: '-c=N --cpu=N  N workers that compute',
  io: '-i=N --io=N  N workers that sync',
  vm: '-m=N --vm=N  N workers that allocate memory',
  vmBytes: '--vm-bytes=B  memory of each (default 256MB)',
  vmHang: '--vm-hang=N  sleep N seconds before freeing it (0: for ever)',
  vmKeep: '--vm-keep  dirty it again and again instead of freeing it',
  vmStride: '--vm-stride=B  accepted',
  hdd: '-d=N --hdd=N  N workers that write files',
  hddBytes: '--hdd-bytes=B  size of the files',
  timeout: '-t=N --timeout=N  end after N seconds',
  backoff: '--backoff=N  accepted',
  cpuLoad: '-l=P --cpu-load=P  load of each processor in percent (stress-ng)',
  cpuMethod: '--cpu-method=M  accepted (stress-ng)',
  quiet: '-q --quiet  say nothing',
  verbose: '-v --verbose  say more',
  metrics: '--metrics --metrics-brief  accepted (stress-ng)',
  dryRun: '-n --dry-run  only say what would be done',
  version: '--version  the version',
}

const usage = `\`stress' imposes certain types of compute stress on your system

Usage: stress [OPTION [ARG]] ...
 -?, --help         show this help statement
     --version      show version statement
 -v, --verbose      be verbose
 -q, --quiet        be quiet
 -n, --dry-run      show what would have been done
 -t, --timeout N    timeout after N seconds
     --backoff N    wait factor of N microseconds before work starts
 -c, --cpu N        spawn N workers spinning on sqrt()
 -i, --io N         spawn N workers spinning on sync()
 -m, --vm N         spawn N workers spinning on malloc()/free()
     --vm-bytes B   malloc B bytes per vm worker (default is 256MB)
     --vm-stride B  touch a byte every B bytes (default is 4096)
     --vm-hang N    sleep N secs before free (default none, 0 is inf)
     --vm-keep      redirty memory instead of freeing and reallocating
 -d, --hdd N        spawn N workers spinning on write()/unlink()
     --hdd-bytes B  write B bytes per hdd worker (default is 1GB)

Example: stress --cpu 8 --io 4 --vm 2 --vm-bytes 128M --timeout 10s

Note: Numbers may be suffixed with s,m,h,d,y (time) or B,K,M,G (size).
`

export const program = command('stress', options, function* ({ p, out, options: given, saved }) {
  const task = backgroundTask(p)
  if (task !== undefined) return yield* work(p, task, saved !== undefined)
  const ng = p.name === 'stress-ng'
  const count = (key: 'cpu' | 'io' | 'vm' | 'hdd') => {
    const text = given.value(key)
    if (text === undefined) return 0
    if (!/^\d+$/.test(text)) throw new Failure(`FAIL: [${p.pid}] invalid number: ${text}`)
    return Number(text)
  }
  const [cpu, io, vm, hdd] = [count('cpu'), count('io'), count('vm'), count('hdd')]
  if (cpu + io + vm + hdd === 0) {
    yield* out.write(usage)
    return 0
  }
  const say = (kind: string, text: string) => out.write(`${ng ? 'stress-ng' : 'stress'}: ${kind}: [${p.pid}] ${text}\n`)
  const limitText = given.value('timeout')
  const limit = limitText === undefined ? Number.POSITIVE_INFINITY : (parseSeconds(limitText) ?? Number.NaN)
  if (Number.isNaN(limit)) throw new Failure(`FAIL: [${p.pid}] invalid number: ${limitText}`)
  const bytes = size(given.value('vmBytes') ?? '256M')
  const hang = given.value('vmHang')
  const state = (saved ?? null) as { workers: number[]; began: number } | null
  const began = state?.began ?? p.now()
  let workers = state?.workers ?? []
  if (!state) {
    if (!given.has('quiet')) yield* say('info', `dispatching hogs: ${cpu} cpu, ${io} io, ${vm} vm, ${hdd} hdd`)
    yield* out.flush()
    if (given.has('dryRun')) return 0
    const load = given.value('cpuLoad') ?? '100'
    const tasks = [
      ...Array<string>(cpu).fill(`cpu ${load}`),
      ...Array<string>(io).fill('io'),
      ...Array<string>(vm).fill(`vm ${bytes} ${given.has('vmKeep') ? 'keep' : (hang ?? 'spin')}`),
      ...Array<string>(hdd).fill('hdd'),
    ]
    workers = tasks.map(one => sendToBackground(p, one, { keepStreams: true, newSession: false }))
  }
  if (!state) p.sigaction('CHLD', 'catch')
  let failed = false
  while (workers.length > 0) {
    p.checkpoint({ workers, began })
    const left = began + limit * 1000 - p.now()
    if (left <= 0) {
      for (const pid of workers) end(p, pid)
      break
    }
    try {
      yield { op: 'sleep', ms: left }
    } catch (error) {
      if (!isErrno(error, 'EINTR')) throw error
      while (p.takeSignal() !== undefined);
    }
    for (let done = next(p); done; done = next(p)) {
      workers = workers.filter(pid => pid !== done?.pid)
      if (!('signal' in done.status) && done.status.code === 0) continue
      failed = true
      if ('signal' in done.status) {
        yield* say(
          'FAIL',
          `(415) <-- worker ${done.pid} got signal ${done.status.signal === 'KILL' ? 9 : done.status.signal}`,
        )
        yield* say('WARN', '(417) now reaping child worker processes')
      } else yield* say('FAIL', `(425) <-- worker ${done.pid} returned error ${done.status.code}`)
      for (const pid of workers) end(p, pid)
      workers = []
    }
  }
  const seconds = Math.round((p.now() - began) / 1000)
  if (failed) {
    yield* say('FAIL', `(451) failed run completed in ${seconds}s`)
    return 1
  }
  if (!given.has('quiet')) yield* say('info', `successful run completed in ${seconds}s`)
  return 0
})

function next(p: Proc): { pid: number; status: ExitStatus } | undefined {
  try {
    return p.tryWait(-1)
  } catch (error) {
    if (isErrno(error, 'ECHILD')) return undefined
    throw error
  }
}

function end(p: Proc, pid: number): void {
  try {
    p.kill(pid, 'TERM')
  } catch (error) {
    if (!isErrno(error)) throw error
  }
}

/** One worker, for ever. */
function* work(p: Proc, task: string, again: boolean): Routine<number> {
  const [kind, first = '', second = ''] = task.split(' ')
  if (kind === 'vm') {
    if (!again) p.memory(Number(first))
    if (second === '0') {
      yield { op: 'sleep', ms: Number.POSITIVE_INFINITY }
      return 0
    }
    for (;;) {
      p.checkpoint(1)
      yield { op: 'cpu', ms: 1000 }
      if (/^\d+$/.test(second)) yield { op: 'sleep', ms: Number(second) * 1000 }
    }
  }
  const load = kind === 'cpu' ? Math.min(100, Number(first) || 100) : kind === 'io' ? 10 : 30
  for (;;) {
    p.checkpoint(1)
    yield { op: 'cpu', ms: load * 10 }
    if (load < 100) yield { op: 'sleep', ms: 1000 - load * 10 }
  }
}

function size(text: string): number {
  const match = /^(\d+)([bkmgBKMG]?)/.exec(text)
  if (!match) throw new Failure(`invalid number: ${text}`)
  const power = ['b', 'k', 'm', 'g'].indexOf((match[2] ?? '').toLowerCase())
  return Number(match[1]) * 1024 ** Math.max(0, power)
}
