/** Interpolation of a file: variables in every text, and the types that some keys want (compose-go loader/interpolate). */
import { messageOf } from '../../errors.ts'
import { quote } from '../../util/strconv.ts'
import { unsetWarning } from './env-files.ts'
import { InvalidTemplate, type Lookup, substitute, type Variable, variablesOf } from './template.ts'
import { ComposeError, isMapping, type Mapping, mapping, PathTable, type Value } from './tree.ts'

type Cast = (text: string, warn: (message: string) => void) => Value

function toInteger(text: string): number {
  if (!/^[+-]?\d+$/.test(text)) throw new Error(`strconv.Atoi: parsing ${quote(text)}: invalid syntax`)
  return Number(text)
}

function toLong(text: string): number {
  if (!/^[+-]?\d+$/.test(text)) throw new Error(`strconv.ParseInt: parsing ${quote(text)}: invalid syntax`)
  return Number(text)
}

function toFloat(text: string): number {
  const value = Number(text)
  if (text.trim() !== text || text === '' || Number.isNaN(value))
    throw new Error(`strconv.ParseFloat: parsing ${quote(text)}: invalid syntax`)
  return value
}

/** YAML 1.1's words for yes and no still count, with a warning. */
export function toBoolean(text: string, warn: (message: string) => void = () => {}): boolean {
  const word = text.toLowerCase()
  if (word === 'true') return true
  if (word === 'false') return false
  const yes = ['y', 'yes', 'on'].includes(word)
  if (!yes && !['n', 'no', 'off'].includes(word)) throw new Error(`invalid boolean: ${text}`)
  warn(`${quote(text)} for boolean is not supported by YAML 1.2, please use \`${yes}\``)
  return yes
}

const service = (names: string, cast: Cast): [string, Cast][] =>
  names.split(' ').map(name => [`services.*.${name}`, cast])

const CASTS = new PathTable<Cast>(
  Object.fromEntries([
    ...service('cpu_count cpu_period cpu_quota cpu_rt_period cpu_rt_runtime cpu_shares', toLong),
    ...service('oom_score_adj pids_limit', toLong),
    ...service('cpu_percent cpus deploy.update_config.max_failure_ratio', toFloat),
    ...service('deploy.rollback_config.max_failure_ratio', toFloat),
    ...service('init healthcheck.disable oom_kill_disable privileged read_only stdin_open tty', toBoolean),
    ...service('volumes.*.read_only volumes.*.volume.nocopy', toBoolean),
    ...service('deploy.replicas deploy.update_config.parallelism deploy.rollback_config.parallelism', toInteger),
    ...service('deploy.restart_policy.max_attempts deploy.placement.max_replicas_per_node', toInteger),
    ...service('healthcheck.retries ports.*.target scale ulimits.* ulimits.*.hard ulimits.*.soft', toInteger),
    ...'external internal attachable enable_ipv4 enable_ipv6'
      .split(' ')
      .map((name): [string, Cast] => [`networks.*.${name}`, toBoolean]),
    ...['volumes', 'secrets', 'configs'].map((name): [string, Cast] => [`${name}.*.external`, toBoolean]),
  ]),
)

export interface InterpolateOptions {
  lookup: Lookup
  warn: (message: string) => void
}

/**
 * A copy of the file with its variables replaced.
 * @throws ComposeError naming the key path and what is wrong there
 */
export function interpolate(file: Mapping, options: InterpolateOptions): Mapping {
  return mapping(Object.entries(file).map(([key, value]) => [key, walk(value, [key], options)]))
}

function walk(value: Value, path: readonly string[], options: InterpolateOptions): Value {
  if (typeof value === 'string') return text(value, path, options)
  if (Array.isArray(value)) return value.map(entry => walk(entry, [...path, '[]'], options))
  if (!isMapping(value)) return value
  return mapping(Object.entries(value).map(([key, entry]) => [key, walk(entry, [...path, key], options)]))
}

function text(value: string, path: readonly string[], { lookup, warn }: InterpolateOptions): Value {
  const fail = (why: string): ComposeError => new ComposeError(`error while interpolating ${path.join('.')}: ${why}`)
  let replaced = value
  if (value.includes('$')) {
    try {
      replaced = substitute(value, lookup, { unset: name => warn(unsetWarning(name)) })
    } catch (error) {
      if (error instanceof InvalidTemplate) {
        throw new ComposeError(
          `invalid interpolation format for ${path.join('.')}.\nYou may need to escape any $ with another $.\n${error.message}`,
        )
      }
      throw error instanceof ComposeError ? fail(error.message) : error
    }
  }
  const cast = CASTS.match(path)
  if (!cast) return replaced
  try {
    return cast(replaced, warn)
  } catch (error) {
    throw fail(`failed to cast to expected type: ${messageOf(error)}`)
  }
}

/** The variables that a file names, by name; of several mentions the last counts. */
export function fileVariables(value: Value, found = new Map<string, Variable>()): Map<string, Variable> {
  if (typeof value === 'string') for (const variable of variablesOf(value)) found.set(variable.name, variable)
  else if (value !== null && typeof value === 'object')
    for (const entry of Object.values(value)) fileVariables(entry, found)
  return found
}
