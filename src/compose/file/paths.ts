/** Paths of a file made absolute (compose-go paths). */
import { realpathSync } from 'node:fs'
import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'
import { ComposeError, isMapping, type Mapping, PathTable, rewrite, type Value } from './tree.ts'

type Resolve = (value: Value, base: string) => Value

const expandHome = (path: string): string => (path.startsWith('~') ? join(homedir(), path.slice(1)) : path)
const isWindows = (path: string): boolean => /^[A-Za-z]:[\\/]|^\\\\/.test(path)

/** A path from `base` on, `~` being the user's home. */
export function absolute(path: string, base: string): string {
  const expanded = expandHome(path)
  return expanded === '' || isAbsolute(expanded) || isWindows(expanded) ? expanded : join(base, expanded)
}

const file: Resolve = (value, base) => {
  if (Array.isArray(value)) return value.map(entry => file(entry, base))
  return typeof value === 'string' ? absolute(value, base) : value
}

/** A build's context may be a repository, an image or another service. */
const context: Resolve = (value, base) => {
  if (typeof value !== 'string') return value
  const remote = /^(https?:\/\/|git:\/\/|ssh:\/\/|github\.com\/|git@|service:)/.test(value) || value.includes('://')
  return remote ? value : absolute(value, base)
}

const volume: Resolve = (value, base) => {
  if (!isMapping(value) || value.type !== 'bind') return value
  if (value.source === undefined)
    throw new ComposeError('invalid mount config for type "bind": field Source must not be empty')
  value.source = file(value.source, base)
  return value
}

/** A `local` volume with `o: bind` is a folder of the host. */
const driverOptions: Resolve = (value, base) => {
  if (!isMapping(value) || value.driver !== 'local' || !isMapping(value.driver_opts ?? null)) return value
  const options = value.driver_opts as Mapping
  if (options.o === 'bind' && options.device !== undefined) options.device = file(options.device, base)
  return value
}

const watched: Resolve = (value, base) => {
  const path = file(value, base)
  try {
    return typeof path === 'string' ? realpathSync(path) : path
  } catch {
    return path
  }
}

const RESOLVERS = new PathTable<Resolve>({
  'services.*.build.context': context,
  'services.*.build.additional_contexts.*': context,
  'services.*.build.ssh.*': file,
  'services.*.env_file.*.path': file,
  'services.*.label_file.*': file,
  'services.*.extends.file': file,
  'services.*.develop.watch.*.path': watched,
  'services.*.volumes.*': volume,
  'configs.*.file': file,
  'secrets.*.file': file,
  'volumes.*': driverOptions,
})

/** Makes the paths of a file of long forms start at `base`. @throws ComposeError */
export function resolvePaths(content: Mapping, base: string): void {
  rewrite(content, (value, path) => RESOLVERS.match(path)?.(value, base))
}
