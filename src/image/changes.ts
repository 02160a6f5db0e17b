/** The instructions of `--change` of import and commit, applied to an image's config (moby builder/dockerfile BuildFromConfig). */
import type { HealthConfig } from '../api/container.ts'
import type { ImageContainerConfig } from '../api/image.ts'
import { type EngineError, invalid } from '../errors.ts'

/** What an instruction does; `args` is the text after its name. */
type Apply = (config: ImageContainerConfig, args: string) => void

const instructions: ReadonlyMap<string, Apply> = new Map<string, Apply>([
  ['cmd', (config, args) => void (config.Cmd = command(args))],
  ['entrypoint', (config, args) => void (config.Entrypoint = command(args))],
  ['env', (config, args) => void (config.Env = withEnv(config.Env ?? [], pairs('ENV', args)))],
  ['expose', (config, args) => void (config.ExposedPorts = { ...config.ExposedPorts, ...ports(args) })],
  ['healthcheck', (config, args) => void (config.Healthcheck = { ...config.Healthcheck, ...healthcheck(args) })],
  ['label', (config, args) => void (config.Labels = { ...config.Labels, ...Object.fromEntries(pairs('LABEL', args)) })],
  ['onbuild', (config, args) => void (config.OnBuild = [...(config.OnBuild ?? []), args])],
  ['stopsignal', (config, args) => void (config.StopSignal = args)],
  ['user', (config, args) => void (config.User = args)],
  ['volume', (config, args) => void (config.Volumes = { ...config.Volumes, ...marks(jsonList(args) ?? words(args)) })],
  ['workdir', (config, args) => void (config.WorkingDir = inside(config.WorkingDir ?? '', args))],
])

/**
 * A config with instructions applied in order; the given one stays as it is.
 * @param changes  each an instruction, or several on lines of their own
 * @throws EngineError 'invalid' with Docker's words
 */
export function applyChanges(config: ImageContainerConfig, changes: readonly string[]): ImageContainerConfig {
  const changed = { ...config }
  let found = changes.length === 0
  let hasCommand = false
  for (const line of changes.join('\n').split('\n')) {
    const text = line.trim()
    if (text === '' || text.startsWith('#')) continue
    found = true
    const [word = ''] = text.split(/\s/, 1)
    const apply = instructions.get(word.toLowerCase())
    if (!apply) throw invalid(`${word} is not a valid change command`)
    const args = text.slice(word.length).trim()
    if (args === '') throw atLeastOne(word.toUpperCase())
    apply(changed, args)
    if (apply === instructions.get('cmd')) hasCommand = true
    // The command of before was meant for another entrypoint.
    if (apply === instructions.get('entrypoint') && !hasCommand) delete changed.Cmd
  }
  if (!found) throw invalid('file with no instructions')
  return changed
}

const atLeastOne = (name: string): EngineError => {
  const exactly = ['USER', 'WORKDIR', 'STOPSIGNAL'].includes(name)
  return invalid(`${name} requires ${exactly ? 'exactly' : 'at least'} one argument`)
}

/** A JSON list of strings; undefined for anything else, which then is shell text or words. */
function jsonList(text: string): string[] | undefined {
  if (!text.startsWith('[')) return undefined
  try {
    const value: unknown = JSON.parse(text)
    return Array.isArray(value) && value.every(item => typeof item === 'string') ? value : undefined
  } catch {
    return undefined
  }
}

const command = (text: string): string[] => jsonList(text) ?? ['/bin/sh', '-c', text]
const marks = (names: readonly string[]): Record<string, Record<string, never>> =>
  Object.fromEntries(names.map(name => [name, {}]))

function ports(args: string): Record<string, Record<string, never>> {
  const out: Record<string, Record<string, never>> = {}
  for (const word of words(args)) {
    const match = /^(\d+)(?:-(\d+))?(?:\/(tcp|udp|sctp))?$/i.exec(word)
    const [from, to] = [Number(match?.[1]), Number(match?.[2] ?? match?.[1])]
    if (!match || to < from || to > 65535) throw invalid(`Invalid containerPort: ${word}`)
    for (let port = from; port <= to; port++) out[`${port}/${(match[3] ?? 'tcp').toLowerCase()}`] = {}
  }
  return out
}

