/** Where a build's files and its Dockerfile come from. */
import { existsSync, readFileSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { type BuildContext, emptyFiles, folderContext, unpackContext } from '../../../build/context.ts'
import { readIgnoreFile } from '../../../build/ignore.ts'
import type { CliContext } from '../../command.ts'
import type { Flags } from '../../flags.ts'
import { fail } from './fail.ts'

/** A context and the Dockerfile that goes with it. */
export interface Sent {
  context: BuildContext
  dockerfile: Uint8Array
  name: string
  ignoreBytes: number
}

/** From the command line's PATH, `-` and `-f`. Throws StatusError in buildx's words. */
export async function contextOf(ctx: CliContext, path: string, flags: Flags): Promise<Sent> {
  const file = flags.string('file')
  if (/^(https?:\/\/|git@|git:\/\/|github\.com\/)/.test(path))
    throw fail(`unable to prepare context: fatal: unable to access '${path}/': Could not resolve host: ${hostOf(path)}`)
  if (path === '-') return contextFromInput(ctx, file)
  const folder = resolve(ctx.cwd, path)
  const stat = statSync(folder, { throwIfNoEntry: false })
  if (!stat) throw fail(`unable to prepare context: path ${JSON.stringify(path)} not found`)
  if (!stat.isDirectory()) throw fail(`unable to prepare context: path ${JSON.stringify(path)} must be a directory`)
  const dockerfile = file === '' ? join(folder, 'Dockerfile') : resolve(ctx.cwd, file)
  const name = basename(dockerfile)
  const ignore = [`${dockerfile}.dockerignore`, join(folder, '.dockerignore')].find(candidate => existsSync(candidate))
  const ignoreText = ignore === undefined ? '' : readFileSync(ignore, 'utf8')
  const patterns = readIgnoreFile(ignoreText)
  const bytes = file === '-' ? await ctx.in.readAll() : readDockerfile(dockerfile, name)
  return {
    context: folderContext(folder, patterns),
    dockerfile: bytes,
    name: file === '-' ? 'Dockerfile' : name,
    ignoreBytes: Buffer.byteLength(ignoreText),
  }
}

function readDockerfile(path: string, name: string): Uint8Array {
  const fallback = join(dirname(path), 'dockerfile')
  const found = existsSync(path) ? path : name === 'Dockerfile' && existsSync(fallback) ? fallback : undefined
  if (found === undefined)
    throw fail(`failed to solve: failed to read dockerfile: open ${name}: no such file or directory`)
  return readFileSync(found)
}

const hostOf = (url: string): string => /^(?:\w+:\/\/)?(?:[^@/]*@)?([^/:]+)/.exec(url)?.[1] ?? url

/** `-`: a tar with everything in it, or just the text of a Dockerfile. */
async function contextFromInput(ctx: CliContext, file: string): Promise<Sent> {
  const bytes = await ctx.in.readAll()
  const now = (await ctx.clock()).now()
  const files = await unpackContext(bytes, now)
  if (!files) return { context: { files: emptyFiles(now) }, dockerfile: bytes, name: 'Dockerfile', ignoreBytes: 0 }
  const name = file === '' ? 'Dockerfile' : file
  if (!files.exists(`/${name}`))
    throw fail(`failed to solve: failed to read dockerfile: open ${name}: no such file or directory`)
  return { context: { files }, dockerfile: files.readFile(`/${name}`), name: basename(name), ignoreBytes: 0 }
}
