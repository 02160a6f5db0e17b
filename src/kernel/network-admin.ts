/**
 * Addresses and routes that a process with CAP_NET_ADMIN changes (rtnetlink(7)). They are its container's as long as the
 * command that changed them runs: what the engine knows of networks stays as it is.
 */
import { Errno } from '../vfs/errno.ts'
import type { Kernel } from './kernel.ts'
import type { NetworkInterface, Sandbox } from './sandbox.ts'

/** IPv4 numbers; gateway 0: none. */
export interface StaticRoute {
  network: number
  prefix: number
  gateway: number
  device: string
}

export const addressNumber = (text: string): number =>
  text.split('.').reduce((value, part) => value * 256 + Number(part), 0)

const addressText = (value: number): string =>
  [24, 16, 8, 0].map(shift => Math.floor(value / 2 ** shift) % 256).join('.')

/** Whether an address is in a network. */
export const isWithin = (address: number, network: number, prefix: number): boolean =>
  Math.floor(address / 2 ** (32 - prefix)) === Math.floor(network / 2 ** (32 - prefix))

const isUp = (each: NetworkInterface): boolean => each.up !== false

/** Applies a change to every container that shares a network namespace. */
function change(kernel: Kernel, { net }: Sandbox, act: (sandbox: Sandbox) => void): void {
  for (const sandbox of kernel.sandboxes.values())
    if (sandbox.net === net) {
      sandbox.changedNetwork = true
      act(sandbox)
    }
}

/** `ip addr add|del`. ENODEV, EEXIST, EADDRNOTAVAIL. */
export function changeAddress(
  kernel: Kernel,
  sandbox: Sandbox,
  verb: 'add' | 'del',
  device: string,
  address: string,
): void {
  const found = sandbox.interfaces.find(each => each.name === device)
  if (!found) throw new Errno('ENODEV')
  const has = found.addresses.includes(address)
  if (verb === 'add' && has) throw new Errno('EEXIST')
  if (verb === 'del' && !has) throw new Errno('EADDRNOTAVAIL')
  const addresses = has ? found.addresses.filter(each => each !== address) : [...found.addresses, address]
  change(kernel, sandbox, each => {
    each.interfaces = each.interfaces.map(one => (one.name === device ? { ...one, addresses } : one))
  })
}

/** `ip route add|del`; without a device it is the one that the gateway is behind. ENETUNREACH, EEXIST, ESRCH. */
export function changeRoute(
  kernel: Kernel,
  sandbox: Sandbox,
  verb: 'add' | 'del',
  route: Omit<StaticRoute, 'device'> & { device?: string },
): void {
  const { network, prefix, gateway } = route
  if (verb === 'del') return removeRoute(kernel, sandbox, network, prefix)
  const device = route.device ?? connectedTo(sandbox, gateway)?.name
  if (device === undefined) throw new Errno('ENETUNREACH')
  if (!sandbox.interfaces.some(each => each.name === device)) throw new Errno('ENODEV')
  if (gateway !== 0 && !connectedTo(sandbox, gateway)) throw new Errno('ENETUNREACH')
  const same = (one: StaticRoute): boolean => one.network === network && one.prefix === prefix
  const taken = prefix === 0 && sandbox.interfaces.some(each => each.gateway !== undefined && isUp(each))
  if (taken || sandbox.routes?.some(same)) throw new Errno('EEXIST')
  change(kernel, sandbox, each => {
    if (prefix === 0 && gateway !== 0)
      each.interfaces = each.interfaces.map(one =>
        one.name === device ? { ...one, gateway: addressText(gateway) } : one,
      )
    else each.routes = [...(each.routes ?? []), { network, prefix, gateway, device }]
  })
}

function removeRoute(kernel: Kernel, sandbox: Sandbox, network: number, prefix: number): void {
  const same = (one: StaticRoute): boolean => one.network === network && one.prefix === prefix
  const byGateway = prefix === 0 && sandbox.interfaces.some(each => each.gateway !== undefined)
  if (!byGateway && !sandbox.routes?.some(same)) throw new Errno('ESRCH')
  change(kernel, sandbox, each => {
    if (byGateway) each.interfaces = each.interfaces.map(({ gateway: _gone, ...one }) => one)
    else each.routes = each.routes?.filter(one => !same(one)) ?? []
  })
}

/** The interface whose network an address is in. */
function connectedTo(sandbox: Pick<Sandbox, 'interfaces'>, address: number): NetworkInterface | undefined {
  return sandbox.interfaces.find(
    each =>
      isUp(each) &&
      each.addresses.some(text => {
        const [own = '', prefix = '32'] = text.split('/')
        return !text.includes(':') && isWithin(address, addressNumber(own), Number(prefix))
      }),
  )
}

/** Whether changed addresses and routes leave no way to an IPv4 address. */
export function isCutOff(sandbox: Pick<Sandbox, 'changedNetwork' | 'interfaces' | 'routes'>, address: string): boolean {
  if (!sandbox.changedNetwork || address.includes(':') || address.startsWith('127.')) return false
  const wanted = addressNumber(address)
  if (connectedTo(sandbox, wanted)) return false
  if (sandbox.routes?.some(one => isWithin(wanted, one.network, one.prefix))) return false
  return !sandbox.interfaces.some(each => each.gateway !== undefined && isUp(each))
}
