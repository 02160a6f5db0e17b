/** What `run` and `create` share: the cidfile, the pull of a missing image, the warnings. */
import { existsSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { EngineError, messageOf } from '../../../errors.ts'
import { parseAnyReference, parseReference } from '../../../image/reference.ts'
import type { CliContext } from '../../command.ts'
import { errorText, StatusError } from '../../errors.ts'
import type { Flags } from '../../flags.ts'
import { showPull } from '../../format/progress/pull.ts'
import { authFor } from '../image/auth.ts'
import type { RunOptions } from './run-options.ts'

/** An error of `run` or `create`: prefix, and the pointer to the help (behaviours.md 36). */
export function runError(ctx: CliContext, verb: 'run' | 'create', error: unknown): StatusError {
  if (error instanceof StatusError) return error
  const status = error instanceof EngineError ? (error.exitStatus ?? statusOf(verb, error.message)) : 125
  return new StatusError(
    status,
    `${ctx.name}: ${errorText(error)}\n\nRun '${ctx.name} ${verb} --help' for more information`,
  )
}

/** The status that docker/cli reads from the words of a failed start (container/run.go toStatusError). */
function statusOf(verb: 'run' | 'create', message: string): number {
  if (verb === 'create') return 125
  if (/executable file not found|no such file or directory|system cannot find the file/.test(message)) return 127
  return /permission denied|Is a directory/.test(message) ? 126 : 125
}

/** Creates the container, pulling its image first where the policy says so, and returns its id. */
export async function createFromFlags(ctx: CliContext, options: RunOptions, flags: Flags): Promise<string> {
  const policy = flags.string('pull')
  const cidFile =
    flags.string('cidfile') === ''
      ? undefined
      : openCidFile(resolve(ctx.cwd, flags.string('cidfile')), flags.string('cidfile'))
  if (ctx.out.isTTY)
    options.request.HostConfig = { ...options.request.HostConfig, ConsoleSize: [ctx.out.rows, ctx.out.columns] }
  checkImage(options.image)
  await checkPlatform(options.platform)
  try {
    const id = await create(ctx, options, policy, flags.bool('quiet'))
    cidFile?.write(id)
    return id
  } finally {
    cidFile?.close()
  }
}

/** A name that cannot be an image's is the client's own error, without the daemon's prefix. */
function checkImage(image: string): void {
  try {
    parseAnyReference(image)
  } catch (error) {
    throw new Error(messageOf(error))
  }
}

async function checkPlatform(platform: string): Promise<void> {
  if (platform === '') return
  const { parsePlatform } = await import('../../../image/platform.ts')
  try {
    parsePlatform(platform)
  } catch (error) {
    throw new Error(`error parsing specified platform: ${messageOf(error)}`)
  }
}

async function create(ctx: CliContext, options: RunOptions, policy: string, quiet: boolean): Promise<string> {
  const engine = await ctx.engine()
  const named = {
    ...(options.name !== '' && { name: options.name }),
    ...(options.platform !== '' && { platform: options.platform }),
  }
  const pull = async (): Promise<void> => {
    await showPull(
      ctx,
      engine.images.pull(options.image, {
        ...(options.platform !== '' && { platform: options.platform }),
        ...(await authFor(ctx, parseReference(options.image))),
      }),
      { quiet, to: ctx.err },
    )
  }
  if (policy === 'always') await pull()
  const attempt = async (): Promise<string> => {
    const { Id, Warnings } = await engine.containers.create(options.request, named)
    for (const warning of Warnings) ctx.err.write(`WARNING: ${warning}\n`)
    return Id
  }
  try {
    return await attempt()
  } catch (error) {
    if (!(error instanceof EngineError && error.missing === 'image') || policy === 'always' || policy === 'never')
      throw error
    if (!quiet) ctx.err.write(`Unable to find image '${withTag(options.image)}' locally\n`)
    await pull()
    return attempt()
  }
}

/** The reference as docker shows it when it is not there: with the default tag. */
function withTag(image: string): string {
  return image.includes('@') || /:[^/]*$/.test(image) ? image : `${image}:latest`
}

interface CidFile {
  write(id: string): void
  close(): void
}

function openCidFile(path: string, shown: string): CidFile {
  if (existsSync(path))
    throw new Error(`container ID file found, make sure the other container isn't running or delete ${shown}`)
  try {
    writeFileSync(path, '', { mode: 0o644 })
  } catch (error) {
    throw new Error(`failed to create the container ID file: ${errorText(error).replace(path, shown)}`)
  }
  return {
    write: id => writeFileSync(path, id),
    close() {
      if (existsSync(path) && statSync(path).size === 0) rmSync(path)
    },
  }
}
