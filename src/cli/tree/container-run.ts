/** The flags of `run`, `create` and `update`, loaded only for them. */
import { attachStream, deviceCgroupRule, dnsSearch, extraHost, ipAddress, label, link, sysctl } from '../opts/checks.ts'
import { envVariable } from '../opts/env.ts'
import { parseGpus } from '../opts/gpus.ts'
import { parseMount } from '../opts/mount.ts'
import { parseNetwork } from '../opts/network.ts'
import { deviceBytesRate, deviceRate, deviceWeight } from '../opts/throttle.ts'
import { parseUlimit } from '../opts/ulimit.ts'
import type { FlagSpec } from '../spec.ts'
import { bool, bytes, decimal, duration, int, list, map, string, uint16 } from './flag.ts'

/** A check that only reads the value, which is kept as it was written. */
const reads =
  (parse: (text: string) => unknown) =>
  (text: string): string => {
    parse(text)
    return text
  }
const bytesRate = { check: reads(deviceBytesRate), defaultText: '[]' }
const rate = { check: reads(deviceRate), defaultText: '[]' }
const windows = { hidden: true, only: 'running on windows, but the Docker daemon is running on linux' }

const resources: FlagSpec[] = [
  uint16('blkio-weight', 'Share of block IO, from 10 to 1000; 0 leaves it alone', { defaultText: '0' }),
  int('cpu-period', 'Period of the CPU quota, in microseconds'),
  int('cpu-quota', 'CPU time in each period, in microseconds'),
  int('cpu-rt-period', 'Period of real-time CPU, in microseconds'),
  int('cpu-rt-runtime', 'Real-time CPU in each period, in microseconds'),
  int('c,cpu-shares', 'Share of CPU, relative to other containers'),
  decimal('cpus', 'How many CPUs it may use'),
  string('cpuset-cpus', 'CPUs to run on (0-3, 0,1)'),
  string('cpuset-mems', 'Memory nodes to use (0-3, 0,1)'),
  bytes('m,memory', 'Memory limit'),
  bytes('memory-reservation', 'Memory that it should get by with when memory is short'),
  bytes('memory-swap', "Limit of memory and swap together; '-1' for no limit"),
  int('pids-limit', 'Limit of processes; -1 for no limit'),
]

