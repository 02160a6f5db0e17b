/** Platforms: `os[/arch[/variant]]` as containerd reads and prints them. */
import { invalid } from '../errors.ts'

export interface Platform {
  os: string
  architecture: string
  variant?: string
}

/** The platform of the simulated machine. */
export const hostPlatform: Platform = { os: 'linux', architecture: 'amd64' }

const ARCHITECTURES: ReadonlyMap<string, [architecture: string, variant?: string]> = new Map([
  ['i386', ['386']],
  ['i686', ['386']],
  ['x86_64', ['amd64']],
  ['x86-64', ['amd64']],
  ['aarch64', ['arm64']],
  ['armhf', ['arm', 'v7']],
  ['armel', ['arm', 'v6']],
])
const SYSTEMS = new Set([
  'aix',
  'android',
  'darwin',
  'dragonfly',
  'freebsd',
  'illumos',
  'ios',
  'js',
  'linux',
  'netbsd',
  'openbsd',
  'plan9',
  'solaris',
  'windows',
  'wasip1',
  'zos',
])
const KNOWN = new Set([
  '386',
  'amd64',
  'arm',
  'arm64',
  'loong64',
  'mips',
  'mipsle',
  'mips64',
  'mips64le',
  'ppc64',
  'ppc64le',
  'riscv64',
  's390x',
  'wasm',
])

/**
 * Parses `linux/arm64`, `arm64`, `linux`, `linux/arm/v7` (containerd platforms.Parse), with aliases resolved.
 * @throws EngineError 'invalid' with containerd's words
 */
export function parsePlatform(text: string): Platform {
  // As Go's SplitN: the fourth part is all the rest.
  const words = text.split('/')
  const parts = words.length > 4 ? [...words.slice(0, 3), words.slice(3).join('/')] : words
  if (!/^([A-Za-z0-9_-]+)(?:\(([A-Za-z0-9_.%-]*)((?:\+[A-Za-z0-9_.%-]+)*)\))?$/.test(parts[0] ?? ''))
    throw invalid(
      `"${parts[0]}" is an invalid OS component of "${text}": OSAndVersion specifier component must match "^([A-Za-z0-9_-]+)(?:\\\\(([A-Za-z0-9_.%-]*)((?:\\\\+[A-Za-z0-9_.%-]+)*)\\\\))?$": invalid argument`,
    )
  for (const part of parts.slice(1)) {
    if (!/^[A-Za-z0-9_.-]+$/.test(part)) {
      throw invalid(
        `"${part}" is an invalid component of "${text}": platform specifier component must match "^[A-Za-z0-9_.-]+$": invalid argument`,
      )
    }
  }
  if (parts.length > 3) throw invalid(`"${text}": cannot parse platform specifier: invalid argument`)
  const [first = '', second, third] = parts
  const system = first.toLowerCase() === 'macos' ? 'darwin' : first.toLowerCase()
  if (second !== undefined) return normalize(system, second, third)
  if (SYSTEMS.has(system)) return normalize(system, hostPlatform.architecture, undefined)
  const alone = normalize(hostPlatform.os, first, undefined)
  if (KNOWN.has(alone.architecture)) return alone
  throw invalid(`"${text}": unknown operating system or architecture: invalid argument`)
}

function normalize(os: string, arch: string, given: string | undefined): Platform {
  const lower = arch.toLowerCase()
  const [architecture, implied] = ARCHITECTURES.get(lower) ?? [lower]
  let variant = given?.toLowerCase() ?? implied ?? ''
  if (architecture === 'arm64' && (variant === '8' || variant === 'v8')) variant = ''
  if (architecture === 'arm' && variant === '') variant = 'v7'
  if (architecture === 'arm' && /^[5-8]$/.test(variant)) variant = `v${variant}`
  if (architecture === 'amd64' && variant === 'v1') variant = ''
  return { os, architecture, ...(variant !== '' && { variant }) }
}

/** `linux/arm64/v8`. */
export function platformText({ os, architecture, variant }: Platform): string {
  return [os, architecture, ...(variant ? [variant] : [])].join('/')
}

/** Whether an image for `have` is what was asked for with `want`; a variant counts where both name one that matters. */
export function platformFits(have: Platform, want: Platform): boolean {
  const [a, b] = [have, want].map(p => normalize(p.os, p.architecture, p.variant))
  if (!a || !b) return false
  return a.os === b.os && a.architecture === b.architecture && (a.variant === b.variant || b.variant === undefined)
}
