/** The flags of a build that are checked before anything is read (docker/buildx commands/build.go, build/opt.go). */
import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import type { RunEnvironment } from '../../../build/vertex.ts'
import { messageOf } from '../../../errors.ts'
import { parsePlatform } from '../../../image/platform.ts'
import type { CliContext } from '../../command.ts'
import { StatusError } from '../../errors.ts'
import type { Flags } from '../../flags.ts'
import { parseUlimit } from '../../opts/ulimit.ts'
import { fail } from './fail.ts'

/** What the docker driver, with Docker's own image store, has no way to do. */
export const unsupported = (what: string, page: string): StatusError =>
  fail(
    `${what} is not supported for the docker driver.\nSwitch to a different driver, or turn on the containerd image store, and try again.\nLearn more at https://docs.docker.com/go/${page}/`,
  )

/** Throws StatusError in buildx's words. */
export function checkFlags(ctx: CliContext, flags: Flags): void {
  for (const name of ['build-arg', 'label'])
    for (const given of flags.list(name))
      if (given.startsWith('='))
        throw new StatusError(1, `ERROR: invalid key-value pair ${JSON.stringify(given)}: empty key`)
  checkBuilder(flags.string('builder'))
  for (const given of flags.list('allow').flatMap(each => each.split(','))) {
    if (given === 'security.insecure')
      throw fail('failed to solve: granting entitlement security.insecure is not allowed by build daemon configuration')
    if (given !== 'network.host' && !given.startsWith('device')) throw fail(`unknown entitlement ${given}`)
  }
  if (['provenance', 'sbom'].some(name => wanted(flags.string(name))) || flags.list('attest').some(attests))
    throw unsupported('Attestation', 'attestations')
  if (flags.bool('no-cache') && flags.list('no-cache-filter').length > 0)
    throw fail('--no-cache and --no-cache-filter cannot currently be used together')
  for (const host of flags.list('add-host')) if (!/[:=]/.test(host)) throw fail(`invalid host ${host}`)
  for (const platform of flags.list('platform').flatMap(each => each.split(','))) {
    try {
      parsePlatform(platform)
    } catch (error) {
      throw fail(messageOf(error))
    }
  }
  checkSsh(ctx, flags.list('ssh'))
  if (flags.bool('squash'))
    ctx.err.write(
      'WARNING: experimental flag squash is removed with BuildKit. You should squash inside build using a multi-stage Dockerfile for efficiency.\n',
    )
  if (flags.changed('isolation')) ctx.err.write('WARNING: isolation flag is deprecated with BuildKit.\n')
  if (flags.list('security-opt').length > 0)
    ctx.err.write('WARNING: security-opt flag is deprecated. "RUN --security=insecure" should be used with BuildKit.\n')
}

/** Images that `--cache-from` names (docker/buildx build/opt.go, util/buildflags/cache.go). Throws StatusError. */
export function cacheSources(ctx: CliContext, given: readonly string[]): string[] {
  return given.flatMap(source => {
    const fields = source.split(',').map(field => field.trim())
    if (fields.every(field => !field.includes('='))) return fields.filter(field => field !== '')
    const value = (name: string): string =>
      fields.find(field => field.startsWith(`${name}=`))?.slice(name.length + 1) ?? ''
    const type = value('type') || 'registry'
    // Without the tokens of a workflow it is left out in silence.
    if (type === 'gha') return []
    if (type === 'local') return localSource(ctx, value('src'))
    if (type !== 'registry') throw new StatusError(1, `${ctx.name}: --cache-from type=${type} is not modelled`)
    if (value('ref') === '') throw fail('registry cache importer requires ref')
    return [value('ref')]
  })
}

/** The docker driver writes no folders of cache; others' are not read. */
function localSource(ctx: CliContext, folder: string): string[] {
  if (folder === '') throw fail('local cache importer requires src')
  if (statSync(resolve(ctx.cwd, folder), { throwIfNoEntry: false }))
    throw new StatusError(1, `${ctx.name}: --cache-from type=local is not modelled`)
  const lock = `${folder}/index.json.lock`
  ctx.err.write(
    `WARNING: local cache import at ${folder} not found due to err: could not lock ${lock}: open ${lock}: no such file or directory\n`,
  )
  return []
}

/**
 * Whether the image is to carry the keys of its steps: `--cache-to type=inline`, or the build argument BUILDKIT_INLINE_CACHE.
 * Throws StatusError for other caches.
 */
export function wantsInlineCache(cacheTo: readonly string[], argument: string | undefined): boolean {
  if (cacheTo.some(given => given !== 'type=inline' && given !== 'inline'))
    throw unsupported('Cache export', 'build-cache-backends')
  const asked = /^(?:1|t|T|true|TRUE|True)$/.test(argument ?? '')
  if (asked && cacheTo.length > 0) throw fail('failed to solve: duplicate cache exports [inline]')
  return asked || cacheTo.length > 0
}

/** There is one builder. Throws StatusError for any other. */
export function checkBuilder(name: string): void {
  if (name !== '' && name !== 'default') throw new StatusError(1, `ERROR: no builder ${JSON.stringify(name)} found`)
}

const wanted = (value: string): boolean => value !== '' && value !== 'false' && value !== '0'
const attests = (given: string): boolean => !/(?:^|,)disabled=(?:true|1)(?:,|$)/.test(given)

/** Keys and agents can be named; a build has no network to use them in. */
function checkSsh(ctx: CliContext, specs: readonly string[]): void {
  for (const spec of specs) {
    const [id = '', value = ''] = spec.split('=')
    const paths = value === '' ? [] : value.split(',')
    const fields = `{${id} [${paths.join(' ')}] false}`
    if (paths.length === 0 && (ctx.env['SSH_AUTH_SOCK'] ?? '') === '')
      throw fail(
        `failed to convert agent config ${fields}: invalid empty ssh agent socket: make sure SSH_AUTH_SOCK is set`,
      )
    for (const path of paths)
      if (!statSync(resolve(ctx.cwd, path), { throwIfNoEntry: false }))
        throw fail(
          `failed to convert agent config ${fields}: failed to convert agent config for ID: ${JSON.stringify(id)}: stat ${path}: no such file or directory`,
        )
    throw new StatusError(1, `${ctx.name}: --ssh is not modelled: minidock forwards no keys into builds`)
  }
}

/** What the flags make of the world that RUN finds. Throws StatusError. */
export function runEnvironment(flags: Flags): RunEnvironment {
  const network = flags.string('network')
  if (!['', 'default', 'host', 'none'].includes(network))
    throw fail(
      `network mode ${JSON.stringify(network)} not supported by buildkit - you can define a custom network for your builder using the network driver-opt in buildx create`,
    )
  return {
    network: network === 'host' || network === 'none' ? network : 'default',
    allowHost: network === 'host' || flags.list('allow').some(given => given.split(',').includes('network.host')),
    shmBytes: flags.changed('shm-size') ? flags.number('shm-size') : undefined,
    ulimits: flags.list('ulimit').map(parseUlimit),
    cgroupParent: flags.string('cgroup-parent'),
  }
}
