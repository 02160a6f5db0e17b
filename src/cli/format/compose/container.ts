/** The list of a project's containers (compose formatter/container.go). */
import type { ContainerSummary } from '../../../api/container.ts'
import { LABEL } from '../../../compose/labels.ts'
import { nameOf } from '../../../compose/observed.ts'
import type { Engine } from '../../../engine/engine.ts'
import { quote } from '../../../util/strconv.ts'
import { displayablePorts } from '../container.ts'
import type { ListSpec } from '../formatter.ts'
import { labelsText } from '../labels.ts'
import { ago, ellipsis, goTime, humanSize, shortId } from '../units.ts'

export interface Row {
  summary: ContainerSummary
  name: string
  service: string
  health: string
  exitCode: number
}

/** A container with what only `inspect` knows: health and exit status. */
export async function rowOf(engine: Engine, summary: ContainerSummary): Promise<Row> {
  const { Labels, State, Id } = summary
  const needs =
    State === 'exited' ||
    State === 'dead' ||
    (State === 'running' && /\((healthy|unhealthy|health: starting)\)/.test(summary.Status))
  const state = needs ? (await engine.containers.inspect(Id)).State : undefined
  return {
    summary,
    name: nameOf(summary),
    service: Labels[LABEL.service] ?? '',
    health: State === 'running' ? (state?.Health?.Status ?? '') : '',
    exitCode: State === 'exited' || State === 'dead' ? (state?.ExitCode ?? 0) : 0,
  }
}

const mountsText = (row: Row, noTrunc: boolean): string =>
  row.summary.Mounts.map(mount => mount.Name || mount.Source)
    .map(name => (noTrunc ? name : ellipsis(name, 15)))
    .join(',')

export const composeContainerList = ({ noTrunc, now }: { noTrunc: boolean; now: number }): ListSpec<Row> => ({
  type: '*formatter.ContainerContext',
  table: 'table {{.Name}}\t{{.Image}}\t{{.Command}}\t{{.Service}}\t{{.RunningFor}}\t{{.Status}}\t{{.Ports}}',
  quiet: '{{.ID}}',
  headers: {
    ID: 'CONTAINER ID',
    Name: 'NAME',
    Project: 'PROJECT',
    Service: 'SERVICE',
    Image: 'IMAGE',
    Command: 'COMMAND',
    CreatedAt: 'CREATED AT',
    RunningFor: 'CREATED',
    Ports: 'PORTS',
    State: 'STATE',
    Status: 'STATUS',
    Size: 'SIZE',
    Labels: 'LABELS',
  },
  columns: {
    ID: row => (noTrunc ? row.summary.Id : shortId(row.summary.Id)),
    Name: row => row.name,
    Names: row => row.name,
    Service: row => row.service,
    Project: row => row.summary.Labels[LABEL.project] ?? '',
    Image: row => row.summary.Image,
    Command: row => quote(noTrunc ? row.summary.Command : ellipsis(row.summary.Command, 20)),
    CreatedAt: row => goTime(row.summary.Created * 1000),
    RunningFor: row => ago(row.summary.Created * 1000, now),
    ExitCode: row => row.exitCode,
    State: row => row.summary.State,
    Status: row => row.summary.Status,
    Health: row => row.health,
    Publishers: row =>
      [...row.summary.Ports]
        .sort((a, b) => a.PrivatePort - b.PrivatePort)
        .map(port => ({
          URL: port.IP ?? '',
          TargetPort: port.PrivatePort,
          PublishedPort: port.PublicPort ?? 0,
          Protocol: port.Type,
        })),
    Ports: row => displayablePorts(row.summary.Ports.map(port => ({ ...port, PublicPort: port.PublicPort ?? 0 }))),
    Labels: row => labelsText(row.summary.Labels),
    Mounts: row => mountsText(row, noTrunc),
    LocalVolumes: row => String(row.summary.Mounts.filter(mount => mount.Driver === 'local').length),
    Networks: row => Object.keys(row.summary.NetworkSettings.Networks).join(','),
    Size: row => humanSize(row.summary.SizeRw ?? 0, 3),
  },
  methods: { Label: (row, name) => row.summary.Labels[name] ?? '' },
})
