/** iptables as data: rules, chains and tables, how a packet goes through them, and how they are written. */
import { contains, type Prefix, parseAddress, parsePrefix } from './address.ts'

/** A word that a rule compares; `not` turns it round. */
export interface Match {
  value: string
  not?: boolean
}

export interface Rule {
  in?: Match
  out?: Match
  /** Addresses with their length: 172.18.0.2/32. */
  source?: Match
  destination?: Match
  protocol?: string
  dport?: number
  /** Whether the destination is an address of the host. */
  toLocal?: boolean
  /** RELATED,ESTABLISHED. */
  established?: boolean
  target: string
  /** Where DNAT leads: 172.18.0.2:80. */
  to?: string
}

export interface Chain {
  /** ACCEPT or DROP; absent for chains of the user's. */
  policy?: 'ACCEPT' | 'DROP'
  rules: Rule[]
}

export type TableName = 'raw' | 'filter' | 'nat'
export type Table = Map<string, Chain>
export type Tables = Record<TableName, Table>

export interface Packet {
  source: string
  destination: string
  protocol: string
  port: number
  /** Interfaces on the host it came in and goes out by; '' for none. */
  in: string
  out: string
  /** Whether the destination is an address of the host. */
  toLocal: boolean
  established: boolean
}

/** A rule that decided something, as `iptables-save` writes it. */
export interface Decision {
  table: TableName
  chain: string
  /** '' when the chain's policy decided. */
  rule: string
  target: string
  to?: string
}

export interface Verdict {
  /** ACCEPT, DROP, DNAT, MASQUERADE. */
  target: string
  to?: string
  /** Jumps that were followed, and what decided at last. */
  path: Decision[]
}

/** Sends a packet through a built-in chain. */
export function evaluate(tables: Tables, table: TableName, chain: string, packet: Packet): Verdict {
  const path: Decision[] = []
  const decided = walk(tables[table], table, chain, packet, path)
  if (decided) return { target: decided.target, ...(decided.to !== undefined && { to: decided.to }), path }
  const policy = tables[table].get(chain)?.policy ?? 'ACCEPT'
  path.push({ table, chain, rule: '', target: policy })
  return { target: policy, path }
}

function walk(chains: Table, table: TableName, chain: string, packet: Packet, path: Decision[]): Decision | undefined {
  for (const rule of chains.get(chain)?.rules ?? []) {
    if (!ruleMatches(rule, packet)) continue
    const { target, to } = rule
    const decision: Decision = { table, chain, rule: ruleText(chain, rule), target, ...(to !== undefined && { to }) }
    if (target === 'RETURN') {
      path.push(decision)
      return undefined
    }
    if (!chains.has(target)) {
      path.push(decision)
      return decision
    }
    const length = path.length
    path.push(decision)
    const inner = walk(chains, table, target, packet, path)
    if (inner) return inner
    // A chain that decided nothing is not part of the story, unless it returned for a reason.
    if (path.length === length + 1) path.length = length
  }
  return undefined
}

export function ruleMatches(rule: Rule, packet: Packet): boolean {
  return (
    (rule.protocol === undefined || rule.protocol === packet.protocol) &&
    (rule.dport === undefined || rule.dport === packet.port) &&
    (rule.toLocal === undefined || rule.toLocal === packet.toLocal) &&
    (rule.established === undefined || rule.established === packet.established) &&
    holds(rule.in, value => value === packet.in) &&
    holds(rule.out, value => value === packet.out) &&
    holds(rule.source, value => inside(value, packet.source)) &&
    holds(rule.destination, value => inside(value, packet.destination))
  )
}

const holds = (match: Match | undefined, test: (value: string) => boolean): boolean =>
  match === undefined || test(match.value) !== (match.not ?? false)

const prefixes = new Map<string, Prefix | undefined>()

function inside(prefix: string, address: string): boolean {
  if (prefix.endsWith('/32')) return prefix.slice(0, -3) === address
  let known = prefixes.get(prefix)
  if (!known) {
    known = parsePrefix(prefix)
    prefixes.set(prefix, known)
  }
  const value = parseAddress(address)
  return known !== undefined && value?.family === known.family && contains(known, value.value)
}

