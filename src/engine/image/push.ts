/** POST /images/{name}/push (moby distribution/push_v2.go). */

import type { ProgressMessage } from '../../api/image.ts'
import { EngineError, forbidden, invalid, messageOf, notFound } from '../../errors.ts'
import { diffIDs, platformOf, sha256 } from '../../image/config.ts'
import { type KnownBlob, knownBlobs, rememberBlob } from '../../image/distribution.ts'
import { configOf, type ImageRecord, readImage } from '../../image/images.ts'
import { layerTarOf } from '../../image/layer-tars.ts'
import { type Platform, parsePlatform, platformFits, platformText } from '../../image/platform.ts'
import {
  familiarName,
  familiarString,
  fullName,
  parseReference,
  type Reference,
  withDefaultTag,
} from '../../image/reference.ts'
import { allTags, setTag } from '../../image/tags.ts'
import type { Credentials } from '../../registry/auth.ts'
import { gzipInParallel } from '../../registry/gzip-parallel.ts'
import { dockerManifest, type RemoteRegistry } from '../../registry/remote.ts'
import type { EngineContext } from '../context.ts'
import { atOnce } from './at-once.ts'
import { imageEvent } from './events.ts'
import { HUB_DOMAIN, mayPush } from './hub.ts'
import { registryOf, settingsOf } from './sources.ts'

export interface PushOptions {
  /** Every tag of the repository. */
  all?: boolean
  /** The image must be for it. */
  platform?: string
  auth?: Credentials
}

/** How many layers are sent at a time; further ones wait. */
const CONCURRENT = 5
const dockerConfigType = 'application/vnd.docker.container.image.v1+json'
const dockerLayerType = 'application/vnd.docker.image.rootfs.diff.tar.gzip'

/** Sends an image to its registry. What goes wrong after the first line comes as a message with `error`. */
export async function* pushImage(
  ctx: EngineContext,
  text: string,
  options: PushOptions = {},
): AsyncGenerator<ProgressMessage, void> {
  const given = parseReference(text)
  if (given.digest !== undefined) throw invalid('cannot push a digest reference')
  if (options.platform) checkPlatform(imagesToPush(ctx, given, options.all ?? false), parsePlatform(options.platform))
  yield { status: `The push refers to repository [${fullName(given)}]` }
  try {
    const registry = await registryOf(ctx, given, options)
    const simulated = given.domain === HUB_DOMAIN && !(await settingsOf(ctx)).online
    const allowed = !simulated || mayPush(given, options.auth)
    const images = imagesToPush(ctx, given, options.all ?? false)
    await registry.ping()
    for (const { reference, record } of images) yield* pushOne(ctx, registry, reference, record, allowed)
  } catch (error) {
    if (!(error instanceof EngineError)) throw error
    yield { error: messageOf(error) }
  }
}

/** The tags that a push means. */
function imagesToPush(
  ctx: EngineContext,
  given: Reference,
  all: boolean,
): { reference: Reference; record: ImageRecord }[] {
  const tags = allTags(ctx.store)
    .map(({ reference, id }) => ({ reference: parseReference(reference), id }))
    .filter(({ reference }) => fullName(reference) === fullName(given) && reference.digest === undefined)
  if (tags.length === 0) throw invalid(`An image does not exist locally with the tag: ${familiarName(given)}`)
  const wanted = withDefaultTag(given)
  const chosen = all ? tags : tags.filter(({ reference }) => reference.tag === wanted.tag)
  if (chosen.length === 0) throw invalid(`tag does not exist: ${familiarString(wanted)}`)
  return chosen.flatMap(({ reference, id }) => {
    const record = readImage(ctx.store, id)
    return record ? [{ reference, record }] : []
  })
}

async function* pushOne(
  ctx: EngineContext,
  registry: RemoteRegistry,
  reference: Reference,
  record: ImageRecord,
  allowed: boolean,
): AsyncGenerator<ProgressMessage, void> {
  const ids = diffIDs(configOf(record))
  const label = (diffID: string): string => diffID.slice('sha256:'.length, 'sha256:'.length + 12)
  const unique = [...new Set(ids)].reverse()
  for (const diffID of unique) yield { status: 'Preparing', progressDetail: {}, id: label(diffID) }
  for (const diffID of unique.slice(CONCURRENT)) yield { status: 'Waiting', progressDetail: {}, id: label(diffID) }
  if (!allowed) throw forbidden('denied: requested access to the resource is denied')
  const blobs = new Map<string, KnownBlob>()
  yield* atOnce(
    unique.map(
      diffID =>
        async function* (): AsyncGenerator<ProgressMessage, void> {
          const { blob, status } = await pushLayer(ctx, registry, reference, diffID)
          blobs.set(diffID, blob)
          if (status === 'Pushed') {
            const total = blob.size
            yield { status: 'Pushing', progressDetail: { current: total, total }, id: label(diffID) }
          }
          yield { status, progressDetail: {}, id: label(diffID) }
        },
    ),
    CONCURRENT,
  )
  const config = Buffer.from(record.config)
  const configSize = config.length
  if (!(await registry.has(reference.path, record.id))) await registry.put(reference.path, config, record.id)
  const manifest = {
    schemaVersion: 2,
    mediaType: dockerManifest,
    config: { mediaType: dockerConfigType, size: configSize, digest: record.id },
    layers: ids.map(diffID => {
      const { size = 0, digest = '' } = blobs.get(diffID) ?? {}
      return { mediaType: dockerLayerType, size, digest }
    }),
  }
  const document = JSON.stringify(manifest, null, 3)
  const tag = reference.tag ?? 'latest'
  await registry.putManifest(reference.path, tag, dockerManifest, document)
  const digest = sha256(document)
  const { domain, path } = reference
  await ctx.machine.change(live => {
    setTag(live.tx, { domain, path, digest }, record.id)
    for (const [diffID, blob] of blobs) rememberBlob(live.tx, diffID, blob)
    live.emit(imageEvent(live.tx, 'push', familiarString(reference), familiarName(reference), record.id))
  })
  const size = Buffer.byteLength(document)
  yield { status: `${tag}: digest: ${digest} size: ${size}` }
  yield { aux: { Tag: tag, Digest: digest, Size: size } }
}

/** Brings a layer into the repository in the cheapest way: it is there, it is nearby, it has to be sent. */
async function pushLayer(
  ctx: EngineContext,
  registry: RemoteRegistry,
  { domain, path }: Reference,
  diffID: string,
): Promise<{ blob: KnownBlob; status: string }> {
  const known = knownBlobs(ctx.store, diffID).filter(blob => blob.domain === domain)
  for (const blob of known)
    if (await registry.has(path, blob.digest)) return { blob: { ...blob, path }, status: 'Layer already exists' }
  for (const blob of known)
    if (blob.path !== path && (await registry.mount(path, blob.digest, blob.path)))
      return { blob: { ...blob, path }, status: `Mounted from ${blob.path}` }
  const tar = layerTarOf(ctx.store, ctx.content, diffID)
  const { digest, size } = await registry.upload(path, () => gzipInParallel(tar.bytes()))
  return { blob: { digest, size, domain, path }, status: 'Pushed' }
}

/** Docker finds the platform among an image's manifests; here an image has one. */
function checkPlatform(images: readonly { reference: Reference; record: ImageRecord }[], wanted: Platform): void {
  for (const { reference, record } of images) {
    const own = platformOf(configOf(record))
    if (!platformFits(own, wanted))
      throw notFound(
        `image with reference ${familiarString(reference)} was found but its platform (${platformText(own)}) does not match the specified platform (${platformText(wanted)})`,
      )
  }
}
