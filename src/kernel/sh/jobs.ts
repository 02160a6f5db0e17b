/** The shell's jobs: what runs in the background or was stopped, in the order in which they count as current. */
import { isErrno } from '../../vfs/errno.ts'
import type { WaitStatus } from '../program.ts'
import { signalName } from '../signals.ts'
import { saveHistory } from './edit/history.ts'
import { signalText, takeTerminal } from './launch.ts'
import { type Shell, statusOf } from './machine.ts'
import type { Job } from './state.ts'

/** A job's processes: their ids, what each runs, and the exit statuses of those that have ended. */
type NewJob = Pick<Job, 'pids' | 'running' | 'statuses' | 'commands' | 'pgid'>

/** Enters a job that runs: what was stopped stays more current than it. Returns its number. */
export function addJob(sh: Shell, fields: NewJob): Job {
  const { state } = sh
  const [spare] = state.jobs.filter(job => job.waited === true).sort((a, b) => a.id - b.id)
  if (spare && !hasFreeBefore(state.jobs, spare.id)) state.jobs = state.jobs.filter(job => job !== spare)
  const ids = new Set(state.jobs.map(job => job.id))
  let id = Math.max(0, ...ids) + 1
  // ash and dash take the first number that is free.
  if (sh.dialect !== 'bash') for (id = 1; ids.has(id); ) id++
  const job: Job = { ...fields, id, stopped: '', changed: false }
  state.jobs.push(job)
  reorder(sh)
  return job
}

/** Whether a number below `id` is not in use. */
function hasFreeBefore(jobs: readonly Job[], id: number): boolean {
  return jobs.filter(job => job.id < id).length < id - 1
}

/** Those that run first, those that are stopped after them: the last is the current one. */
function reorder({ state }: Shell): void {
  state.jobs = [...state.jobs.filter(job => job.stopped === ''), ...state.jobs.filter(job => job.stopped !== '')]
}

/** Notes that a job was stopped, which makes it the current one. */
function stopJob(sh: Shell, job: Job, signal: string): void {
  job.stopped = signal
  job.changed = true
  sh.state.jobs = [...sh.state.jobs.filter(each => each !== job), job]
}

/**
 * What the shell waits for in the foreground was stopped: it is a job, and the terminal the shell's again. bash tells it
 * at once and leaves what it is in the middle of.
 */
export function stopForeground(sh: Shell, fields: NewJob, signal: string): void {
  takeTerminal(sh)
  const known = sh.state.jobs.find(job => job.pgid === fields.pgid)
  const job = known ?? addJob(sh, fields)
  stopJob(sh, job, signal)
  if (sh.dialect !== 'bash') return
  job.changed = false
  sh.unwindToTop()
  sh.write(2, `\n${jobLine(sh, job)}`)
}

/** What ran in the foreground was interrupted at the terminal: so is the rest of the line. */
export function interrupted(sh: Shell): void {
  sh.unwindToTop()
  sh.write(2, '\n')
}

/** A job goes on, behind or in front. */
export function continueJob(sh: Shell, job: Job): void {
  job.stopped = ''
  job.changed = false
  reorder(sh)
}

/** Keeps what wait(2) has told of a background process. */
export function noteChange(sh: Shell, pid: number, status: WaitStatus): void {
  const job = sh.state.jobs.find(each => each.running.includes(pid))
  if (!job) return
  if ('stopped' in status) {
    if (job.stopped === '') stopJob(sh, job, status.stopped)
    return
  }
  job.running = job.running.filter(each => each !== pid)
  job.statuses[job.pids.indexOf(pid)] = statusOf(status)
  if (job.running.length === 0) {
    job.stopped = ''
    job.changed = true
  }
}

/** Takes in what has ended or stopped in the background without waiting. */
export function reapJobs(sh: Shell): void {
  for (;;) {
    try {
      const change = sh.p.tryWaitUntraced()
      if (!change) return
      noteChange(sh, change.pid, change.status)
    } catch (error) {
      if (isErrno(error)) return
      throw error
    }
  }
}

export function forgetDone(sh: Shell): void {
  sh.state.jobs = sh.state.jobs.filter(job => job.running.length > 0)
}

