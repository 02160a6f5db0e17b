/** An image's inspect document as Docker's client reads it: what is empty in the configuration is not there. */
import type { HealthConfig } from '../../api/container.ts'
import type { ImageInspect } from '../../api/image.ts'
import { timeValue } from './shape.ts'

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
export function imageView(
  image: ImageInspect,
): Omit<ImageInspect, 'Config' | 'Metadata'> & { Config: object; Metadata: object } {
  const { Healthcheck: check } = image.Config
  const config = { ...image.Config, ...(check && { Healthcheck: typedHealth(check) }) }
  const fields = configFields.map(name => [name, config[name]] as const)
  return {
    ...image,
    Config: Object.fromEntries(fields.filter(([, value]) => !isEmpty(value))),
    Metadata: { LastTagTime: timeValue(image.Metadata.LastTagTime) },
  }
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
