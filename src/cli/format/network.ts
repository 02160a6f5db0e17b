/** The list of networks. */
import type { NetworkInspect } from '../../api/network.ts'
import type { ListSpec } from './formatter.ts'
import { labelsText } from './labels.ts'
import { goTimeOf, shortId } from './units.ts'

export const networkList = (noTrunc: boolean): ListSpec<NetworkInspect> => ({
  type: '*network.networkContext',
  table: 'table {{.ID}}\t{{.Name}}\t{{.Driver}}\t{{.Scope}}',
  quiet: '{{.ID}}',
  raw: 'network_id: {{.ID}}\nname: {{.Name}}\ndriver: {{.Driver}}\nscope: {{.Scope}}\n',
  headers: {
    ID: 'NETWORK ID',
    Name: 'NAME',
    Driver: 'DRIVER',
    Scope: 'SCOPE',
    IPv4: 'IPV4',
    IPv6: 'IPV6',
    Internal: 'INTERNAL',
    Labels: 'LABELS',
    CreatedAt: 'CREATED AT',
  },
  columns: {
    ID: n => (noTrunc ? n.Id : shortId(n.Id)),
    Name: n => n.Name,
    Driver: n => n.Driver,
    Scope: n => n.Scope,
    IPv4: n => String(n.EnableIPv4),
    IPv6: n => String(n.EnableIPv6),
    Internal: n => String(n.Internal),
    Labels: n => labelsText(n.Labels),
    CreatedAt: n => goTimeOf(n.Created),
  },
  methods: { Label: (n, name) => n.Labels[name] ?? '' },
})
