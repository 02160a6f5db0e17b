/** `docker compose create`. */
import { Execution } from '../../../compose/execute.ts'
import type { Command } from '../../command.ts'
import { StatusError } from '../../errors.ts'
import { imageOptions, prepare, recreation, scaleProject, withPolicies } from './create-options.ts'
import { showPlan } from './dry-run.ts'
import { projectOf } from './project.ts'
import { working } from './session.ts'

export const command: Command = {
  async run(ctx, services, flags) {
    if (flags.bool('build') && flags.bool('no-build'))
      throw new StatusError(1, '--build and --no-build are incompatible')
    if (flags.bool('force-recreate') && flags.bool('no-recreate'))
      throw new StatusError(1, '--force-recreate and --no-recreate are incompatible')
    const project = scaleProject(withPolicies(await projectOf(ctx, services), flags), flags.list('scale'))
    const dryRun = ctx.dryRun === true
    const noBuild = flags.bool('no-build') || dryRun
    const images = await imageOptions(ctx, project, { quietPull: flags.bool('quiet-pull'), noBuild, quietBuild: false })
    await working(ctx, { project, title: 'Creating' }, async session => {
      const { plan, seen } = await prepare(ctx, session, project, images, {
        services,
        ...recreation(flags, { dependencies: false, anonymous: false }),
        removeOrphans: flags.bool('remove-orphans'),
        ignoreOrphans: false,
        assumeYes: flags.bool('yes'),
        start: false,
      })
      if (dryRun) return showPlan(ctx, session, project, plan)
      const existing = { existing: seen.containers, images: seen.images, envFiles: ctx.parent.list('env-file') }
      await new Execution(session, project, { inherit: true, ...existing }).all(plan.operations)
    })
  },
}
