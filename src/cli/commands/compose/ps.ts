/** `docker compose ps`. */
import { containersOf, isOf, nameOf } from '../../../compose/observed.ts'
import type { Command } from '../../command.ts'
import { StatusError } from '../../errors.ts'
import type { Flags } from '../../flags.ts'
import { composeContainerList, type Row, rowOf } from '../../format/compose/container.ts'
import { printList } from '../../format/formatter.ts'
import { projectOrName } from './project.ts'

export const command: Command = {
  async run(ctx, services, flags) {
    const statuses = wantedStatuses(flags)
    const { name, project } = await projectOrName(ctx, services)
    let wanted: readonly string[] = services
    if (project) {
      const unknown = services.find(service => !project.services.has(service))
      if (unknown !== undefined) throw new StatusError(1, `no such service: ${unknown}`)
      if (services.length === 0 && !flags.bool('orphans')) wanted = [...project.services.keys()]
    }
    const engine = await ctx.engine()
    const all = flags.bool('all')
    const found = await containersOf({ engine }, name, {
      all: all || statuses.length > 0,
      oneOff: all ? 'with' : 'without',
      services: wanted,
    })
    const containers = found
      .filter(one => wanted.length === 0 || isOf(wanted)(one))
      .filter(one => statuses.length === 0 || statuses.includes(one.State))
      .sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1))
    if (flags.bool('quiet')) {
      ctx.out.write(containers.map(one => `${one.Id}\n`).join(''))
      return
    }
    const rows: Row[] = []
    for (const one of containers) rows.push(await rowOf(engine, one))
    if (flags.bool('services')) {
      ctx.out.write(`${[...new Set(rows.map(row => row.service))].join('\n')}\n`)
      return
    }
    const now = (await ctx.clock()).now()
    const list = composeContainerList({ noTrunc: flags.bool('no-trunc'), now })
    await printList(ctx.out, list, rows, { format: flags.string('format') })
  },
}

/** @throws StatusError for a filter that there is not */
function wantedStatuses(flags: Flags): readonly string[] {
  const filter = flags.string('filter')
  if (filter === '') return flags.list('status')
  const equals = filter.indexOf('=')
  if (equals < 0) throw new StatusError(1, 'arguments to --filter should be in form KEY=VAL')
  const key = filter.slice(0, equals)
  if (key === 'source') throw new StatusError(1, 'not implemented')
  if (key !== 'status') throw new StatusError(1, `unknown filter ${key}`)
  return [...flags.list('status'), filter.slice(equals + 1)]
}
