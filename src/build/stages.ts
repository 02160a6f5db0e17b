/** Which stages a build needs, and what each starts from, before any of them is looked into. */

import { messageOf } from '../errors.ts'
import { parsePlatform } from '../image/platform.ts'
import { fullString, parseReference, withDefaultTag } from '../image/reference.ts'
import { type ExpandOptions, expandWord } from './dockerfile/expand.ts'
import type { Parsed, Stage, Step } from './dockerfile/instructions.ts'
import type { Language } from './dockerfile/parser.ts'
import { suggestion } from './dockerfile/suggestion.ts'
import { parseTriggers } from './dockerfile/triggers.ts'
import { BuildError, type Location } from './errors.ts'

/** A stage with its base known. */
export interface PlannedStage {
  stage: Stage
  index: number
  /** Another stage, an image's full name, a named context, or nothing (`scratch`). */
  base: { stage: number } | { image: string; written: string; platform: string } | { context: string } | 'scratch'
  /** Stages and images that COPY --from and mounts read. */
  reads: Map<string, { stage: number } | { image: string } | { context: string }>
  /** Why it cannot be built, if it is needed. */
  problem: BuildError | undefined
}

export interface StageOptions {
  buildArgs: ReadonlyMap<string, string>
  /** TARGETPLATFORM and its like. */
  platformArgs: ReadonlyMap<string, string>
  target: string
  /** Names given with --build-context. */
  contexts: ReadonlySet<string>
  /** Images by the names that contexts were given for them. */
  contextImages: ReadonlyMap<string, string>
  language: Language
}

export interface StagePlan {
  /** ARG before the first FROM, with their values. */
  globals: Map<string, string | undefined>
  stages: PlannedStage[]
  target: number
  /** Stages that the target needs, itself included, in the file's order. */
  needed: number[]
}

/** Throws BuildError. */
export function planStages(parsed: Parsed, options: StageOptions): StagePlan {
  const globals = new Map<string, string | undefined>()
  const lookup: ExpandOptions = {
    escape: options.language.escape,
    get: name => globals.get(name) ?? options.platformArgs.get(name),
  }
  for (const { key, value, location } of parsed.metaArgs) {
    const expanded = value === undefined ? undefined : guarded(() => expandWord(value, lookup), location)
    globals.set(key, options.buildArgs.get(key) ?? options.platformArgs.get(key) ?? expanded)
  }
  const stages: PlannedStage[] = []
  for (const [index, stage] of parsed.stages.entries()) {
    const name = guarded(() => expandWord(stage.base, lookup), stage.location)
    const platform = platformOf(stage, lookup, [...globals.keys(), ...options.platformArgs.keys()])
    if (name === '') throw new BuildError(`base name (${stage.base}) should not be blank`, { location: stage.location })
    const earlier = parsed.stages.slice(0, index).findLastIndex(each => each.name !== '' && each.name === name)
    const image = options.contextImages.get(name)
    const base: PlannedStage['base'] = options.contexts.has(name)
      ? { context: name }
      : image !== undefined
        ? { image: imageName(image, stage), written: name, platform }
        : earlier >= 0
          ? { stage: earlier }
          : name === 'scratch'
            ? 'scratch'
            : { image: imageName(name, stage), written: name, platform }
    const below = typeof base === 'object' && 'stage' in base ? parsed.stages[base.stage] : undefined
    const steps = [...(below ? triggersOf(below, stage, options.language) : []), ...stage.steps]
    stages.push({ stage, index, base, ...readsOf(parsed.stages, { stage, index, steps }, options) })
  }
  const target = options.target === '' ? stages.length - 1 : findStage(parsed.stages, options.target, stages.length)
  if (target < 0) throw new BuildError(`target stage ${JSON.stringify(options.target)} could not be found`)
  return { globals, stages, target, needed: neededFor(stages, target) }
}

/** The platform that FROM asks for; '' for none. Throws BuildError, with the variable that may have been meant. */
function platformOf({ platform, location }: Stage, lookup: ExpandOptions, known: readonly string[]): string {
  if (platform === '') return ''
  const unset: string[] = []
  const expanded = guarded(() => expandWord(platform, { ...lookup, missing: name => unset.push(name) }), location)
  const meant = unset.flatMap(name => suggestion(name, known) ?? [])[0]
  const hint = meant === undefined ? '' : ` (did you mean ${meant}?)`
  if (expanded === '') throw new BuildError(`empty platform value from expression ${platform}${hint}`, { location })
  try {
    parsePlatform(expanded)
    return expanded
  } catch (error) {
    throw new BuildError(`failed to parse platform ${platform}: ${messageOf(error)}${hint}`, { location })
  }
}

