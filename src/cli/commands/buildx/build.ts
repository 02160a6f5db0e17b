/** `docker build`, `docker buildx build`, `docker builder build`. */
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { type BuildContext, folderContext } from '../../../build/context.ts'
import { BuildError } from '../../../build/errors.ts'
import { readIgnoreFile } from '../../../build/ignore.ts'
import type { BuildOptions } from '../../../engine/engine.ts'
import { messageOf } from '../../../errors.ts'
import { parseReference } from '../../../image/reference.ts'
import type { CliContext, Command } from '../../command.ts'
import { StatusError } from '../../errors.ts'
import type { Flags } from '../../flags.ts'
import { BuildProgress } from '../../format/progress/build.ts'

export const command: Command = {
  async run(ctx, args, flags) {
    const [path = ''] = args
    const progress = progressOf(ctx, flags)
    const { request, dockerfile } = await prepare(ctx, path, flags)
    const view = new BuildProgress(ctx.err, progress)
    const engine = await ctx.engine()
    let image = ''
    try {
      for await (const event of engine.images.build(request)) {
        if (event.type === 'image') image = event.id
        else view.show(event)
      }
    } catch (error) {
      if (!(error instanceof BuildError)) throw error
      throw new StatusError(1, view.failure(error, dockerfile))
    }
    if (flags.string('iidfile') !== '') writeFileSync(resolve(ctx.cwd, flags.string('iidfile')), image)
    if (flags.string('metadata-file') !== '') writeMetadata(ctx, flags, image)
    if (progress === 'quiet') ctx.out.write(`${image}\n`)
  },
}

const fail = (message: string): StatusError => new StatusError(1, `ERROR: failed to build: ${message}`)

function progressOf(ctx: CliContext, flags: Flags): 'plain' | 'quiet' {
  const given = flags.changed('progress') ? flags.string('progress') : (ctx.env['BUILDKIT_PROGRESS'] ?? 'auto')
  if (!['auto', 'plain', 'tty', 'quiet', 'none', 'rawjson'].includes(given))
    throw fail(`invalid progress mode ${given}`)
  return flags.bool('quiet') || given === 'quiet' || given === 'none' ? 'quiet' : 'plain'
}

/** The request of a command line, and the Dockerfile for error reports. */
async function prepare(
  ctx: CliContext,
  path: string,
  flags: Flags,
): Promise<{ request: BuildOptions; dockerfile: { name: string; text: string } }> {
  for (const tag of flags.list('tag')) checkTag(tag)
  const source = await contextOf(ctx, path, flags)
  const contexts = new Map<string, BuildContext>([['', source.context]])
  for (const given of flags.list('build-context')) {
    const equals = given.indexOf('=')
    if (equals < 1) throw fail(`invalid context value: ${given}, expected key=value`)
    const folder = resolve(ctx.cwd, given.slice(equals + 1))
    if (!existsSync(folder))
      throw fail(
        `failed to get build context ${given.slice(0, equals)}: stat ${given.slice(equals + 1)}: no such file or directory`,
      )
    contexts.set(given.slice(0, equals), folderContext(folder, []))
  }
  const epoch = ctx.env['SOURCE_DATE_EPOCH']
  const request: BuildOptions = {
    dockerfile: source.dockerfile,
    dockerfileName: source.name,
    ignoreBytes: source.ignoreBytes,
    buildArgs: new Map(
      flags
        .list('build-arg')
        .map(given => pair(given, ctx))
        .filter(([, value]) => value !== undefined) as [string, string][],
    ),
    labels: flags.list('label').map(given => pair(given, undefined) as [string, string]),
    target: flags.string('target'),
    noCache: flags.bool('no-cache'),
    noCacheFilter: flags.list('no-cache-filter').flatMap(given => given.split(',')),
    pull: flags.bool('pull'),
    platform: flags.list('platform')[0] ?? ctx.env['DOCKER_DEFAULT_PLATFORM'] ?? '',
    contexts,
    explain: false,
    epoch: epoch !== undefined && /^\d+$/.test(epoch) ? Number(epoch) : undefined,
    tags: [...flags.list('tag')],
    addHosts: flags.list('add-host').map(host => {
      const [name = '', ...address] = host.split(/[:=]/)
      return { name, address: address.join(':') }
    }),
    secrets: secrets(ctx, flags),
  }
  return { request, dockerfile: { name: source.name, text: Buffer.from(source.dockerfile).toString() } }
}

function checkTag(tag: string): void {
  try {
    parseReference(tag)
  } catch (error) {
    throw fail(`invalid tag ${JSON.stringify(tag)}: ${messageOf(error)}`)
  }
}

/** `NAME=value`; NAME alone takes the host's value where there is one. */
function pair(text: string, ctx: CliContext | undefined): [string, string | undefined] {
  const equals = text.indexOf('=')
  if (equals < 0) return [text, ctx ? ctx.env[text] : '']
  return [text.slice(0, equals), text.slice(equals + 1)]
}

interface Sent {
  context: BuildContext
  dockerfile: Uint8Array
  name: string
  ignoreBytes: number
}

async function contextOf(ctx: CliContext, path: string, flags: Flags): Promise<Sent> {
  const file = flags.string('file')
  if (/^(https?:\/\/|git@|git:\/\/|github\.com\/)/.test(path))
    throw fail(`unable to prepare context: ${path} cannot be reached: minidock has no internet`)
  if (path === '-') throw fail('a context from standard input is not modelled yet')
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
    throw new StatusError(
      1,
      `ERROR: failed to build: failed to solve: failed to read dockerfile: open ${name}: no such file or directory`,
    )
  return readFileSync(found)
}

/** `--secret id=x[,src=file|env=NAME]`. */
function secrets(ctx: CliContext, flags: Flags): Map<string, Uint8Array> {
  return new Map(
    flags.list('secret').map(given => {
      const fields = new Map(given.split(',').map(field => pair(field, undefined) as [string, string]))
      const id = fields.get('id') ?? ''
      const file = fields.get('src') ?? fields.get('source')
      const variable = fields.get('env')
      if (variable !== undefined && file === undefined) return [id, Buffer.from(ctx.env[variable] ?? '')]
      const path = file ?? (ctx.env[id] === undefined ? id : undefined)
      if (path === undefined) return [id, Buffer.from(ctx.env[id] ?? '')]
      try {
        return [id, readFileSync(resolve(ctx.cwd, path))]
      } catch {
        throw fail(`failed to stat ${path}: stat ${path}: no such file or directory`)
      }
    }),
  )
}

function writeMetadata(ctx: CliContext, flags: Flags, image: string): void {
  const names = flags.list('tag').map(tag => parseReference(tag))
  const metadata = {
    'containerimage.config.digest': image,
    'containerimage.digest': image,
    ...(names.length > 0 && { 'image.name': flags.list('tag').join(',') }),
  }
  writeFileSync(resolve(ctx.cwd, flags.string('metadata-file')), `${JSON.stringify(metadata, undefined, 2)}\n`)
}
