/** `docker build`, `docker buildx build`, `docker builder build`. */
import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { BuildError } from '../../../build/errors.ts'
import type { BuildOptions } from '../../../engine/engine.ts'
import { parseReference } from '../../../image/reference.ts'
import type { CliContext, Command } from '../../command.ts'
import { StatusError } from '../../errors.ts'
import type { Flags } from '../../flags.ts'
import { BuildProgress, failureText, type ProgressMode } from '../../format/progress/build.ts'
import { BuildTree } from '../../format/progress/build-tree.ts'
import { failure } from '../image/host-file.ts'
import { cacheSources, checkFlags, runEnvironment, unsupported, wantsInlineCache } from './build-flags.ts'
import { type BuildFacts, metadataText, wantsProvenance } from './build-metadata.ts'
import { type Outputs, outputsOf, writeFiles } from './build-output.ts'
import { pushNames } from './build-push.ts'
import { answer, parseCall } from './call.ts'
import { reportCheck } from './check-report.ts'
import { contextOf, namedContexts } from './context.ts'
import { fail } from './fail.ts'
import { readSecrets } from './secrets.ts'

export const command: Command = {
  async run(ctx, args, flags) {
    const [path = ''] = args
    const progress = progressOf(ctx, flags)
    const { call, json } = parseCall(flags.bool('check') && !flags.changed('call') ? 'check' : flags.string('call'))
    checkFlags(ctx, flags)
    for (const tag of flags.list('tag')) checkTag(tag)
    const outputs = outputsOf(ctx, flags)
    if (ctx.env['DOCKER_BUILDKIT'] === '0') ctx.err.write(deprecated)
    const { request, dockerfile } = await prepare(ctx, path, flags, outputs)
    const clock = await ctx.clock()
    const options = { now: () => clock.now(), idle: (ms: number, signal: AbortSignal) => clock.idle(ms, signal) }
    const view = new BuildProgress(ctx.err, progress, progress === 'tty' ? new BuildTree(ctx.err, options) : undefined)
    view.head()
    // As the error reports name it, where it is shown.
    const expanded = ctx.globals.debug || flags.bool('debug') ? dockerfile : undefined
    const engine = await ctx.engine()
    if (call === 'check') {
      const file = { name: flags.string('file') || dockerfile.name, text: dockerfile.text }
      return reportCheck(ctx, engine, request, file, { view, quiet: progress === 'quiet', json })
    }
    if (call === 'targets' || call === 'outline')
      return answer(ctx, engine, { ...request, output: call }, { file: dockerfile, json, view })
    if (call !== 'build') {
      const what = `unsupported request frontend.${call}`
      throw fail(`failed to solve: ${what}: ${what}`)
    }
    const facts: BuildFacts = {
      image: '',
      digest: undefined,
      names: outputs.images.at(-1) ?? [],
      materials: [],
      now: 0,
    }
    const stop = new AbortController()
    const off = ctx.onSignal(['SIGINT', 'SIGTERM'], () => stop.abort())
    try {
      for await (const event of engine.images.build({ ...request, signal: stop.signal })) {
        if (event.type === 'image') facts.image = event.id
        else if (event.type === 'materials') facts.materials = event.images
        else if (event.type === 'files')
          await writeFiles(ctx, event.files, outputs.files, { view, epoch: request.epoch })
        else view.show(event)
      }
      if (flags.string('metadata-file') !== '' && wantsProvenance(ctx))
        view.own('resolving provenance for metadata file', clock.now()).done(clock.now())
      facts.digest = await pushNames(ctx, engine, outputs.pushed, view)
    } catch (error) {
      if (!(error instanceof BuildError)) throw error
      view.failedStep()
      view.warnings(expanded)
      throw new StatusError(stop.signal.aborted ? 130 : 1, failureText(error, dockerfile, 'ERROR: failed to build: '))
    } finally {
      view.end()
      off()
    }
    view.failedStep()
    view.warnings(expanded)
    if (flags.string('iidfile') !== '') writeImageId(ctx, flags.string('iidfile'), facts.image)
    if (flags.string('metadata-file') !== '') {
      const text = metadataText(ctx, flags, request, { ...facts, now: clock.now() })
      writeFileSync(resolve(ctx.cwd, flags.string('metadata-file')), text)
    }
    if (progress === 'quiet') ctx.out.write(`${facts.image}\n`)
  },
}

const deprecated = `DEPRECATED: The legacy builder is deprecated and will be removed in a future release.
            BuildKit is currently disabled; enable it by removing the DOCKER_BUILDKIT=0
            environment-variable.

`