const shared: FlagSpec[] = [
  ...resources,
  list('add-host', 'Add a line to /etc/hosts (host:ip)', { check: extraHost }),
  map('annotation', 'Annotation to pass on to the OCI runtime', { defaultText: 'map[]' }),
  list('a,attach', 'Attach to STDIN, STDOUT or STDERR', { check: attachStream }),
  list('blkio-weight-device', 'Share of the block IO of a device', { check: reads(deviceWeight), defaultText: '[]' }),
  list('cap-add', 'Add a Linux capability'),
  list('cap-drop', 'Drop a Linux capability'),
  string('cgroup-parent', 'Cgroup to put that of the container in'),
  string(
    'cgroupns',
    "Cgroup namespace:\n'host': that of the host\n'private': one of its own\n'': as the engine is set up",
  ),
  string('cidfile', 'File to write the id of the container to'),
  int('cpu-count', 'Number of CPUs (Windows only)', windows),
  int('cpu-percent', 'Percent of the CPUs (Windows only)', windows),
  list('device', 'Give it a device of the host'),
  list('device-cgroup-rule', 'Rule for the devices it may use', { check: deviceCgroupRule }),
  list('device-read-bps', 'Limit of bytes read from a device in a second', bytesRate),
  list('device-read-iops', 'Limit of reads from a device in a second', rate),
  list('device-write-bps', 'Limit of bytes written to a device in a second', bytesRate),
  list('device-write-iops', 'Limit of writes to a device in a second', rate),
  bool('disable-content-trust', 'Do not verify the image', { default: 'true' }),
  list('dns', 'DNS server to use', { check: ipAddress }),
  list('dns-opt', 'Option for the DNS resolver', { hidden: true }),
  list('dns-option', 'Option for the DNS resolver'),
  list('dns-search', 'Domain to search names in', { check: dnsSearch }),
  string('domainname', 'NIS domain name'),
  string('entrypoint', "Command to run instead of the image's ENTRYPOINT"),
  list('e,env', 'Set an environment variable', { check: envVariable }),
  list('env-file', 'Read environment variables from a file'),
  list('expose', 'Say that it listens on a port, or on a range of ports'),
  list('gpus', "GPUs to give it ('all' for all of them)", { check: reads(parseGpus), shows: 'gpu-request' }),
  list('group-add', 'Group to join as well'),
  string('health-cmd', 'Command that checks its health'),
  duration('health-interval', 'Time between two checks (ms|s|m|h)', { defaultText: '0s' }),
  int('health-retries', 'How many checks in a row must fail before it is unhealthy'),
  duration('health-start-interval', 'Time between two checks while it starts (ms|s|m|h)', { defaultText: '0s' }),
  duration('health-start-period', 'Time to start in, when failures do not count (ms|s|m|h)', { defaultText: '0s' }),
  duration('health-timeout', 'How long one check may take (ms|s|m|h)', { defaultText: '0s' }),
  bool('help', 'Print usage'),
  string('h,hostname', 'Host name'),
  bool('init', 'Run an init as the first process, which passes on signals and reaps processes'),
  bool('i,interactive', 'Keep the standard input open, attached or not'),
  bytes('io-maxbandwidth', 'Limit of IO bandwidth (Windows only)', windows),
  int('io-maxiops', 'Limit of IO operations (Windows only)', { ...windows, shows: 'uint' }),
  string('ip', 'IPv4 address (172.30.100.104)'),
  string('ip6', 'IPv6 address (2001:db8::33)'),
  string('ipc', 'IPC mode'),
  string('isolation', 'How containers are kept apart'),
  bytes('kernel-memory', 'Limit of kernel memory', { hidden: true }),
  list('l,label', 'Label to put on it', { check: label }),
  list('label-file', 'Read labels from a file, a line each'),
  list('link', 'Link to another container', { check: link }),
  list('link-local-ip', 'Link-local address, IPv4 or IPv6'),
  string('log-driver', 'Driver that keeps the logs'),
  list('log-opt', 'Option for the log driver'),
  string('mac-address', 'MAC address (92:d0:c6:0a:29:33)'),
  int('memory-swappiness', 'How readily memory is swapped out (0 to 100)', { default: '-1' }),
  list('mount', 'Mount a file system', { check: reads(text => parseMount(text, '/')), shows: 'mount' }),
  string('name', 'Name of the container'),
  list('net', 'Network to join', { hidden: true, check: reads(parseNetwork), shows: 'network' }),
  list('net-alias', 'Another name of it on the network', { hidden: true }),
  list('network', 'Network to join', { check: reads(parseNetwork), shows: 'network' }),
  list('network-alias', 'Another name of it on the network'),
  bool('no-healthcheck', "Do not use the image's HEALTHCHECK"),
  bool('oom-kill-disable', 'Do not kill it when memory runs out'),
  int('oom-score-adj', 'How readily the host kills it when memory runs out (-1000 to 1000)'),
  string('pid', 'PID namespace'),
  string('platform', 'Platform of the image, where it has several'),
  bool('privileged', 'Give it every privilege'),
  list('p,publish', 'Publish a port on the host'),
  bool('P,publish-all', 'Publish all exposed ports on ports of the host'),
  bool('q,quiet', 'Do not show the pull'),
  bool('read-only', 'Make the root file system read-only'),
  string('restart', 'When to start it again after it exits', { default: 'no' }),
  bool('rm', 'Remove it and its anonymous volumes when it exits'),
  string('runtime', 'Runtime to use'),
  list('security-opt', 'Security option'),
  bytes('shm-size', 'Size of /dev/shm'),
  string('stop-signal', 'Signal that stops it'),
  int('stop-timeout', 'Seconds it has to stop'),
  list('storage-opt', 'Option for the storage driver'),
  map('sysctl', 'Sysctl to set', { check: sysctl, defaultText: 'map[]' }),
  list('tmpfs', 'Folder to mount a tmpfs on'),
  bool('t,tty', 'Give it a terminal'),
  list('ulimit', 'Limit of a resource', { check: reads(parseUlimit), shows: 'ulimit', defaultText: '[]' }),
  bool('use-api-socket', "Give it the engine's API socket and the registry logins"),
  string('u,user', 'User to run as (format: <name|uid>[:<group|gid>])'),
  string('userns', 'User namespace'),
  string('uts', 'UTS namespace'),
  list('v,volume', 'Mount a volume, or a folder of the host'),
  string('volume-driver', 'Driver of the volumes it gets'),
  list('volumes-from', 'Mount the volumes of another container'),
  string('w,workdir', 'Folder to run in'),
]

const pull = string('pull', 'When to pull the image ("always", "missing", "never")', { default: 'missing' })

export const create: readonly FlagSpec[] = [...shared, pull]

export const run: readonly FlagSpec[] = [
  ...shared,
  pull,
  bool('d,detach', 'Run in the background, and print the id'),
  string('detach-keys', 'Keys that detach from the container instead of ctrl-p,ctrl-q'),
  bool('sig-proxy', 'Pass on the signals received to the process', { default: 'true' }),
]

export const update: readonly FlagSpec[] = [
  ...resources,
  bytes('kernel-memory', 'Limit of kernel memory', { hidden: true }),
  string('restart', 'When to start it again after it exits'),
]
