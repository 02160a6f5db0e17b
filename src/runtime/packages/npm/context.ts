/** What one call of npm works with: where the project is, npm's own words for errors, its log. */
import type { Proc, Routine } from '../../../kernel/program.ts'
import { exists } from '../../../kernel/userland/lib/exists.ts'
import { type Errno, isErrno } from '../../../vfs/errno.ts'
import { put } from '../lib/place.ts'

/** Ends the call: lines after `npm error `, then where the log is, and a status. */
export class NpmError extends Error {
  readonly lines: readonly string[]
  readonly status: number
  constructor(lines: readonly string[], status = 1) {
    super(lines.join('\n'))
    this.lines = lines
    this.status = status
  }
}

/** The folder npm works in: the nearest one upwards with a package.json or node_modules, else where it is. */
export function projectFolder(p: Proc): string {
  const start = p.cwd()
  for (let at = start; ; at = at.slice(0, at.lastIndexOf('/')) || '/') {
    const base = at === '/' ? '' : at
    if (exists(p, `${base}/package.json`) || exists(p, `${base}/node_modules`)) return at
    if (at === '/') return start
  }
}

/** `2s`, `938ms`: as npm ends its sums. */
export function lasted(ms: number): string {
  return ms < 1000 ? `${ms}ms` : ms < 60_000 ? `${Math.round(ms / 1000)}s` : `${Math.round(ms / 60_000)}m`
}

/** Where npm keeps its cache and logs. */
export function cacheFolder(p: Proc): string {
  return p.env.get('npm_config_cache') ?? `${p.env.get('HOME') ?? '/root'}/.npm`
}

/** Writes an error with the log that goes with it; the status. */
export function* report(p: Proc, error: NpmError): Routine<number> {
  const stamp = new Date(p.now()).toISOString().replace(/[:.]/g, '_')
  const log = `${cacheFolder(p)}/_logs/${stamp}-debug-0.log`
  const text = [...error.lines, `A complete log of this run can be found in: ${log}`].map(line =>
    `npm error ${line}`.trimEnd(),
  )
  try {
    yield* put(p, log, {
      text: `0 verbose cli ${p.argv.join(' ')}\n${error.lines.map((line, at) => `${at + 1} error ${line}\n`).join('')}`,
    })
  } catch (thrown) {
    if (!isErrno(thrown)) throw thrown
    text.pop()
  }
  yield { op: 'write', fd: 2, data: Buffer.from(`${text.join('\n')}\n`, 'latin1') }
  return error.status
}

/** An errno as npm tells it. */
export function errnoError(error: Errno, call: string, path: string): NpmError {
  const number =
    { EACCES: -13, ENOENT: -2, EROFS: -30, ENOSPC: -28, EPERM: -1, ENOTDIR: -20 }[error.code as string] ?? -1
  const words = `Error: ${error.code}: ${error.message.toLowerCase()}, ${call} '${path}'`
  const head = [`code ${error.code}`, `syscall ${call}`, `path ${path}`, `errno ${number}`]
  if (error.code === 'EACCES')
    return new NpmError(
      [
        ...head,
        words,
        `    at async mkdir (node:internal/fs/promises:${call === 'open' ? 640 : 858}:10)`,
        'The operation was rejected by your operating system.',
        'It is likely you do not have the permissions to access this file as the current user',
        '',
        'If you believe this might be a permissions issue, please double-check the',
        'permissions of the file and its containing directories, or try running',
        'the command again as root/Administrator.',
      ],
      243,
    )
  return new NpmError([...head, `${error.code?.toLowerCase()} ${words}`], 256 + number)
}

/** No package.json where one is needed. */
export function noPackage(folder: string): NpmError {
  const path = `${folder === '/' ? '' : folder}/package.json`
  return new NpmError(
    [
      'code ENOENT',
      'syscall open',
      `path ${path}`,
      'errno -2',
      `enoent Could not read package.json: Error: ENOENT: no such file or directory, open '${path}'`,
      'enoent This is related to npm not being able to find a file.',
      'enoent',
    ],
    254,
  )
}
