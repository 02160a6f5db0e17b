/** From parsed lines to typed instructions (buildkit frontend/dockerfile/instructions/parse.go), with its words for mistakes. */
import { messageOf } from '../../errors.ts'
import { parseDuration } from '../../util/go-duration.ts'
import { BuildError, type Location, parseError } from '../errors.ts'
import { listOrWords, type Pair, parseJsonList, parsePairs, splitWords } from './arguments.ts'
import { FlagReader } from './flags.ts'
import { type MountSpec, parseMount } from './mount.ts'
import type { HereDoc, Instruction, Language, Warning } from './parser.ts'
import { suggestion } from './suggestion.ts'

interface Base {
  location: Location
  /** The line as written, continuations joined: the name of its step. */
  original: string
  /** The comment right before it. */
  comments: readonly string[]
}

/** A command in exec or shell form. */
export interface CommandLine {
  words: string[]
  shell: boolean
}

export interface Health {
  Test: string[]
  Interval?: number
  Timeout?: number
  StartPeriod?: number
  StartInterval?: number
  Retries?: number
}

export interface CopyStep extends Base {
  kind: 'copy'
  add: boolean
  sources: string[]
  target: string
  heredocs: HereDoc[]
  from: string
  chown: string
  chmod: string
  link: boolean
  parents: boolean
  excludes: string[]
  checksum: string
  keepGitDir: boolean
  unpack: boolean | undefined
}

export interface RunStep extends Base {
  kind: 'run'
  command: CommandLine
  heredocs: HereDoc[]
  mounts: MountSpec[]
  network: '' | 'default' | 'none' | 'host'
  security: '' | 'sandbox' | 'insecure'
}

export type Step =
  | (Base & { kind: 'arg'; args: { key: string; value: string | undefined }[] })
  | (Base & { kind: 'env'; pairs: Pair[] })
  | (Base & { kind: 'label'; pairs: Pair[] })
  | (Base & { kind: 'cmd' | 'entrypoint'; command: CommandLine })
  | (Base & { kind: 'expose' | 'volume' | 'shell'; words: string[] })
  | (Base & { kind: 'workdir'; text: string })
  | (Base & { kind: 'user' | 'stopsignal' | 'maintainer' | 'onbuild'; text: string })
  | (Base & { kind: 'healthcheck'; health: Health })
  | CopyStep
  | RunStep

export interface Stage {
  /** In lower case; '' without AS. */
  name: string
  /** As written. */
  base: string
  platform: string
  location: Location
  original: string
  comments: readonly string[]
  steps: Step[]
}

export interface Parsed {
  /** ARG before the first FROM. */
  metaArgs: { key: string; value: string | undefined; location: Location }[]
  stages: Stage[]
  warnings: Warning[]
}

const names = [
  ...['ADD', 'ARG', 'CMD', 'COPY', 'ENTRYPOINT', 'ENV', 'EXPOSE', 'FROM', 'HEALTHCHECK', 'LABEL', 'MAINTAINER'],
  ...['ONBUILD', 'RUN', 'SHELL', 'STOPSIGNAL', 'USER', 'VOLUME', 'WORKDIR'],
]

/** Types all instructions and orders them into stages. Throws BuildError. */
export function parseInstructions(lines: readonly Instruction[], language: Language): Parsed {
  const parsed: Parsed = { metaArgs: [], stages: [], warnings: [] }
  for (const line of lines) checkForm(line, language.escape)
  for (const line of lines) {
    const stage = parsed.stages.at(-1)
    if (line.name === 'FROM') parsed.stages.push(parseFrom(line, parsed.warnings))
    else if (!isInstruction(line.name)) throw parseError(unknownInstruction(line.written), line.location)
    else if (stage) stage.steps.push(parseStep(line, language, parsed.warnings))
    else if (line.name === 'ARG') {
      const step = parseStep(line, language, parsed.warnings)
      if (step.kind === 'arg') for (const arg of step.args) parsed.metaArgs.push({ ...arg, location: line.location })
    } else {
      parseStep(line, language, parsed.warnings)
      throw located('no build stage in current context', line)
    }
  }
  if (parsed.stages.length === 0) throw located('dockerfile contains no stages to build', undefined)
  return parsed
}