function guarded<T>(act: () => T, location: { start: number; end: number }): T {
  try {
    return act()
  } catch (error) {
    throw new BuildError(messageOf(error), { location })
  }
}

function imageName(name: string, stage: Stage): string {
  try {
    return fullString(withDefaultTag(parseReference(name)))
  } catch (error) {
    throw new BuildError(`failed to parse stage name ${JSON.stringify(name)}: ${messageOf(error)}`, {
      location: stage.location,
    })
  }
}

/** The last stage before `limit` with a name, or the one with this number; -1 when there is none. */
function findStage(stages: readonly Stage[], name: string, limit: number): number {
  const wanted = name.toLowerCase()
  for (let index = limit - 1; index >= 0; index--) if (stages[index]?.name === wanted && wanted !== '') return index
  return -1
}

/** What a stage leaves for those that start from it. A mistake in it comes out when it is done. */
function triggersOf(below: Stage, stage: Stage, language: Language): Step[] {
  const texts = below.steps.flatMap(step => (step.kind === 'onbuild' ? [step.text] : []))
  try {
    return parseTriggers(texts, stage.location, language)
  } catch (error) {
    if (error instanceof BuildError) return []
    throw error
  }
}

function readsOf(
  stages: readonly Stage[],
  { stage, index, steps }: { stage: Stage; index: number; steps: readonly Step[] },
  options: StageOptions,
): Pick<PlannedStage, 'reads' | 'problem'> {
  const reads: PlannedStage['reads'] = new Map()
  let problem: BuildError | undefined
  const own = stage.name || `stage-${index}`
  const addStage = (from: string, read: number, location: Location, mount?: string): void => {
    if (read === index) throw new BuildError(`circular dependency detected on stage: ${own}`, { location })
    if (read < index) reads.set(from, { stage: read })
    else
      problem ??= new BuildError(
        mount === undefined
          ? `cannot copy from stage ${JSON.stringify(from)}, it needs to be defined before current stage ${JSON.stringify(own)}`
          : `cannot mount from stage ${JSON.stringify(from)} to ${JSON.stringify(mount)}, stage needs to be defined before current command`,
        { location },
      )
  }
  const add = (from: string, location: Location, mount?: string): void => {
    if (from === '' || reads.has(from)) return
    const named = findStage(stages, from, stages.length)
    const image = options.contextImages.get(from)
    if (options.contexts.has(from)) reads.set(from, { context: from })
    else if (image !== undefined) reads.set(from, { image: imageName(image, stage) })
    else if (named >= 0) addStage(from, named, location, mount)
    else if (mount === undefined && /^\d+$/.test(from)) {
      if (Number(from) >= stages.length) throw new BuildError(`invalid stage index ${from}`)
      addStage(from, Number(from), location, mount)
    } else if (from !== 'scratch') reads.set(from, { image: imageName(from, stage) })
  }
  for (const step of steps) {
    const location = step.location
    if (step.kind === 'copy' && !step.add) {
      if (step.from.includes('$'))
        throw new BuildError(
          'variable expansion is not supported for --from, define a new stage with FROM using ARG from global scope as a workaround',
        )
      add(step.from, location)
    }
    if (step.kind === 'run') for (const mount of step.mounts) add(mount.from, location, mount.target)
  }
  return { reads, problem }
}

/** Adds what the triggers of a stage's image read; stages among it are needed from then on. Throws BuildError. */
export function readForTriggers(plan: StagePlan, index: number, texts: readonly string[], options: StageOptions): void {
  const planned = plan.stages[index]
  if (!planned || texts.length === 0) return
  const steps = parseTriggers(texts, planned.stage.location, options.language)
  const stages = plan.stages.map(({ stage }) => stage)
  const { reads, problem } = readsOf(stages, { stage: planned.stage, index, steps }, options)
  if (problem) throw problem
  planned.reads = new Map([...reads, ...planned.reads])
  plan.needed = neededFor(plan.stages, plan.target)
}

/** Takes all stages for needed. Throws BuildError for one that cannot be built. */
export function needAll(plan: StagePlan): void {
  for (const { problem } of plan.stages) if (problem) throw problem
  plan.needed = [...plan.stages.keys()]
}

function neededFor(stages: readonly PlannedStage[], target: number): number[] {
  const needed = new Set<number>()
  const visit = (index: number): void => {
    const planned = stages[index]
    if (!planned || needed.has(index)) return
    if (planned.problem) throw planned.problem
    needed.add(index)
    if (typeof planned.base === 'object' && 'stage' in planned.base) visit(planned.base.stage)
    for (const read of planned.reads.values()) if ('stage' in read) visit(read.stage)
  }
  visit(target)
  return [...needed].sort((a, b) => a - b)
}
