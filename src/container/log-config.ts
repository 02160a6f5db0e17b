/** Log drivers and their options (moby daemon/logger: the ValidateLogOpt of each driver). */
import type { HostConfig } from '../api/container.ts'
import { invalid, messageOf, notFound } from '../errors.ts'
import { parseBytes } from '../util/ram-bytes.ts'

type LogConfig = HostConfig['LogConfig']

const attributes = ['labels', 'labels-regex', 'env', 'env-regex', 'tag']
const rotation = ['max-file', 'max-size', 'compress']
const tls = ['ca-cert', 'cert', 'key', 'skip-verify'].map(name => `syslog-tls-${name}`)
/** Options by driver, and how its error names it. */
const drivers = new Map<string, { options: readonly string[]; named: string }>([
  ['json-file', { options: [...rotation, ...attributes], named: 'json-file log driver' }],
  ['local', { options: rotation, named: 'log driver local' }],
  ['journald', { options: attributes, named: 'journald log driver' }],
  [
    'syslog',
    {
      options: ['syslog-address', 'syslog-facility', 'syslog-format', ...tls, ...attributes],
      named: 'syslog log driver',
    },
  ],
])
/** Drivers that a Docker Engine has and minidock has not: they send logs to services elsewhere. */
const remote = ['fluentd', 'gelf', 'awslogs', 'splunk']

/** Throws Docker's error for a driver or an option that does not exist. */
export function checkLogConfig(config: LogConfig | undefined): void {
  const name = config?.Type || 'json-file'
  if (name === 'none') return
  if (remote.includes(name)) throw invalid(`minidock does not model the log driver ${name}`)
  const driver = drivers.get(name)
  if (!driver) throw notFound(`error looking up logging plugin ${name}: plugin "${name}" not found`)
  const { mode, 'max-buffer-size': buffer, ...own } = config?.Config ?? {}
  if (mode !== undefined && !['', 'blocking', 'non-blocking'].includes(mode))
    throw invalid(`logger: logging mode not supported: ${mode}`)
  if (buffer !== undefined && mode !== 'non-blocking')
    throw invalid("logger: max-buffer-size option is only supported with 'mode=non-blocking'")
  for (const option of Object.keys(own).sort())
    if (!driver.options.includes(option) && !option.startsWith('cache-'))
      throw invalid(`unknown log opt '${option}' for ${driver.named}`)
}

/** Why the driver cannot write a container's log on this machine; undefined when it can. Its options have values now. */
export function logDriverFault({ Type: type, Config: config }: LogConfig): string | undefined {
  if (type === 'journald') return 'journald is not enabled on this host'
  if (type === 'syslog') return 'Unix syslog delivery error'
  const { 'max-size': size, 'max-file': files, compress } = config ?? {}
  const bytes = size === undefined ? undefined : byteSize(size)
  if (typeof bytes === 'string') return bytes
  if (bytes === 0) return 'max-size must be a positive number'
  if (files !== undefined && !/^[+-]?\d+$/.test(files)) return `strconv.Atoi: parsing "${files}": invalid syntax`
  if (files !== undefined && Number(files) < 1) return 'max-file cannot be less than 1'
  if (compress !== undefined && !/^(1|t|true|0|f|false)$/i.test(compress))
    return `strconv.ParseBool: parsing "${compress}": invalid syntax`
  if (compress !== undefined && /^(1|t|true)$/i.test(compress) && (bytes === undefined || Number(files ?? 1) < 2))
    return 'compress cannot be true when max-file is less than 2 or max-size is not set'
  return undefined
}

/** The bytes, or what is wrong with the text. */
function byteSize(text: string): number | string {
  try {
    return parseBytes(text)
  } catch (error) {
    return messageOf(error)
  }
}
