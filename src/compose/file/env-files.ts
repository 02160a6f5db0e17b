/** Variables from files, for interpolation and for services (compose-go dotenv, types.WithServicesEnvironmentResolved). */
import { messageOf } from '../../errors.ts'
import { quote } from '../../util/strconv.ts'
import type { EnvFile } from './codec.ts'
import { parseDotenv } from './dotenv.ts'
import type { Service } from './model.ts'
import { lookAt, readText } from './source.ts'
import { ComposeError, cut } from './tree.ts'

type Environment = ReadonlyMap<string, string>

/** Told of what is odd but no error. */
type Warn = (message: string) => void

/** The warning for a variable that is not set. */
export const unsetWarning = (name: string): string =>
  `The ${quote(name)} variable is not set. Defaulting to a blank string.`

/** The variables of some files, those of later ones over those of earlier ones. @throws ComposeError */
export function readEnvironment(files: readonly string[], current: Environment, warn?: Warn): Map<string, string> {
  const found = new Map<string, string>()
  for (const file of files) {
    const kind = lookAt(file)
    if (!kind) throw new ComposeError(`couldn't find env file: ${file}`)
    if (kind === 'folder') throw new ComposeError(`${file} is a directory`)
    readFile(file, found, name => current.get(name) ?? found.get(name), warn)
  }
  return found
}

function readFile(
  path: string,
  into: Map<string, string>,
  lookup: (name: string) => string | undefined,
  warn?: Warn,
): void {
  const source = readText(path)
  try {
    parseDotenv(source, into, lookup, name => warn?.(unsetWarning(name)))
  } catch (error) {
    throw new ComposeError(`failed to read ${path}: ${messageOf(error)}`)
  }
}

/** A service whose variables are those of its files, under its own. @throws ComposeError */
export function withEnvironment(service: Service, environment: Environment, warn: Warn): Service {
  const own = new Map(
    [...(service.environment ?? [])].map(([key, value]) => [key, value ?? environment.get(key) ?? null]),
  )
  const found = new Map([...own].flatMap(([key, value]) => (value === null ? [] : [[key, value] as const])))
  for (const file of service.env_file ?? [])
    readServiceFile(file, found, name => environment.get(name) ?? own.get(name) ?? undefined, warn)
  const { env_file: _files, environment: _own, ...rest } = service
  const all = new Map<string, string | null>([...found, ...own])
  return all.size > 0 ? { ...rest, environment: all } : rest
}

function readServiceFile(
  { path, required, format }: EnvFile,
  into: Map<string, string>,
  lookup: (name: string) => string | undefined,
  warn: Warn,
): void {
  if (!lookAt(path)) {
    if (required) throw new ComposeError(`env file ${path} not found: stat ${path}: no such file or directory`)
    return
  }
  if (format === undefined || format === '') readFile(path, into, lookup, warn)
  else if (format === 'raw') readRaw(path, into, lookup)
  else throw new ComposeError(`unsupported env_file format ${JSON.stringify(format)}`)
}

/** The `raw` format: lines as `docker run --env-file` reads them, nothing replaced. */
function readRaw(path: string, into: Map<string, string>, lookup: (name: string) => string | undefined): void {
  for (const raw of readText(path).split('\n')) {
    const line = raw.trimStart().replace(/\r$/, '')
    if (line === '' || line.startsWith('#')) continue
    const [key, value] = cut(line) ?? [line, lookup(line)]
    if (/\s/.test(key))
      throw new ComposeError(`failed to parse env_file ${path}: variable '${key}' contains whitespaces`)
    if (value !== undefined) into.set(key, value)
  }
}

/** A service with the labels of its files, under its own. @throws ComposeError */
export function withLabels(service: Service): Service {
  const { label_file: files, ...rest } = service
  if (!files) return service
  const found = new Map<string, string>()
  for (const file of files) {
    if (!lookAt(file)) throw new ComposeError(`label file ${file} not found: stat ${file}: no such file or directory`)
    readFile(file, found, name => found.get(name))
  }
  return { ...rest, labels: new Map([...found, ...(service.labels ?? [])]) }
}
