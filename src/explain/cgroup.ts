/** `explain cgroup [CONTAINER]`: the tree of control groups, what each may use and uses, and what its limits did. */
import { type Branch, count, type Pen } from './pen.ts'
import type { CgroupData } from './schema/cgroup.ts'
import { topicOf } from './topic.ts'

type Group = CgroupData['groups'][number]

export const topic = topicOf<CgroupData>({
  async collect({ engine, internals, now }, { args: [reference] }) {
    const asked = reference === undefined ? undefined : await engine.containers.inspect(reference)
    const { groups, cpus, memory } = await internals.cgroups()
    const kept = asked ? groups.filter(group => onTheWay(group, asked.Id)) : groups
    const events: CgroupData['events'] = []
    const filters = { type: ['container'], event: ['oom', 'die'], ...(asked && { container: [asked.Id] }) }
    for await (const event of engine.system.events({ since: 0, until: now, filters }))
      events.push({
        time: event.timeNano / 1e6,
        container: event.Actor.Attributes.name ?? '',
        what: event.Action === 'oom' ? 'oom' : 'die',
        exitCode: Number(event.Actor.Attributes.exitCode ?? 0),
      })
    return {
      machine: { cpus, memory },
      container: asked?.Name.slice(1) ?? '',
      groups: kept,
      events: events.slice(-eventLimit),
    }
  },
  draw,
  next({ container, groups }) {
    const name = container || groups.find(group => group.container !== '')?.container
    if (name === undefined) return ['run -d --name app --memory 64m --cpus 0.5 busybox sleep 1d', 'explain cgroup app']
    return [
      `update --memory 128m --memory-swap 128m ${name}`,
      `exec ${name} cat /sys/fs/cgroup/memory.max`,
      `stats --no-stream ${name}`,
    ]
  },
  demo: {
    steps: [
      ['run', '-d', '--name', 'busy', '--cpus', '0.5', 'busybox', 'sh', '-c', 'while :; do :; done'],
      ['run', '-d', '--name', 'calm', '--memory', '64m', '--pids-limit', '20', 'busybox', 'sleep', '1d'],
      [
        'run',
        '--name',
        'greedy',
        '--memory',
        '16m',
        'busybox',
        'sh',
        '-c',
        'x=$(head -c 40000000 /dev/zero | tr "\\0" x)',
      ],
      ['clock', 'advance', '2s'],
    ],
    show: [],
  },
})

/** How many events are kept. */
const eventLimit = 12

/** Whether a group is a container's, or above it. */
const onTheWay = ({ path }: Group, id: string): boolean => path.endsWith(id) || !/[0-9a-f]{64}/.test(path)

function draw(data: CgroupData, pen: Pen): string {
  const { machine, groups, events } = data
  const { colors } = pen
  return [
    pen.title(data.container === '' ? 'The control groups of the host' : `The control groups of ${data.container}`),
    '',
    pen.wrap(
      `The machine has ${count(machine.cpus, 'processor')} and ${pen.size(machine.memory)}. A limit holds for a group and all that is below it.`,
    ),
    '',
    ...pen.tree(branches(groups, '', data, pen)),
    '',
    ...(events.length > 0
      ? [
          pen.title('What happened'),
          ...events.map(({ time, container, what, exitCode }) => {
            const at = new Date(time).toISOString().slice(11, 23)
            const text = what === 'oom' ? colors.red('killed for its memory') : `ended with status ${exitCode}`
            return `${at}  ${container.padEnd(12)} ${text}`
          }),
        ]
      : ['Nobody was killed for memory, and nothing has ended.']),
  ].join('\n')
}

/** The groups right below a path. */
function branches(groups: readonly Group[], above: string, data: CgroupData, pen: Pen): Branch[] {
  return groups
    .filter(({ path }) => path !== '/' && path.slice(0, path.lastIndexOf('/')) === above)
    .flatMap(group => [
      {
        text: label(group, pen),
        below: [...facts(group, data, pen).map(text => ({ text })), ...branches(groups, group.path, data, pen)],
      },
    ])
}

function label({ path, container }: Group, pen: Pen): string {
  const name = path.slice(path.lastIndexOf('/') + 1).replace(/[0-9a-f]{64}/, id => id.slice(0, 12))
  return container === '' ? name : `${name}  ${pen.colors.bold(container)}`
}

/** What a group uses of what it may. Groups above say only what is theirs: their limits. */
function facts(group: Group, { machine }: CgroupData, pen: Pen): string[] {
  const width = Math.max(10, Math.min(30, pen.width - 58))
  const { memoryMax, cpuMax, pidsMax } = group
  const { colors } = pen
  const lines: string[] = []
  const inner = group.container !== ''
  if (inner || memoryMax !== undefined)
    lines.push(
      `memory ${pen.bar(group.memory, memoryMax ?? machine.memory, width)} ${pen.size(group.memory)} of ${memoryMax === undefined ? 'max' : pen.size(memoryMax)}${group.memoryPeak > group.memory ? `, peak ${pen.size(group.memoryPeak)}` : ''}`,
    )
  if (inner || cpuMax !== undefined)
    lines.push(
      `cpu    ${(group.cpuMs / 1000).toFixed(2)} s so far, ${cpuMax === undefined ? 'no limit' : `at most ${cpuMax} of ${machine.cpus}`}`,
    )
  if (group.throttled > 0)
    lines.push(
      colors.yellow(
        `held back in ${group.throttled} of ${group.periods} periods, ${(group.throttledMs / 1000).toFixed(2)} s in all`,
      ),
    )
  if (inner || pidsMax !== undefined) lines.push(`pids   ${group.pids} of ${pidsMax ?? 'max'}`)
  if (group.oomKills > 0) lines.push(colors.red(`${count(group.oomKills, 'process', 'processes')} killed for memory`))
  return lines
}
