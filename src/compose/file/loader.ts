/** Files into one tree of long forms: what they extend, include and override (compose-go loader). */
import { dirname, isAbsolute, join, relative, resolve } from 'node:path'
import { quote } from '../../util/strconv.ts'
import { type CanonicalOptions, canonical, checkForms, setDefaults } from './canonical.ts'
import { readEnvironment } from './env-files.ts'
import { interpolate } from './interpolate.ts'
import { mergeFiles, mergeService, unify } from './merge.ts'
import { resolvePaths } from './paths.ts'
import { checkSchema } from './schema.ts'
import { lookAt, readText } from './source.ts'
import { ComposeError, clone, equal, goText, isMapping, type Mapping, mapping, mappingAt, type Value } from './tree.ts'
import { type Document, parseYaml } from './yaml.ts'

type Environment = ReadonlyMap<string, string>

export interface ModelOptions {
  /** Leaves variables as they are. */
  raw: boolean
  /** Makes paths absolute. */
  paths: boolean
  warn: (message: string) => void
}

export interface SourceFile {
  path: string
  content: string
}

/** How many files one project may take in. */
const MAX_FILES = 200

/** What reads the files of one project; counts them, and warns of each only once. */
export class Loader {
  readonly #options: ModelOptions
  readonly #form: CanonicalOptions
  readonly #versions = new Set<string>()
  #files = 0

  constructor(options: ModelOptions) {
    this.#options = options
    this.#form = { raw: options.raw, warn: options.warn }
  }