/** The one platform that the docker driver builds for; '' for the machine's own. */
function platformOf(ctx: CliContext, flags: Flags): string {
  const platforms = flags.list('platform').flatMap(given => given.split(','))
  if (platforms.length > 1) throw unsupported('Multi-platform build', 'build-multi-platform')
  return platforms[0] ?? ctx.env['DOCKER_DEFAULT_PLATFORM'] ?? ''
}

function progressOf(ctx: CliContext, flags: Flags): ProgressMode {
  const given = flags.changed('progress') ? flags.string('progress') : (ctx.env['BUILDKIT_PROGRESS'] ?? 'auto')
  const asked = flags.string('progress')
  if (flags.bool('quiet') && flags.changed('progress') && asked !== 'auto' && asked !== 'quiet')
    throw new StatusError(1, `ERROR: progress=${asked} and quiet cannot be used together`)
  if (!['auto', 'plain', 'tty', 'quiet', 'none', 'rawjson'].includes(given))
    throw new StatusError(1, `ERROR: invalid progress mode ${given}`)
  if (flags.bool('quiet') || given === 'quiet' || given === 'none') return 'quiet'
  if (given === 'rawjson' || given === 'plain') return given
  return given === 'tty' || ctx.err.isTTY ? 'tty' : 'plain'
}

/** The request of a command line, and the Dockerfile for error reports. */
async function prepare(
  ctx: CliContext,
  path: string,
  flags: Flags,
  outputs: Outputs,
): Promise<{ request: BuildOptions; dockerfile: { name: string; text: string } }> {
  const source = await contextOf(ctx, path, flags.string('file'))
  const named = namedContexts(ctx.cwd, flags.list('build-context'))
  const contexts = new Map([['', source.context], ...named.contexts])
  const given = flags.list('build-arg').findLast(arg => arg.startsWith('SOURCE_DATE_EPOCH='))
  const epoch = given?.slice('SOURCE_DATE_EPOCH='.length) ?? ctx.env['SOURCE_DATE_EPOCH']
  const buildArgs = new Map(
    flags
      .list('build-arg')
      .map(given => pair(given, ctx))
      .filter(([, value]) => value !== undefined) as [string, string][],
  )
  const request: BuildOptions = {
    dockerfile: source.dockerfile,
    dockerfileName: source.name,
    ...(source.error !== undefined && { dockerfileError: source.error }),
    dockerfileTransfer: source.dockerfileTransfer,
    ignoreTransfer: source.ignoreTransfer,
    remote: source.context.remote,
    buildArgs,
    labels: flags.list('label').map(given => pair(given, undefined) as [string, string]),
    target: flags.string('target'),
    noCache: flags.bool('no-cache'),
    noCacheFilter: flags.list('no-cache-filter').flatMap(given => given.split(',')),
    pull: flags.bool('pull'),
    cacheFrom: cacheSources(ctx, flags.list('cache-from')),
    inlineCache: wantsInlineCache(flags.list('cache-to'), buildArgs.get('BUILDKIT_INLINE_CACHE')),
    platform: platformOf(ctx, flags),
    contexts,
    contextImages: named.images,
    explain: flags.bool('explain'),
    environment: runEnvironment(flags),
    epoch: epoch !== undefined && /^\d+$/.test(epoch) ? Number(epoch) : undefined,
    addHosts: flags.list('add-host').map(host => {
      const [name = '', ...address] = host.split(/[:=]/)
      return { name, address: address.join(':') }
    }),
    secrets: readSecrets(ctx, flags.list('secret')),
    output: 'build',
    images: outputs.images,
    clampTimes: outputs.clampTimes,
    files: outputs.files.length > 0,
  }
  return { request, dockerfile: { name: source.name, text: Buffer.from(source.dockerfile).toString() } }
}

/** A tag as buildx looks at it: the bare grammar, without Docker Hub's defaults (distribution/reference Parse). */
function checkTag(tag: string): void {
  if (tag === '') throw fail('invalid tag "": repository name must have at least one component')
  try {
    parseReference(tag)
  } catch {
    let fits = true
    try {
      parseReference(tag.toLowerCase())
    } catch {
      fits = false
    }
    throw fail(
      `invalid tag ${JSON.stringify(tag)}: ${fits ? 'repository name must be lowercase' : 'invalid reference format'}`,
    )
  }
}

/** `NAME=value`; NAME alone takes the host's value where there is one. */
function pair(text: string, ctx: CliContext | undefined): [string, string | undefined] {
  const equals = text.indexOf('=')
  if (equals < 0) return [text, ctx ? ctx.env[text] : '']
  return [text.slice(0, equals), text.slice(equals + 1)]
}

function writeImageId(ctx: CliContext, path: string, image: string): void {
  try {
    writeFileSync(resolve(ctx.cwd, path), image)
  } catch (error) {
    throw new StatusError(1, `ERROR: writing image ID file: ${failure('open', path, error).message}`)
  }
}
