/** `--dry-run`: the plan on standard output, each operation with its cause; what it would show on standard error. */

import type { Project } from '../../../compose/file/project.ts'
import { nameOf } from '../../../compose/observed.ts'
import type { Action, Plan } from '../../../compose/plan.ts'
import type { Session } from '../../../compose/session.ts'
import type { CliContext } from '../../command.ts'

export function showPlan(ctx: CliContext, session: Session, project: Project, plan: Plan): void {
  ctx.out.write(plan.toString())
  const names = new Map<number, string>()
  for (const { id, resource, action } of plan.operations) {
    if (action.kind === 'CreateContainer' || action.kind === 'RecreateContainer') names.set(id, action.name)
    for (const [id, steps] of shown(project, resource, action, names))
      for (const status of steps) session.report({ id, state: status.endsWith('ing') ? 'working' : 'done', status })
  }
}

/** What an operation is about, and the steps that it tells of. */
function shown(
  project: Project,
  resource: string,
  action: Action,
  names: Map<number, string>,
): [string, readonly string[]][] {
  const key = resource.slice(resource.indexOf(':') + 1)
  const one = (name: string, ...steps: string[]): [string, readonly string[]][] => [[`Container ${name}`, steps]]
  switch (action.kind) {
    case 'CreateNetwork':
    case 'RecreateNetwork':
      return [[`Network ${project.networks.get(key)?.name ?? key}`, ['Creating', 'Created']]]
    case 'CreateVolume':
    case 'RecreateVolume':
      return [[`Volume ${project.volumes.get(key)?.name ?? key}`, ['Creating', 'Created']]]
    case 'StopContainer':
      return one(nameOf(action.container), 'Stopping', 'Stopped')
    case 'RemoveContainer':
      return one(nameOf(action.container), 'Stopping', 'Stopped', 'Removing', 'Removed')
    case 'KeepContainer':
      return one(nameOf(action.container), 'Running')
    case 'CreateContainer':
      return one(action.name, 'Creating', 'Created')
    case 'RecreateContainer':
      return one(action.name, 'Recreate', 'Recreated')
    case 'UnpauseContainer':
      return one(nameOf(action.container), 'Restart', 'Restarted')
    case 'StartContainer': {
      const { container } = action
      const name = typeof container === 'number' ? (names.get(container) ?? '') : nameOf(container)
      return one(name, 'Starting', 'Started')
    }
    case 'WaitFor': {
      const prefix = `${project.name}-${action.on}-`
      const waited = [...names.values()].filter(name => name.startsWith(prefix))
      const end = action.condition === 'service_completed_successfully' ? 'Exited' : 'Healthy'
      return waited.flatMap(name => one(name, 'Waiting', end))
    }
    default:
      return []
  }
}
