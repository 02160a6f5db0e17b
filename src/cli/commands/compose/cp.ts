/** `docker compose cp`. */
import { containerOf, containersOf, nameOf } from '../../../compose/observed.ts'
import type { Command } from '../../command.ts'
import { StatusError } from '../../errors.ts'
import { command as copy } from '../container/cp.ts'
import { fixedFlags } from './borrowed.ts'
import { projectName } from './service-container.ts'
import { working } from './session.ts'

export const command: Command = {
  async run(ctx, [from = '', to = ''], flags) {
    if (from === '') throw new StatusError(1, 'source can not be empty')
    if (to === '') throw new StatusError(1, 'destination can not be empty')
    const project = await projectName(ctx)
    const [source, target] = [split(from), split(to)]
    if (source.service !== '' && target.service !== '')
      throw new StatusError(1, 'copying between services is not supported')
    const out = source.service !== ''
    const service = out ? source.service : target.service
    if (service === '') throw new StatusError(1, 'unknown copy direction')
    const options = fixedFlags({ archive: flags.bool('archive'), 'follow-link': flags.bool('follow-link') })
    await working(ctx, { title: 'Copying' }, async session => {
      const index = flags.number('index')
      const found =
        index > 0
          ? [await containerOf(session, project, service, { index, all: true, oneOff: 'without' })]
          : await containersOf(session, project, {
              all: true,
              oneOff: flags.bool('all') ? 'with' : 'without',
              services: [service],
            })
      if (found.length === 0) throw new StatusError(1, `no container found for service ${JSON.stringify(service)}`)
      for (const container of out ? found.slice(0, 1) : found) {
        const id = nameOf(container)
        const text = out ? `copy ${id}:${source.path} to ${to}` : `copy ${from} to ${id}:${target.path}`
        session.report({ id, text, state: 'working', status: 'Copying' })
        const words = out ? [`${container.Id}:${source.path}`, to] : [from, `${container.Id}:${target.path}`]
        if (!ctx.dryRun) await copy.run(ctx, words, options)
        session.report({ id, text, state: 'done', status: 'Copied' })
      }
    })
  },
}

/** `SERVICE:PATH`, or a path of this machine. */
function split(argument: string): { service: string; path: string } {
  const colon = argument.indexOf(':')
  if (argument.startsWith('/') || argument.startsWith('.') || colon < 0) return { service: '', path: argument }
  return { service: argument.slice(0, colon), path: argument.slice(colon + 1) }
}