const withLists = ['ADD', 'CMD', 'COPY', 'ENTRYPOINT', 'RUN', 'SHELL', 'VOLUME']

/**
 * The form of an instruction's arguments, which BuildKit's parser looks at for the whole file before any instruction is
 * understood. Throws BuildError.
 */
function checkForm({ name, rest, location }: Pick<Instruction, 'name' | 'rest' | 'location'>, escape: string): void {
  const [, first = '', more = ''] = /^(\S*)\s*([\s\S]*)$/.exec(rest) ?? []
  if (name === 'ONBUILD') return checkForm({ name: first.toUpperCase(), rest: more, location }, escape)
  try {
    if (name === 'ENV' || name === 'LABEL') parsePairs(name, rest, escape)
    else if (withLists.includes(name)) parseJsonList(rest)
    else if (name === 'HEALTHCHECK') parseJsonList(more)
  } catch (error) {
    throw new BuildError(messageOf(error), { location })
  }
}

const located = (message: string, line: Instruction | undefined): BuildError => {
  const error = parseError('', line?.location ?? { start: 0, end: 0 })
  return Object.assign(error, { message, ...(line ? {} : { location: undefined }) })
}

export const isInstruction = (name: string): boolean => names.includes(name)

export function unknownInstruction(written: string): string {
  const near = suggestion(written, names)
  return `unknown instruction: ${written}${near === undefined ? '' : ` (did you mean ${near}?)`}`
}

const stageName = /^[a-z][a-z0-9-_.]*$/

function parseFrom(line: Instruction, warnings: Warning[]): Stage {
  const flags = new FlagReader(line, ['platform'])
  const words = line.rest.split(/\s+/).filter(word => word !== '')
  const [base = '', as, name = ''] = words
  if (words.length === 3 && as?.toLowerCase() === 'as') {
    if (!stageName.test(name.toLowerCase()))
      throw parseError(
        `invalid name for build stage: ${JSON.stringify(name)}, name can't start with a number or contain symbols`,
        line.location,
      )
    if (name !== name.toLowerCase()) warnings.push({ rule: 'StageNameCasing', location: line.location, detail: name })
    if ((as === 'as') !== (line.written === 'from'))
      warnings.push({ rule: 'FromAsCasing', location: line.location, detail: `${as} ${line.written}` })
  } else if (words.length !== 1) throw parseError('FROM requires either one or three arguments', line.location)
  return {
    name: words.length === 3 ? name.toLowerCase() : '',
    base,
    platform: flags.text('platform'),
    location: line.location,
    original: line.original,
    comments: line.comments,
    steps: [],
  }
}

