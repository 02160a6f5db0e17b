/** The table that `route` and `netstat -r` print. */
import { fromNumber, mask, type Route } from './interfaces.ts'

/** `netstat` shows MSS, Window and irtt where `route` shows Metric, Ref and Use. */
export function routeTable(table: readonly Route[], options: { numeric: boolean; netstat: boolean }): string {
  const { numeric, netstat } = options
  const head = netstat
    ? 'Destination     Gateway         Genmask         Flags   MSS Window  irtt Iface\n'
    : 'Destination     Gateway         Genmask         Flags Metric Ref    Use Iface\n'
  const rows = table.map(route => {
    const to = !numeric && route.prefix === 0 ? 'default' : route.network
    const via = !numeric && route.gateway === '0.0.0.0' ? '*' : route.gateway
    const flags = `U${route.gateway === '0.0.0.0' ? '' : 'G'}${route.prefix === 32 ? 'H' : ''}`
    const start = `${to.padEnd(15)} ${via.padEnd(15)} ${fromNumber(mask(route.prefix)).padEnd(15)} `
    return netstat
      ? `${start}${flags.padEnd(6)}${String(0).padStart(5)} ${'0'.padEnd(6)} ${'0'.padStart(5)} ${route.device}\n`
      : `${start}${flags.padEnd(5)} ${String(route.metric).padEnd(6)} ${'0'.padEnd(2)} ${'0'.padStart(7)} ${route.device}\n`
  })
  return `Kernel IP routing table\n${head}${rows.join('')}`
}