/** Words as the Dockerfile's shell splits them: quotes and backslashes group and escape. */
function words(text: string): string[] {
  const out: string[] = []
  let word = ''
  let started = false
  let quote = ''
  for (let at = 0; at < text.length; at++) {
    const c = text.charAt(at)
    if (c === '\\' && quote !== "'" && at + 1 < text.length) {
      word += text.charAt(++at)
      started = true
    } else if (quote !== '') {
      if (c === quote) quote = ''
      else word += c
    } else if (c === '"' || c === "'") {
      quote = c
      started = true
    } else if (/\s/.test(c)) {
      if (started) out.push(word)
      word = ''
      started = false
    } else {
      word += c
      started = true
    }
  }
  if (started) out.push(word)
  return out
}

/** `A=b C="d e"`, or the old form `A b c`. */
function pairs(name: string, args: string): [string, string][] {
  const [first = ''] = args.split(/\s/, 1)
  if (!first.includes('=')) {
    const value = args.slice(first.length).trim()
    if (value === '') throw invalid(`${name} must have two arguments`)
    return [[first, value]]
  }
  return words(args).map(word => {
    const equals = word.indexOf('=')
    if (equals < 0)
      throw invalid(`Syntax error - can't find = in ${JSON.stringify(word)}. Must be of the form: name=value`)
    if (equals === 0) throw invalid(`${name} names can not be blank`)
    return [word.slice(0, equals), word.slice(equals + 1)]
  })
}

function withEnv(env: readonly string[], more: readonly [string, string][]): string[] {
  const map = new Map(env.map(text => [text.split('=', 1)[0] ?? '', text]))
  for (const [name, value] of more) map.set(name, `${name}=${value}`)
  return [...map.values()]
}

function inside(current: string, path: string): string {
  const joined = path.startsWith('/') ? path : `${current === '' ? '/' : current}/${path}`
  const out: string[] = []
  for (const name of joined.split('/')) {
    if (name === '..') out.pop()
    else if (name !== '' && name !== '.') out.push(name)
  }
  return `/${out.join('/')}`
}

const units: ReadonlyMap<string, number> = new Map([
  ['h', 3.6e12],
  ['m', 6e10],
  ['s', 1e9],
  ['ms', 1e6],
  ['us', 1e3],
  ['ns', 1],
])

function nanoseconds(flag: string, text: string): number {
  if (!/^(\d+(\.\d+)?(h|m|s|ms|us|ns))+$/.test(text)) throw invalid(`time: invalid duration ${JSON.stringify(text)}`)
  let sum = 0
  for (const [, number = '', , unit = ''] of text.matchAll(/(\d+(\.\d+)?)(h|ms|us|ns|m|s)/g)) {
    sum += Number(number) * (units.get(unit) ?? 0)
  }
  if (sum !== 0 && sum < 1e6) throw invalid(`Interval ${JSON.stringify(flag)} cannot be less than 1ms`)
  return sum
}

function healthcheck(args: string): HealthConfig {
  let rest = args
  const config: HealthConfig = {}
  for (let flag = /^--([a-z-]+)=(\S+)\s*/.exec(rest); flag; flag = /^--([a-z-]+)=(\S+)\s*/.exec(rest)) {
    const [whole, name = '', value = ''] = flag
    rest = rest.slice(whole.length)
    if (name === 'interval') config.Interval = nanoseconds(name, value)
    else if (name === 'timeout') config.Timeout = nanoseconds(name, value)
    else if (name === 'start-period') config.StartPeriod = nanoseconds(name, value)
    else if (name === 'start-interval') config.StartInterval = nanoseconds(name, value)
    else if (name === 'retries') config.Retries = Number.parseInt(value, 10)
    else throw invalid(`unknown flag: --${name}`)
  }
  const [type = ''] = rest.split(/\s/, 1)
  const text = rest.slice(type.length).trim()
  if (type.toUpperCase() === 'NONE') {
    if (text !== '') throw invalid('HEALTHCHECK NONE takes no arguments')
    return { Test: ['NONE'] }
  }
  if (type.toUpperCase() !== 'CMD') throw invalid(`unknown type ${JSON.stringify(type)} in HEALTHCHECK (try CMD)`)
  if (text === '') throw invalid('missing command after HEALTHCHECK CMD')
  const list = jsonList(text)
  return { Test: list ? ['CMD', ...list] : ['CMD-SHELL', text], ...config }
}
