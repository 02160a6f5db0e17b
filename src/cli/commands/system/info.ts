/** `docker info`: the engine as a whole. */
import type { SystemInfo } from '../../../api/system.ts'
import { messageOf } from '../../../errors.ts'
import type { CliContext, Command } from '../../command.ts'
import { StatusError } from '../../errors.ts'
import { goValue } from '../../format/shape.ts'
import { bytesSize } from '../../format/units.ts'
import { ExecError } from '../../template/exec.ts'
import { toJson } from '../../template/json.ts'
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
    try {
      ctx.out.write(`${template.execute(dockerInfo(info, client))}\n`)
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

/** The client's type, in which the server's is embedded. */
function dockerInfo(info: SystemInfo, client: object): Struct {
  const runtimes = Object.entries(info.Runtimes).map(([name, runtime]): [string, Struct] => [
    name,
    new Struct('system.RuntimeWithStatus', { Path: runtime.path }, () => toJson(runtime)),
  ])
  const server: Record<string, unknown> = { ...fieldsOf(goValue(info)), Runtimes: new Map(runtimes) }
  // Left out of JSON while there are none.
  for (const [name, value] of Object.entries({
    KernelMemory: false,
    KernelMemoryTCP: false,
    ProductLicense: '',
    DefaultAddressPools: nilSlice,
  }))
    Object.defineProperty(server, name, { value })
  const promoted = Object.getOwnPropertyNames(server).map(name => [name, () => server[name]])
  const fields = {
    Info: new Struct('*system.Info', server, () => toJson(info)),
    ...Object.fromEntries(promoted),
    ServerErrors: nilSlice,
    UserName: '',
    ClientInfo: client,
    ClientErrors: nilSlice,
  }
  return new Struct('system.dockerInfo', fields, () => toJson({ ...info, ClientInfo: client }))
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
    ' Plugins:',
    `  Volume: ${info.Plugins.Volume.join(' ')}`,
    `  Network: ${info.Plugins.Network.join(' ')}`,
    `  Log: ${info.Plugins.Log.join(' ')}`,
    ' CDI spec directories:',
    ...info.CDISpecDirs.map(dir => `  ${dir}`),
    ` Swarm: ${info.Swarm.LocalNodeState}`,
    ` Runtimes: ${Object.keys(info.Runtimes).join(' ')}`,
    ` Default Runtime: ${info.DefaultRuntime}`,
    ` Init Binary: ${info.InitBinary}`,
    ` containerd version: ${info.ContainerdCommit.ID}`,
    ` runc version: ${info.RuncCommit.ID}`,
    ` init version: ${info.InitCommit.ID}`,
    ' Security Options:',
    ...info.SecurityOptions.flatMap(securityOption),
    ` Kernel Version: ${info.KernelVersion}`,
    ` Operating System: ${info.OperatingSystem}`,
    ` OSType: ${info.OSType}`,
    ` Architecture: ${info.Architecture}`,
    ` CPUs: ${info.NCPU}`,
    ` Total Memory: ${bytesSize(info.MemTotal)}`,
    ` Name: ${info.Name}`,
    ` ID: ${info.ID}`,
    ` Docker Root Dir: ${info.DockerRootDir}`,
    ` Debug Mode: ${info.Debug}`,
    ...(info.Labels.length > 0 ? [' Labels:', ...info.Labels.map(label => `  ${label}`)] : []),
    ` Experimental: ${info.ExperimentalBuild}`,
    ' Insecure Registries:',
    ...info.RegistryConfig.InsecureRegistryCIDRs.map(range => `  ${range}`),
    ` Live Restore Enabled: ${info.LiveRestoreEnabled}`,
  ]
  return `${lines.join('\n')}\n\n`
}

/** `name=seccomp,profile=builtin`: the name, and a line for each thing more. */
function securityOption(option: string): string[] {
  return option.split(',').map(pair => {
    const [key = '', value = ''] = pair.split('=')
    return key === 'name' ? `  ${value}` : `   ${key.charAt(0).toUpperCase()}${key.slice(1)}: ${value}`
  })
}
