/** What runs in the background: wait, jobs, fg, bg. */
import { isErrno } from '../../../vfs/errno.ts'
import type { WaitStatus } from '../../program.ts'
import { signalNumber } from '../../signals.ts'
import {
  continueJob,
  findJob,
  forgetDone,
  interrupted,
  jobLine,
  listed,
  noteChange,
  reapJobs,
  stopForeground,
} from '../jobs.ts'
import { signalText, takeTerminal, waitFor } from '../launch.ts'
import { type Handler, type Shell, statusOf, valueOf } from '../machine.ts'
import type { Job } from '../state.ts'
import { type Builtin, fail, options, print } from './builtin.ts'

export const jobs: Record<string, Builtin> = {
  wait: waitBuiltin,
  jobs: (sh, args) => {
    const { given } = options(sh, 'jobs', args, sh.dialect === 'bash' ? 'lnprs' : 'lp')
    reapJobs(sh)
    if (given.has('p')) return print(sh, 'jobs', sh.state.jobs.map(job => `${job.pgid}\n`).join(''))
    // ash knows what a job runs only where it has job control.
    const shown = (job: Job): string[] =>
      sh.dialect === 'busybox' && !sh.state.interactive ? job.commands.map(() => '') : job.commands
    let text = ''
    for (const job of listed(sh)) {
      text += jobLine(sh, job, given.has('l'), shown(job))
      // What has ended is forgotten as it is told: ash then counts another one as the current.
      if (sh.dialect === 'busybox' && job.running.length === 0)
        sh.state.jobs = sh.state.jobs.filter(each => each !== job)
    }
    for (const job of sh.state.jobs) job.changed = false
    forgetDone(sh)
    print(sh, 'jobs', text)
  },
  fg: (sh, args) => foreground(sh, args, true),
  bg: (sh, args) => foreground(sh, args, false),
}

/** `wait [PID|%JOB]…`. */
function waitBuiltin(sh: Shell, args: string[]): void {
  const { state } = sh
  const any = args[0] === '-n' && sh.dialect !== 'dash'
  const own = state.jobs.filter(job => !job.foreign)
  let targets: number[]
  if (any) {
    state.status = 127
    if (own.some(job => job.running.length > 0)) sh.push({ k: 'waiting', targets: [], all: false, any, c: true })
    return
  }
  if (args.length === 0) targets = own.flatMap(job => job.running)
  else {
    targets = []
    for (const arg of args) {
      const job = arg.startsWith('%') ? findJob(sh, arg) : own.find(each => each.pids.includes(Number(arg)))
      if (!job) return noChild(sh, arg)
      targets.push(arg.startsWith('%') ? (job.pids.at(-1) ?? 0) : Number(arg))
    }
  }
  state.status = 0
  sh.push({ k: 'waiting', targets, waited: [...targets], all: args.length === 0, c: true })
}

function noChild(sh: Shell, arg: string): void {
  sh.state.status = 127
  if (sh.dialect === 'bash') {
    if (arg.startsWith('%')) sh.complain('wait', `${arg}: no such job`)
    else if (/^\d+$/.test(arg)) sh.complain('wait', `pid ${arg} is not a child of this shell`)
    else fail(sh, 'wait', `\`${arg}': not a pid or valid job spec`)
    return
  }
  if (arg.startsWith('%'))
    return fail(sh, 'wait', sh.dialect === 'dash' ? `No such job: ${arg}` : `${arg}: no such job`, 2)
  if (!/^\d+$/.test(arg)) fail(sh, 'wait', `Illegal number: ${arg}`, 2)
}

