/** POST /containers/{id}/start, in moby's order (daemon/start.go). */
import { existsSync } from 'node:fs'
import type { HostConfig } from '../../api/container.ts'
import { containerEvent } from '../../container/events.ts'
import { logDriverFault } from '../../container/log-config.ts'
import type { ContainerRecord } from '../../container/record.ts'
import { conflict, EngineError, invalid, systemError } from '../../errors.ts'
import { processEnv } from '../../runtime/env.ts'
import { resolveUser } from '../../runtime/user.ts'
import { devicesAt } from '../../security/devices.ts'
import { seccompProfile } from '../../security/seccomp.ts'
import { checkTmpfsOptions } from '../../volume/tmpfs-options.ts'
import type { EngineContext } from '../context.ts'
import type { Live } from '../live.ts'
import { joinNetworks, leaveNetworks } from '../network/join.ts'
import { linkEnvironment, requireLinked } from '../network/links.ts'
import { openHostNetwork } from '../network/publish.ts'
import { emitMounts, emitUnmounts } from '../volume/events.ts'
import { checkPropagation } from '../volume/propagation.ts'
import { startFailed, startPaused } from './errors.ts'
import { startHealth } from './health.ts'
import { removeIn } from './remove.ts'

/** Starts a created or ended container; one that runs already is left alone. */
export async function startContainer(ctx: EngineContext, reference: string): Promise<void> {
  const failure = await ctx.machine.change(async live => {
    const container = live.find(reference)
    if (container.state.status === 'paused') throw startPaused()
    if (container.state.status === 'running') return undefined
    container.restartCount = 0
    container.stoppedByHand = false
    delete container.state.restartDelay
    delete container.state.restartAt
    return startIn(live, container)
  })
  if (failure) throw failure
}

/**
 * Starts the main process. A failure is returned, not thrown, because the container keeps what Docker leaves of
 * it: its error and exit code, no addresses, no ports.
 */
export async function startIn(live: Live, container: ContainerRecord): Promise<EngineError | undefined> {
  const { state } = container
  let joined = false
  try {
    checkDonors(live, container)
    requireLinked(live, container)
    await checkSpec(container)
    emitMounts(live, container)
    await openHostNetwork(live, container)
    joinNetworks(live, container)
    joined = true
    const world = await live.world(container)
    await world.prepare(live)
    const user = resolveUser(
      container.config.User,
      world.textFile('/etc/passwd'),
      world.textFile('/etc/group'),
      container.hostConfig.GroupAdd ?? [],
    )
    const [rows, cols] = container.hostConfig.ConsoleSize
    state.pid = world.startMain({
      argv: [container.path, ...container.args],
      env: processEnv(container.config.Env, {
        hostname: container.config.Hostname,
        tty: container.config.Tty,
        home: user.home,
        links: linkEnvironment(live, container),
      }),
      cwd: container.config.WorkingDir || '/',
      user,
      tty: container.config.Tty,
      size: { rows, cols },
      stdin: container.config.OpenStdin,
    })
  } catch (error) {
    if (!(error instanceof EngineError)) throw error
    live.worlds.stopped(container.id)
    leaveNetworks(live, container)
    emitUnmounts(live, container)
    // A start that fails once the networks are there forgets them, as the daemon does when it takes them back.
    if (joined) for (const endpoint of Object.values(container.networks)) endpoint.NetworkID = ''
    state.error = error.message
    if (error.exitStatus !== undefined && error.exitStatus !== 125) state.exitCode = error.exitStatus
    else if (state.exitCode === 0) state.exitCode = 128
    state.pid = 0
    if (state.status === 'restarting') state.status = 'exited'
    live.save(container)
    if (container.hostConfig.AutoRemove) await removeIn(live, container, { volumes: true })
    return error
  }
  state.status = 'running'
  state.startedAt = live.time
  state.error = ''
  state.exitCode = 0
  state.oomKilled = false
  delete state.killAt
  startHealth(container, live.time)
  live.emit(containerEvent(container, 'start'))
  live.save(container)
  return undefined
}

const runcCreate =
  'failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: '

/** What sethostname(2) takes. */
const longestHostname = 64

