/** `docker image inspect`. */
import type { HealthConfig } from '../../../api/container.ts'
import type { ImageInspect } from '../../../api/image.ts'
import type { Command } from '../../command.ts'
import { inspect } from '../../format/inspect.ts'
import { imageZeroValues } from '../../format/zero-values.ts'

export const command: Command = {
  async run(ctx, args, flags) {
    const engine = await ctx.engine()
    const platform = flags.string('platform')
    const format = flags.string('format')
    const get = (name: string): Promise<ImageInspect> =>
      engine.images.inspect(name, platform === '' ? {} : { platform })
    const typed = format !== '' && format !== 'json'
    await inspect(
      ctx.out,
      args,
      format,
      typed ? async name => typedInspect(await get(name)) : get,
      () => imageZeroValues,
    )
    return undefined
  },
}

/** The order of the config's fields as Docker's client types them, empty ones left out: what `{{json .Config}}` shows. */
const configFields = [
  'User',
  'ExposedPorts',
  'Env',
  'Entrypoint',
  'Cmd',
  'Volumes',
  'WorkingDir',
  'Labels',
  'StopSignal',
  'ArgsEscaped',
  'Healthcheck',
  'OnBuild',
  'Shell',
] as const

/** An inspect document for templates. */
export function typedInspect(image: ImageInspect): Omit<ImageInspect, 'Config'> & { Config: object } {
  const { Healthcheck: check } = image.Config
  const config = { ...image.Config, ...(check && { Healthcheck: typedHealth(check) }) }
  const fields = configFields.map(name => [name, config[name]] as const)
  return { ...image, Config: Object.fromEntries(fields.filter(([, value]) => !isEmpty(value))) }
}

/** Its fields in the order of the client's type. */
function typedHealth(check: HealthConfig): HealthConfig {
  const order = ['Test', 'Interval', 'Timeout', 'StartPeriod', 'StartInterval', 'Retries'] as const
  return Object.fromEntries(order.filter(name => check[name] !== undefined).map(name => [name, check[name]]))
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === '' || value === false) return true
  return typeof value === 'object' && Object.keys(value).length === 0
}