/** A rule as `iptables-save` writes it. */
export function ruleText(chain: string, rule: Rule): string {
  const word = (flag: string, match: Match | undefined): string[] =>
    match ? [...(match.not ? ['!'] : []), flag, match.value] : []
  return [
    '-A',
    chain,
    ...word('-s', rule.source),
    ...word('-d', rule.destination),
    ...word('-i', rule.in),
    ...word('-o', rule.out),
    ...(rule.protocol ? ['-p', rule.protocol] : []),
    ...(rule.toLocal ? ['-m addrtype --dst-type LOCAL'] : []),
    ...(rule.established ? ['-m conntrack --ctstate RELATED,ESTABLISHED'] : []),
    ...(rule.dport !== undefined ? ['-m', rule.protocol, '--dport', rule.dport] : []),
    '-j',
    rule.target,
    ...(rule.to ? ['--to-destination', rule.to] : []),
  ].join(' ')
}

/** A table as `iptables-save` writes it: chains with their policies, then the rules. */
export function saveText(name: TableName, table: Table): string {
  return [
    `*${name}`,
    ...[...table].map(([chain, { policy }]) => `:${chain} ${policy ?? '-'} [0:0]`),
    ...[...table].flatMap(([chain, { rules }]) => rules.map(rule => ruleText(chain, rule))),
    'COMMIT',
    '',
  ].join('\n')
}

/** Chains as `iptables -L -n` lists them; `verbose` adds counters and interfaces (-v), `numbers` the rules' numbers. */
export function listText(
  table: Table,
  options: { chain?: string; verbose?: boolean; numbers?: boolean } = {},
): string | undefined {
  const chains = [...table].filter(([name]) => options.chain === undefined || options.chain === name)
  if (chains.length === 0) return undefined
  return chains.map(([name, chain]) => chainText(table, name, chain, options)).join('\n')
}

function chainText(
  table: Table,
  name: string,
  chain: Chain,
  options: { verbose?: boolean; numbers?: boolean },
): string {
  const { verbose = false, numbers = false } = options
  const references = [...table.values()].flatMap(each => each.rules).filter(rule => rule.target === name).length
  const counts = verbose && chain.policy ? ' 0 packets, 0 bytes' : ''
  const head = chain.policy ? `policy ${chain.policy}${counts}` : `${references} references`
  const number = (text: string): string => (numbers ? text.padEnd(5) : '')
  const columns = verbose
    ? ' pkts bytes target     prot opt in     out     source               destination         '
    : 'target     prot opt source               destination         '
  const rows = chain.rules.map((rule, at) => {
    const counters = verbose ? `${'0'.padStart(5)} ${'0'.padStart(5)} ` : ''
    const what = `${rule.target.padEnd(9)}  ${(rule.protocol ?? 'all').padEnd(4)} -- `
    const interfaces = verbose ? ` ${named(rule.in).padEnd(6)} ${named(rule.out).padEnd(6)} ` : ''
    const addresses = `${address(rule.source)}${address(rule.destination)}`
    const words = matchWords(rule).map(word => ` ${word}`)
    return `${number(String(at + 1))}${counters}${what}${interfaces}${addresses}${words.join('')}`
  })
  return [`Chain ${name} (${head})`, `${number('num')}${columns}`, ...rows, ''].join('\n')
}

const named = (match: Match | undefined): string => (match ? `${match.not ? '!' : ''}${match.value}` : '*')

/** The mark of a negation, and twenty columns. */
function address(match: Match | undefined): string {
  const text = match ? match.value.replace(/\/32$/, '') : '0.0.0.0/0'
  return `${match?.not ? '!' : ' '}${text.padEnd(19)} `
}

function matchWords(rule: Rule): string[] {
  return [
    ...(rule.toLocal ? ['ADDRTYPE match dst-type LOCAL'] : []),
    ...(rule.established ? ['ctstate RELATED,ESTABLISHED'] : []),
    ...(rule.dport !== undefined ? [`${rule.protocol} dpt:${rule.dport}`] : []),
    ...(rule.to ? [`to:${rule.to}`] : []),
  ]
}
