/** `--metadata-file`: what came out of a build and of what (docker/buildx commands/build.go, in-toto provenance v0.2). */
import { createHash } from 'node:crypto'
import { basename } from 'node:path'
import type { BuildEvent } from '../../../build/events.ts'
import type { BuildOptions } from '../../../engine/engine.ts'
import { familiarName, fullString, parseReference } from '../../../image/reference.ts'
import type { CliContext } from '../../command.ts'
import type { Flags } from '../../flags.ts'
import { clientVersion } from '../../version.ts'

export interface BuildFacts {
  /** The image's id; '' where none came out. */
  image: string
  /** Its manifest's digest, where it was pushed. */
  digest: string | undefined
  names: readonly string[]
  /** The images that it was made of. */
  materials: (BuildEvent & { type: 'materials' })['images']
  /** ms since the epoch. */
  now: number
}

/** Whether the provenance is wanted in it: `BUILDX_METADATA_PROVENANCE=disabled` leaves it out. */
export const wantsProvenance = (ctx: CliContext): boolean =>
  !/^(disabled|0|f|false)$/i.test(ctx.env['BUILDX_METADATA_PROVENANCE'] ?? '')

/** The file's text. The steps that `max` adds are not told. */
export function metadataText(ctx: CliContext, flags: Flags, request: BuildOptions, facts: BuildFacts): string {
  const { image, digest, names, materials, now } = facts
  const platform = `linux/${clientVersion(ctx).Arch}`
  const args = Object.entries(frontendArgs(flags, request)).sort(([a], [b]) => (a < b ? -1 : 1))
  const provenance = {
    builder: { id: '' },
    buildType: 'https://mobyproject.org/buildkit@v1',
    ...(materials.length > 0 && {
      materials: materials.map(({ name, digest }) => ({
        uri: `pkg:docker/${packageName(name)}?platform=${encodeURIComponent(platform)}`,
        digest: { sha256: digest.replace(/^sha256:/, '') },
      })),
    }),
    invocation: {
      configSource: { entryPoint: flags.string('file') === '' ? 'Dockerfile' : basename(flags.string('file')) },
      parameters: {
        frontend: 'dockerfile.v0',
        ...(args.length > 0 && { args: Object.fromEntries(args) }),
        locals: [{ name: 'context' }, { name: 'dockerfile' }],
      },
      environment: { platform },
    },
  }
  const metadata = {
    ...(wantsProvenance(ctx) && { 'buildx.build.provenance': provenance }),
    'buildx.build.ref': `default/default/${refOf(`${image} ${now}`)}`,
    ...(image !== '' && { 'containerimage.config.digest': image, 'containerimage.digest': digest ?? image }),
    ...(names.length > 0 &&
      image !== '' && { 'image.name': names.map(name => fullString(parseReference(name))).join(',') }),
  }
  return JSON.stringify(metadata, undefined, 2)
}

/** What the frontend is given besides the Dockerfile. */
function frontendArgs(flags: Flags, request: BuildOptions): Record<string, string> {
  const contexts = flags.list('build-context').map(given => given.split('=', 1)[0] ?? '')
  const { environment } = request
  const args: [string, string, boolean][] = [
    ...[...request.buildArgs].map(([key, value]): [string, string, boolean] => [`build-arg:${key}`, value, true]),
    ...request.labels.map(([key, value]): [string, string, boolean] => [`label:${key}`, value, true]),
    ...contexts.map((name): [string, string, boolean] => [
      `context:${name}`,
      request.contexts.has(name) ? `local:${name}` : `docker-image://${request.contextImages.get(name) ?? ''}`,
      true,
    ]),
    ['frontend.caps', 'moby.buildkit.frontend.contexts+forward', contexts.length > 0],
    ['target', request.target, request.target !== ''],
    ['no-cache', request.noCacheFilter.join(','), request.noCache || request.noCacheFilter.length > 0],
    [
      'add-hosts',
      request.addHosts.map(({ name, address }) => `${name}=${address}`).join(','),
      request.addHosts.length > 0,
    ],
    ['shm-size', String(environment.shmBytes), environment.shmBytes !== undefined],
    ['force-network-mode', environment.network, environment.network !== 'default'],
    [
      'ulimit',
      environment.ulimits.map(({ Name, Soft, Hard }) => `${Name}=${Soft}:${Hard}`).join(','),
      environment.ulimits.length > 0,
    ],
  ]
  return Object.fromEntries(args.filter(([, , given]) => given).map(([key, value]) => [key, value]))
}

/** `busybox@latest` for docker.io/library/busybox:latest (package-url, type docker). */
function packageName(name: string): string {
  const reference = parseReference(name)
  return `${familiarName(reference)}@${reference.digest ?? reference.tag ?? 'latest'}`
}

/** A build's name in the history of builds: 25 letters and digits. */
const refOf = (text: string): string =>
  [...createHash('sha256').update(text).digest()]
    .slice(0, 25)
    .map(byte => (byte % 36).toString(36))
    .join('')