/** What the daemon looks at when it makes the runtime's spec and the task: options of tmpfs, and the log driver. */
async function checkSpec({ config, hostConfig, mounts }: ContainerRecord): Promise<void> {
  checkLimitedDevices(hostConfig)
  checkDevices(hostConfig)
  const own = Object.keys(hostConfig.Sysctls ?? {}).find(name => name.startsWith('net.'))
  if (hostConfig.NetworkMode === 'host' && own !== undefined)
    throw startFailed(`${runcCreate}sysctl "${own}" not allowed in host network namespace`, 125)
  if (hostConfig.UTSMode === 'host' && config.Domainname !== '')
    throw startFailed(`${runcCreate}sysctl "kernel.domainname" is not in a separate kernel namespace`, 125)
  if (Buffer.byteLength(config.Hostname) > longestHostname)
    throw startFailed(
      `${runcCreate}unable to start container process: error during container init: sethostname: invalid argument`,
      125,
    )
  for (const mount of mounts) checkPropagation(mount)
  for (const options of Object.values(hostConfig.Tmpfs ?? {})) checkTmpfsOptions(options)
  const profile = seccompProfile(hostConfig.SecurityOpt ?? [])
  const badProfile =
    profile === undefined ? undefined : (await import('../../security/seccomp-profile.ts')).profileFault(profile)
  if (badProfile?.by === 'daemon') throw systemError(badProfile.message)
  if (badProfile) throw startFailed(`${runcCreate}${badProfile.message}`, 125)
  const fault = logDriverFault(hostConfig.LogConfig)
  if (fault !== undefined)
    throw systemError(`failed to create task for container: failed to initialize logging driver: ${fault}`)
}

/** Devices with limits of their own, which the daemon looks up by path. */
function checkLimitedDevices(hostConfig: HostConfig): void {
  const limited = [
    ...(hostConfig.BlkioWeightDevice ?? []),
    ...(hostConfig.BlkioDeviceReadBps ?? []),
    ...(hostConfig.BlkioDeviceWriteBps ?? []),
    ...(hostConfig.BlkioDeviceReadIOps ?? []),
    ...(hostConfig.BlkioDeviceWriteIOps ?? []),
  ]
  for (const { Path: path } of limited)
    if (devicesAt(path).length === 0) throw systemError(`stat ${path}: no such file or directory`)
}

/** Devices that the simulated host does not have; it has no driver for graphics, and no CDI specifications. */
function checkDevices({ Devices, DeviceRequests }: HostConfig): void {
  for (const { PathOnHost: path } of Devices ?? [])
    if (devicesAt(path).length === 0)
      throw systemError(
        `error gathering device information while adding custom device "${path}": ${existsSync(path) ? 'not a device node' : 'no such file or directory'}`,
      )
  const request = DeviceRequests?.find(each => each.Driver !== 'cdi')
  if (request)
    throw invalid(
      `could not select device driver "${request.Driver}" with capabilities: [${(request.Capabilities ?? []).map(set => `[${set.join(' ')}]`).join(' ')}]`,
    )
  const cdi = (DeviceRequests ?? []).flatMap(each => each.DeviceIDs ?? [])
  if (cdi.length > 0) throw systemError(`CDI device injection failed: unresolvable CDI devices ${cdi.join(', ')}`)
}

/** Containers whose namespaces this one joins must run (behaviours.md 5). */
function checkDonors(live: Live, container: ContainerRecord): void {
  const { NetworkMode, PidMode, IpcMode } = container.hostConfig
  const donor = (mode: string): ContainerRecord | undefined => {
    if (!mode.startsWith('container:')) return undefined
    return live.find(mode.slice('container:'.length))
  }
  const stopped = (other: ContainerRecord): boolean => !['running', 'paused'].includes(other.state.status)
  const network = NetworkMode.startsWith('container:') ? networkDonor(live, NetworkMode) : undefined
  if (network && stopped(network))
    throw conflict(
      `cannot join network namespace of a non running container: container ${network.name} is ${network.state.status}`,
    )
  if (network) {
    container.config.Hostname = network.config.Hostname
    container.config.Domainname = network.config.Domainname
  }
  const ipc = donor(IpcMode)
  if (ipc && stopped(ipc)) throw conflict(`failed to join IPC namespace: container ${ipc.id} is not running`)
  // Who shares another's memory passes it on.
  if (ipc && ['private', 'none'].includes(ipc.hostConfig.IpcMode))
    throw conflict(
      `failed to join IPC namespace: container ${ipc.id}: non-shareable IPC (hint: use IpcMode:shareable for the donor container)`,
    )
  const pid = donor(PidMode)
  if (pid && stopped(pid)) throw conflict(`failed to join PID namespace: container ${pid.id} is not running`)
}

/** The container that a network mode `container:NAME` names. */
export function networkDonor(live: Live, mode: string): ContainerRecord {
  const reference = mode.slice('container:'.length)
  if (reference === '') throw invalid('invalid network mode: invalid container format container:<name|id>')
  try {
    return live.find(reference)
  } catch (error) {
    throw error instanceof EngineError ? systemError(`joining network namespace of container: ${error.message}`) : error
  }
}
