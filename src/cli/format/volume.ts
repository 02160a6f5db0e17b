/** The list of volumes. */
import type { Volume } from '../../api/volume.ts'
import type { ListSpec } from './formatter.ts'
import { labelsText } from './labels.ts'
import { humanSize } from './units.ts'

const UNKNOWN = 'N/A'

export const volumeList: ListSpec<Volume> = {
  type: '*formatter.volumeContext',
  table: 'table {{.Driver}}\t{{.Name}}',
  quiet: '{{.Name}}',
  raw: 'name: {{.Name}}\ndriver: {{.Driver}}\n',
  headers: {
    Name: 'VOLUME NAME',
    Driver: 'DRIVER',
    Scope: 'SCOPE',
    Mountpoint: 'MOUNTPOINT',
    Labels: 'LABELS',
    Links: 'LINKS',
    Size: 'SIZE',
    Group: 'GROUP',
    Status: 'STATUS',
    Availability: 'AVAILABILITY',
  },
  columns: {
    Name: v => v.Name,
    Driver: v => v.Driver,
    Scope: v => v.Scope,
    Mountpoint: v => v.Mountpoint,
    Labels: v => labelsText(v.Labels),
    Links: v => (v.UsageData ? String(v.UsageData.RefCount) : UNKNOWN),
    Size: v => (v.UsageData ? humanSize(v.UsageData.Size) : UNKNOWN),
    Group: () => UNKNOWN,
    Status: () => UNKNOWN,
    Availability: () => UNKNOWN,
  },
  methods: { Label: (v, name) => v.Labels?.[name] ?? '' },
}

export const clusterList: ListSpec<Volume> = {
  ...volumeList,
  table: 'table {{.Name}}\t{{.Group}}\t{{.Driver}}\t{{.Availability}}\t{{.Status}}',
}
