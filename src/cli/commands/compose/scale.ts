/** `docker compose scale`. */
import { Execution } from '../../../compose/execute.ts'
import { serviceOf, withSelected } from '../../../compose/file/project.ts'
import type { Command } from '../../command.ts'
import { StatusError } from '../../errors.ts'
import { imageOptions, prepare } from './create-options.ts'
import { showPlan } from './dry-run.ts'
import { projectOf } from './project.ts'
import { working } from './session.ts'

export const command: Command = {
  async run(ctx, specs, flags) {
    const counts = new Map(specs.map(readSpec))
    const names = [...counts.keys()]
    const loaded = await projectOf(ctx, names)
    const project = flags.bool('no-deps') ? withSelected(loaded, names, 'none') : loaded
    for (const [name, scale] of counts) {
      const service = serviceOf(project, name)
      const deploy = service.deploy && { deploy: { ...service.deploy, replicas: scale } }
      project.services.set(name, { ...service, scale, ...deploy })
    }
    const images = await imageOptions(ctx, project, { quietPull: false, noBuild: true, quietBuild: true })
    await working(ctx, { project, title: 'Scaling' }, async session => {
      const { plan, seen } = await prepare(ctx, session, project, images, {
        services: names,
        recreate: 'diverged',
        recreateDependencies: 'diverged',
        removeOrphans: false,
        ignoreOrphans: false,
        assumeYes: false,
        start: true,
      })
      if (ctx.dryRun) return showPlan(ctx, session, project, plan)
      const existing = { existing: seen.containers, images: seen.images, envFiles: ctx.parent.list('env-file') }
      await new Execution(session, project, { inherit: true, ...existing }).all(plan.operations)
    })
  },
}

function readSpec(spec: string): [string, number] {
  const equals = spec.indexOf('=')
  if (equals < 0) throw new StatusError(1, `invalid scale specifier: ${spec}`)
  const count = spec.slice(equals + 1)
  if (!/^[+-]?\d+$/.test(count))
    throw new StatusError(1, `invalid scale specifier: can't parse replica value as int: ${spec}`)
  return [spec.slice(0, equals), Number(count)]
}
