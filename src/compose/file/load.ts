/** From the flags of a command to a project: which files, which name, which variables (compose-go cli, loader). */
import { realpathSync } from 'node:fs'
import { basename, delimiter, dirname, isAbsolute, join, resolve } from 'node:path'
import { quote } from '../../util/strconv.ts'
import { checkConsistency } from './check.ts'
import { inOrder } from './codec.ts'
import { readEnvironment, withEnvironment, withLabels } from './env-files.ts'
import { interpolate } from './interpolate.ts'
import { Loader, type SourceFile } from './loader.ts'
import { type Model, project as projectCodec, type Service } from './model.ts'
import { normalize } from './normalize.ts'
import { byteOrder } from './order.ts'
import { type Project, withProfiles } from './project.ts'
import { lookAt, readText } from './source.ts'
import { ComposeError, type Mapping, mapping } from './tree.ts'
import { parseYaml } from './yaml.ts'

/** What a command line says about the project. */
export interface ProjectOptions {
  cwd: string
  /** The environment of the process. */
  env: Readonly<Record<string, string | undefined>>
  files: readonly string[]
  envFiles: readonly string[]
  profiles: readonly string[]
  /** `-p`; empty when not given. */
  name: string
  /** `--project-directory`; empty when not given. */
  directory: string
  /** Standard input, for the file `-`. */
  stdin: () => Promise<string>
  warn: (message: string) => void
  /** Leaves variables as they are (`--no-interpolate`). */
  raw?: boolean
  /** Leaves paths as they are (`--no-path-resolution`). */
  keepPaths?: boolean
  noNormalize?: boolean
  noConsistency?: boolean
  /** Reads no `env_file`. */
  noEnvFiles?: boolean
}

const DEFAULTS = ['compose.yaml', 'compose.yml', 'docker-compose.yml', 'docker-compose.yaml']
const OVERRIDES = [
  'compose.override.yml',
  'compose.override.yaml',
  'docker-compose.override.yml',
  'docker-compose.override.yaml',
]

interface Setup {
  files: readonly string[]
  folder: string
  environment: Map<string, string>
  profiles: readonly string[]
}

/** Works out which files, variables and profiles count. @throws ComposeError */
export function setUp(options: ProjectOptions): Setup {
  const { cwd, env } = options
  const environment = new Map<string, string>()
  for (const [key, value] of Object.entries(env)) if (value !== undefined) environment.set(key, value)
  if (!environment.has('PWD')) environment.set('PWD', cwd)
  const given = options.directory === '' ? undefined : resolve(cwd, options.directory)
  let files: readonly string[] = options.files
  const folder = (): string => {
    const file = files.find(path => path !== '-')
    return given ?? (file === undefined ? cwd : dirname(resolve(cwd, file)))
  }
  addDotenv(options, environment, folder())
  if (files.length === 0) files = filesOfEnvironment(environment, cwd)
  if (files.length === 0) files = search(folder(), options.warn)
  addDotenv(options, environment, folder())
  const profiles =
    options.profiles.length > 0
      ? options.profiles
      : (environment.get('COMPOSE_PROFILES') ?? '').split(',').map(word => word.trim())
  if (normalName(options.name) !== options.name) throw invalidName(options.name)
  return { files, folder: folder(), environment, profiles }
}

/** Variables of `--env-file`, or of the folder's `.env`; the environment's own win. */
function addDotenv(options: ProjectOptions, environment: Map<string, string>, folder: string): void {
  let files = options.envFiles.map(file => resolve(options.cwd, file))
  const standard = join(folder, '.env')
  if (files.length === 0 && !/^(1|t|true)$/i.test(options.env.COMPOSE_DISABLE_ENV_FILE ?? ''))
    files = lookAt(standard) === 'file' ? [standard] : []
  // Compose reads them once for its own settings and once for the project, and warns each time.
  readEnvironment(files, environment, options.warn)
  for (const [key, value] of readEnvironment(files, environment, options.warn))
    if (!environment.has(key)) environment.set(key, value)
}

function filesOfEnvironment(environment: ReadonlyMap<string, string>, cwd: string): string[] {
  const listed = environment.get('COMPOSE_FILE')
  if (listed === undefined) return []
  return listed.split(environment.get('COMPOSE_PATH_SEPARATOR') || delimiter).map(file => {
    if (file === '-') return file
    const path = resolve(cwd, file)
    if (!lookAt(path)) throw new ComposeError(`stat ${path}: no such file or directory`)
    return path
  })
}

/** The default file of a folder or of the nearest one above it, with its override. */
function search(start: string, warn: (message: string) => void): string[] {
  for (let folder = start; ; folder = dirname(folder)) {
    const present = (names: readonly string[]): string[] => names.map(name => join(folder, name)).filter(lookAt)
    const pick = (found: readonly string[], what: string): string[] => {
      const [first] = found
      if (first === undefined) return []
      if (found.length > 1) {
        warn(`Found multiple ${what} files with supported names: ${found.join(', ')}`)
        warn(`Using ${first}`)
      }
      return [first]
    }
    const found = pick(present(DEFAULTS), 'config')
    if (found.length > 0) return [...found, ...pick(present(OVERRIDES), 'override')]
    if (dirname(folder) === folder) return []
  }
}

/** A name with only the letters that projects may have. */
export const normalName = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9_-]/g, '')
    .replace(/^[_-]+/, '')

const invalidName = (name: string): ComposeError =>
  new ComposeError(
    `invalid project name ${quote(name)}: must consist only of lowercase alphanumeric characters, hyphens, and underscores as well as start with a letter or number`,
  )

