/** `docker version`: the client's and the engine's version. */
import type { SystemVersion } from '../../../api/system.ts'
import { messageOf } from '../../../errors.ts'
import type { CliContext, Command } from '../../command.ts'
import { StatusError } from '../../errors.ts'
import { ExecError } from '../../template/exec.ts'
import { toJson } from '../../template/json.ts'
import { parseTemplate, type Template } from '../../template/template.ts'
import { Struct } from '../../template/value.ts'
import { clientVersion, VERSION } from '../../version.ts'

export const command: Command = {
  async run(ctx, _args, flags) {
    const format = flags.string('format') === 'json' ? '{{json .}}' : flags.string('format')
    const template = format === '' ? undefined : parsed(format)
    const server = await (await ctx.engine()).system.version()
    if (!template) {
      ctx.out.write(plain(ctx, server))
      return undefined
    }
    try {
      ctx.out.write(`${template.execute(versionInfo(ctx, server))}\n`)
    } catch (error) {
      if (error instanceof ExecError) ctx.out.write(`${error.partial}\n`)
      throw new StatusError(1, messageOf(error))
    }
    return undefined
  },
}

function parsed(format: string): Template {
  try {
    return parseTemplate(format, 'version')
  } catch (error) {
    throw new StatusError(64, `template parsing error: ${messageOf(error)}`)
  }
}

function versionInfo(ctx: CliContext, server: SystemVersion): Struct {
  const { Version, KernelVersion, BuildTime, ...rest } = server
  const details = { ...rest, BuildTime, KernelVersion, Experimental: 'false' }
  const engine = { Name: 'Engine', Version, Details: new Map(Object.entries(details)) }
  return new Struct('system.versionInfo', {
    Client: goNames('system.clientVersion', clientVersion(ctx)),
    Server: goNames('*types.Version', { Platform: { Name: VERSION.platform }, Components: [engine], ...server }),
  })
}

/** A struct whose API version has another name in Go than in JSON. */
function goNames(type: string, fields: Record<string, unknown>): Struct {
  const renamed = Object.entries(fields).map(([key, value]) => [key === 'ApiVersion' ? 'APIVersion' : key, value])
  return new Struct(type, Object.fromEntries(renamed), () => toJson(fields))
}

/** A name, then its value from the 20th column on. */
const line = (indent: string, name: string, value: string): string => `${`${indent}${name}:`.padEnd(20)}${value}\n`

function plain(ctx: CliContext, server: SystemVersion): string {
  const client = clientVersion(ctx)
  return [
    `Client: ${VERSION.platform}\n`,
    line(' ', 'Version', client.Version),
    line(' ', 'API version', client.ApiVersion),
    line(' ', 'Go version', client.GoVersion),
    line(' ', 'Git commit', client.GitCommit),
    line(' ', 'Built', client.BuildTime),
    line(' ', 'OS/Arch', `${client.Os}/${client.Arch}`),
    line(' ', 'Context', client.Context),
    `\nServer: ${VERSION.platform}\n Engine:\n`,
    line('  ', 'Version', server.Version),
    line('  ', 'API version', `${server.ApiVersion} (minimum version ${server.MinAPIVersion})`),
    line('  ', 'Go version', server.GoVersion),
    line('  ', 'Git commit', server.GitCommit),
    line('  ', 'Built', server.BuildTime),
    line('  ', 'OS/Arch', `${server.Os}/${server.Arch}`),
    line('  ', 'Experimental', 'false'),
  ].join('')
}
