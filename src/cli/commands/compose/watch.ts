/** `docker compose watch`. */
import { Execution } from '../../../compose/execute.ts'
import type { Project } from '../../../compose/file/project.ts'
import type { CliContext, Command } from '../../command.ts'
import { StatusError } from '../../errors.ts'
import { imageOptions, prepare } from './create-options.ts'
import { projectOf } from './project.ts'
import { working } from './session.ts'
import { rulesOf, watchFiles } from './watching.ts'

export const command: Command = {
  async run(ctx, services, flags) {
    const project = await projectOf(ctx, services)
    const quiet = flags.bool('quiet')
    if (!flags.bool('no-up')) await bringUp(ctx, built(project), services, quiet)
    const rules = rulesOf(project)
    const ended = new AbortController()
    const off = ctx.onSignal(['SIGINT', 'SIGTERM'], () => ended.abort())
    try {
      await working(ctx, { project, silent: true }, session =>
        watchFiles(ctx, session, project, rules, {
          log: line => ctx.out.write(`${line}\n`),
          quiet,
          prune: flags.bool('prune'),
          signal: ended.signal,
        }),
      )
    } finally {
      off()
    }
    throw new StatusError(130, '\n')
  },
}

/** The project with what is watched and has a build section built anew at the start. */
function built(project: Project): Project {
  const services = new Map(
    [...project.services].map(([name, service]) => [
      name,
      service.build && service.develop ? { ...service, pull_policy: 'build' } : service,
    ]),
  )
  return { ...project, services }
}

async function bringUp(ctx: CliContext, project: Project, services: readonly string[], quiet: boolean): Promise<void> {
  const images = await imageOptions(ctx, project, { quietPull: quiet, noBuild: false, quietBuild: quiet })
  await working(ctx, { project }, async session => {
    const { plan, seen } = await prepare(ctx, session, project, images, {
      services,
      recreate: 'diverged',
      recreateDependencies: 'never',
      removeOrphans: false,
      ignoreOrphans: false,
      assumeYes: false,
      start: true,
    })
    const execution = new Execution(session, project, {
      inherit: true,
      existing: seen.containers,
      images: seen.images,
      envFiles: ctx.parent.list('env-file'),
    })
    await execution.all(plan.operations)
  })
}
