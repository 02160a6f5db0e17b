/**
 * The command line without a process for each command: the same words through the same dispatch, in this process. For
 * tests of what hundreds of commands answer; that the built program does so too is what the others show.
 */
import type { CliContext, Input, Output } from '../../src/cli/command.ts'
import { contextOver } from '../../src/cli/context.ts'
import { dispatch } from '../../src/cli/dispatch.ts'
import { report } from '../../src/cli/errors.ts'
import { type Outcome, printed } from './cli.ts'

const nothing: Input = {
  isTTY: false,
  async *read() {},
  readAll: async () => new Uint8Array(),
  readLine: async () => undefined,
  setRaw: () => undefined,
}

/** What a command prints into, as a pipe. */
function held(): { output: Output; text: () => string } {
  const parts: Buffer[] = []
  const output: Output = {
    isTTY: false,
    colors: false,
    columns: 80,
    rows: 24,
    write: data => void parts.push(Buffer.from(data)),
  }
  return { output, text: () => Buffer.concat(parts).toString() }
}

/** Runs `docker WORDS` (`MINIDOCK_NAME`: another name) with standard input at its end. */
export async function docker(
  words: readonly string[],
  { cwd, env }: { cwd: string; env: Readonly<Record<string, string | undefined>> },
): Promise<Outcome> {
  const [out, err] = [held(), held()]
  const name = env['MINIDOCK_NAME'] ?? 'docker'
  const before = process.cwd()
  process.chdir(cwd)
  try {
    const host: Pick<CliContext, 'env' | 'out' | 'err' | 'in' | 'cwd'> = {
      env,
      out: out.output,
      err: err.output,
      in: nothing,
      cwd,
    }
    const status = await dispatch(words, name, env, call => contextOver(host, call)).catch(error => {
      const told = report(error, name, false)
      err.output.write(told.text)
      return told.status
    })
    return { out: out.text(), err: err.text(), status }
  } finally {
    process.chdir(before)
  }
}

/** As `run` of cli.ts, with a store of its own in `home` and no process. */
export const run = (
  home: string,
  args: readonly string[],
  more: { cwd?: string; env?: Readonly<Record<string, string>> } = {},
): Promise<Outcome> =>
  docker(args, {
    cwd: more.cwd ?? home,
    env: { PATH: process.env.PATH, HOME: home, MINIDOCK_HOME: home, NO_COLOR: '1', ...more.env },
  })

/** Runs a command that must succeed; what it prints. */
export const ok = async (home: string, ...args: string[]): Promise<string> => printed(args, await run(home, args))
