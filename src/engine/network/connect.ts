/** POST /networks/{id}/connect and /disconnect (moby daemon/container_operations.go). */
import type { EndpointSettings } from '../../api/network.ts'
import { type ContainerRecord, hasProcesses } from '../../container/record.ts'
import { EngineError, forbidden, invalid, notFound } from '../../errors.ts'
import { ensureNetworks, findNetwork } from '../../network/networks.ts'
import type { NetworkRecord } from '../../network/record.ts'
import type { EngineContext } from '../context.ts'
import type { Live } from '../live.ts'
import { checkJoin, endpointErrors } from './checks.ts'
import { several } from './errors.ts'
import { gatewayOf } from './interfaces.ts'
import { dnsNames, emptyEndpoint, joinNetwork, leaveNetwork } from './join.ts'
import { publish } from './publish.ts'

/** Connects a container, at once when it runs. */
export async function connectNetwork(
  ctx: EngineContext,
  reference: string,
  containerReference: string,
  given: Partial<EndpointSettings> = {},
): Promise<void> {
  await ctx.machine.change(async live => {
    const container = live.find(containerReference)
    const network = findNetwork(ensureNetworks(live.tx, live.time, live.random), reference)
    const endpoint = emptyEndpoint({ ...given, NetworkID: network.id })
    const errors = endpointErrors(network, endpoint)
    if (errors.length > 0) throw invalid(several('invalid endpoint settings', errors))
    checkJoin(container, network)
    // Between two runs a container has no network namespace.
    if (isRestarting(container)) throw notFound(`network sandbox for container ${container.id} not found`)
    if (!hasProcesses(container)) {
      endpoint.DNSNames = dnsNames(container, network, endpoint)
      container.networks[network.name] = endpoint
      live.save(container)
      return
    }
    if (network.endpoints[container.id])
      throw forbidden(`endpoint with name ${container.name} already exists in network ${network.name}`)
    const before = gatewayOf(container)
    joinNetwork(live, container, network, endpoint)
    container.networks[network.name] = endpoint
    await gatewayMayHaveMoved(live, container, before)
    ;(await live.world(container)).connected(live, container, endpoint)
    live.save(container)
  })
}

const isRestarting = (container: ContainerRecord): boolean => container.state.status === 'restarting'

/** Disconnects a container. `force`: also one that the engine no longer knows. */
export async function disconnectNetwork(
  ctx: EngineContext,
  reference: string,
  containerReference: string,
  force = false,
): Promise<void> {
  await ctx.machine.change(async live => {
    const all = ensureNetworks(live.tx, live.time, live.random)
    const container = findOrForce(live, containerReference, force)
    const network = networkOrForce(all, reference, force)
    if (!network) throw forbidden(`container ${container.id} is not connected to the network ${reference}`)
    if (container.hostConfig.NetworkMode === 'host' && network.driver === 'host')
      throw invalid('cannot disconnect container from host network - container was created in host network mode')
    const endpoint = container.networks[network.name]
    if (!endpoint || isRestarting(container))
      throw forbidden(
        `container ${container.id} is not connected to ${hasProcesses(container) || isRestarting(container) ? '' : 'the '}network ${network.name}`,
      )
    const before = gatewayOf(container)
    if (network.endpoints[container.id]) leaveNetwork(live, container, network)
    delete container.networks[network.name]
    if (hasProcesses(container)) {
      await gatewayMayHaveMoved(live, container, before)
      ;(await live.world(container)).disconnected(live, container, endpoint)
    }
    live.save(container)
  })
}

/** With `force` a network that is not there is one that the container is not on. */
function networkOrForce(all: readonly NetworkRecord[], reference: string, force: boolean): NetworkRecord | undefined {
  try {
    return findNetwork(all, reference)
  } catch (error) {
    if (force && error instanceof EngineError && error.kind === 'notFound') return undefined
    throw error
  }
}

function findOrForce(live: Live, reference: string, force: boolean): ContainerRecord {
  try {
    return live.find(reference)
  } catch (error) {
    if (force && error instanceof EngineError && error.kind === 'notFound')
      throw notFound(`endpoint ${reference} not found`)
    throw error
  }
}

/** Ports are published through the default gateway's network: they go with it, and come with a new one. */
async function gatewayMayHaveMoved(
  live: Live,
  container: ContainerRecord,
  before: EndpointSettings | undefined,
): Promise<void> {
  const now = gatewayOf(container)
  if (now && !before) container.ports = publish(live, container)
  if (!now) container.ports = {}
}