  /**
   * Files, each over the one before, as one tree.
   * @param folder  where relative paths start: an absolute one, or one relative to the project's
   * @throws ComposeError
   */
  load(
    files: readonly SourceFile[],
    folder: string,
    environment: Environment,
    included: readonly string[] = [],
  ): Mapping {
    let tree = mapping()
    for (const file of files) {
      for (const document of this.#parse(file)) tree = this.#add(tree, document, file, folder, environment, included)
    }
    setDefaults(tree, this.#form)
    checkForms(tree, this.#form)
    if (this.#options.paths || included.length > 0) resolvePaths(tree, folder)
    resolveVariables(tree, environment)
    return tree
  }

  #parse(file: SourceFile): Document[] {
    if (++this.#files > MAX_FILES) throw new ComposeError(`too many files: ${file.path}`)
    try {
      return parseYaml(file.content)
    } catch (error) {
      if (error instanceof ComposeError && !error.message.startsWith('non-string key'))
        throw new ComposeError(`failed to parse ${file.path}: ${error.message}`)
      throw error
    }
  }

  #read(document: Document, environment: Environment): Mapping {
    if (!isMapping(document.value)) throw new ComposeError('top-level object must be a mapping')
    if (this.#options.raw) return document.value
    return interpolate(document.value, { lookup: name => environment.get(name), warn: this.#options.warn })
  }

  #add(
    tree: Mapping,
    document: Document,
    file: SourceFile,
    folder: string,
    environment: Environment,
    included: readonly string[],
  ): Mapping {
    const content = this.#read(document, environment)
    this.#extendServices(content, document, file.path, folder, environment)
    drop(tree, document.resets)
    this.#include(content, folder, environment, [...included, file.path])
    let merged = mergeFiles(tree, content)
    unify(merged)
    try {
      const time = document.times.find(path => !path.some((key, at) => key.startsWith('x-') && at % 2 === 0))
      if (time) throw new ComposeError(`${time.join('.')} invalid jsonType time.Time`)
      checkSchema(merged)
    } catch (error) {
      throw error instanceof ComposeError ? new ComposeError(`validating ${file.path}: ${error.message}`) : error
    }
    if (merged.version !== undefined) {
      if (!this.#versions.has(file.path)) {
        this.#options.warn(
          `${file.path}: the attribute \`version\` is obsolete, it will be ignored, please remove it to avoid potential confusion`,
        )
      }
      this.#versions.add(file.path)
      delete merged.version
    }
    canonical(merged, this.#form)
    dropEmpty(merged)
    merged = merged as Mapping
    unify(merged)
    return merged
  }

  #extendServices(content: Mapping, document: Document, file: string, folder: string, environment: Environment): void {
    if (content.services === undefined) return
    if (!isMapping(content.services)) throw new ComposeError('services must be a mapping')
    const services = content.services
    for (const name of Object.keys(services)) {
      services[name] = this.#extend(name, services, { file, folder, environment, resets: [document.resets], seen: [] })
    }
  }

  /** A service with all that it extends below it. */
  #extend(name: string, services: Mapping, place: Place): Value {
    const service = services[name] ?? null
    if (service === null) return null
    if (!isMapping(service)) throw new ComposeError(`services.${name} must be a mapping`)
    const wanted = service.extends
    if (wanted === undefined) return service
    const other = isMapping(wanted) ? wanted.service : wanted
    if (typeof other !== 'string') throw new ComposeError(`extends.${name}.service is required`)
    const from = isMapping(wanted) && typeof wanted.file === 'string' ? wanted.file : undefined
    let pool = services
    let resets: string[][] = place.resets[0] ?? []
    if (from !== undefined) ({ services: pool, resets } = this.#extended(name, other, from, place))
    else if (!(other in services)) {
      throw new ComposeError(`cannot extend service ${quote(name)} in ${place.file}: service ${quote(other)} not found`)
    }
    const seen = track(place.seen, from ?? place.file, name)
    const base = this.#extend(other, pool, { ...place, resets: [resets], seen })
    if (!isMapping(base)) return service
    const source = clone(base) as Mapping
    drop(mapping([['services', mapping([[name, source]])]]), place.resets[0] ?? [])
    const merged = mergeService(source, service)
    delete merged.extends
    services[name] = merged
    return merged
  }

  /** The services of a file that one extends, their paths seen from the project's folder. */
  #extended(name: string, other: string, from: string, place: Place): { services: Mapping; resets: string[][] } {
    const base = isAbsolute(place.folder) ? place.folder : resolve(place.folder)
    const path = isAbsolute(from) ? from : join(base, from)
    const tree = mapping()
    const resets: string[][] = []
    for (const document of this.#parse({ path, content: readText(path) })) {
      const content = this.#read(document, place.environment)
      mergeFiles(tree, content)
      unify(tree)
      delete tree.version
      canonical(tree, this.#form)
      dropEmpty(tree)
      unify(tree)
      resets.splice(0, resets.length, ...document.resets)
    }
    if (tree.services === undefined)
      throw new ComposeError(`cannot extend service ${quote(name)} in ${path}: no services section`)
    if (!isMapping(tree.services))
      throw new ComposeError(`cannot extend service ${quote(name)} in ${path}: services must be a mapping`)
    if (!(other in tree.services)) {
      const what = `service ${quote(other)} not found in ${from}`
      throw new ComposeError(`cannot extend service ${quote(name)} in ${place.file}: ${what}`)
    }
    resolvePaths(tree, relative(base, dirname(path)) || '.')
    return { services: tree.services, resets }
  }

  #include(content: Mapping, folder: string, environment: Environment, included: readonly string[]): void {
    if (content.include === undefined || content.include === null) return
    if (!Array.isArray(content.include))
      throw new ComposeError(`\`include\` must be a list, got ${goText(content.include)}`)
    const base = resolve(folder)
    for (const entry of content.include) this.#includeOne(content, entry, base, environment, included)
    delete content.include
  }

  #includeOne(
    content: Mapping,
    entry: Value,
    base: string,
    environment: Environment,
    included: readonly string[],
  ): void {
    const { path, project_directory, env_file } = isMapping(entry) ? entry : mapping([['path', entry]])
    const files = textList(path).map(file => (isAbsolute(file) ? file : join(base, file)))
    const [main] = files
    if (main === undefined) return
    if (included.includes(main)) {
      throw new ComposeError(`include cycle detected:\n${[...included, main].join('\n include ')}`)
    }
    const wanted = typeof project_directory === 'string' && project_directory !== '' ? project_directory : undefined
    const directory = wanted === undefined ? dirname(main) : isAbsolute(wanted) ? wanted : join(base, wanted)
    const envFiles = textList(env_file).map(file => (isAbsolute(file) ? file : join(base, file)))
    const dotenv = join(directory, '.env')
    if (envFiles.length === 0 && lookAt(dotenv) === 'file') envFiles.push(dotenv)
    const inside = new Map(environment)
    for (const [key, value] of readEnvironment(envFiles, environment)) if (!inside.has(key)) inside.set(key, value)
    const sources = files.map(file => ({ path: file, content: readText(file) }))
    const imported = this.load(sources, directory, inside, included)
    for (const kind of ['services', 'volumes', 'networks', 'secrets', 'configs', 'models'])
      take(imported, content, kind)
  }
}

interface Place {
  file: string
  folder: string
  environment: Environment
  /** What the document drops from what it extends. */
  resets: [string[][]]
  seen: readonly { file: string; service: string }[]
}

const textList = (value: Value | undefined): string[] =>
  value === undefined || value === null ? [] : (Array.isArray(value) ? value : [value]).map(String)

/** @throws ComposeError when a service extends itself over others */
function track(seen: Place['seen'], file: string, service: string): { file: string; service: string }[] {
  const chain = [...seen, { file, service }]
  if (seen.some(one => one.file === file && one.service === service)) {
    const [first, ...rest] = chain
    const lines = rest.map(one => `  extends ${one.service} in ${one.file}`)
    throw new ComposeError(['Circular reference:', `  ${first?.service} in ${first?.file}`, ...lines].join('\n'))
  }
  return chain
}

/** Adds what another file defines; the same thing twice is fine when it is the same. */
function take(from: Mapping, into: Mapping, kind: string): void {
  const theirs = mappingAt(from, kind)
  if (!theirs) return
  const own = mappingAt(into, kind) ?? mapping()
  for (const [name, value] of Object.entries(theirs)) {
    const mine = own[name]
    if (mine !== undefined && !equal(mine, value))
      throw new ComposeError(`${kind}.${name} conflicts with imported resource`)
    own[name] = value
  }
  into[kind] = own
}

/** Removes what stands at some paths. */
function drop(tree: Mapping, paths: readonly (readonly string[])[]): void {
  for (const path of paths) {
    let at: Value | undefined = tree
    for (const part of path.slice(0, -1)) at = isMapping(at) ? at[part] : undefined
    const last = path.at(-1)
    if (isMapping(at) && last !== undefined) delete at[last]
  }
}

/** Empty entries of `dns` say nothing. */
function dropEmpty(tree: Mapping): void {
  for (const service of Object.values(mappingAt(tree, 'services') ?? {})) {
    if (isMapping(service) && Array.isArray(service.dns))
      service.dns = service.dns.filter(entry => entry !== null && entry !== '')
  }
}

/** Gives variables, secrets and configs that name the environment its values. */
function resolveVariables(tree: Mapping, environment: Environment): void {
  for (const service of Object.values(mappingAt(tree, 'services') ?? {})) {
    if (!isMapping(service) || !Array.isArray(service.environment)) continue
    service.environment = service.environment.map(entry => {
      const value = typeof entry === 'string' ? environment.get(entry) : undefined
      return value === undefined ? entry : `${String(entry)}=${value}`
    })
  }
  for (const kind of ['secrets', 'configs']) {
    for (const held of Object.values(mappingAt(tree, kind) ?? {})) {
      if (!isMapping(held) || typeof held.environment !== 'string') continue
      const value = environment.get(held.environment)
      if (value !== undefined) held.content = value
    }
  }
}
