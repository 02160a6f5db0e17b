/** `--push`: what a build has named goes to its registries (docker/buildx build/build.go pushWithMoby). */
import type { Engine } from '../../../engine/engine.ts'
import { fullString, parseReference, withDefaultTag } from '../../../image/reference.ts'
import type { CliContext } from '../../command.ts'
import type { BuildProgress } from '../../format/progress/build.ts'
import { authFor } from '../image/auth.ts'
import { fail } from './fail.ts'

/** Pushes one name after the other; returns the digest of the last manifest. Throws StatusError. */
export async function pushNames(
  ctx: CliContext,
  engine: Engine,
  names: readonly string[],
  view: BuildProgress,
): Promise<string | undefined> {
  const clock = await ctx.clock()
  let digest: string | undefined
  for (const name of names) {
    const reference = withDefaultTag(parseReference(name))
    const step = view.own(`pushing ${name} with docker`, clock.now())
    let problem: string | undefined
    const layers = new Set<string>()
    for await (const { error, id, status, aux } of engine.images.push(
      fullString(reference),
      await authFor(ctx, reference),
    )) {
      problem ??= error
      if (id !== undefined && status !== 'Preparing' && status !== 'Waiting') layers.add(id)
      if (typeof aux?.['Digest'] === 'string') digest = aux['Digest']
    }
    for (const layer of layers) step.status(`pushing layer ${layer} done`, clock.now())
    if (problem !== undefined) {
      step.failed(problem, clock.now())
      view.failedStep()
      throw fail(problem)
    }
    step.done(clock.now())
  }
  return digest
}