/** The jobs in the order that `jobs` shows them in: bash by number, the others the current one first. */
export const listed = (sh: Shell): Job[] =>
  sh.dialect === 'bash' ? [...sh.state.jobs].sort((a, b) => a.id - b.id) : [...sh.state.jobs].reverse()

/** What is told before a prompt, once: jobs that have ended or stopped since. */
export function changedJobs(sh: Shell): string {
  reapJobs(sh)
  const changed = listed(sh).filter(job => job.changed)
  const text = changed.map(job => (sh.dialect === 'bash' && job.stopped !== '' ? '\n' : '') + jobLine(sh, job)).join('')
  for (const job of changed) job.changed = false
  forgetDone(sh)
  return text
}

/** Ends a shell at a terminal; when there are stopped jobs it says so first, and goes only when asked again. */
export function leaveShell(sh: Shell, status: number, before = ''): void {
  const { state } = sh
  const stays = !state.warned && state.jobs.some(job => job.stopped !== '')
  if (stays) {
    state.warned = 2
    state.status = sh.dialect === 'bash' ? 1 : 0
  } else {
    sh.push({ k: 'exit', status })
    saveHistory(sh)
  }
  const warning = sh.dialect === 'bash' ? 'There are stopped jobs.\n' : 'You have stopped jobs.\n'
  sh.write(2, `${before}${sh.dialect === 'bash' ? 'exit\n' : ''}${stays ? warning : ''}`)
}

const how: Readonly<Record<string, string>> = { TTIN: ' (tty input)', TTOU: ' (tty output)', STOP: ' (signal)' }

function stateOf(sh: Shell, job: Job): string {
  if (job.stopped !== '') return `Stopped${sh.dialect === 'bash' ? '' : (how[job.stopped] ?? '')}`
  if (job.running.length > 0) return 'Running'
  const status = job.statuses.at(-1) ?? 0
  if (status === 0) return 'Done'
  const ended = sh.dialect === 'bash' ? `Exit ${status}` : `Done(${status})`
  return status > 128 ? signalText(signalName(status - 128) ?? '') || ended : ended
}

/** `[1]+  Done                    sleep 1`; with process ids as `jobs -l` shows them. */
export function jobLine(sh: Shell, job: Job, withIds = false, commands = job.commands): string {
  const { dialect } = sh
  const at = sh.state.jobs.length - sh.state.jobs.indexOf(job)
  const mark = at === 1 ? '+' : at === 2 ? '-' : ' '
  const head = dialect === 'dash' ? `[${job.id}] ${mark} ` : `[${job.id}]${mark}  `
  const word = stateOf(sh, job)
  const command = commands.join(' | ')
  if (dialect === 'bash') {
    const behind = job.running.length > 0 && job.stopped === '' ? ' &' : ''
    return `${head}${withIds ? `${String(job.pids[0]).padStart(5)} ` : ''}${word.padEnd(23)} ${command}${behind}\n`
  }
  if (!withIds) return `${head}${word.padEnd(27)}${command}\n`
  const [first = '', ...others] = commands
  const more = dialect === 'dash' ? [' |', ''] : ['', '| ']
  const pad = ' '.repeat(head.length)
  return [
    `${head}${job.pids[0]} ${word.padEnd(25)}${first}${others.length > 0 ? more[0] : ''}\n`,
    ...others.map(
      (other, index) =>
        `${pad}${job.pids[index + 1]} ${' '.repeat(25)}${more[1]}${other}${dialect === 'dash' && index < others.length - 1 ? ' |' : ''}\n`,
    ),
  ].join('')
}

/** The job that `%1`, `%+`, `%-` or `%name` stands for. */
export function findJob(sh: Shell, word: string): Job | undefined {
  const name = word.replace(/^%/, '')
  const { jobs } = sh.state
  if (name === '' || name === '+' || name === '%') return jobs.at(-1)
  if (name === '-') return jobs.at(-2)
  return jobs.find(job => String(job.id) === name) ?? jobs.find(job => job.commands.join(' | ').startsWith(name))
}
