/** `docker buildx ls`: the engine's own builder is the only one. */
import type { CliContext, Command } from '../../command.ts'
import { StatusError } from '../../errors.ts'
import { type ListSpec, printList } from '../../format/formatter.ts'
import { clientVersion, VERSION } from '../../version.ts'

/** Platforms that RUN works for: those of the catalogue's images. */
export const platforms = (ctx: CliContext): string[] => [`linux/${clientVersion(ctx).Arch}`]

/** A builder, or the node of one. */
interface Row {
  name: string
  endpoint: string
  node: boolean
}

const rows: readonly Row[] = [
  { name: 'default', endpoint: 'docker', node: false },
  { name: 'default', endpoint: 'default', node: true },
]

/** @param plain  without the marks of the table */
const listSpec = (ctx: CliContext, plain: boolean): ListSpec<Row> => ({
  type: '*commands.lsContext',
  table: 'table {{.Name}}\t{{.DriverEndpoint}}\t{{.Status}}\t{{.Buildkit}}\t{{.Platforms}}',
  quiet: '{{.Name}}',
  headers: {
    Name: 'NAME/NODE',
    DriverEndpoint: 'DRIVER/ENDPOINT',
    Status: 'STATUS',
    Buildkit: 'BUILDKIT',
    Platforms: 'PLATFORMS',
    LastActivity: 'LAST ACTIVITY',
    Error: 'ERROR',
  },
  columns: {
    Name: ({ name, node }) => (plain ? name : node ? ` \\_ ${name}` : `${name}*`),
    DriverEndpoint: ({ endpoint, node }) => (plain || !node ? endpoint : ` \\_ ${endpoint}`),
    Status: ({ node }) => (node ? 'running' : ''),
    Buildkit: ({ node }) => (node ? `v${VERSION.buildkit}` : ''),
    Platforms: ({ node }) => (node ? platforms(ctx).join(', ') : ''),
    LastActivity: () => '',
    Error: () => '',
  },
})

export const command: Command = {
  async run(ctx, _args, flags) {
    const format = flags.string('format')
    if (format === 'json') {
      const node = { Endpoint: 'default', Name: 'default', Platforms: platforms(ctx), Status: 'running' }
      const nodes = [{ ...node, Version: `v${VERSION.buildkit}` }]
      ctx.out.write(
        `${JSON.stringify({ Current: true, Driver: 'docker', Dynamic: false, Name: 'default', Nodes: nodes })}\n`,
      )
      return
    }
    const plain = format !== '' && !format.startsWith('table')
    try {
      await printList(ctx.out, listSpec(ctx, plain), rows, { format })
    } catch (error) {
      if (error instanceof StatusError) throw new StatusError(1, `ERROR: ${error.message}`)
      throw error
    }
  },
}
