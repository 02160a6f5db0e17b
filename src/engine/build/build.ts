/** POST /build: a build from start to a named image. */
import { ask, build } from '../../build/build.ts'
import type { BuildEvent } from '../../build/events.ts'
import { addImage } from '../../image/images.ts'
import { hostPlatform, parsePlatform } from '../../image/platform.ts'
import { fullString, parseReference, withDefaultTag } from '../../image/reference.ts'
import { layerPath } from '../../layer/layer-index.ts'
import { RootFs } from '../../vfs/rootfs.ts'
import type { EngineContext } from '../context.ts'
import type { BuildOptions } from '../engine.ts'
import { applyTag } from '../image/tag.ts'
import { LocalBackend } from './backend.ts'
import { clampLayers } from './clamp-layers.ts'

/** Builds an image and names it. Nothing but the cache changes when it fails. Throws BuildError. */
export async function* buildImage(ctx: EngineContext, options: BuildOptions): AsyncGenerator<BuildEvent, void> {
  const exports = options.images.map(names => names.map(name => withDefaultTag(parseReference(name))))
  const backend = new LocalBackend(ctx, {
    contexts: options.contexts,
    platform: options.platform === '' ? hostPlatform : parsePlatform(options.platform),
    addHosts: options.addHosts,
    secrets: options.secrets,
    signal: options.signal,
  })
  const queue: BuildEvent[] = []
  let wake: () => void = () => undefined
  const emit = (event: BuildEvent): void => {
    queue.push(event)
    wake()
  }
  const work = (async () => {
    const request = { ...options, contexts: new Set([...options.contexts.keys()].filter(name => name !== '')) }
    if (options.output !== 'build') return ask(options.output, request, backend, emit)
    const solved = await build(request, backend, emit)
    const { built, indexes } =
      options.clampTimes && options.epoch !== undefined
        ? await clampLayers(ctx, solved, options.epoch)
        : { built: solved, indexes: [] }
    for (const [at, references] of exports.entries()) {
      const id = built.nextId + at
      const tell = (text: string): void => emit({ type: 'status', id, text, time: backend.now() })
      emit({ type: 'start', id, name: 'exporting to image', time: backend.now() })
      const image = await ctx.machine.change(live => {
        backend.store(live.tx)
        for (const index of indexes) live.tx.put(layerPath(index.diffID), index)
        const added = addImage(live.tx, { config: built.config, layerSizes: [...built.layerSizes] })
        for (const reference of references) applyTag(live, added.id, reference)
        return added.id
      })
      if (at === 0) tell('exporting layers done')
      if (options.inlineCache) tell('preparing layers for inline cache done')
      tell(`writing image ${image} done`)
      for (const reference of references) tell(`naming to ${fullString(reference).replace(/:latest$/, '')} done`)
      emit({ type: 'done', id, time: backend.now() })
      emit({ type: 'image', id: image })
    }
    if (exports.length === 0) await ctx.machine.change(({ tx }) => backend.store(tx))
    if (options.files) emit({ type: 'files', files: new RootFs(backend.overlay(solved.diffIDs), () => backend.now()) })
  })()
  let ended = false
  const settled = work.then(
    () => {
      ended = true
      wake()
    },
    () => {
      ended = true
      wake()
    },
  )
  for (;;) {
    const event = queue.shift()
    if (event) yield event
    else if (ended) break
    else
      await new Promise<void>(resolve => {
        wake = resolve
        if (queue.length > 0 || ended) resolve()
      })
  }
  await settled
  await work
}
