/** The config of a new container: the request over the image's, as moby merges them (runconfig, daemon/create.go). */
import { posix } from 'node:path'
import type { ContainerConfig, ContainerCreateRequest, HealthConfig } from '../api/container.ts'
import type { ImageContainerConfig } from '../api/image.ts'
import { invalid } from '../errors.ts'
import { sorted } from './host-config.ts'

/** The merged config, and the path and arguments of the main process. Throws "no command specified". */
export function mergeConfig(
  request: ContainerCreateRequest,
  image: ImageContainerConfig,
  defaults: { hostname: string },
): { config: ContainerConfig; path: string; args: string[] } {
  const reset = request.Entrypoint?.length === 1 && request.Entrypoint[0] === ''
  const givenEntrypoint = request.Entrypoint?.length ? request.Entrypoint : undefined
  const cmd = request.Cmd?.length ? request.Cmd : givenEntrypoint ? null : (image.Cmd ?? null)
  const entrypoint = reset ? null : (givenEntrypoint ?? image.Entrypoint ?? null)
  const command = [...(entrypoint ?? []), ...(cmd ?? [])]
  const [path, ...args] = command
  if (path === undefined) throw invalid('no command specified')
  const exposed = { ...image.ExposedPorts, ...request.ExposedPorts }
  const volumes = { ...image.Volumes, ...request.Volumes }
  const health = mergeHealth(request.Healthcheck, image.Healthcheck)
  const stopSignal = request.StopSignal || image.StopSignal
  const config: ContainerConfig = {
    Hostname: request.Hostname || defaults.hostname,
    Domainname: request.Domainname ?? '',
    User: request.User || image.User || '',
    AttachStdin: request.AttachStdin ?? false,
    AttachStdout: request.AttachStdout ?? false,
    AttachStderr: request.AttachStderr ?? false,
    ...(Object.keys(exposed).length > 0 && { ExposedPorts: sorted(exposed) }),
    Tty: request.Tty ?? false,
    OpenStdin: request.OpenStdin ?? false,
    StdinOnce: request.StdinOnce ?? false,
    Env: mergeEnv(request.Env ?? [], image.Env ?? []),
    Cmd: cmd,
    ...(health && { Healthcheck: health }),
    ...(image.ArgsEscaped && { ArgsEscaped: true }),
    Image: request.Image ?? '',
    Volumes: Object.keys(volumes).length > 0 ? sorted(volumes) : null,
    WorkingDir: cleanPath(request.WorkingDir || image.WorkingDir || ''),
    Entrypoint: entrypoint,
    ...(request.NetworkDisabled && { NetworkDisabled: true }),
    ...(request.MacAddress && { MacAddress: request.MacAddress }),
    OnBuild: image.OnBuild ?? null,
    Labels: sorted({ ...image.Labels, ...request.Labels }),
    ...(stopSignal && { StopSignal: stopSignal }),
    ...(request.StopTimeout !== undefined && { StopTimeout: request.StopTimeout }),
    ...(image.Shell && { Shell: image.Shell }),
  }
  return { config, path, args }
}

const cleanPath = (path: string): string => (path === '' ? '' : posix.resolve('/', path))

/** The request's variables first, those without a value too, then the image's that it does not name. */
function mergeEnv(own: readonly string[], image: readonly string[]): string[] {
  const names = new Set(own.map(variableName))
  return [...own, ...image.filter(variable => !names.has(variableName(variable)))]
}

/** `NAME` of `NAME=value`; a bare name removes the image's variable. */
const variableName = (variable: string): string => variable.split('=', 1)[0] ?? ''

/** Field by field: what the request leaves out comes from the image (behaviours.md 16). */
function mergeHealth(own: HealthConfig | undefined, image: HealthConfig | undefined): HealthConfig | undefined {
  if (!own || !image) return own ?? image
  return {
    ...image,
    ...Object.fromEntries(
      Object.entries(own).filter(([, value]) => (Array.isArray(value) ? value.length > 0 : Boolean(value))),
    ),
  }
}
