/** /proc/sys/net/ipv4/conf and /proc/sys/net/ipv6/conf: parameters of each interface, as a container of a real machine has them. */
import type { Sandbox } from './sandbox.ts'

const read = (text: string): [name: string, value: string][] =>
  text.split(/\s+/).map(word => {
    const [name = '', value = ''] = word.split('=')
    return [name, value]
  })

const ipv4 = read(
  `accept_local=0 accept_redirects=1 accept_source_route=1 arp_accept=0 arp_announce=0 arp_evict_nocarrier=1 arp_filter=0
  arp_ignore=0 arp_notify=0 bc_forwarding=0 bootp_relay=0 disable_policy=0 disable_xfrm=0 drop_gratuitous_arp=0
  drop_unicast_in_l2_multicast=0 force_igmp_version=0 forwarding=1 igmpv2_unsolicited_report_interval=10000
  igmpv3_unsolicited_report_interval=1000 ignore_routes_with_linkdown=0 log_martians=0 mc_forwarding=0 medium_id=0
  promote_secondaries=0 proxy_arp=0 proxy_arp_pvlan=0 route_localnet=0 rp_filter=0 secure_redirects=1 send_redirects=1
  shared_media=1 src_valid_mark=0 tag=0`,
)
const ipv6 = read(
  `accept_dad=1 accept_ra=1 accept_ra_defrtr=1 accept_ra_from_local=0 accept_ra_min_hop_limit=1 accept_ra_mtu=1
  accept_ra_pinfo=1 accept_ra_rt_info_max_plen=0 accept_ra_rt_info_min_plen=0 accept_ra_rtr_pref=1 accept_redirects=1
  accept_source_route=0 addr_gen_mode=0 autoconf=1 dad_transmits=1 disable_ipv6=0 disable_policy=0
  drop_unicast_in_l2_multicast=0 drop_unsolicited_na=0 enhanced_dad=1 force_mld_version=0 force_tllao=0 forwarding=0
  hop_limit=64 ignore_routes_with_linkdown=0 keep_addr_on_down=0 max_addresses=16 max_desync_factor=600 mc_forwarding=0
  mldv1_unsolicited_report_interval=10000 mldv2_unsolicited_report_interval=1000 mtu=1500 ndisc_notify=0 ndisc_tclass=0
  optimistic_dad=0 proxy_ndp=0 regen_max_retry=3 router_probe_interval=60 router_solicitation_delay=1
  router_solicitation_interval=4 router_solicitation_max_interval=3600 router_solicitations=-1 seg6_enabled=0
  suppress_frag_ndisc=1 temp_prefered_lft=86400 temp_valid_lft=604800 use_oif_addrs_only=0 use_optimistic=0 use_tempaddr=0`,
)

/** Values by their path below /proc/sys. What was set for an interface by its options comes last. */
export function interfaceParameters({
  interfaces,
  sysctls,
}: Pick<Sandbox, 'interfaces' | 'sysctls'>): Record<string, string> {
  const values: Record<string, string> = {}
  const add = (name: string, mtu: number, own: { v4?: Record<string, string>; v6?: Record<string, string> }): void => {
    for (const [key, value] of ipv4) values[`net/ipv4/conf/${name}/${key}`] = own.v4?.[key] ?? value
    for (const [key, value] of ipv6)
      values[`net/ipv6/conf/${name}/${key}`] = own.v6?.[key] ?? (key === 'mtu' ? String(mtu) : value)
  }
  const off = sysctls.get('net.ipv6.conf.all.disable_ipv6')
  const everywhere = { disable_ipv6: off ?? '0' }
  add('all', 1280, { v4: { accept_source_route: '0' }, v6: { accept_dad: '0', ...everywhere } })
  add('default', 1280, { v6: everywhere })
  add('lo', 65536, { v4: { disable_policy: '1', disable_xfrm: '1' }, v6: { accept_dad: '-1', ...everywhere } })
  for (const { name, mtu, addresses, parameters } of interfaces) {
    const six = addresses.some(address => address.includes(':'))
    add(name, mtu, { v6: { disable_ipv6: off ?? (six ? '0' : '1') } })
    for (const [key, value] of Object.entries(parameters ?? {})) values[key.replaceAll('.', '/')] = value
  }
  return values
}