/** Waits for the processes of a `wait` or `fg`. */
export const waiting: Handler = (sh, frame, answer) => {
  const { state, p } = sh
  const targets = frame.targets as number[]
  if (answer && 'error' in answer) {
    if (answer.error.code === 'EINTR') {
      const signal = p.takeSignal()
      const text = signal === undefined ? undefined : state.traps[signal]
      if (signal !== undefined && text !== undefined) {
        sh.pop()
        state.status = 128 + signalNumber(signal)
        sh.push({ k: 'status', status: state.status })
        sh.pushSource(text, 'trap')
        return
      }
      if (signal === 'INT' && state.interactive) {
        sh.pop()
        state.status = 130
        return
      }
    }
  } else if (answer) {
    const { pid, status } = valueOf<{ pid: number; status: WaitStatus }>(answer)
    noteChange(sh, pid, status)
    if (frame.job !== undefined && state.interactive) {
      const job = state.jobs.find(each => each.id === frame.job)
      if (job && 'stopped' in status) {
        sh.pop()
        state.status = statusOf(status)
        return stopForeground(sh, job, status.stopped)
      }
      if (job?.running.length === 0) takeTerminal(sh)
      if ('signal' in status && status.signal === 'INT') frame.interrupted = true
    }
    if (frame.any === true) {
      sh.pop()
      state.status = statusOf(status)
      forgetDone(sh)
      return
    }
    if (sh.dialect === 'busybox' && frame.all !== true && 'signal' in status && frame.interrupted !== true) {
      sh.write(2, `${signalText(String(status.signal))}\n`)
      targets.shift()
      if (targets.length === 0) frame.all = 'done'
      state.status = statusOf(status)
      return
    }
  }
  if (frame.any === true) return { op: 'wait', pid: -1 }
  for (;;) {
    const [next] = targets
    if (next === undefined) {
      sh.pop()
      if (frame.all === true) state.status = 0
      if (frame.interrupted === true) interrupted(sh)
      leaveWaited(sh, frame.waited as number[] | undefined)
      return
    }
    const job = state.jobs.find(each => each.pids.includes(next))
    if (!job?.running.includes(next)) {
      if (frame.all !== true) state.status = job?.statuses[job.pids.indexOf(next)] ?? 127
      targets.shift()
      continue
    }
    return frame.job === undefined ? { op: 'wait', pid: next } : waitFor(sh, next)
  }
}

/** ash keeps a job that was waited for until `jobs` has told of it or its number is needed again; others forget it. */
function leaveWaited(sh: Shell, waited: readonly number[] | undefined): void {
  if (sh.dialect !== 'busybox' || sh.state.interactive || !waited) return forgetDone(sh)
  for (const job of sh.state.jobs) if (job.running.length === 0) job.waited = true
}

function noJob(sh: Shell, name: string, word: string | undefined): void {
  if (sh.dialect === 'bash')
    return fail(sh, name, sh.state.interactive ? `${word ?? 'current'}: no such job` : 'no job control')
  if (sh.dialect === 'dash') return fail(sh, name, word === undefined ? 'No current job' : `No such job: ${word}`, 2)
  fail(sh, name, word === undefined ? 'No current job' : `${word}: no such job`, 2)
}

function foreground(sh: Shell, args: string[], front: boolean): void {
  const { state } = sh
  const job = args[0] === undefined ? state.jobs.at(-1) : findJob(sh, args[0])
  if (!job || (sh.dialect === 'bash' && !state.interactive)) return noJob(sh, front ? 'fg' : 'bg', args[0])
  const current = job === state.jobs.at(-1)
  continueJob(sh, job)
  if (front && state.interactive) takeTerminal(sh, job.pgid)
  try {
    sh.p.kill(-job.pgid, 'CONT')
  } catch (error) {
    if (!isErrno(error)) throw error
  }
  state.status = 0
  if (front) sh.push({ k: 'waiting', targets: [...job.running], all: false, c: true, job: job.id })
  const command = job.commands.join(' | ')
  const behind = sh.dialect === 'bash' ? `[${job.id}]${current ? '+' : '-'} ${command} &\n` : `[${job.id}] ${command}\n`
  print(sh, front ? 'fg' : 'bg', front ? `${command}\n` : behind)
}
