/** A little program for tests that runs several commands in one container, without a shell. */
import type { CoroutineProgram, Routine } from '../../../src/kernel/program.ts'

export interface ScriptStep {
  run: readonly string[]
  /** Goes on at once; the command is ended when the script is over. */
  background?: true
  /** Text for standard input; default: the script's own. */
  input?: string
  /** ms to wait before it. */
  after?: number
}

/** Runs the steps in order and prints `[status]` after each that ends with something else than 0. */
export function script(steps: readonly ScriptStep[]): CoroutineProgram {
  return {
    kind: 'coroutine',
    name: 'script',
    *main(p): Routine<number> {
      const background: number[] = []
      for (const step of steps) {
        if (step.after !== undefined) yield { op: 'sleep', ms: step.after }
        const fds = new Map([
          [0, 0],
          [1, 1],
          [2, 2],
        ])
        let feed: readonly [number, number] | undefined
        if (step.input !== undefined) {
          feed = p.pipe()
          fds.set(0, feed[0])
        }
        const pid = p.spawn({ path: `/bin/${step.run[0]}`, argv: [...step.run], fds })
        if (feed) {
          p.close(feed[0])
          yield { op: 'write', fd: feed[1], data: Buffer.from(step.input ?? '') }
          p.close(feed[1])
        }
        if (step.background) {
          background.push(pid)
          // Let it come up.
          yield { op: 'sleep', ms: 100 }
          continue
        }
        const { status } = (yield { op: 'wait', pid }) as { status: { code?: number; signal?: string } }
        if (status.code !== 0) yield { op: 'write', fd: 1, data: Buffer.from(`[${status.code ?? status.signal}]\n`) }
      }
      for (const pid of background) {
        try {
          p.kill(pid, 'KILL')
        } catch {
          // It has ended by itself.
        }
      }
      return 0
    },
  }
}
