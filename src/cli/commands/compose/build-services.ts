/** Builds the images of services, as compose has buildx bake do it: the targets, one progress, one report of a failure. */
import { createHash } from 'node:crypto'
import { resolve } from 'node:path'
import type { BuildContext } from '../../../build/context.ts'
import { BuildError } from '../../../build/errors.ts'
import type { BuildEvent } from '../../../build/events.ts'
import { usualEnvironment } from '../../../build/vertex.ts'
import { type BuildPlan, type BuildTarget, bakeFile } from '../../../compose/build-targets.ts'
import type { Session } from '../../../compose/session.ts'
import type { BuildOptions } from '../../../engine/engine.ts'
import { fullString, parseReference, withDefaultTag } from '../../../image/reference.ts'
import type { CliContext } from '../../command.ts'
import { StatusError } from '../../errors.ts'
import { BuildProgress, excerpt, failureText } from '../../format/progress/build.ts'
import { cacheSources, wantsInlineCache } from '../buildx/build-flags.ts'
import { checkFile, report } from '../buildx/check-report.ts'
import { contextOf, inlineContext, namedContexts, type Sent } from '../buildx/context.ts'
import { readSecrets } from '../buildx/secrets.ts'
import { authFor } from '../image/auth.ts'

/** Builds a plan's targets. @throws StatusError when one cannot be built; those before it stay */
export async function buildTargets(ctx: CliContext, session: Session, plan: BuildPlan, quiet: boolean): Promise<void> {
  if (plan.order.length === 0) return
  const view = new SharedProgress(new BuildProgress(ctx.out, quiet ? 'quiet' : 'plain'), plan.order.length > 1)
  const shown = new Map(plan.order.map(name => [name, plan.targets.get(name) as BuildTarget]))
  view.definitions(bakeFile({ order: plan.order, targets: shown }))
  for (const [name, target] of shown) await buildTarget(ctx, session, name, target, plan, view)
  for (const target of shown.values())
    session.report({ id: target.tags.at(-1) ?? '', state: 'done', text: '', status: 'Built' })
}

/**
 * Checks the Dockerfiles of a plan's targets instead of building them, and reports on standard output, target by target.
 * @throws StatusError 1 when there is anything to report
 */
export async function checkTargets(ctx: CliContext, session: Session, plan: BuildPlan, quiet: boolean): Promise<void> {
  const view = new SharedProgress(new BuildProgress(ctx.out, quiet ? 'quiet' : 'plain'), plan.order.length > 1)
  const shown = new Map(plan.order.map(name => [name, plan.targets.get(name) as BuildTarget]))
  view.definitions(bakeFile({ order: plan.order, targets: shown }))
  const reports: string[] = []
  let wrong = false
  for (const [name, target] of shown) {
    const sent = await sentFor(ctx, target)
    const request = requestOf(ctx, target, plan, sent)
    view.begin(name)
    const { warnings, failure } = await checkFile(session.engine, request, event => view.show(event))
    const file = { name: resolve(ctx.cwd, target.context, sent.name), text: Buffer.from(sent.dockerfile).toString() }
    const lines = failure?.location ? excerpt(file, failure.location) : ''
    const text = failure ? `error: ${failure.message}\n${lines}\n` : report(warnings, file)
    reports.push(`${name}\n\n${text}`)
    wrong ||= failure !== undefined || warnings.length > 0
  }
  ctx.out.write(reports.join('\n'))
  if (wrong) throw new StatusError(1, 'failed to execute bake: exit status 1')
  for (const target of shown.values())
    session.report({ id: target.tags.at(-1) ?? '', state: 'done', text: '', status: 'Built' })
}

/** What `--dry-run` says instead. */
export function showDryBuild(session: Session, plan: BuildPlan): void {
  for (const name of plan.order) {
    const [tag = ''] = plan.targets.get(name)?.tags ?? []
    const id = createHash('sha1').update(name).digest('hex')
    session.report({ id: `${name} ==>`, state: 'done', text: '==>', status: `writing image dryRun-${id}` })
    session.report({ id: `${name} ==>`, state: 'done', text: '==>', status: `naming to ${tag}` })
  }
  for (const name of plan.order) session.report({ id: name, state: 'done', text: '', status: 'Built' })
}

async function buildTarget(
  ctx: CliContext,
  session: Session,
  name: string,
  target: BuildTarget,
  plan: BuildPlan,
  view: SharedProgress,
): Promise<void> {
  const sent = await sentFor(ctx, target)
  const request = requestOf(ctx, target, plan, sent)
  view.begin(name)
  try {
    for await (const event of session.engine.images.build(request)) view.show(event)
  } catch (error) {
    if (!(error instanceof BuildError)) throw error
    view.failed()
    throw new StatusError(
      1,
      spaced(failureText(error, { name: sent.name, text: Buffer.from(sent.dockerfile).toString() })),
    )
  }
  if (target.output?.includes('type=registry')) await push(ctx, session, target.tags)
  view.provenance()
}

