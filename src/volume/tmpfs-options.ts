/** Options of tmpfs mounts (moby pkg/mount flags, volume/mounts/linux_parser.go). */
import { type EngineError, invalid } from '../errors.ts'

const flags = new Set(
  `defaults ro rw suid nosuid dev nodev exec noexec sync async dirsync remount mand nomand atime noatime diratime
  nodiratime bind rbind unbindable runbindable private rprivate shared rshared slave rslave relatime norelatime
  strictatime nostrictatime`.split(/\s+/),
)
const keys = new Set(['size', 'mode', 'uid', 'gid', 'nr_inodes', 'nr_blocks', 'mpol'])
const units: Record<string, number> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 }

export interface TmpfsOptions {
  /** As /proc/mounts shows them. */
  flags: string[]
  readonly: boolean
  bytes?: number
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

/** `memory` is what a size in percent is of. `bad` makes the kernel's refusal of a value. */
export function readTmpfsOptions(text: string, memory: number, bad: (data: string) => EngineError): TmpfsOptions {
  const given = text.split(',').filter(Boolean)
  const has = (name: string): boolean => given.includes(name)
  const value = (key: string): string | undefined =>
    given.findLast(each => each.startsWith(`${key}=`))?.slice(key.length + 1)
  const options: TmpfsOptions = {
    flags: [],
    readonly: has('ro'),
    uid: Number(value('uid') ?? 0),
    gid: Number(value('gid') ?? 0),
  }
  const data: string[] = []
  const size = value('size')
  if (size !== undefined) {
    const match = /^(\d+)([kmg%]?)$/i.exec(size)
    if (!match) throw bad(`size=${size}`)
    const number = Number(match[1])
    options.bytes =
      match[2] === '%' ? Math.floor((memory * number) / 100) : number * (units[(match[2] ?? '').toLowerCase()] ?? 1)
    data.push(`size=${Math.ceil(options.bytes / 1024)}k`)
  }
  const mode = value('mode')
  if (mode !== undefined) {
    if (!/^[0-7]+$/.test(mode)) throw bad(`mode=${mode}`)
    options.mode = Number.parseInt(mode, 8)
    data.push(`mode=${options.mode.toString(8)}`)
  }
  for (const key of ['uid', 'gid'] as const) if (options[key] !== 0) data.push(`${key}=${options[key]}`)
  options.flags = [
    ...(['suid', 'dev', 'exec'] as const).filter(name => !has(name)).map(name => `no${name}`),
    ...(has('noatime') ? ['noatime'] : ['relatime']),
    ...data,
  ]
  return options
}
