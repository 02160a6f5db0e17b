/** `docker compose ls`. */
import { LABEL } from '../../../compose/labels.ts'
import { compileRegexp } from '../../../util/regexp.ts'
import type { Command } from '../../command.ts'
import { StatusError } from '../../errors.ts'
import { align, SECTION_WIDTH } from '../../format/tabwriter.ts'
import { progressMode } from './mode.ts'

export const command: Command = {
  async run(ctx, _args, flags) {
    progressMode(ctx)
    const filters = flags.filters('filter')
    const unknown = Object.keys(filters).find(key => key !== 'name')
    if (unknown !== undefined) throw new StatusError(1, `invalid filter '${unknown}'`)
    const engine = await ctx.engine()
    const found = await engine.containers.list({
      all: flags.bool('all'),
      filters: { label: [LABEL.project, LABEL.configHash] },
    })
    const projects = new Map<string, { states: string[]; files: Set<string> }>()
    for (const { Labels, State } of found) {
      const name = Labels[LABEL.project] ?? ''
      const project = projects.get(name) ?? { states: [], files: new Set() }
      project.states.push(State)
      for (const file of (Labels[LABEL.configFiles] ?? 'N/A').split(',')) project.files.add(file)
      projects.set(name, project)
    }
    const patterns = (filters.name ?? []).map(compileRegexp)
    const rows = [...projects]
      .filter(([name]) => patterns.length === 0 || patterns.some(matches => matches?.(name) === true))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([Name, { states, files }]) => ({ Name, Status: statusText(states), ConfigFiles: [...files].join(',') }))
    const format = flags.string('format')
    if (flags.bool('quiet')) ctx.out.write(rows.map(row => `${row.Name}\n`).join(''))
    else if (format === 'json') ctx.out.write(`${JSON.stringify(rows)}\n`)
    else if (format === 'table' || format === 'pretty' || format === '') {
      const lines = [['NAME', 'STATUS', 'CONFIG FILES'], ...rows.map(row => [row.Name, row.Status, row.ConfigFiles])]
      ctx.out.write(align(lines.map(line => `${line.join('\t')}\n`).join(''), SECTION_WIDTH))
    } else throw new StatusError(1, `format value ${JSON.stringify(format)} could not be parsed: parsing failed`)
  },
}

/** `exited(1), running(2)`. */
function statusText(states: readonly string[]): string {
  const counts = new Map<string, number>()
  for (const state of states) counts.set(state, (counts.get(state) ?? 0) + 1)
  return [...counts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([state, count]) => `${state}(${count})`)
    .join(', ')
}
