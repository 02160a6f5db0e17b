/** `docker context ls`. */
import type { Command } from '../../command.ts'
import { type ListSpec, printList } from '../../format/formatter.ts'
import { DEFAULT, DESCRIPTION, endpoint } from './contexts.ts'

interface Row {
  name: string
  endpoint: string
}

const list: ListSpec<Row> = {
  type: '*formatter.clientContextContext',
  table: 'table {{.Name}}{{if .Current}} *{{end}}\t{{.Description}}\t{{.DockerEndpoint}}\t{{.Error}}',
  quiet: '{{.Name}}',
  headers: {
    Name: 'NAME',
    Description: 'DESCRIPTION',
    DockerEndpoint: 'DOCKER ENDPOINT',
    Current: '',
    Error: 'ERROR',
  },
  columns: {
    Name: row => row.name,
    Current: () => true,
    Description: () => DESCRIPTION,
    DockerEndpoint: row => row.endpoint,
    Error: () => '',
  },
}

export const command: Command = {
  async run(ctx, _args, flags) {
    const rows = [{ name: DEFAULT, endpoint: endpoint(ctx) }]
    await printList(ctx.out, list, rows, { format: flags.string('format'), quiet: flags.bool('quiet') })
    return undefined
  },
}
