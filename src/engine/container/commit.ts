/** POST /commit (moby daemon/commit.go). */
import { containerEvent } from '../../container/events.ts'
import { applyChanges } from '../../image/changes.ts'
import { encodeConfig, engineVersion, fullContainerConfig } from '../../image/config.ts'
import { addImage, configOf, imageOfContainer, readImage } from '../../image/images.ts'
import { hostPlatform } from '../../image/platform.ts'
import { checkTag, parseReference, withDefaultTag } from '../../image/reference.ts'
import { upperEntries } from '../../layer/export-layer.ts'
import { importLayer } from '../../layer/import-layer.ts'
import { layerPath } from '../../layer/layer-index.ts'
import { writeTar } from '../../layer/tar-writer.ts'
import { rfc3339Nano } from '../../util/time.ts'
import type { EngineContext } from '../context.ts'
import type { CommitOptions } from '../engine.ts'
import { blobSink } from '../image/blobs.ts'
import { imageEvent } from '../image/events.ts'
import { applyTag } from '../image/tag.ts'

/** Makes an image of a container's files and config; what is mounted stays out. */
export async function commitContainer(
  ctx: EngineContext,
  reference: string,
  options: CommitOptions = {},
): Promise<{ Id: string }> {
  const name = options.repo ? parseReference(options.repo) : undefined
  const target = name && withDefaultTag(options.tag ? { ...name, tag: checkTag(options.tag) } : name)
  return ctx.machine.change(async live => {
    const container = live.find(reference)
    const world = await live.world(container)
    const index = await importLayer(pieces(writeTar(upperEntries(world.files.overlay))), blobSink(ctx))
    const row = imageOfContainer(live.tx, container.image)
    const parent = readImage(live.tx, container.image)
    const base = parent && configOf(parent)
    const created = rfc3339Nano(live.time)
    const { config } = container
    const own = {
      Hostname: config.Hostname,
      Domainname: config.Domainname,
      User: config.User,
      ...(config.ExposedPorts && { ExposedPorts: config.ExposedPorts }),
      Env: config.Env,
      Cmd: config.Cmd,
      ...(config.Healthcheck && { Healthcheck: config.Healthcheck }),
      Image: config.Image,
      ...(config.Volumes && { Volumes: config.Volumes }),
      WorkingDir: config.WorkingDir,
      Entrypoint: config.Entrypoint,
      OnBuild: config.OnBuild,
      Labels: config.Labels,
      ...(config.StopSignal && { StopSignal: config.StopSignal }),
    }
    const changed = applyChanges(own, options.changes ?? [])
    const diffIDs = [...(row?.diffIDs ?? [])]
    const empty = index.entries.length === 0
    const text = encodeConfig({
      architecture: base?.architecture ?? hostPlatform.architecture,
      ...(options.author && { author: options.author }),
      ...(options.comment && { comment: options.comment }),
      config: fullContainerConfig(changed),
      container: container.id,
      container_config: fullContainerConfig(own),
      created,
      docker_version: engineVersion,
      history: [
        ...(base?.history ?? []),
        {
          created,
          ...(options.author && { author: options.author }),
          created_by: [...(config.Entrypoint ?? []), ...(config.Cmd ?? [])].join(' '),
          ...(options.comment && { comment: options.comment }),
          ...(empty && { empty_layer: true }),
        },
      ],
      os: base?.os ?? 'linux',
      rootfs: { type: 'layers', diff_ids: empty ? diffIDs : [...diffIDs, index.diffID] },
    })
    if (!empty) live.tx.put(layerPath(index.diffID), index)
    const sizes = [...(parent?.layerSizes ?? []), ...(empty ? [] : [index.size])]
    const { id } = addImage(live.tx, { config: text, layerSizes: sizes, parent: container.image })
    const pauses = container.state.status === 'running' && options.pause !== false
    if (pauses) live.emit(containerEvent(container, 'pause'))
    live.emit(imageEvent(live.tx, 'create', id, id))
    if (target) applyTag(live, id, target)
    live.emit(
      containerEvent(container, 'commit', {
        comment: options.comment ?? '',
        imageID: id,
        imageRef: target ? `${options.repo}` : '',
      }),
    )
    if (pauses) live.emit(containerEvent(container, 'unpause'))
    return { Id: id }
  })
}

async function* pieces(bytes: Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* bytes
}
