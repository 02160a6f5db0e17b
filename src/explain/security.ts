/** `explain security CONTAINER`: what its processes may do, what stops them, and which flags would tighten it. */
import type { ContainerInspect } from '../api/container.ts'
import { capabilityNames, capabilitySet, containerCapabilities, defaultCapabilities } from '../security/capabilities.ts'
import { demonstrations } from '../security/demonstrations.ts'
import { count, type Pen } from './pen.ts'
import type { SecurityData } from './schema/security.ts'
import { topicOf } from './topic.ts'

type Finding = SecurityData['findings'][number]

export const topic = topicOf<SecurityData>({
  async collect({ engine }, { args: [reference = ''] }) {
    return securityData(await engine.containers.inspect(reference))
  },
  draw,
  next({ container: { name, image }, capabilities }) {
    const lacking = demonstrations.find(row => capabilities.some(each => each.name === row.capability && !each.held))
    return [
      ...(lacking ? [`exec ${name} sh -c '${lacking.script.replaceAll("'", `'\\''`)}'`] : []),
      `exec ${name} cat /proc/1/status`,
      `run --rm --cap-drop ALL --security-opt no-new-privileges --read-only --user 1000 ${image} id`,
    ]
  },
  demo: {
    steps: [
      ['run', '-d', '--name', 'plain', 'busybox', 'sleep', '1d'],
      ['exec', 'plain', 'chown', '33', '/tmp'],
      [
        'run',
        '-d',
        '--name',
        'tight',
        '--cap-drop',
        'ALL',
        '--read-only',
        '--user',
        '1000',
        '--security-opt',
        'no-new-privileges',
        '--memory',
        '64m',
        '--pids-limit',
        '50',
        'busybox',
        'sleep',
        '1d',
      ],
      ['exec', 'tight', 'touch', '/file'],
    ],
    show: ['plain'],
  },
})

/** The view's data, of what the engine was told about the container. */
export function securityData(container: ContainerInspect): SecurityData {
  const { HostConfig: host, Config: config } = container
  const options = host.SecurityOpt ?? []
  const held = containerCapabilities(host.CapAdd, host.CapDrop, host.Privileged)
  const seccomp = options.find(option => /^seccomp[=:]/.test(option))?.slice('seccomp='.length)
  const facts = {
    user: config.User || 'root',
    privileged: host.Privileged,
    readonly: host.ReadonlyRootfs,
    noNewPrivileges: options.some(option => /^no-new-privileges([=:]true)?$/.test(option)),
    seccomp:
      host.Privileged || seccomp === 'unconfined'
        ? 'unconfined'
        : seccomp === undefined || seccomp === 'builtin'
          ? 'default'
          : 'custom',
    devices: (host.Devices ?? []).map(device => device.PathOnHost),
  } as const
  const findings = found(container, facts)
  return {
    container: { id: container.Id, name: container.Name.slice(1), image: config.Image },
    ...facts,
    capabilities: capabilityNames.map(name => ({
      name,
      held: has(held, name),
      byDefault: has(defaultCapabilities, name),
      allows: demonstrations.find(row => row.capability === name)?.operation ?? '',
      stoppedBy: stoppedBy(container, facts, name, allows(held, name)),
    })),
    score: Math.max(0, 100 - findings.reduce((sum, finding) => sum + finding.points, 0)),
    findings,
  }
}

const has = (set: bigint, name: string): boolean => (set & capabilitySet([name])) !== 0n

/** Whether what a capability allows is allowed: by it, or by a greater one. */
function allows(held: bigint, name: string): boolean {
  const greater = demonstrations.find(row => row.capability === name)?.without
  return has(held, name) || (greater !== undefined && has(held, greater))
}

type Facts = Pick<SecurityData, 'user' | 'privileged' | 'readonly' | 'noNewPrivileges' | 'seccomp' | 'devices'>

/** What stops an operation that needs a capability; '' for nothing. */
function stoppedBy(container: ContainerInspect, facts: Facts, name: string, held: boolean): string {
  if (!held) return 'capability missing'
  if (!isRoot(facts.user)) return `user ${facts.user}: held only by root`
  const script = demonstrations.find(row => row.capability === name)?.script ?? ''
  const temporary = container.HostConfig.Tmpfs?.['/tmp'] !== undefined
  if (facts.readonly && script.includes('/tmp/') && !temporary) return 'read-only file system'
  return facts.seccomp === 'custom' ? 'perhaps the seccomp profile' : ''
}

const isRoot = (user: string): boolean => /^(0|root)(:|$)/.test(user)

/** What makes the container weaker than it could be, the worst first. The points are minidock's own measure. */
function found({ HostConfig: host, Mounts }: ContainerInspect, facts: Facts): Finding[] {
  const list: Finding[] = []
  const add = (points: number, finding: string, remedy: string): void => {
    list.push({ points, finding, remedy })
  }
  if (facts.privileged)
    add(
      60,
      'privileged: every capability, every device, no seccomp: root here is root on the host',
      'leave out --privileged',
    )
  for (const { Source, Type } of Mounts) {
    if (Type !== 'bind') continue
    if (Source.endsWith('/docker.sock'))
      add(50, `${Source} is mounted: who talks to the engine owns the host`, 'do not mount the socket')
    else if (['/', '/etc', '/root', '/proc', '/sys', '/dev'].includes(Source))
      add(40, `${Source} of the host is mounted`, 'mount only the folder that is needed, with :ro')
  }
  if (isRoot(facts.user)) add(15, 'runs as root', '--user 1000, or USER in the Dockerfile')
  if (!facts.privileged && facts.seccomp === 'unconfined')
    add(15, 'no seccomp filter: every system call may be tried', 'leave out --security-opt seccomp=unconfined')
  for (const [mode, what] of [
    [host.PidMode, 'sees and may signal the processes of the host'],
    [host.NetworkMode, 'is in the network of the host'],
    [host.IpcMode, 'shares the memory segments of the host'],
  ] as const)
    if (mode === 'host') add(15, what, 'leave out the =host mode')
  const extra = (host.CapAdd ?? []).map(name => name.replace(/^CAP_/, ''))
  if (!facts.privileged && extra.length > 0 && !host.CapDrop?.includes('ALL'))
    add(10, `more capabilities than usual: ${extra.join(', ')}`, '--cap-drop ALL, and add back only those')
  if (!facts.privileged && !host.CapDrop?.includes('ALL'))
    add(10, "holds Docker's default capabilities", '--cap-drop ALL, then --cap-add what is missed')
  if (!facts.noNewPrivileges) add(5, 'setuid programs may raise privileges', '--security-opt no-new-privileges')
  if (!facts.readonly) add(5, 'its root file system can be written', '--read-only, with --tmpfs where it must write')
  if (!host.Memory) add(5, 'no memory limit', '--memory 256m')
  if (!host.PidsLimit || host.PidsLimit < 0) add(5, 'no limit of processes', '--pids-limit 100')
  if (facts.devices.length > 0) add(5, `devices of the host: ${facts.devices.join(', ')}`, 'leave out --device')
  return list.sort((a, b) => b.points - a.points)
}

function draw(data: SecurityData, pen: Pen): string {
  const { colors, signs } = pen
  const held = data.capabilities.filter(each => each.held)
  const yes = (is: boolean): string => (is ? 'yes' : 'no')
  const tried = data.capabilities.filter(each => each.allows !== '')
  return [
    pen.title(`What ${data.container.name} (${data.container.image}) may do`),
    '',
    `user ${data.user}   privileged ${yes(data.privileged)}   read-only ${yes(data.readonly)}`,
    `no-new-privileges ${yes(data.noNewPrivileges)}   seccomp ${data.seccomp}`,
    '',
    `score ${pen.bar(data.score, 100, 16)} ${data.score} of 100, by minidock's measure`,
    '',
    ...(data.findings.length > 0
      ? [
          pen.table(
            ['', 'because', 'better'],
            data.findings.map(({ points, finding, remedy }) => [`-${points}`, finding, remedy]),
            { flexible: [1, 2], right: [0], wrap: true },
          ),
        ]
      : ['Nothing to improve that minidock knows of.']),
    '',
    pen.wrap(
      `holds ${count(held.length, 'capability', 'capabilities')}: ${held.map(each => each.name).join(', ') || 'none'}`,
    ),
    '',
    pen.table(
      ['operation', 'needs', '', 'stopped by'],
      tried.map(each => [
        each.allows,
        each.name,
        each.stoppedBy === '' ? colors.green(signs.yes) : colors.red(signs.no),
        each.stoppedBy || 'nothing',
      ]),
      { flexible: [0, 3], wrap: true },
    ),
  ].join('\n')
}