/** One instruction of a stage; also the one behind ONBUILD. Throws BuildError. */
export function parseStep(line: Instruction, language: Language, warnings: Warning[]): Step {
  const { escape } = language
  const { name, rest, location, original, comments } = line
  const base = { location, original, comments }
  const fail = (message: string): never => {
    throw parseError(message, location)
  }
  const noFlags = (): void => void new FlagReader(line, [])
  const one = (): string => {
    noFlags()
    return rest === '' ? fail(`${name} requires exactly one argument`) : rest
  }
  const some = <T>(list: T[]): T[] => (list.length === 0 ? fail(`${name} requires at least one argument`) : list)
  switch (name) {
    case 'ARG': {
      noFlags()
      const args = splitWords(rest, escape).map(word => {
        const equals = word.indexOf('=')
        return equals < 0
          ? { key: word, value: undefined }
          : { key: word.slice(0, equals), value: word.slice(equals + 1) }
      })
      if (args.some(arg => arg.key === '')) fail('ARG names can not be blank')
      return { ...base, kind: 'arg', args: some(args) }
    }
    case 'ENV':
    case 'LABEL': {
      noFlags()
      const parsed = parsePairs(name, rest, escape)
      if (parsed.legacy) warnings.push({ rule: 'LegacyKeyValueFormat', location, detail: name })
      if (parsed.pairs.some(pair => pair.key === '')) fail(`${name} names can not be blank`)
      return { ...base, kind: name === 'ENV' ? 'env' : 'label', pairs: some(parsed.pairs) }
    }
    case 'CMD':
    case 'ENTRYPOINT': {
      noFlags()
      const command = commandLine(rest)
      if (command.shell && command.words.length > 0)
        warnings.push({ rule: 'JSONArgsRecommended', location, detail: name })
      if (name === 'ENTRYPOINT' && rest === '') fail('ENTRYPOINT requires at least one argument')
      return { ...base, kind: name === 'CMD' ? 'cmd' : 'entrypoint', command }
    }
    case 'EXPOSE':
      noFlags()
      return { ...base, kind: 'expose', words: some(rest.split(/\s+/).filter(word => word !== '')) }
    case 'VOLUME': {
      noFlags()
      const words = some(listOrWords(rest))
      if (words.some(word => word.trim() === '')) fail('VOLUME specified can not be an empty string')
      return { ...base, kind: 'volume', words: words.map(word => word.trim()) }
    }
    case 'SHELL': {
      noFlags()
      const words = parseJsonList(rest)
      if (!words) return fail('SHELL requires the arguments to be in JSON form')
      if (words.length === 0) fail('SHELL requires at least one argument')
      return { ...base, kind: 'shell', words }
    }
    case 'USER':
    case 'WORKDIR':
    case 'STOPSIGNAL':
    case 'MAINTAINER': {
      const text = one()
      if (name === 'MAINTAINER') warnings.push({ rule: 'MaintainerDeprecated', location })
      return { ...base, kind: name.toLowerCase() as 'user' | 'workdir' | 'stopsignal' | 'maintainer', text }
    }
    case 'ONBUILD': {
      noFlags()
      const trigger = (/^\S+/.exec(rest)?.[0] ?? '').toUpperCase()
      if (rest === '') fail('ONBUILD requires at least one argument')
      if (trigger === 'ONBUILD') fail("Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed")
      if (trigger === 'FROM' || trigger === 'MAINTAINER') fail(`${trigger} isn't allowed as an ONBUILD trigger`)
      return { ...base, kind: 'onbuild', text: original.replace(/^\s*onbuild\s+/i, '') }
    }
    case 'HEALTHCHECK':
      return { ...base, kind: 'healthcheck', health: parseHealth(line) }
    case 'COPY':
    case 'ADD':
      return parseCopy(line, language.labs)
    default:
      return parseRun(line, language.labs)
  }
}

function commandLine(rest: string): CommandLine {
  const list = parseJsonList(rest)
  if (list) return { words: list, shell: false }
  return { words: rest === '' ? [] : [rest], shell: true }
}

