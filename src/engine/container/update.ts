/** POST /containers/{id}/update (moby daemon/update.go, container_unix.go). */
import type { ContainerUpdateRequest, HostConfig } from '../../api/container.ts'
import { containerEvent } from '../../container/events.ts'
import { checkResources, checkRestartPolicy } from '../../container/host-config.ts'
import { hasProcesses } from '../../container/record.ts'
import { conflict, EngineError, systemError } from '../../errors.ts'
import type { EngineContext } from '../context.ts'
import { cannotUpdate } from './errors.ts'

const runcFailed = 'runc did not terminate successfully: exit status 1: '

/** What runc refuses to write to a running container's memory.swap.max (opencontainers/cgroups utils.go). */
function checkSwap({ Memory, MemorySwap }: HostConfig): void {
  if (MemorySwap <= 0) return
  if (Memory === 0) throw systemError(`${runcFailed}unable to set swap limit without memory limit`)
  if (MemorySwap < Memory) throw systemError(`${runcFailed}memory+swap limit should be >= memory limit`)
}

/** The limits that an update may change; a zero leaves what is there. */
const numbers = [
  'BlkioWeight',
  'CpuShares',
  'CpuPeriod',
  'CpuQuota',
  'CpuRealtimePeriod',
  'CpuRealtimeRuntime',
  'Memory',
  'MemorySwap',
  'MemoryReservation',
  'NanoCpus',
] as const

/** Changes limits and the restart policy of a container, at once where it runs. */
export async function updateContainer(
  ctx: EngineContext,
  reference: string,
  request: ContainerUpdateRequest,
): Promise<{ Warnings: string[] }> {
  return ctx.machine.change(async live => {
    if (request.RestartPolicy?.Name) checkRestartPolicy(request.RestartPolicy)
    checkResources(request, true)
    const container = live.find(reference)
    try {
      const next = merged(container.hostConfig, request)
      if (hasProcesses(container)) checkSwap(next)
      if (request.RestartPolicy?.Name) {
        if (next.AutoRemove && request.RestartPolicy.Name !== 'no')
          throw conflict('Restart policy cannot be updated because AutoRemove is enabled for the container')
        next.RestartPolicy = {
          Name: request.RestartPolicy.Name,
          MaximumRetryCount: request.RestartPolicy.MaximumRetryCount,
        }
      }
      container.hostConfig = next
    } catch (error) {
      throw error instanceof EngineError ? cannotUpdate(container.id, error) : error
    }
    if (hasProcesses(container)) (await live.world(container)).applyLimits(container.hostConfig)
    live.emit(containerEvent(container, 'update'))
    live.save(container)
    return { Warnings: [] }
  })
}

function merged(current: HostConfig, request: ContainerUpdateRequest): HostConfig {
  const next = { ...current }
  if (request.NanoCpus && (current.CpuPeriod > 0 || current.CpuQuota > 0))
    throw conflict(
      `Conflicting options: Nano CPUs cannot be updated as CPU ${current.CpuPeriod > 0 ? 'Period' : 'Quota'} has already been set`,
    )
  if (request.CpuPeriod && current.NanoCpus > 0)
    throw conflict('Conflicting options: CPU Period cannot be updated as NanoCPUs has already been set')
  if (request.CpuQuota && current.NanoCpus > 0)
    throw conflict('Conflicting options: CPU Quota cannot be updated as NanoCPUs has already been set')
  for (const key of numbers) if (request[key]) next[key] = request[key]
  if (request.CpusetCpus) next.CpusetCpus = request.CpusetCpus
  if (request.CpusetMems) next.CpusetMems = request.CpusetMems
  // Zero leaves a limit there is; a negative number takes it away, which is kept as 0.
  if (request.PidsLimit) next.PidsLimit = Math.max(request.PidsLimit, 0)
  // Unlimited swap, 0 or -1, is below every size (moby does not except it).
  if (request.Memory && !request.MemorySwap && request.Memory > current.MemorySwap)
    throw conflict(
      'Memory limit should be smaller than already set memoryswap limit, update the memoryswap at the same time',
    )
  return next
}
