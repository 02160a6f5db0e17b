/**
 * BuildKit's checks of a Dockerfile (frontend/dockerfile/linter): what is allowed, and better done otherwise. The two that
 * are experimental there (CopyIgnoredFile, InvalidDefinitionDescription) are off there and absent here.
 */

import { parseReference } from '../image/reference.ts'
import { quote } from '../util/strconv.ts'
import type { Parsed, Stage } from './dockerfile/instructions.ts'
import type { Dockerfile, Instruction, Warning } from './dockerfile/parser.ts'
import { suggestion } from './dockerfile/suggestion.ts'
import { BuildError, type Location } from './errors.ts'

export interface LintWarning {
  rule: string
  url: string
  message: string
  location: Location
}

/** A variable that an instruction uses and nobody has set. */
export interface MissingVariable {
  name: string
  location: Location
  /** Names that were known there. */
  known: readonly string[]
}

/** `# check=skip=A,B;error=true`, or the build argument BUILDKIT_DOCKERFILE_CHECK. */
export interface LintSettings {
  skip: ReadonlySet<string>
  all: boolean
  /** Warnings fail the build. */
  error: boolean
}

/** Throws BuildError for what is none. */
export function lintSettings(text: string): LintSettings {
  const settings = { skip: new Set<string>(), all: false, error: false }
  const fail = (why: string): never => {
    throw new BuildError(`failed to parse check options: ${why}`)
  }
  for (const option of text.trim() === '' ? [] : text.trim().split(';')) {
    const [key = '', value] = cut(option)
    if (value === undefined) return fail(`invalid check option ${quote(option)}`)
    if (key === 'skip') {
      settings.skip = new Set(value.split(',').map(rule => rule.trim()))
      settings.all = value === 'all'
    } else if (key === 'error') {
      if (!/^(1|t|T|TRUE|true|True|0|f|F|FALSE|false|False)$/.test(value))
        fail(
          `failed to parse check option ${quote(option)}: strconv.ParseBool: parsing ${quote(value)}: invalid syntax`,
        )
      settings.error = /^[1tT]/.test(value)
    } else if (key !== 'experimental') fail(`invalid check option ${quote(key)}`)
  }
  return settings
}

function cut(text: string): [string, string?] {
  const equals = text.indexOf('=')
  return equals < 0 ? [text] : [text.slice(0, equals).trim(), text.slice(equals + 1).trim()]
}

interface Inputs {
  file: Dockerfile
  parsed: Parsed
  /** The stages that are built. */
  needed: readonly Stage[]
  missing: readonly MissingVariable[]
  settings: LintSettings
}

/** All warnings, in the order of the file's lines. */
export function lint({ file, parsed, needed, missing, settings }: Inputs): LintWarning[] {
  const found: LintWarning[] = []
  const add = (rule: string, message: string, location: Location): void => {
    if (settings.all || settings.skip.has(rule)) return
    found.push({ rule, message, location, url: `https://docs.docker.com/go/dockerfile/rule/${slug(rule)}/` })
  }
  const isForm = ({ rule }: Warning): boolean => rule === 'JSONArgsRecommended'
  for (const warning of [...file.warnings, ...parsed.warnings])
    if (!isForm(warning)) add(warning.rule, textOf(warning), warning.location)
  checkCasing(file.instructions, add)
  checkStages(parsed, add)
  for (const stage of needed) checkSteps(stage, add)
  // The form of commands is looked at when they are carried out, after all else.
  for (const warning of parsed.warnings.filter(isForm))
    if (!hasShell(parsed.stages, warning.location)) add(warning.rule, textOf(warning), warning.location)
  for (const { key, location } of parsed.metaArgs) if (isSecret(key)) add(secrets, secretText('ARG', key), location)
  for (const { name, location, known } of missing) {
    const near = suggestion(name, known)
    add(
      'UndefinedVar',
      `Usage of undefined variable '$${name}'${near === undefined ? '' : ` (did you mean $${near}?)`}`,
      location,
    )
  }
  return found
    .map((warning, at) => ({ warning, at }))
    .sort((a, b) => a.warning.location.start - b.warning.location.start || a.at - b.at)
    .map(({ warning }) => warning)
}

type Add = (rule: string, message: string, location: Location) => void

/** StageNameCasing: stage-name-casing; JSONArgsRecommended: json-args-recommended. */
const slug = (rule: string): string =>
  rule
    .replace(/([a-z])([A-Z])/g, '$1-$2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1-$2')
    .toLowerCase()

function textOf({ rule, detail = '' }: Warning): string {
  switch (rule) {
    case 'StageNameCasing':
      return `Stage name '${detail}' should be lowercase`
    case 'FromAsCasing': {
      const [as, from] = detail.split(' ')
      return `'${as}' and '${from}' keywords' casing do not match`
    }
    case 'LegacyKeyValueFormat':
      return `"${detail} key=value" should be used instead of legacy "${detail} key value" format`
    case 'JSONArgsRecommended':
      return `JSON arguments recommended for ${detail} to prevent unintended behavior related to OS signals`
    case 'MaintainerDeprecated':
      return 'Maintainer instruction is deprecated in favor of using label'
    default:
      return 'Empty continuation line'
  }
}

/** A stage that sets SHELL means its commands to go through it. */
const hasShell = (stages: readonly Stage[], at: Location): boolean =>
  stages.some(({ steps }) => steps.some(step => step.location === at) && steps.some(step => step.kind === 'shell'))

