/** What a Dockerfile can be asked for: its targets, and what one of them takes (buildkit frontend/subrequests). */
import type { Parsed, Stage } from './dockerfile/instructions.ts'
import type { Location } from './errors.ts'
import type { PlannedStage, StagePlan } from './stages.ts'

export interface Target {
  name: string
  default: boolean
  description: string
  base: string
  location: Location
}

export interface OutlineArg {
  name: string
  value: string | undefined
  description: string
  location: Location
}

/** A secret or an SSH key that a RUN mounts. */
export interface OutlineMount {
  name: string
  required: boolean
  location: Location
}

export interface Outline {
  name: string
  description: string
  args: OutlineArg[]
  secrets: OutlineMount[]
  ssh: OutlineMount[]
}

/** All stages; one without a name has '' for it. */
export function targetsOf({ stages }: Parsed): Target[] {
  return stages.map(({ name, base, comments, location }, index) => ({
    name,
    default: index === stages.length - 1,
    description: described(comments, name),
    base,
    location,
  }))
}

/**
 * What the target takes, with the stages below it.
 * @param valueOf  an ARG's value in a stage, by its index
 */
export function outlineOf(plan: StagePlan, valueOf: (stage: number, name: string) => string | undefined): Outline {
  const args = new Map<string, OutlineArg>()
  const secrets = new Map<string, OutlineMount>()
  const ssh = new Map<string, OutlineMount>()
  const visit = (planned: PlannedStage): void => {
    const below =
      typeof planned.base === 'object' && 'stage' in planned.base ? plan.stages[planned.base.stage] : undefined
    if (below) visit(below)
    stageArgs(planned.stage, planned.index, valueOf, args)
    stageMounts(planned.stage, secrets, ssh)
  }
  const target = plan.stages[plan.target]
  if (target) visit(target)
  const { name = '', comments = [] } = target?.stage ?? {}
  return {
    name,
    description: described(comments, name),
    args: [...args.values()],
    secrets: [...secrets.values()],
    ssh: [...ssh.values()],
  }
}

function stageArgs(
  stage: Stage,
  index: number,
  valueOf: (stage: number, name: string) => string | undefined,
  args: Map<string, OutlineArg>,
): void {
  for (const step of stage.steps) {
    if (step.kind !== 'arg') continue
    for (const { key } of step.args) {
      // One that is declared anew stands where it was declared last.
      args.delete(key)
      const description = described(step.comments, key)
      args.set(key, { name: key, value: valueOf(index, key), description, location: step.location })
    }
  }
}

function stageMounts(stage: Stage, secrets: Map<string, OutlineMount>, ssh: Map<string, OutlineMount>): void {
  for (const step of stage.steps) {
    if (step.kind !== 'run') continue
    for (const { type, id, target, required } of step.mounts) {
      if (type !== 'secret' && type !== 'ssh') continue
      const name = id || (type === 'ssh' ? 'default' : (target.split('/').at(-1) ?? ''))
      const into = type === 'ssh' ? ssh : secrets
      const known = into.get(name)
      into.set(name, {
        name,
        required: required || known?.required === true,
        location: known?.location ?? step.location,
      })
    }
  }
}

/** The comment before a thing that begins with its name. */
function described(comments: readonly string[], name: string): string {
  const line = comments.find(comment => name !== '' && comment.startsWith(`${name} `))
  return line?.slice(name.length + 1) ?? ''
}
