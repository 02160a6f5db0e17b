/** `docker buildx imagetools create`: an index of manifests that registries have. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { HeldManifest } from '../../../engine/engine.ts'
import { type Descriptor, dockerList, isIndex, type ManifestIndex, ociIndex } from '../../../image/manifest.ts'
import { type Platform, parsePlatform, platformFits } from '../../../image/platform.ts'
import { fullString, type Reference, trimNamed } from '../../../image/reference.ts'
import type { CliContext, Command } from '../../command.ts'
import { StatusError } from '../../errors.ts'
import type { Flags } from '../../flags.ts'
import { authFor } from '../image/auth.ts'
import { configOf, manifestAt, ordered, wholeReference } from './sources.ts'

/** A manifest of the new index, and where it is now. */
interface Part {
  descriptor: Descriptor
  from: Reference
}

export const command: Command = {
  async run(ctx, args, flags) {
    const tags = flags.list('tag')
    const dryRun = flags.bool('dry-run')
    const names = [...args]
    const files = flags.list('file').map(file => readFileSync(resolve(ctx.cwd, file), 'utf8'))
    if (names.length === 0 && files.length === 0 && !flags.bool('append')) throw new Error('no sources specified')
    if (tags.length === 0 && !dryRun)
      throw new Error("can't push with no tags specified, please set --tag or --dry-run")
    const targets = tags.map(wholeReference)
    const first = targets[0]
    if (flags.bool('append') && first) names.unshift(fullString(first))
    const given = [...names.map(name => ({ name })), ...files.map(text => ({ text }))]
    const made = await combine(ctx, await sourcesOf(ctx, given, first), flags)
    if (dryRun) {
      ctx.out.write(`${Buffer.from(made.bytes).toString()}\n`)
      return undefined
    }
    for (const [at, target] of targets.entries()) await push(ctx, made, target, at + 1)
    return undefined
  },
}

interface Source {
  reference: Reference
  found: HeldManifest
}

/** What the words and files of the command line name. A file holds a descriptor, of the target's repository. */
async function sourcesOf(
  ctx: CliContext,
  given: readonly ({ name: string } | { text: string })[],
  target: Reference | undefined,
): Promise<Source[]> {
  const sources: Source[] = []
  for (const one of given) {
    const text = 'text' in one ? one.text : one.name
    const digest = /^\s*\{/.test(text) ? descriptorIn(text) : /^sha256:[0-9a-f]{64}$/.test(text) ? text : undefined
    if (digest !== undefined && !target) throw new Error('no repository for source, please set --tag')
    const reference = digest !== undefined && target ? { ...trimNamed(target), digest } : wholeReference(text.trim())
    sources.push({ reference, found: await manifestAt(ctx, reference) })
  }
  return sources
}

function descriptorIn(text: string): string {
  const { digest } = JSON.parse(text) as { digest?: unknown }
  if (typeof digest !== 'string' || !/^sha256:[0-9a-f]{64}$/.test(digest))
    throw new Error('invalid descriptor: no digest')
  return digest
}

async function combine(
  ctx: CliContext,
  sources: readonly Source[],
  flags: Flags,
): Promise<{ mediaType: string; bytes: Uint8Array; parts: Part[] }> {
  const annotations = annotationsOf(flags)
  const wanted = flags
    .list('platform')
    .flatMap(text => text.split(','))
    .map(parsePlatform)
  const [only] = sources
  const plain = wanted.length === 0 && annotations.length === 0
  if (sources.length === 1 && only && plain && (isIndex(only.found.mediaType) || !flags.bool('prefer-index'))) {
    const { mediaType, bytes, digest } = only.found
    const parts = isIndex(mediaType) ? partsOf(only) : []
    const own = { descriptor: { mediaType, digest, size: bytes.length }, from: only.reference }
    return { mediaType, bytes, parts: parts.length > 0 ? parts : [own] }
  }
  const parts = new Map<string, Part>()
  for (const source of sources) {
    const { reference, found } = source
    const added = isIndex(found.mediaType)
      ? partsOf(source)
      : [{ descriptor: await described(ctx, reference, found), from: reference }]
    for (const part of added) {
      const { platform } = part.descriptor
      if (wanted.length > 0 && !wanted.some(one => platform && platformFits(platform as Platform, one))) continue
      if (!parts.has(part.descriptor.digest)) parts.set(part.descriptor.digest, part)
    }
  }
  if (parts.size === 0) throw new Error('none of the manifests match the provided platforms')
  const all = [...parts.values()]
  const docker = all.every(({ descriptor }) => descriptor.mediaType.startsWith('application/vnd.docker.'))
  const mediaType = docker ? dockerList : ociIndex
  // Docker's lists have no annotations.
  const marks = docker ? [] : annotations
  const index = {
    schemaVersion: 2,
    mediaType,
    manifests: all.map(({ descriptor }) => ordered(descriptor)),
    ...(marks.length > 0 && { annotations: Object.fromEntries(marks) }),
  }
  return { mediaType, bytes: Buffer.from(JSON.stringify(index, null, 2)), parts: all }
}

/** KEY=VALUE of the new index; those of its manifests would change them. */
function annotationsOf(flags: Flags): [string, string][] {
  return flags.list('annotation').map(text => {
    const match = /^(?:([a-z-]+)(?:\[([^\]]*)\])?:)?([^=:]+)=(.*)$/s.exec(text)
    if (!match) throw new Error(`invalid annotation ${JSON.stringify(text)}, expected key=value`)
    const [, type = '', , key = '', value = ''] = match
    if (type !== '' && type !== 'index')
      throw new StatusError(1, `ERROR: annotations of type ${type} are not modelled: only those of the index`)
    return [key, value]
  })
}

function partsOf({ reference, found }: Source): Part[] {
  const { manifests } = JSON.parse(Buffer.from(found.bytes).toString()) as ManifestIndex
  return manifests.map(descriptor => ({ descriptor, from: reference }))
}

async function described(ctx: CliContext, reference: Reference, found: HeldManifest): Promise<Descriptor> {
  const { architecture = '', os = '', variant } = (await configOf(ctx, reference, found)) as Partial<Platform>
  const { mediaType, digest, bytes } = found
  return { mediaType, digest, size: bytes.length, platform: { architecture, os, ...(variant && { variant }) } }
}

/** Brings the parts into the target's repository, and the index under its tag; told as BuildKit tells of a step. */
async function push(
  ctx: CliContext,
  { mediaType, bytes, parts }: { mediaType: string; bytes: Uint8Array; parts: readonly Part[] },
  target: Reference,
  step: number,
): Promise<void> {
  const { registry } = await ctx.engine()
  const clock = await ctx.clock()
  const began = clock.now()
  const since = (digits: number): string => ((clock.now() - began) / 1000).toFixed(digits)
  const to = fullString(target)
  ctx.err.write(`${step > 1 ? '\n' : ''}#${step} [internal] pushing ${to}\n`)
  const { auth: toAuth } = await authFor(ctx, target)
  for (const { descriptor, from } of parts) {
    ctx.err.write(`#${step} ${since(3)} copying ${descriptor.digest} from ${fullString(from)} to ${to}\n`)
    const part = fullString({ ...trimNamed(from), digest: descriptor.digest })
    await registry.copy(part, to, { ...(await authFor(ctx, from)), ...(toAuth && { toAuth }) })
  }
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`
  ctx.err.write(`#${step} ${since(3)} pushing ${digest} to ${to}\n`)
  await registry.put(to, { mediaType, bytes }, toAuth ? { auth: toAuth } : {})
  ctx.err.write(`#${step} DONE ${since(1)}s\n`)
}
