/** `explain lifecycle CONTAINER`: where a container stands, how it came there, and where each command would lead. */
import type { EventMessage } from '../api/system.ts'
import { count, type Pen } from './pen.ts'
import type { LifecycleData } from './schema/lifecycle.ts'
import { topicOf } from './topic.ts'

type State = LifecycleData['state']
type Past = LifecycleData['history'][number]
type Outcome = LifecycleData['commands'][number]

export const topic = topicOf<LifecycleData>({
  async collect({ engine, now }, { args: [reference = ''] }) {
    const container = await engine.containers.inspect(reference, { size: true })
    const events: EventMessage[] = []
    const filters = { type: ['container'], container: [container.Id] }
    for await (const event of engine.system.events({ since: 0, until: now, filters })) events.push(event)
    const image = await engine.images.inspect(container.Image).catch(() => undefined)
    const name = container.Name.slice(1)
    return {
      container: { id: container.Id, name, image: container.Config.Image },
      state: container.State.Status,
      exitCode: container.State.ExitCode,
      oomKilled: container.State.OOMKilled,
      restartCount: container.RestartCount,
      restartPolicy: container.HostConfig.RestartPolicy.Name,
      history: historyOf(events),
      commands: outcomes(container.State.Status, { id: container.Id, name }),
      image: { id: container.Image, size: image?.Size ?? 0 },
      writable: container.SizeRw ?? 0,
    }
  },
  draw,
  next({ container: { name }, state }) {
    const step = { running: `stop ${name}`, paused: `unpause ${name}` }[state as string] ?? `start ${name}`
    return [step, `diff ${name}`, `events --since 10m --until 0s --filter container=${name}`]
  },
  demo: {
    steps: [
      ['run', '-d', '--name', 'cake', 'busybox', 'sh', '-c', 'echo baked > /log; sleep 1h'],
      ['clock', 'advance', '2s'],
      ['pause', 'cake'],
      ['clock', 'advance', '3s'],
      ['unpause', 'cake'],
      ['clock', 'advance', '4s'],
      ['kill', 'cake'],
    ],
    show: ['cake'],
  },
})

/** States that follow from an event of a container; other events change none. */
const reached: Readonly<Record<string, State>> = {
  create: 'created',
  start: 'running',
  restart: 'running',
  pause: 'paused',
  unpause: 'running',
  die: 'exited',
}

const told = new Set([...Object.keys(reached), 'kill', 'stop', 'oom'])

function historyOf(events: readonly EventMessage[]): Past[] {
  let state = ''
  return events
    .filter(event => told.has(event.Action))
    .map(event => {
      state = reached[event.Action] ?? state
      return { time: event.timeNano / 1e6, action: event.Action, state, cause: causeOf(event) }
    })
}

function causeOf({ Action, Actor: { Attributes } }: EventMessage): string {
  switch (Action) {
    case 'create':
      return `made from ${Attributes.image ?? ''}: a config, and an empty writable layer`
    case 'start':
      return 'its first process runs'
    case 'kill':
      return `signal ${Attributes.signal ?? ''} was sent`
    case 'die':
      return `its first process ended with status ${Attributes.exitCode ?? ''}${meaning(Number(Attributes.exitCode))}`
    case 'oom':
      return 'the kernel killed a process: over its memory limit'
    case 'stop':
      return 'as `stop` asked'
    case 'pause':
      return 'its processes are frozen'
    case 'unpause':
      return 'its processes go on'
    default:
      return 'stopped and started again'
  }
}

const signals: Readonly<Record<number, string>> = {
  1: 'HUP',
  2: 'INT',
  3: 'QUIT',
  6: 'ABRT',
  9: 'KILL',
  11: 'SEGV',
  15: 'TERM',
}

/** What an exit status says beyond its number. */
export function meaning(status: number): string {
  if (status === 0) return ': it was done'
  if (status === 126) return ': the command cannot be run'
  if (status === 127) return ': the command is not there'
  const signal = signals[status - 128]
  return signal === undefined ? '' : `: killed by SIG${signal}`
}

