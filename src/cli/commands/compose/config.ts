/** `docker compose config`. */
import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Project } from '../../../compose/file/project.ts'
import { isMapping, type Mapping, mapping } from '../../../compose/file/tree.ts'
import type { CliContext, Command } from '../../command.ts'
import { StatusError } from '../../errors.ts'
import type { Flags } from '../../flags.ts'
import { type Asked, projectOf, projectOptions, separatorOf } from './project.ts'

export const command: Command = {
  async run(ctx, args, flags) {
    const lists = [
      'services',
      'volumes',
      'networks',
      'models',
      'hash',
      'profiles',
      'images',
      'variables',
      'environment',
    ]
    const wanted = lists.find(name => (name === 'hash' ? flags.string(name) !== '' : flags.bool(name)))
    const text = wanted === undefined ? await model(ctx, args, flags) : await listing(ctx, args, flags, wanted)
    if (flags.bool('quiet')) return
    const file = flags.string('output')
    if (wanted === undefined && file !== '' && text !== '') writeFileSync(resolve(ctx.cwd, file), text)
    else ctx.out.write(text)
  },
}

const asked = (ctx: CliContext, flags: Flags): Asked => ({
  raw: flags.bool('no-interpolate'),
  keepPaths: flags.bool('no-path-resolution'),
  noNormalize: flags.bool('no-normalize') || ctx.parent.bool('compatibility'),
  noConsistency: flags.bool('no-consistency'),
})

/** The whole model, as YAML or JSON. */
async function model(ctx: CliContext, services: readonly string[], flags: Flags): Promise<string> {
  const { goJson, yamlText } = await import('../../../compose/file/print.ts')
  const format = flags.string('format') || 'yaml'
  const raw = flags.bool('no-interpolate')
  const content = raw ? await rawModel(ctx, flags) : await resolvedModel(ctx, services, flags, format)
  if (format !== 'yaml' && format !== 'json') throw new StatusError(1, `unsupported format ${JSON.stringify(format)}`)
  if (format === 'json') {
    const text = goJson(content, '  ', raw)
    return raw ? text : text.replaceAll('$', '$$$$')
  }
  const text = yamlText(content, raw)
  return raw ? text : text.replaceAll('$', '$$$$')
}

async function rawModel(ctx: CliContext, flags: Flags): Promise<Mapping> {
  const { loadModel } = await import('../../../compose/file/load.ts')
  const { tree } = await loadModel(await projectOptions(ctx, asked(ctx, flags)))
  if (flags.bool('lock-image-digests')) return mapping([['services', imagesOnly(tree.services)]])
  return tree
}

async function resolvedModel(
  ctx: CliContext,
  services: readonly string[],
  flags: Flags,
  format: string,
): Promise<Mapping> {
  const { printable } = await import('../../../compose/file/load.ts')
  const { checkContainerNames } = await import('../../../compose/file/project.ts')
  let project = await projectOf(ctx, services, asked(ctx, flags))
  if (flags.bool('resolve-image-digests') || flags.bool('lock-image-digests')) project = await withDigests(ctx, project)
  if (!flags.bool('no-consistency')) checkContainerNames(project)
  const shown = printable(project, format === 'json' ? 'json' : 'yaml')
  return flags.bool('lock-image-digests') ? mapping([['services', imagesOnly(shown.services)]]) : shown
}

function imagesOnly(services: Mapping[string] | undefined): Mapping {
  return mapping(
    Object.entries(isMapping(services) ? services : {}).map(([name, service]) => [
      name,
      mapping(isMapping(service) && service.image !== undefined ? [['image', service.image]] : []),
    ]),
  )
}

/** Images by the digests that their registries give. */
async function withDigests(ctx: CliContext, project: Project): Promise<Project> {
  const { registry } = await ctx.engine()
  const { authFor } = await import('../image/auth.ts')
  const { parseReference, familiarString, withDefaultTag } = await import('../../../image/reference.ts')
  const services = new Map(project.services)
  for (const [name, service] of services) {
    if (!service.image) continue
    const reference = withDefaultTag(parseReference(service.image))
    if (reference.digest !== undefined) continue
    const { digest } = await registry.manifest(familiarString(reference), await authFor(ctx, reference))
    services.set(name, { ...service, image: `${familiarString(reference)}@${digest}` })
  }
  return { ...project, services }
}

const lines = (names: Iterable<string>): string => [...names].map(name => `${name}\n`).join('')

/** One of the lists that `config` prints instead of the model. */
async function listing(ctx: CliContext, args: readonly string[], flags: Flags, wanted: string): Promise<string> {
  const options = asked(ctx, flags)
  if (wanted === 'variables') return variables(ctx, flags)
  if (wanted === 'services' && options.raw) {
    const { tree } = await (await import('../../../compose/file/load.ts')).loadModel(await projectOptions(ctx, options))
    return lines(Object.keys(isMapping(tree.services) ? tree.services : {}))
  }
  const all = ['services', 'volumes', 'networks', 'models', 'hash'].includes(wanted)
  const project = await projectOf(ctx, all ? [] : args, options)
  const { forEachService, imageOf, serviceOf } = await import('../../../compose/file/project.ts')
  switch (wanted) {
    case 'services': {
      const names: string[] = []
      forEachService(project, [], name => names.push(name))
      return lines(names)
    }
    case 'volumes':
      return lines(project.volumes.keys())
    case 'networks':
      return lines(project.networks.keys())
    case 'models':
      return ''
    case 'profiles': {
      const found = [...project.services.values(), ...project.disabled.values()].flatMap(one => one.profiles ?? [])
      return lines([...new Set(found)].sort())
    }
    case 'images': {
      const separator = separatorOf(ctx, project)
      return lines([...project.services].map(([name, service]) => imageOf(project, name, service, separator)))
    }
    case 'hash': {
      const { serviceHash } = await import('../../../compose/hash.ts')
      const names = flags.string('hash') === '*' ? [...project.services.keys()] : flags.string('hash').split(',')
      return lines(names.sort().map(name => `${name} ${serviceHash(serviceOf(project, name))}`))
    }
    default:
      return lines([...project.environment].map(([key, value]) => `${key}=${value}`).sort())
  }
}

/** `config --variables`: what the file's variables are called, and what they are without a value. */
async function variables(ctx: CliContext, flags: Flags): Promise<string> {
  const { loadModel } = await import('../../../compose/file/load.ts')
  const { fileVariables } = await import('../../../compose/file/interpolate.ts')
  const { tree } = await loadModel(await projectOptions(ctx, { ...asked(ctx, flags), raw: true }))
  const found = [...fileVariables(tree).values()]
  const { align, SECTION_WIDTH } = await import('../../format/tabwriter.ts')
  if (flags.string('format') === 'json') {
    const { goJson } = await import('../../../compose/file/print.ts')
    const shown = found.map(v => {
      const fields = {
        Name: v.name,
        DefaultValue: v.defaultValue,
        PresenceValue: v.presenceValue,
        Required: v.required,
      }
      return [v.name, mapping(Object.entries(fields))] as const
    })
    return `${goJson(mapping(shown), '', true)}\n`
  }
  const rows = found.map(v => [v.name, String(v.required), v.defaultValue, v.presenceValue].join('\t'))
  return `${align(['NAME\tREQUIRED\tDEFAULT VALUE\tALTERNATE VALUE', ...rows].join('\n'), SECTION_WIDTH)}\n`
}
