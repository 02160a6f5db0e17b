/** The rounds of ping: one request an interval, until enough were answered or time is up. */
import { isErrno } from '../../../vfs/errno.ts'
import type { Json, Proc, Routine } from '../../program.ts'

/** What both pings count. Times are round trips in ms. */
export interface EchoState {
  /** Who is asked, and its name where one was found. */
  readonly address: string
  readonly name: string | null
  sent: number
  times: number[]
  errors: number
  /** When the first request left. */
  readonly began: number
}

/** What a stored ping goes on from; undefined for a new one. */
export function storedRounds(saved: Json | undefined): EchoState | undefined {
  return saved as unknown as EchoState | undefined
}

/** The state before the first request. INT is caught from here on. */
export function firstRound(p: Proc, address: string, name: string | null = null): EchoState {
  p.sigaction('INT', 'catch')
  return { address, name, sent: 0, times: [], errors: 0, began: p.now() }
}

export interface EchoPlan {
  /** 0: without end. */
  count: number
  intervalMs: number
  /** How long the last answer is waited for. */
  waitMs: number
  /** ms from the start until it stops whatever happens; undefined: never. */
  deadlineMs: number | undefined
  /** Stops as soon as this many answers are there (iputils -w with -c). */
  answers?: number
  /** Sends the next request as soon as an answer is there. */
  adaptive?: boolean
}

export type EchoEvent = { kind: 'answer'; seq: number; ms: number } | { kind: 'error'; seq: number; text: string }

/**
 * Runs the rounds; `report` is called for each answer. INT ends them early. Keeps its state in a checkpoint of every
 * round, so that an endless ping can be stored. Throws the Errno of a request that could not be sent at all.
 */
export function* echoRounds(
  p: Proc,
  plan: EchoPlan,
  state: EchoState,
  report: (event: EchoEvent) => Routine<void>,
): Routine<EchoState> {
  const timeLeft = () =>
    plan.deadlineMs === undefined ? Number.POSITIVE_INFINITY : state.began + plan.deadlineMs - p.now()
  while (plan.count === 0 || state.sent < plan.count) {
    p.checkpoint({ ...state, times: [...state.times] })
    const seq = state.sent
    const left = p.now()
    const last = plan.count !== 0 && seq + 1 === plan.count
    const wait = Math.min(last ? plan.waitMs : plan.intervalMs, timeLeft())
    if (wait <= 0) break
    state.sent++
    try {
      const answer = (yield { op: 'echo', address: state.address, timeoutMs: wait }) as { ms: number } | null
      if (answer) {
        state.times.push(answer.ms)
        yield* report({ kind: 'answer', seq, ms: answer.ms })
      }
    } catch (error) {
      if (isErrno(error, 'EINTR')) break
      if (!isErrno(error) || error.code !== 'EHOSTUNREACH') throw error
      state.errors++
      yield* report({ kind: 'error', seq, text: 'Destination Host Unreachable' })
    }
    if (plan.answers !== undefined && state.times.length >= plan.answers) break
    if (last || plan.adaptive) continue
    const rest = Math.min(left + plan.intervalMs - p.now(), timeLeft())
    if (rest <= 0) continue
    try {
      yield { op: 'sleep', ms: rest }
    } catch (error) {
      if (!isErrno(error, 'EINTR')) throw error
      break
    }
  }
  return state
}

/** Least, mean, greatest and mean deviation of some round trips. */
export function statistics(times: readonly number[]): { min: number; avg: number; max: number; mdev: number } {
  const sum = times.reduce((a, b) => a + b, 0)
  const squares = times.reduce((a, b) => a + b * b, 0)
  const avg = sum / times.length
  return {
    min: Math.min(...times),
    avg,
    max: Math.max(...times),
    mdev: Math.sqrt(Math.max(0, squares / times.length - avg * avg)),
  }
}
