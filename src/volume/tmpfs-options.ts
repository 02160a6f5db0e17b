/** Options of tmpfs mounts (moby pkg/mount flags, volume/mounts/linux_parser.go). */
import { type EngineError, invalid } from '../errors.ts'

const flags = new Set(
  `defaults ro rw suid nosuid dev nodev exec noexec sync async dirsync remount mand nomand atime noatime diratime
  nodiratime bind rbind unbindable runbindable private rprivate shared rshared slave rslave relatime norelatime
  strictatime nostrictatime`.split(/\s+/),
)
const keys = new Set(['size', 'mode', 'uid', 'gid', 'nr_inodes', 'nr_blocks', 'mpol'])
const pageSize = 4096
const units: Record<string, number> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 }

export interface TmpfsOptions {
  /** As /proc/mounts shows them. */
  flags: string[]
  readonly: boolean
  bytes?: number
  files?: number
  mode?: number
  uid: number
  gid: number
}

/** Throws Docker's error for an option that tmpfs does not have. */
export function checkTmpfsOptions(text: string): void {
  for (const option of text.split(',').filter(Boolean)) {
    const [key = '', value] = option.split('=')
    if (value === undefined ? !flags.has(key) : !keys.has(key)) throw invalid(`invalid tmpfs option "${key}"`)
  }
}

/**
 * `memory` is what a size in percent is of. `bad` makes the kernel's refusal of its data. Runtimes mount a tmpfs `safe`:
 * without what may be had by asking (suid, dev, exec).
 */
export function readTmpfsOptions(
  text: string,
  memory: number,
  bad: (data: string) => EngineError,
  { safe }: { safe: boolean } = { safe: true },
): TmpfsOptions {
  const given = text.split(',').filter(Boolean)
  const has = (name: string): boolean => given.includes(name)
  const refused = (): EngineError => bad(given.filter(each => each.includes('=')).join(','))
  const value = (key: string): string | undefined =>
    given.findLast(each => each.startsWith(`${key}=`))?.slice(key.length + 1)
  const number = (key: string, pattern: RegExp): [count: number, unit: string] | undefined => {
    const text = value(key)
    if (text === undefined) return undefined
    const match = pattern.exec(text)
    if (!match) throw refused()
    return [Number(match[1]), (match[2] ?? '').toLowerCase()]
  }
  const amount = (key: string, ...[count, unit]: [number, string]): number =>
    unit === '%' && key === 'size' ? Math.floor((memory * count) / 100) : count * (units[unit] ?? 1)
  const options: TmpfsOptions = {
    flags: [],
    readonly: has('ro'),
    uid: number('uid', /^(\d+)$/)?.[0] ?? 0,
    gid: number('gid', /^(\d+)$/)?.[0] ?? 0,
  }
  const data: string[] = []
  const size = number('size', /^(\d+)([kmg%]?)$/i)
  const blocks = number('nr_blocks', /^(\d+)([kmg]?)$/i)
  if (size || blocks) {
    const bytes = size ? amount('size', ...size) : blocks ? amount('nr_blocks', ...blocks) * pageSize : 0
    const pages = Math.ceil(bytes / pageSize)
    // 0 is no limit.
    if (pages > 0) options.bytes = pages * pageSize
    data.push(`size=${(pages * pageSize) / 1024}k`)
  }
  const inodes = number('nr_inodes', /^(\d+)([kmg]?)$/i)
  if (inodes) {
    const files = amount('nr_inodes', ...inodes)
    if (files > 0) options.files = files
    data.push(`nr_inodes=${files}`)
  }
  const mode = value('mode')
  if (mode !== undefined) {
    if (!/^[0-7]+$/.test(mode)) throw refused()
    options.mode = Number.parseInt(mode, 8)
    data.push(`mode=${options.mode.toString(8)}`)
  }
  for (const key of ['uid', 'gid'] as const) if (options[key] !== 0) data.push(`${key}=${options[key]}`)
  if (!/^(default|local|(prefer|interleave)(:0)?|bind:0)$/.test(value('mpol') ?? 'default')) throw refused()
  options.flags = [
    ...['sync', 'dirsync', 'mand'].filter(has),
    ...(['suid', 'dev', 'exec'] as const)
      .filter(name => (safe ? !has(name) : has(`no${name}`)))
      .map(name => `no${name}`),
    ...['noatime', 'nodiratime'].filter(has),
    ...(has('noatime') || has('strictatime') ? [] : ['relatime']),
    ...data,
  ]
  return options
}
