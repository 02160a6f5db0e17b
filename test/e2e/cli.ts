/** The built program (`npm run build`), as users call it: each call a process, each test a store of its own. */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

const program = process.env.MINIDOCK_CLI ?? fileURLToPath(new URL('../../bin/minidock.js', import.meta.url))
if (!existsSync(fileURLToPath(new URL('../../dist/cli/main.cjs', import.meta.url))))
  throw new Error('dist/cli is not there: run "npm run build" first')

export interface Outcome {
  out: string
  err: string
  /** null: killed. */
  status: number | null
}

/** Starts a command; `outcome` is settled when it has ended. */
export function start(
  home: string,
  args: readonly string[],
  options: {
    input?: Uint8Array
    uid?: number
    env?: Readonly<Record<string, string>>
    program?: string
    cwd?: string
  } = {},
): { child: ChildProcess; outcome: Promise<Outcome> } {
  const { uid, input } = options
  const child = spawn(process.execPath, [options.program ?? program, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    ...(options.cwd !== undefined && { cwd: options.cwd }),
    env: {
      PATH: process.env.PATH,
      HOME: home,
      MINIDOCK_HOME: home,
      MINIDOCK_NAME: 'docker',
      NO_COLOR: '1',
      ...options.env,
    },
    ...(uid !== undefined && { uid, gid: uid }),
  })
  let out = ''
  let err = ''
  child.stdout.on('data', (data: Buffer) => {
    out += data.toString()
  })
  child.stderr.on('data', (data: Buffer) => {
    err += data.toString()
  })
  // A command that ends before it has read its input closes the pipe.
  child.stdin.on('error', () => undefined)
  child.stdin.end(input)
  const outcome = new Promise<Outcome>(resolve => {
    child.on('close', status => resolve({ out, err, status }))
  })
  return { child, outcome }
}

export const run = (home: string, ...args: string[]): Promise<Outcome> => start(home, args).outcome

/** What a command printed that must have succeeded. */
export function printed(args: readonly string[], { out, err, status }: Outcome): string {
  if (status !== 0) throw new Error(`${args.join(' ')}: status ${status}\n${out}${err}`)
  return out
}

/** Runs a command that must succeed; what it prints. */
export const ok = async (home: string, ...args: string[]): Promise<string> => printed(args, await run(home, ...args))

export const lines = (text: string): string[] => text.split('\n').filter(line => line !== '')

/** A folder that goes when the test ends. */
export function tempHome(): string {
  const home = mkdtempSync(join(tmpdir(), 'minidock-e2e-'))
  onTestFinished(() => rmSync(home, { recursive: true, force: true }))
  return home
}

/** Runs `registry serve` on a free port until the test ends; its `localhost:PORT`. A process, as sessions block this one. */
export async function registryServer(home: string): Promise<string> {
  const { child } = start(join(home, 'registry'), ['registry', 'serve', '--port', '0'])
  onTestFinished(() => void child.kill())
  return new Promise((resolve, reject) => {
    let told = ''
    const look = (data: Buffer): void => {
      told += data.toString()
      const port = /http:\/\/[^:]+:(\d+)/.exec(told)?.[1]
      if (port !== undefined) resolve(`localhost:${port}`)
    }
    child.stdout?.on('data', look)
    child.stderr?.on('data', look)
    child.on('close', () => reject(new Error(`registry serve: ${told}`)))
  })
}