/** What the engine is asked to build for a target. */
function requestOf(ctx: CliContext, target: BuildTarget, plan: BuildPlan, sent: Sent): BuildOptions {
  const { contexts, images } = contextsOf(ctx, target, plan)
  return {
    dockerfile: sent.dockerfile,
    dockerfileName: sent.name,
    ...(sent.error !== undefined && { dockerfileError: sent.error }),
    dockerfileTransfer: sent.dockerfileTransfer,
    ignoreTransfer: sent.ignoreTransfer,
    remote: sent.context.remote,
    buildArgs: new Map(Object.entries(target.args ?? {})),
    labels: Object.entries(target.labels),
    target: target.target ?? '',
    noCache: target['no-cache'] ?? false,
    noCacheFilter: [],
    ...cachesOf(ctx, target),
    pull: target.pull ?? false,
    platform: target.platforms?.[0] ?? '',
    contexts: new Map([['', sent.context], ...contexts]),
    contextImages: images,
    explain: false,
    environment: usualEnvironment,
    epoch: undefined,
    addHosts: Object.entries(target['extra-hosts'] ?? {}).map(([host, address]) => ({ name: host, address })),
    secrets: readSecrets(ctx, target.secret ?? []),
    output: 'build',
    images: [target.tags],
    files: false,
    clampTimes: false,
  }
}

/** `cache_from` and `cache_to`. Throws StatusError for what the docker driver, or minidock, has no way to do. */
function cachesOf(ctx: CliContext, target: BuildTarget): Pick<BuildOptions, 'cacheFrom' | 'inlineCache'> {
  try {
    return {
      cacheFrom: cacheSources(ctx, target['cache-from'] ?? []),
      inlineCache: wantsInlineCache(target['cache-to'] ?? [], target.args?.['BUILDKIT_INLINE_CACHE']),
    }
  } catch (error) {
    if (error instanceof StatusError)
      throw new StatusError(1, spaced(error.message.replace(/^ERROR: failed to build: /, '')))
    throw error
  }
}

async function push(ctx: CliContext, session: Session, tags: readonly string[]): Promise<void> {
  for (const tag of tags) {
    const reference = withDefaultTag(parseReference(tag))
    for await (const { error } of session.engine.images.push(fullString(reference), await authFor(ctx, reference)))
      if (error !== undefined) throw new StatusError(1, spaced(`failed to solve: failed to push ${tag}: ${error}`))
  }
}

/** The bake process's errors come a line at a time, with an empty one after each. */
const spaced = (text: string): string =>
  text
    .split('\n')
    .map(line => `${line}\n\n`)
    .join('')

async function sentFor(ctx: CliContext, target: BuildTarget): Promise<Sent> {
  const inline = target['dockerfile-inline']
  try {
    if (inline !== undefined) return inlineContext(ctx, target.context, Buffer.from(inline))
    return await contextOf(ctx, target.context, target.dockerfile ?? '')
  } catch (error) {
    if (error instanceof StatusError)
      throw new StatusError(1, spaced(error.message.replace(/^ERROR: failed to build: /, '')))
    throw error
  }
}

/** Named contexts: folders, images, and the images of other services. */
function contextsOf(
  ctx: CliContext,
  target: BuildTarget,
  plan: BuildPlan,
): { contexts: [string, BuildContext][]; images: Map<string, string> } {
  const images = new Map<string, string>()
  const folders: string[] = []
  for (const [name, source] of Object.entries(target.contexts ?? {})) {
    if (source.startsWith('target:'))
      images.set(name, plan.targets.get(source.slice('target:'.length))?.tags.at(-1) ?? source)
    else folders.push(`${name}=${source.startsWith('docker-image://') ? source : resolve(ctx.cwd, source)}`)
  }
  const named = namedContexts(ctx.cwd, folders)
  return { contexts: named.contexts, images: new Map([...named.images, ...images]) }
}

/** The progress of several targets as one: steps are numbered through, and named with their target when there are more. */
class SharedProgress {
  readonly #view: BuildProgress
  readonly #several: boolean
  readonly #shared = new Set<string>()
  #target = ''
  #offset = 0
  #last = 0
  #hidden = new Set<number>()

  constructor(view: BuildProgress, several: boolean) {
    this.#view = view
    this.#several = several
  }

  /** The step in which bake reads its file. */
  definitions(text: string): void {
    this.#own('[internal] load local bake definitions', `reading from stdin ${size(Buffer.byteLength(text))} done`)
  }

  begin(target: string): void {
    this.#target = target
    this.#offset = this.#last
    this.#hidden = new Set()
  }

  show(event: BuildEvent): void {
    if (!('id' in event) || event.type === 'image') return
    if (event.type === 'start' && this.#isShared(event.name)) this.#hidden.add(event.id)
    if (this.#hidden.has(event.id)) {
      if (event.type === 'start') this.#offset--
      return
    }
    const id = event.id + this.#offset
    this.#last = Math.max(this.#last, id)
    this.#view.show(event.type === 'start' ? { ...event, id, name: this.#named(event.name) } : { ...event, id })
  }

  provenance(): void {
    this.#own(this.#named('resolving provenance for metadata file'))
  }

  failed(): void {
    this.#view.failedStep()
  }

  #own(name: string, ...lines: string[]): void {
    const id = ++this.#last
    this.#view.show({ type: 'start', id, name, time: 0 })
    for (const text of lines) this.#view.show({ type: 'status', id, text, time: 0 })
    this.#view.show({ type: 'done', id, time: 0 })
  }

  /** What a target before this one looked up already is the same step. */
  #isShared(name: string): boolean {
    if (!name.startsWith('[internal] load metadata for ')) return false
    if (this.#shared.has(name)) return true
    this.#shared.add(name)
    return false
  }

  #named(name: string): string {
    if (!this.#several) return name
    return name.startsWith('[') ? name.replace('[', `[${this.#target} `) : `[${this.#target}] ${name}`
  }
}

const size = (bytes: number): string => (bytes < 1000 ? `${bytes}B` : `${(bytes / 1000).toFixed(2)}kB`)
