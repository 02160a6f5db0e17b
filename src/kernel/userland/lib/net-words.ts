/** Words that busybox's network clients share. */
import { isErrno } from '../../../vfs/errno.ts'
import type { Proc, Routine } from '../../program.ts'
import { Failure } from './failure.ts'
import { resolveName } from './hosts.ts'
import { serviceNames } from './sockets.ts'

/** The first address of a host. `bad address 'x'` when there is none, where x is `named` if that was given. */
export function* hostAddress(
  p: Proc,
  host: string,
  { family, named = host }: { family?: 4 | 6; named?: string } = {},
): Routine<string> {
  const [address] = yield* resolveName(p, host, family)
  if (address === undefined) throw new Failure(`bad address '${named}'`)
  return address
}

/** A port by number or by its name in /etc/services. `bad port 'x'` otherwise. */
export function* portNumber(p: Proc, text: string): Routine<number> {
  if (/^\d+$/.test(text) && Number(text) < 65_536) return Number(text)
  for (const [port, name] of yield* serviceNames(p)) if (name === text) return port
  throw new Failure(`bad port '${text}'`)
}

/** Whether a seccomp filter lets a socket be made. */
export function hasSocket(p: Proc, ...[domain, type]: Parameters<Proc['socket']>): boolean {
  try {
    p.socket(domain, type)
    return true
  } catch (error) {
    if (!isErrno(error)) throw error
    return false
  }
}

/** Asks for a socket, or fails with `socket: reason`, as busybox does. */
export function requireSocket(p: Proc, ...[domain, type]: Parameters<Proc['socket']>): void {
  try {
    p.socket(domain, type)
  } catch (error) {
    if (!isErrno(error)) throw error
    throw new Failure(`socket: ${error.message}`)
  }
}

/** Connects, or fails with `can't connect to remote host (ADDRESS): reason`. */
export function* connectTo(
  address: string,
  port: number,
  options: { protocol?: 'tcp' | 'udp'; timeoutMs?: number } = {},
): Routine<number> {
  const { protocol = 'tcp', timeoutMs } = options
  try {
    return (yield {
      op: 'connect',
      address,
      port,
      protocol,
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
    }) as number
  } catch (error) {
    if (!isErrno(error)) throw error
    // The command's own deadline, which it keeps by an alarm.
    if (timeoutMs !== undefined && error.code === 'ETIMEDOUT') throw new Failure('timed out')
    throw new Failure(`can't connect to remote host (${address}): ${error.message}`)
  }
}

/** `1.2.3.4:80` or `[::1]:80`. */
export function addressAndPort(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}
