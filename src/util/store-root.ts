/** Where an environment's store lies. */
import { homedir } from 'node:os'
import { join } from 'node:path'

/** MINIDOCK_HOME, or `.minidock` in the home folder. */
export function storeRoot(env: Readonly<Record<string, string | undefined>>): string {
  return env.MINIDOCK_HOME || join(env.HOME || homedir(), '.minidock')
}
