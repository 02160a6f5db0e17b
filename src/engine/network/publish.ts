/** Publishing a container's ports on the host. */
import { isDeepStrictEqual } from 'node:util'
import type { PortMap } from '../../api/container.ts'
import { readIndex } from '../../container/containers.ts'
import type { ContainerRecord } from '../../container/record.ts'
import { EngineError, systemError } from '../../errors.ts'
import { firstFreePort } from '../../kernel/user-namespaces.ts'
import { bridgeOptions } from '../../network/bridge-options.ts'
import { hostAddress } from '../../network/host.ts'
import { readPool } from '../../network/ipam.ts'
import { ensureNetworks, saveNetwork } from '../../network/networks.ts'
import { allocatePorts, HostPorts, type Publishing } from '../../network/ports.ts'
import type { Live } from '../live.ts'
import { gatewayOf } from './interfaces.ts'
import { runs } from './topology.ts'

const isAny = (address: string): boolean => address === '0.0.0.0' || address === '::'

/** Loads the containers that are in the host's network namespace, whose sockets may be in the way of published ports. */
export async function openHostNetwork(live: Live, { hostConfig }: ContainerRecord): Promise<void> {
  if (Object.keys(hostConfig.PortBindings).length === 0) return
  for (const entry of Object.values(readIndex(live.tx).entries))
    if (entry.networkMode === 'host' && runs(entry)) await live.world(live.record(entry.id))
}

/**
 * The ports of a container that has joined its networks. They are published through the network that gives its
 * default gateway; a container without one publishes none.
 */
export function publish(live: Live, container: ContainerRecord): PortMap {
  const all = ensureNetworks(live.tx, live.time, live.random)
  const gateway = gatewayOf(container)
  const network = all.find(candidate => candidate.id === gateway?.NetworkID)
  if (!gateway || !network) return {}
  const inUse = new HostPorts()
  for (const entry of Object.values(readIndex(live.tx).entries)) if (entry.id !== container.id) inUse.hold(entry.ports)
  const locals = new Set(['0.0.0.0', '::', '::1', hostAddress])
  for (const other of all) for (const config of other.ipam.config) locals.add(readPool(config)?.gateway ?? '')
  const bridge = all.find(candidate => candidate.name === 'bridge')
  const state: Publishing = {
    inUse,
    defaultAddress: bridgeOptions(network).hostBinding,
    containerAddress: gateway.IPAddress,
    firstFree: firstFreePort(),
    isLocal: address => locals.has(address) || address.startsWith('127.'),
    isBound: (protocol, address, port) =>
      live.worlds
        .listenersOf('host', protocol)
        .some(each => each.port === port && (isAny(each.address) || isAny(address) || each.address === address)),
    last: { ...bridge?.lastPorts },
  }
  try {
    return allocatePorts(Object.keys(container.config.ExposedPorts ?? {}), container.hostConfig, state)
  } catch (error) {
    if (!(error instanceof EngineError)) throw error
    throw systemError(
      `driver failed programming external connectivity on endpoint ${container.name} (${gateway.EndpointID}): ${error.message}`,
    )
  } finally {
    if (bridge && !isDeepStrictEqual(state.last, bridge.lastPorts ?? {})) {
      bridge.lastPorts = state.last
      saveNetwork(live.tx, bridge)
    }
  }
}
