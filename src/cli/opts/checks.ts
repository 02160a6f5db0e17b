/**
 * What flags say of their values as soon as they are read (`FlagSpec.check`), in docker/cli's words. Each returns the
 * value in its canonical form or throws an Error whose message follows `invalid argument "x" for "--y" flag: `.
 */
import { parseAddress } from '../../network/address.ts'

/** `--add-host host:ip` or `host=ip`; `host-gateway` is left to the engine. */
export function extraHost(text: string): string {
  const equals = text.indexOf('=')
  const at = equals >= 0 ? equals : text.indexOf(':')
  const host = text.slice(0, Math.max(at, 0))
  let ip = text.slice(at + 1)
  if (at < 0 || host === '') throw new Error(`bad format for add-host: "${text}"`)
  if (ip === 'host-gateway') return `${host}:${ip}`
  if (ip.startsWith('[') && ip.endsWith(']')) ip = ip.slice(1, -1)
  if (!parseAddress(ip)) throw new Error(`invalid IP address in add-host: "${ip}"`)
  return `${host}:${ip}`
}

/** `--dns 1.2.3.4`. */
export function ipAddress(text: string): string {
  const ip = text.trim()
  if (!parseAddress(ip)) throw new Error(`IP address is not correctly formatted: ${text}`)
  return ip
}

/** `--dns-search example.com`, or `.` for none. */
export function dnsSearch(text: string): string {
  const domain = text.trim()
  if (domain === '.') return domain
  if (!/[a-zA-Z]/.test(domain)) throw new Error(`${domain} is not a valid domain`)
  const label = '[a-zA-Z0-9]([-a-zA-Z0-9]*[a-zA-Z0-9])?'
  if (domain.length < 255 && new RegExp(`^(${label}\\.)*${label}\\.?$`).test(domain)) return domain
  throw new Error(`${domain} is not a valid domain`)
}

/** `--label name[=value]`. */
export function label(text: string): string {
  if (text === '' || text.startsWith('=')) throw new Error(`invalid label '${text}': empty name`)
  return text
}

/** `-a stdout`. */
export function attachStream(text: string): string {
  const stream = text.toLowerCase()
  if (stream === 'stdin' || stream === 'stdout' || stream === 'stderr') return stream
  throw new Error('valid streams are STDIN, STDOUT and STDERR')
}

/** `--device-cgroup-rule 'c 1:3 rwm'`. */
export function deviceCgroupRule(text: string): string {
  if (/^[acb] ([0-9]+|\*):([0-9]+|\*) [rwm]{1,3}$/.test(text)) return text
  throw new Error(`invalid device cgroup format '${text}'`)
}

const SYSCTLS = new Set([
  'kernel.msgmax',
  'kernel.msgmnb',
  'kernel.msgmni',
  'kernel.sem',
  'kernel.shmall',
  'kernel.shmmax',
  'kernel.shmmni',
  'kernel.shm_rmid_forced',
])

/** `--sysctl name=value`: only what a namespace has of its own. */
export function sysctl(text: string): string {
  const equals = text.indexOf('=')
  const name = text.slice(0, Math.max(equals, 0))
  if (SYSCTLS.has(name) || name.startsWith('net.') || name.startsWith('fs.mqueue.')) return text
  throw new Error(`sysctl '${text}' is not allowed`)
}

/** `--link name[:alias]`. */
export function link(text: string): string {
  const parts = text.split(':')
  if (text === '') throw new Error('empty string specified for links')
  if (parts.length > 2) throw new Error(`bad format for links: ${text}`)
  return text
}
