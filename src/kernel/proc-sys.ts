/** /proc/sys: kernel parameters, read-only in containers. */
import type { Kernel } from './kernel.ts'
import { kernelRelease, kernelVersion } from './machine-facts.ts'
import { interfaceParameters } from './proc-sys-net.ts'
import type { Sandbox } from './sandbox.ts'
import { dir, file, type SyntheticNode } from './synthetic-fs.ts'

function uuid(bytes: Uint8Array): string {
  const hex = Buffer.from(bytes).toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`
}

/** The node at a path below /proc/sys. */
export function sysNode(kernel: Kernel, sandbox: Sandbox, rest: string[]): SyntheticNode | undefined {
  const values: Record<string, string> = {
    'kernel/hostname': kernel.current?.own?.uts?.hostname ?? sandbox.hostname,
    'kernel/domainname': sandbox.domainname || '(none)',
    'kernel/ostype': 'Linux',
    'kernel/osrelease': kernelRelease,
    'kernel/version': kernelVersion,
    'kernel/pid_max': '4194304',
    'kernel/cap_last_cap': '40',
    'kernel/msgmax': '8192',
    'kernel/msgmnb': '16384',
    'kernel/msgmni': '32000',
    'kernel/sem': '32000\t1024000000\t500\t32000',
    'kernel/shmall': '18446744073692774399',
    'kernel/shmmax': '18446744073692774399',
    'kernel/shmmni': '4096',
    'kernel/threads-max': '65536',
    'kernel/random/boot_id': `${sandbox.id.slice(0, 8)}-${sandbox.id.slice(8, 12)}-4${sandbox.id.slice(13, 16)}-8${sandbox.id.slice(17, 20)}-${sandbox.id.slice(20, 32)}`,
    'net/ipv4/ip_forward': '1',
    'net/ipv4/ip_unprivileged_port_start': '0',
    'net/core/somaxconn': '4096',
    'net/ipv4/ip_default_ttl': '64',
    'net/ipv4/ip_local_port_range': '32768\t60999',
    'net/ipv4/ping_group_range': '0\t2147483647',
    'net/ipv4/tcp_keepalive_time': '7200',
    'net/ipv4/tcp_syncookies': '1',
    'fs/file-max': '9223372036854775807',
    'abi/vsyscall32': '1',
    'dev/tty/ldisc_autoload': '1',
    'fs/file-nr': '1024\t0\t9223372036854775807',
    'fs/inotify/max_user_instances': '128',
    'fs/inotify/max_user_watches': '65536',
    'fs/nr_open': '1048576',
    'fs/pipe-max-size': '1048576',
    'kernel/core_pattern': 'core',
    'kernel/dmesg_restrict': '1',
    'kernel/ngroups_max': '65536',
    'kernel/panic': '0',
    'kernel/printk': '4\t4\t1\t7',
    'kernel/randomize_va_space': '2',
    'kernel/random/entropy_avail': '256',
    'kernel/random/poolsize': '256',
    'kernel/random/uuid': '',
    'kernel/sysrq': '176',
    'kernel/yama/ptrace_scope': '1',
    'net/core/rmem_max': '212992',
    'net/core/wmem_max': '212992',
    'net/ipv4/tcp_fin_timeout': '60',
    'net/ipv4/tcp_max_syn_backlog': '512',
    'net/ipv4/tcp_rmem': '4096\t131072\t6291456',
    'net/ipv4/tcp_wmem': '4096\t16384\t4194304',
    'net/unix/max_dgram_qlen': '512',
    'user/max_user_namespaces': '63000',
    'vm/dirty_ratio': '20',
    'vm/drop_caches': '0',
    'vm/max_map_count': '65530',
    'vm/min_free_kbytes': '67584',
    'vm/overcommit_memory': '0',
    'vm/overcommit_ratio': '50',
    'vm/swappiness': '60',
    ...(rest[0] === undefined || rest[0] === 'net' ? interfaceParameters(sandbox) : {}),
    ...Object.fromEntries([...sandbox.sysctls].map(([key, value]) => [key.replaceAll('.', '/'), value])),
  }
  const path = rest.join('/')
  const value = Object.hasOwn(values, path) ? values[path] : undefined
  // Each look gives another one.
  if (path === 'kernel/random/uuid') return file(() => `${uuid(kernel.hooks.random(16))}\n`)
  if (value !== undefined) return file(() => `${value}\n`, 0o644)
  const prefix = path === '' ? '' : `${path}/`
  const names = [
    ...new Set(
      Object.keys(values)
        .filter(key => key.startsWith(prefix))
        .map(key => key.slice(prefix.length).split('/', 1)[0] ?? ''),
    ),
  ]
  return names.length > 0 ? dir(() => names.sort()) : undefined
}
