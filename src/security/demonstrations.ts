/**
 * What shows that a capability, a namespace or a rule of the seccomp profile is there: one command in busybox that
 * succeeds with it, and what it says without. docs/security.md and its test are made from these rows.
 */

export interface Demonstration {
  /** Capability, without CAP_. */
  capability: string
  /** What asks for it. */
  operation: string
  /** A command line for `sh -c`, run as root. */
  script: string
  /** What is on stderr without the capability. */
  refusal: string
  /** Part of Docker's default set of 14. */
  kept: boolean
  /** Another capability that would do as well, and has to be dropped to see this one. */
  without?: string
  /** `--sysctl` that it takes. */
  sysctl?: readonly [name: string, value: string]
}

const row = (
  kept: boolean,
  capability: string,
  operation: string,
  script: string,
  refusal: string,
  needs: Pick<Demonstration, 'without' | 'sysctl'> = {},
): Demonstration => ({ capability, operation, script, refusal, kept, ...needs })

export const demonstrations: readonly Demonstration[] = [
  row(
    true,
    'CHOWN',
    'giving a file to someone else',
    'touch /tmp/f; chown 33 /tmp/f',
    'chown: /tmp/f: Operation not permitted',
  ),
  row(
    true,
    'DAC_OVERRIDE',
    'writing what the mode forbids',
    'echo x > /tmp/f; chmod 0 /tmp/f; echo y > /tmp/f',
    "sh: can't create /tmp/f: Permission denied",
  ),
  row(
    true,
    'FOWNER',
    'changing the mode of a file of someone else',
    'touch /tmp/f; chown 33 /tmp/f; chmod 600 /tmp/f',
    'chmod: /tmp/f: Operation not permitted',
  ),
  row(
    true,
    'KILL',
    'signals to processes of others',
    'su -s /bin/sh nobody -c "sleep 9" & sleep 1; kill $!',
    "sh: can't kill pid 2: Operation not permitted",
  ),
  row(true, 'MKNOD', 'making device nodes', 'mknod /tmp/null c 1 3', 'mknod: /tmp/null: Operation not permitted'),
  row(true, 'NET_RAW', 'raw sockets', 'ping -c 1 127.0.0.1', 'ping: permission denied (are you root?)'),
  row(
    true,
    'SETGID',
    'changing groups',
    'su -s /bin/sh nobody -c true',
    "su: can't set groups: Operation not permitted",
  ),
  row(true, 'SETUID', 'changing the user', 'su -s /bin/sh nobody -c true', 'su: setuid: Operation not permitted'),
  row(
    true,
    'SYS_CHROOT',
    'chroot',
    'chroot / true',
    "chroot: can't change root directory to '/': Operation not permitted",
  ),
  row(
    true,
    'NET_BIND_SERVICE',
    'low ports',
    'nc -l -p 80 & sleep 1; kill $! 2>/dev/null',
    'nc: bind: Permission denied',
    { sysctl: ['net.ipv4.ip_unprivileged_port_start', '1024'] },
  ),
  row(
    true,
    'FSETID',
    'keeping the setgid bit of a file of another group',
    'touch /tmp/f; chown 0:33 /tmp/f; chmod 2755 /tmp/f; test -g /tmp/f || echo the bit is gone >&2',
    'the bit is gone',
  ),
  row(
    false,
    'DAC_READ_SEARCH',
    'reading what the mode forbids',
    'echo x > /tmp/f; chmod 0 /tmp/f; cat /tmp/f',
    "cat: can't open '/tmp/f': Permission denied",
    { without: 'DAC_OVERRIDE' },
  ),
  row(
    false,
    'SYS_NICE',
    'more than the usual share',
    'renice -n -5 1 > /dev/null',
    'renice: setpriority: Permission denied',
  ),
  row(
    false,
    'SYS_RESOURCE',
    'raising a hard limit',
    'ulimit -Hn 1000; ulimit -Hn 2000',
    'sh: error setting limit: Operation not permitted',
  ),
  row(
    false,
    'NET_ADMIN',
    'changing network interfaces',
    'ip link set lo down',
    'ip: SIOCSIFFLAGS: Operation not permitted',
  ),
  row(
    false,
    'SYS_ADMIN',
    'changing the host name, mounting',
    'hostname other',
    'hostname: sethostname: Operation not permitted',
  ),
  row(false, 'SYSLOG', "reading the kernel's log", 'dmesg', 'dmesg: klogctl: Operation not permitted'),
]

/** How each namespace is chosen, and a command that shows whose it is. */
export const namespaces: readonly { name: string; chosen: string; shown: string }[] = [
  {
    name: 'pid',
    chosen: '`--pid=host`, `--pid=container:NAME`',
    shown: '`ps`, `readlink /proc/self/ns/pid`, `minidock host ps`',
  },
  {
    name: 'net',
    chosen: '`--network=host`, `none`, `container:NAME`, a network',
    shown: '`ip addr`, `ls /sys/class/net`',
  },
  { name: 'ipc', chosen: '`--ipc=private`, `shareable`, `container:NAME`, `host`, `none`', shown: '`ls /dev/shm`' },
  { name: 'uts', chosen: '`--uts=host`, `--hostname`; `unshare -u` inside', shown: '`hostname`' },
  { name: 'mnt', chosen: 'always its own', shown: '`mount`, `cat /proc/mounts`' },
  {
    name: 'user',
    chosen: '`MINIDOCK_USERNS_REMAP=default` and `--userns=host`, `minidock --rootless` or `MINIDOCK_ROOTLESS=1`',
    shown: '`cat /proc/self/uid_map`, `minidock top`, `minidock info`',
  },
  { name: 'cgroup', chosen: '`--cgroupns=private`, `host`', shown: '`cat /proc/self/cgroup`, `ls /sys/fs/cgroup`' },
]

/** A call that Docker's profile lets pass only with a capability, and a command that makes it. */
export const seccompDemonstrations: readonly { call: string; script: string }[] = [
  { call: 'chroot', script: 'chroot / true' },
  { call: 'clock_settime', script: 'date -s 2030-01-01' },
  { call: 'mount', script: 'mount -t tmpfs none /tmp' },
  { call: 'sethostname', script: 'hostname other' },
  { call: 'setns', script: 'nsenter -t 1 -u true' },
  { call: 'syslog', script: 'dmesg' },
  { call: 'umount2', script: 'umount /proc' },
  { call: 'unshare', script: 'unshare -u true' },
]
