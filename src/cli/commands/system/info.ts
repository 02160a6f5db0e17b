/** `docker info`: the engine as a whole. */
import type { SystemInfo } from '../../../api/system.ts'
import { messageOf } from '../../../errors.ts'
import type { CliContext, Command } from '../../command.ts'
import { StatusError } from '../../errors.ts'
import { goValue } from '../../format/shape.ts'
import { bytesSize } from '../../format/units.ts'
import { ExecError } from '../../template/exec.ts'
import { parseTemplate, type Template } from '../../template/template.ts'
import { fieldsOf, nilSlice, Struct } from '../../template/value.ts'
import { clientVersion, VERSION } from '../../version.ts'

export const command: Command = {
  async run(ctx, _args, flags) {
    const format = flags.string('format') === 'json' ? '{{json .}}' : flags.string('format')
    const template = format === '' ? undefined : parsed(format)
    const info = await (await ctx.engine()).system.info()
    if (!template) {
      ctx.out.write(plain(ctx, info))
      return undefined
    }
    const client = { Debug: ctx.globals.debug, ...clientVersion(ctx), Plugins: [], Warnings: null }
    const whole = { ...fieldsOf(goValue(info)), Warnings: null, ClientInfo: client }
    // Left out of JSON while there are none.
    Object.defineProperty(whole, 'ServerErrors', { value: nilSlice })
    try {
      ctx.out.write(`${template.execute(new Struct('system.dockerInfo', whole))}\n`)
    } catch (error) {
      if (error instanceof ExecError) ctx.out.write(`${error.partial}\n`)
      throw new StatusError(1, messageOf(error))
    }
    return undefined
  },
}

function parsed(format: string): Template {
  try {
    return parseTemplate(format)
  } catch (error) {
    throw new StatusError(64, `template parsing error: ${messageOf(error)}`)
  }
}

function plain(ctx: CliContext, info: SystemInfo): string {
  const lines = [
    `Client: ${VERSION.platform}`,
    ` Version:    ${VERSION.engine}`,
    ` Context:    ${ctx.globals.context || 'default'}`,
    ` Debug Mode: ${ctx.globals.debug}`,
    '',
    'Server:',
    ` Containers: ${info.Containers}`,
    `  Running: ${info.ContainersRunning}`,
    `  Paused: ${info.ContainersPaused}`,
    `  Stopped: ${info.ContainersStopped}`,
    ` Images: ${info.Images}`,
    ` Server Version: ${info.ServerVersion}`,
    ` Storage Driver: ${info.Driver}`,
    ...info.DriverStatus.map(([name, value]) => `  ${name}: ${value}`),
    ` Logging Driver: ${info.LoggingDriver}`,
    ` Cgroup Driver: ${info.CgroupDriver}`,
    ` Cgroup Version: ${info.CgroupVersion}`,
    ` Kernel Version: ${info.KernelVersion}`,
    ` Operating System: ${info.OperatingSystem}`,
    ` OSType: ${info.OSType}`,
    ` Architecture: ${info.Architecture}`,
    ` CPUs: ${info.NCPU}`,
    ` Total Memory: ${bytesSize(info.MemTotal)}`,
    ` Name: ${info.Name}`,
    ` ID: ${info.ID}`,
    ` Docker Root Dir: ${info.DockerRootDir}`,
    ...(info.Labels.length > 0 ? [' Labels:', ...info.Labels.map(label => `  ${label}`)] : []),
  ]
  return `${lines.join('\n')}\n\n`
}