/** What each command would do to a container in a state: the next state, or the engine's error. */
export function outcomes(state: State, { id, name }: { id: string; name: string }): Outcome[] {
  const to = (command: string, outcome: string): Outcome => ({ command: `${command} ${name}`, outcome, error: false })
  const fails = (command: string, outcome: string): Outcome => ({ command: `${command} ${name}`, outcome, error: true })
  const running = state === 'running' || state === 'restarting'
  const paused = state === 'paused'
  const still = !running && !paused
  return [
    paused
      ? fails('start', 'cannot start a paused container, try unpause instead')
      : to('start', running ? 'nothing: it runs' : 'running'),
    still
      ? to('stop', 'nothing: it does not run')
      : to('stop', 'exited: TERM to its first process, KILL when the grace ends (10 s unless set)'),
    still
      ? fails('kill', `cannot kill container: ${name}: container ${id} is not running`)
      : to('kill', 'exited, status 137 at once'),
    paused
      ? fails('pause', `Container ${id} is already paused`)
      : still
        ? fails('pause', `container ${id} is not running`)
        : to('pause', 'paused: its processes freeze where they are'),
    paused ? to('unpause', 'running') : fails('unpause', `Container ${id} is not paused`),
    to('restart', 'running, in the same writable layer'),
    paused
      ? fails('exec', `Container ${name} is paused, unpause the container before exec`)
      : still
        ? fails('exec', `container ${id} is not running`)
        : to('exec', 'runs one more process beside the first'),
    still
      ? to('rm', 'gone, and its writable layer with it; the image stays')
      : fails(
          'rm',
          paused
            ? `cannot remove container "${name}": container is paused and must be unpaused first`
            : `cannot remove container "${name}": container is running: stop the container before removing or force remove`,
        ),
    to('rm -f', still ? 'gone, as by rm' : 'killed, then gone with its writable layer'),
  ]
}

function draw(data: LifecycleData, pen: Pen): string {
  const { container, state } = data
  const { colors, signs } = pen
  const ended = state === 'exited' ? `, status ${data.exitCode}${meaning(data.exitCode)}` : ''
  return [
    pen.title(`The life of ${container.name} (${container.image})`),
    '',
    ...diagram(state, pen),
    '',
    `now: ${colors.bold(state)}${ended}${data.oomKilled ? ', killed for its memory' : ''}`,
    ...(data.restartPolicy !== '' && data.restartPolicy !== 'no'
      ? [`restart policy ${data.restartPolicy}: ${count(data.restartCount, 'restart')} so far`]
      : []),
    '',
    ...data.history.map(({ time, action, state: then, cause }) =>
      pen.fit(
        `${new Date(time).toISOString().slice(11, 23)}  ${action.padEnd(8)} ${then.padEnd(8)} ${cause}`,
        pen.width,
      ),
    ),
    ...(data.history.length > 0 ? [''] : []),
    pen.table(
      ['command', '', 'what it would do now'],
      data.commands.map(({ command, outcome, error }) => [
        command,
        error ? colors.red(signs.no) : colors.green(signs.yes),
        outcome.replaceAll(container.id, container.id.slice(0, 12)),
      ]),
      { flexible: [2], wrap: true },
    ),
    '',
    pen.box('writable layer', [`${pen.size(data.writable)} written by this container alone; gone with rm`]),
    pen.box('image', [
      `${pen.size(data.image.size)}, read-only, shared; ${data.image.id.slice(7, 19)} stays whatever happens above`,
    ]),
  ].join('\n')
}

/** What the drawing of the states takes. */
const diagramWidth = 76

/** The states and the ways between them, the present one marked. */
function diagram(state: State, pen: Pen): string[] {
  const { signs, colors } = pen
  const label = (name: State): string => {
    const text = state === name ? `[${signs.here} ${name}]` : `[  ${name}]`
    return state === name ? colors.bold.green(text) : text
  }
  const way = (word: string): string => `${signs.line} ${word} ${signs.arrow}`
  if (pen.width < diagramWidth)
    return [
      `${label('created')} ${way('start')} ${label('running')}`,
      `${label('running')} ${way('pause')} ${label('paused')} ${way('unpause')}`,
      `${label('running')} ${way('stop, kill, end')} ${label('exited')}`,
      `${label('exited')} ${way('start')} ${label('running')}`,
    ]
  return [
    `create ${signs.arrow} ${label('created')} ${way('start')} ${label('running')} ${way('stop, kill, end')} ${label('exited')}`,
    `                       pause ${signs.down} ^ unpause          (start leads back)`,
    `                        ${label('paused')}                   rm: gone`,
  ]
}
