/**
 * Going to the background. A coroutine cannot fork, so a command that does runs its own file again with a word for
 * the child in the environment, under which the child knows which part of the work is its own.
 */
import type { Proc } from '../../program.ts'

const key = 'minidock_background'

/** What the parent told this process; undefined when nobody sent it to the background. */
export function backgroundTask(p: Proc): string | undefined {
  return p.env.get(key)
}

/** The environment without the word, for programs that the child starts. */
export function cleanEnv(p: Proc): Map<string, string> {
  const env = new Map(p.env)
  env.delete(key)
  return env
}

/**
 * Starts this very command again in a session of its own, with /dev/null as its three streams (unless
 * `keepStreams`) and further descriptors at the same numbers. Returns its pid. Throws EAGAIN at the pids limit.
 */
export function sendToBackground(
  p: Proc,
  task: string,
  options: { keep?: readonly number[]; keepStreams?: boolean; newSession?: boolean } = {},
): number {
  const env = new Map(p.env).set(key, task)
  const fds = new Map<number, number>((options.keep ?? []).map(fd => [fd, fd]))
  const devNull = options.keepStreams ? undefined : p.open('/dev/null', { read: true, write: true })
  for (const fd of [0, 1, 2]) fds.set(fd, devNull ?? fd)
  try {
    return p.spawn({ path: p.exe, argv: [...p.argv], env, fds, newSession: options.newSession ?? true })
  } finally {
    if (devNull !== undefined) p.close(devNull)
  }
}
