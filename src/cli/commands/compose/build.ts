/** `docker compose build`. */
import { type BuildPlan, bakeFile, buildPlan } from '../../../compose/build-targets.ts'
import { serviceOf } from '../../../compose/file/project.ts'
import type { Command } from '../../command.ts'
import { StatusError } from '../../errors.ts'
import { buildTargets, checkTargets, showDryBuild } from './build-services.ts'
import { progressMode } from './mode.ts'
import { projectOf, separatorOf } from './project.ts'
import { working } from './session.ts'

export const command: Command = {
  async run(ctx, services, flags) {
    if (flags.changed('progress')) {
      ctx.err.write('--progress is a global compose flag, better use `docker compose --progress xx build ...\n')
      const mode = flags.string('progress')
      if (!['auto', 'tty', 'plain', 'json', 'quiet', 'none'].includes(mode))
        throw new StatusError(1, `unsupported --progress value ${JSON.stringify(mode)}`)
    }
    const builder = flags.string('builder')
    if (builder !== '' && builder !== 'default')
      throw new StatusError(1, `no builder ${JSON.stringify(builder)} found\n\n`)
    const project = await projectOf(ctx, services)
    for (const name of services) serviceOf(project, name)
    const plan: BuildPlan = buildPlan(project, services, {
      args: flags.list('build-arg'),
      env: project.environment,
      separator: separatorOf(ctx, project),
      ssh: flags.string('ssh') === '' ? [] : [flags.string('ssh')],
      noCache: flags.bool('no-cache'),
      pull: flags.bool('pull'),
      push: flags.bool('push'),
      check: flags.bool('check'),
      withDependencies: flags.bool('with-dependencies'),
    })
    if (plan.order.length === 0) return
    if (flags.bool('print')) {
      ctx.out.write(`${bakeFile(plan)}\n`)
      return
    }
    const dryRun = ctx.dryRun === true
    const quiet =
      flags.bool('quiet') ||
      ['quiet', 'json'].includes(progressMode(ctx)) ||
      ['quiet', 'none'].includes(flags.string('progress'))
    await working(ctx, { project, title: 'Building', silent: flags.bool('quiet') }, async session => {
      if (dryRun) showDryBuild(session, plan)
      else if (flags.bool('check')) await checkTargets(ctx, session, plan, quiet)
      else await buildTargets(ctx, session, plan, quiet)
    })
  },
}