function parseCopy(line: Instruction, labs: boolean): CopyStep {
  const add = line.name === 'ADD'
  const common = ['chown', 'chmod', 'link', 'exclude']
  const flags = new FlagReader(
    line,
    add ? [...common, 'checksum', 'keep-git-dir', 'unpack'] : [...common, 'from', ...(labs ? ['parents'] : [])],
    ['link', 'parents', 'keep-git-dir', 'unpack'],
  )
  const words = listOrWords(line.rest)
  if (words.length === 0 || (words.length === 1 && words[0] === ''))
    throw parseError(
      `${line.name} requires at least two arguments, but only one was provided. Destination could not be determined`,
      line.location,
    )
  if (words.length < 2)
    throw parseError(
      `${line.name} requires at least two arguments, but only one was provided. Destination could not be determined`,
      line.location,
    )
  const target = words.at(-1) ?? ''
  const isHeredoc = (word: string): boolean => line.heredocs.length > 0 && /^<<-?["']?[a-zA-Z_]/.test(word)
  return {
    kind: 'copy',
    location: line.location,
    original: line.original,
    comments: line.comments,
    add,
    sources: words.slice(0, -1).filter(word => !isHeredoc(word)),
    target,
    heredocs: line.heredocs,
    from: flags.text('from'),
    chown: flags.text('chown'),
    chmod: flags.text('chmod'),
    link: flags.bool('link') ?? false,
    parents: flags.bool('parents') ?? false,
    excludes: flags.list('exclude'),
    checksum: flags.text('checksum'),
    keepGitDir: flags.bool('keep-git-dir') ?? false,
    unpack: flags.bool('unpack'),
  }
}

function parseRun(line: Instruction, labs: boolean): RunStep {
  const flags = new FlagReader(line, ['mount', 'network', ...(labs ? ['security'] : [])])
  const { location } = line
  const network = flags.text('network')
  if (!['', 'default', 'none', 'host'].includes(network))
    throw parseError(`invalid network mode ${JSON.stringify(network)}`, line.location)
  const security = flags.text('security')
  if (!['', 'sandbox', 'insecure'].includes(security))
    throw parseError(`security ${JSON.stringify(security)} is not valid`, line.location)
  let mounts: MountSpec[]
  try {
    mounts = flags.list('mount').map(parseMount)
  } catch (error) {
    const message = messageOf(error)
    // These are found while the line is parsed, the others when it is understood.
    throw /^('from'|failed to parse csv)/.test(message)
      ? parseError(message, location)
      : new BuildError(message, { location })
  }
  return {
    kind: 'run',
    location: line.location,
    original: line.original,
    comments: line.comments,
    command: commandLine(line.rest),
    heredocs: line.heredocs,
    mounts,
    network: network as RunStep['network'],
    security: security as RunStep['security'],
  }
}

function parseHealth(line: Instruction): Health {
  const { location } = line
  const flags = new FlagReader(line, ['interval', 'timeout', 'start-period', 'start-interval', 'retries'])
  const type = (/^\S+/.exec(line.rest)?.[0] ?? '').toUpperCase()
  const rest = line.rest.slice(type.length).trim()
  if (line.rest === '') throw parseError('HEALTHCHECK requires at least one argument', location)
  if (type === 'NONE') {
    if (rest !== '') throw parseError('HEALTHCHECK NONE takes no arguments', location)
    return { Test: ['NONE'] }
  }
  if (type !== 'CMD') throw parseError(`Unknown type ${JSON.stringify(type)} in HEALTHCHECK (try CMD)`, location)
  if (rest === '') throw parseError('Missing command after HEALTHCHECK CMD', location)
  const { words, shell } = commandLine(rest)
  const health: Health = { Test: [shell ? 'CMD-SHELL' : 'CMD', ...words] }
  const duration = (flag: string): number | undefined => {
    const text = flags.text(flag)
    if (text === '') return undefined
    let value: number
    try {
      value = parseDuration(text)
    } catch (error) {
      throw parseError(error instanceof Error ? error.message : String(error), location)
    }
    if (value < 0) throw parseError(`Interval ${JSON.stringify(flag)} cannot be negative`, location)
    if (value > 0 && value < 1e6) throw parseError(`Interval ${JSON.stringify(flag)} cannot be less than 1ms`, location)
    return value
  }
  const [interval, timeout] = [duration('interval'), duration('timeout')]
  const [startPeriod, startInterval] = [duration('start-period'), duration('start-interval')]
  if (interval) health.Interval = interval
  if (timeout) health.Timeout = timeout
  if (startPeriod) health.StartPeriod = startPeriod
  if (startInterval) health.StartInterval = startInterval
  const retries = flags.text('retries')
  if (retries !== '') {
    if (!/^[-+]?\d+$/.test(retries))
      throw parseError(`strconv.ParseInt: parsing ${JSON.stringify(retries)}: invalid syntax`, location)
    if (Number(retries) < 0) throw parseError(`--retries cannot be negative (${retries})`, location)
    if (Number(retries) > 0) health.Retries = Number(retries)
  }
  return health
}
