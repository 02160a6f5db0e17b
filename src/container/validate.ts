/** What `create` refuses before it looks at the image, in moby's words (daemon/container.go, daemon_unix.go). */
import { posix } from 'node:path'
import type { ContainerCreateRequest, HealthConfig, HostConfig } from '../api/container.ts'
import { invalid } from '../errors.ts'
import { isStopSignal } from '../kernel/signals.ts'
import { canonicalCapabilities, capabilityNames } from '../security/capabilities.ts'
import { checkResources, checkRestartPolicy } from './host-config.ts'
import { checkLogConfig } from './log-config.ts'

/** Throws Docker's error for the first thing that is wrong with a request. */
export function checkCreate(request: ContainerCreateRequest): void {
  const given = request.HostConfig ?? {}
  if (request.WorkingDir && !posix.isAbsolute(request.WorkingDir))
    throw invalid(`the working directory '${request.WorkingDir}' is invalid, it needs to be an absolute path`)
  checkStopSignal(request.StopSignal ?? '')
  if (request.Healthcheck) checkHealth(request.Healthcheck)
  checkHostConfig(given)
  checkModes(request, given)
  checkResources(given)
}

function checkHostConfig(given: Partial<HostConfig>): void {
  if (given.AutoRemove && given.RestartPolicy && !['', 'no'].includes(given.RestartPolicy.Name))
    throw invalid("can't create 'AutoRemove' container with restart policy")
  const { Name: name = '', MaximumRetryCount: count = 0 } = given.RestartPolicy ?? {}
  checkRestartPolicy({ Name: name || 'no', MaximumRetryCount: count })
  for (const list of ['CapAdd', 'CapDrop'] as const)
    for (const capability of canonicalCapabilities(given[list]) ?? [])
      if (capability !== 'ALL' && !capabilityNames.includes(capability.slice('CAP_'.length)))
        throw invalid(`invalid ${list}: unknown capability: ${JSON.stringify(capability)}`)
  const isolation = given.Isolation ?? ''
  if (!['', 'default'].includes(isolation.toLowerCase()))
    throw invalid(`invalid isolation (${isolation}): linux only supports 'default'`)
  if (Object.keys(given.Annotations ?? {}).includes(''))
    throw invalid('invalid Annotations: the empty string is not permitted as an annotation key')
  const ipc = given.IpcMode ?? ''
  if (!['', 'none', 'private', 'shareable', 'host'].includes(ipc) && !ipc.startsWith('container:'))
    throw invalid(`invalid IPC mode: ${ipc}`)
  const score = given.OomScoreAdj ?? 0
  if (score < -1000 || score > 1000) throw invalid(`Invalid value ${score}, range for oom score adj is [-1000, 1000]`)
  const runtime = given.Runtime || 'runc'
  if (runtime !== 'runc' && !/^io\.containerd\.[^.]+\.v\d+$/.test(runtime))
    throw invalid(`unknown or invalid runtime name: ${runtime}`)
  if (Object.keys(given.StorageOpt ?? {}).length > 0)
    throw invalid("--storage-opt is supported only for overlay over xfs with 'pquota' mount option")
  for (const option of given.SecurityOpt ?? []) checkSecurityOption(option)
  checkLogConfig(given.LogConfig)
}

/** moby's parseSecurityOpt: a key that it knows, and for switches a value that is true or false. */
function checkSecurityOption(option: string): void {
  if (option === 'no-new-privileges') return
  const [, key = '', value = ''] = /^([^=:]*)[=:](.*)$/s.exec(option) ?? []
  const known = ['label', 'apparmor', 'seccomp'].includes(key)
  const isSwitch = ['no-new-privileges', 'writable-cgroups'].includes(key)
  if (!known && !(isSwitch && /^(1|t|true|0|f|false)$/i.test(value)))
    throw invalid(`invalid --security-opt 2: ${JSON.stringify(option)}`)
}

function checkStopSignal(signal: string): void {
  if (signal !== '' && !isStopSignal(signal)) throw invalid(`invalid signal: ${signal}`)
}

const shortestProbe = 1e6

function checkHealth(health: HealthConfig): void {
  for (const name of ['Interval', 'Timeout', 'StartPeriod', 'StartInterval'] as const) {
    const value = health[name] ?? 0
    if (value !== 0 && value < shortestProbe) throw invalid(`${name} in Healthcheck cannot be less than 1ms`)
  }
  if ((health.Retries ?? 0) < 0) throw invalid('Retries in Healthcheck cannot be negative')
}

/** What namespaces that are shared cannot be combined with (behaviours.md 4; moby runconfig/errors.go). */
function checkModes(request: ContainerCreateRequest, given: Partial<HostConfig>): void {
  const network = given.NetworkMode ?? ''
  const undefinedBehaviour = (kind: string): Error =>
    invalid(`conflicting options: ${kind} can't be used with links. This would result in undefined behavior`)
  if (network === 'container:' || network === 'container')
    throw invalid('invalid network mode: invalid container format container:<name|id>')
  if (network.startsWith('container:')) {
    if (request.Hostname) throw invalid('conflicting options: hostname and the network mode')
    if (given.Links?.length) throw undefinedBehaviour('container type network')
    if (given.Dns?.length) throw invalid('conflicting options: dns and the network mode')
    if (given.ExtraHosts?.length) throw invalid('conflicting options: custom host-to-IP mapping and the network mode')
    if (Object.keys(given.PortBindings ?? {}).length > 0 || given.PublishAllPorts)
      throw invalid('conflicting options: port publishing and the container type network mode')
    if (Object.keys(request.ExposedPorts ?? {}).length > 0)
      throw invalid('conflicting options: port exposing and the container type network mode')
  }
  if (given.UTSMode === 'host' && request.Hostname) throw invalid('conflicting options: hostname and the UTS mode')
  if (network === 'host' && given.Links?.length) throw undefinedBehaviour('host type networking')
}
