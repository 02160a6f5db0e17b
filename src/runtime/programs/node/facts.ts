/** What `os` tells of the machine, read where Linux has it. */
import type { Proc } from '../../../kernel/program.ts'
import { parseAccounts, userName } from '../../../kernel/userland/lib/users.ts'
import { textNow } from '../../whole-file.ts'

export function machineFacts(p: Proc): Record<string, unknown> {
  const { nodename, machine, release, version } = p.uname()
  const memory = textNow(p, '/proc/meminfo') ?? ''
  const kilobytes = (key: string): number => Number(new RegExp(`^${key}:\\s+(\\d+)`, 'm').exec(memory)?.[1] ?? 0) * 1024
  const { uid } = p.cred
  const accounts = parseAccounts(textNow(p, '/etc/passwd') ?? '', '')
  return {
    hostname: nodename,
    machine,
    release,
    version,
    uptime: p.uptimeMs() / 1000,
    total: kilobytes('MemTotal'),
    free: kilobytes('MemAvailable'),
    cpus: (textNow(p, '/proc/cpuinfo') ?? '').match(/^processor/gm)?.length ?? 1,
    interfaces: {},
    user: userName(accounts, uid) ?? String(uid),
  }
}

/** Bytes that the container may use; undefined without a limit. */
export function memoryLimit(p: Proc): number | undefined {
  const text = textNow(p, '/sys/fs/cgroup/memory.max')?.trim()
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined
}
