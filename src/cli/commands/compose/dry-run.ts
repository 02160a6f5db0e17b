/** `--dry-run`: the plan on standard output, each operation with its cause; what it would show on standard error. */
import { nameOf } from '../../../compose/observed.ts'
import type { Action, Plan } from '../../../compose/plan.ts'
import type { Session } from '../../../compose/session.ts'
import type { CliContext } from '../../command.ts'

export function showPlan(ctx: CliContext, session: Session, plan: Plan): void {
  ctx.out.write(plan.toString())
  const names = new Map<number, string>()
  for (const { id, resource, action } of plan.operations) {
    if (action.kind === 'CreateContainer' || action.kind === 'RecreateContainer') names.set(id, action.name)
    const [what, steps] = shown(resource, action, names)
    for (const status of steps) session.report({ id: what, state: status.endsWith('ing') ? 'working' : 'done', status })
  }
}

/** What an operation is about, and the steps that it tells of. */
function shown(resource: string, action: Action, names: ReadonlyMap<number, string>): [string, string[]] {
  const key = resource.slice(resource.indexOf(':') + 1)
  switch (action.kind) {
    case 'CreateNetwork':
    case 'RecreateNetwork':
      return [`Network ${key}`, ['Creating', 'Created']]
    case 'CreateVolume':
    case 'RecreateVolume':
      return [`Volume ${key}`, ['Creating', 'Created']]
    case 'StopContainer':
      return [`Container ${nameOf(action.container)}`, ['Stopping', 'Stopped']]
    case 'RemoveContainer':
      return [`Container ${nameOf(action.container)}`, ['Stopping', 'Stopped', 'Removing', 'Removed']]
    case 'KeepContainer':
      return [`Container ${nameOf(action.container)}`, ['Running']]
    case 'CreateContainer':
      return [`Container ${action.name}`, ['Creating', 'Created']]
    case 'RecreateContainer':
      return [`Container ${action.name}`, ['Recreate', 'Recreated']]
    case 'UnpauseContainer':
      return [`Container ${nameOf(action.container)}`, ['Restart', 'Restarted']]
    case 'StartContainer': {
      const { container } = action
      const name = typeof container === 'number' ? (names.get(container) ?? '') : nameOf(container)
      return [`Container ${name}`, ['Starting', 'Started']]
    }
    default:
      return [resource, []]
  }
}