/** Instructions are written in the case of most of them. */
function checkCasing(instructions: readonly Instruction[], add: Add): void {
  const upper = instructions.filter(({ written }) => written === written.toUpperCase()).length
  const lower = instructions.filter(({ written }) => written === written.toLowerCase()).length
  const wanted = lower > upper ? 'lowercase' : 'uppercase'
  for (const { written, location } of instructions)
    if (written !== (wanted === 'lowercase' ? written.toLowerCase() : written.toUpperCase()))
      add(
        'ConsistentInstructionCasing',
        `Command '${written}' should match the case of the command majority (${wanted})`,
        location,
      )
}

const variables = /\$(?:\{(\w+)\}|(\w+))/g
const platformArgs = ['TARGETPLATFORM', 'TARGETOS', 'TARGETARCH', 'TARGETVARIANT', 'BUILDPLATFORM', 'BUILDOS']
const moreArgs = ['BUILDARCH', 'BUILDVARIANT', 'TARGETOSVERSION', 'BUILDOSVERSION', 'TARGETSTAGE']

function checkStages({ stages, metaArgs }: Parsed, add: Add): void {
  const names = new Set<string>()
  const declared = [...metaArgs.map(arg => arg.key), ...platformArgs, ...moreArgs]
  for (const { name, base, platform, location } of stages) {
    if (name !== '' && names.has(name))
      add('DuplicateStageName', `Duplicate stage name ${JSON.stringify(name)}, stage names should be unique`, location)
    names.add(name)
    if (name === 'scratch' || name === 'context')
      add(
        'ReservedStageName',
        `Stage name should not use the same name as reserved stage ${JSON.stringify(name)}`,
        location,
      )
    const values = new Map(metaArgs.map(arg => [arg.key, arg.value ?? '']))
    const plain = base.replace(variables, (_, braced: string, bare: string) => values.get(braced ?? bare) ?? '')
    if (!isReference(plain))
      add(
        'InvalidDefaultArgInFrom',
        `Default value for ARG ${base} results in empty or invalid base image name`,
        location,
      )
    for (const word of [base, platform])
      for (const match of word.matchAll(variables)) {
        const variable = match[1] ?? match[2] ?? ''
        if (declared.includes(variable)) continue
        const near = suggestion(variable, declared)
        add(
          'UndefinedArgInFrom',
          `FROM argument '${variable}' is not declared${near === undefined ? '' : ` (did you mean ${near}?)`}`,
          location,
        )
      }
    if (platform === '') continue
    if (/^\$\{?TARGETPLATFORM\}?$/.test(platform))
      add(
        'RedundantTargetPlatform',
        `Setting platform to predefined ${platform} in FROM is redundant as this is the default behavior`,
        location,
      )
    else if (!platform.includes('$') && !names.has(base))
      add(
        'FromPlatformFlagConstDisallowed',
        `FROM --platform flag should not use constant value ${JSON.stringify(platform)}`,
        location,
      )
  }
}

const isReference = (name: string): boolean => {
  try {
    parseReference(name)
    return true
  } catch {
    return false
  }
}

const secrets = 'SecretsUsedInArgOrEnv'
const secretWords = /(?:_|^)(?:apikey|auth|credentials?|key|password|pword|passwd|secret|token)(?:_|$)/i
const isSecret = (name: string): boolean => secretWords.test(name) && !/(?:_|^)public(?:_|$)/i.test(name)
const secretText = (instruction: string, name: string): string =>
  `Do not use ARG or ENV instructions for sensitive data (${instruction} ${JSON.stringify(name)})`

function checkSteps(stage: Stage, add: Add): void {
  let known = false
  for (const step of stage.steps) {
    if (step.kind === 'arg') {
      for (const { key } of step.args) if (isSecret(key)) add(secrets, secretText('ARG', key), step.location)
    } else if (step.kind === 'env') {
      for (const { key } of step.pairs) if (isSecret(key)) add(secrets, secretText('ENV', key), step.location)
    } else if (step.kind === 'workdir') {
      if (!known && !/^[/$]/.test(step.text))
        add(
          'WorkdirRelativePath',
          `Relative workdir ${JSON.stringify(step.text)} can have unexpected results if the base image changes`,
          step.location,
        )
      known = true
    } else if (step.kind === 'expose') checkPorts(step.words, step.location, add)
  }
  for (const [kind, name] of [
    ['cmd', 'CMD'],
    ['entrypoint', 'ENTRYPOINT'],
    ['healthcheck', 'HEALTHCHECK'],
  ] as const)
    for (const step of stage.steps.filter(each => each.kind === kind).slice(0, -1))
      add(
        'MultipleInstructionsDisallowed',
        `Multiple ${name} instructions should not be used in the same stage because only the last one will be used`,
        step.location,
      )
}

function checkPorts(words: readonly string[], location: Location, add: Add): void {
  for (const word of words) {
    if (word.includes(':') && !word.includes('$'))
      add(
        'ExposeInvalidFormat',
        `EXPOSE instruction should not define an IP address or host-port mapping, found '${word}'`,
        location,
      )
  }
  for (const word of words) {
    const protocol = word.split('/')[1] ?? ''
    if (protocol !== protocol.toLowerCase())
      add('ExposeProtoCasing', `Defined protocol '${word}' in EXPOSE instruction should be lowercase`, location)
  }
}