async function readSources({ files }: Setup, options: ProjectOptions): Promise<SourceFile[]> {
  if (files.length === 0) throw new ComposeError('no configuration file provided: not found')
  const sources: SourceFile[] = []
  for (const file of files) {
    const path = file === '-' ? '-' : resolve(options.cwd, file)
    sources.push({ path, content: file === '-' ? await options.stdin() : readText(path) })
  }
  return sources
}

/** The `name` that files give, the last one's; errors of syntax are told when nothing else names the project. */
function nameOfFiles(
  sources: readonly SourceFile[],
  options: ProjectOptions,
  environment: Map<string, string>,
): string {
  let name = ''
  for (const { content } of sources) {
    try {
      for (const { value } of parseYaml(content)) {
        const found = value !== null && typeof value === 'object' && !Array.isArray(value) ? value.name : undefined
        if (typeof found === 'string' && found !== '') name = found
      }
    } catch (error) {
      // Only what is no YAML at all stops here; the rest is told with the file's name later.
      if (options.name === '' && error instanceof ComposeError && error.message.startsWith('yaml: line')) throw error
    }
  }
  if (options.raw || name === '') return name
  const read = interpolate(mapping([['name', name]]), { lookup: key => environment.get(key), warn: options.warn })
  return String(read.name)
}

function projectName(sources: readonly SourceFile[], setup: Setup, options: ProjectOptions): string {
  const { environment, folder } = setup
  const fromFiles = nameOfFiles(sources, options, environment)
  if (options.name !== '') return options.name
  const fromEnvironment = environment.get('COMPOSE_PROJECT_NAME')
  if (fromEnvironment) {
    if (normalName(fromEnvironment) !== fromEnvironment) throw invalidName(fromEnvironment)
    return fromEnvironment
  }
  if (fromFiles !== '') return options.noNormalize ? fromFiles : normalName(fromFiles)
  warnOfLink(folder, options.warn)
  return normalName(basename(folder))
}

function warnOfLink(folder: string, warn: (message: string) => void): void {
  try {
    if (basename(realpathSync(folder)) === basename(folder)) return
  } catch {
    return
  }
  const name = quote(basename(folder))
  warn(`project has been loaded without an explicit name from a symlink. Using name ${name}`)
}

/** The files merged, in long forms, before they become a project. @throws ComposeError */
export async function loadModel(
  options: ProjectOptions,
): Promise<{ tree: Mapping; name: string; setup: Setup; files: string[] }> {
  const setup = setUp(options)
  const sources = await readSources(setup, options)
  const name = projectName(sources, setup, options)
  setup.environment.set('COMPOSE_PROJECT_NAME', name)
  const loader = new Loader({ raw: options.raw === true, paths: options.keepPaths !== true, warn: options.warn })
  const tree = loader.load(sources, setup.folder, setup.environment)
  if (Object.keys(tree).length === 0) throw new ComposeError('empty compose file')
  if (name === '') throw new ComposeError('project name must not be empty')
  if (options.noNormalize !== true) normalize(tree, name, setup.environment)
  return { tree, name, setup, files: sources.map(source => source.path) }
}

/** The project that a command works on, with all of its services' variables and labels. @throws ComposeError */
export async function loadProject(options: ProjectOptions): Promise<Project> {
  const { tree, name, setup, files } = await loadModel(options)
  const errors: string[] = []
  delete tree.name
  const decoded = projectCodec.decode(tree, '', errors) ?? {}
  if (errors.length > 0)
    throw new ComposeError(`decoding failed due to the following error(s):\n\n${errors.sort().join('\n')}`)
  const filled = <T>(map: Map<string, T | null> | undefined, empty: T): Map<string, T> =>
    new Map([...(map ?? [])].map(([key, value]) => [key, value ?? empty]))
  const all: Project = {
    name,
    workingDir: setup.folder,
    files: files.map(file => (file === '-' || isAbsolute(file) ? file : resolve(options.cwd, file))),
    environment: setup.environment,
    profiles: setup.profiles,
    services: filled<Service>(decoded.services, {}),
    disabled: new Map(),
    networks: filled(decoded.networks, {}),
    volumes: filled(decoded.volumes, {}),
    secrets: filled(decoded.secrets, {}),
    configs: filled(decoded.configs, {}),
    models: filled<Model>(decoded.models, {}),
    ...(decoded.extensions && { extensions: decoded.extensions }),
  }
  const project = withProfiles(all, setup.profiles)
  if (options.noConsistency !== true) checkConsistency(project)
  const complete = (service: Service): Service =>
    withLabels(options.noEnvFiles === true ? service : withEnvironment(service, setup.environment, options.warn))
  for (const [key, service] of project.services) project.services.set(key, complete(service))
  return project
}

/** The project as `config` prints it; JSON has the parts in the order of their names. */
export function printable(project: Project, form: 'yaml' | 'json' = 'yaml'): Mapping {
  const { name, services, networks, volumes, secrets, configs, extensions } = project
  // Compose leaves the models out of JSON.
  const models = form === 'yaml' && project.models.size > 0 ? { models: project.models } : {}
  const parts = { name, services, networks, volumes, secrets, configs, ...models, ...(extensions && { extensions }) }
  const shown = mapping(Object.entries(projectCodec[form](parts) ?? {}))
  if (form === 'yaml') {
    const { name: own, ...rest } = shown
    return mapping([...Object.entries({ name: own ?? null, services: mapping(), ...rest })])
  }
  shown.services ??= mapping()
  Object.assign(shown, extensions && inOrder(extensions, byteOrder))
  return mapping(Object.entries(shown).sort(([a], [b]) => byteOrder(a, b)))
}
