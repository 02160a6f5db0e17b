/** `docker compose top`. */
import { LABEL } from '../../../compose/labels.ts'
import { containersOf, isOf, nameOf } from '../../../compose/observed.ts'
import type { Command } from '../../command.ts'
import { projectName } from './service-container.ts'

export const command: Command = {
  async run(ctx, services) {
    const name = await projectName(ctx)
    const engine = await ctx.engine()
    const found = await containersOf({ engine }, name, { all: false, oneOff: 'with' })
    const containers = (services.length > 0 ? found.filter(isOf(services)) : found).sort((a, b) =>
      nameOf(a) < nameOf(b) ? -1 : 1,
    )
    const titles = ['SERVICE', '#']
    const rows: Map<string, string>[] = []
    for (const container of containers) {
      const { Titles, Processes } = await engine.containers.top(container.Id)
      for (const title of Titles) if (!titles.includes(title)) titles.push(title)
      for (const process of Processes) {
        const row = new Map(Titles.map((title, i) => [title, process[i] ?? '']))
        row.set('SERVICE', container.Labels[LABEL.service] ?? nameOf(container))
        row.set('#', container.Labels[LABEL.number] ?? '')
        rows.push(row)
      }
    }
    if (rows.length === 0) return
    // What is run comes last.
    const columns = [...titles.filter(title => title !== 'CMD'), ...titles.filter(title => title === 'CMD')]
    ctx.out.write(narrow([columns, ...rows.map(row => columns.map(title => row.get(title) ?? '-'))]))
  },
}

/** A table with columns of at least 4, 2 blanks apart. */
function narrow(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(4, ...rows.map(row => [...(row[i] ?? '')].length + 2)))
  return rows
    .map(row => `${row.map((cell, i) => (i === row.length - 1 ? cell : cell.padEnd(widths[i] ?? 0))).join('')}\n`)
    .join('')
}
