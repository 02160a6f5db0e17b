/** `docker compose volumes`. */
import { LABEL } from '../../../compose/labels.ts'
import type { Command } from '../../command.ts'
import { StatusError } from '../../errors.ts'
import { printList } from '../../format/formatter.ts'
import { volumeList } from '../../format/volume.ts'
import { projectOrName } from './project.ts'

export const command: Command = {
  async run(ctx, services, flags) {
    const { name, project } = await projectOrName(ctx, services)
    const unknown = project && services.find(service => !project.services.has(service))
    if (unknown !== undefined) throw new StatusError(1, `no such service: ${unknown}`)
    const engine = await ctx.engine()
    const label = [`${LABEL.project}=${name}`]
    const volumes = await engine.volumes.list({ label })
    let shown = volumes
    if (services.length > 0) {
      const containers = await engine.containers.list({ filters: { label } })
      const used = new Set(
        containers
          .filter(one => services.includes(one.Labels[LABEL.service] ?? ''))
          .flatMap(one => one.Mounts.map(mount => mount.Name)),
      )
      shown = volumes.filter(volume => used.has(volume.Name))
    }
    if (flags.bool('quiet')) ctx.out.write(shown.map(volume => `${volume.Name}\n`).join(''))
    else await printList(ctx.out, volumeList, shown, { format: flags.string('format') })
  },
}
