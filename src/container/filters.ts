/** The filters of `docker ps` and `container prune`, with the daemon's checks and words (moby daemon/list.go). */

import type { Filters } from '../api/system.ts'
import { invalid, invalidFilter, messageOf } from '../errors.ts'
import { compileRegexp } from '../util/regexp.ts'
import { parseUint } from '../util/strconv.ts'
import { noSuchContainer, resolveContainer } from './resolve.ts'
import type { ContainerIndexEntry } from './summary.ts'

const accepted = [
  'ancestor',
  'before',
  'exited',
  'id',
  'is-task',
  'label',
  'name',
  'status',
  'health',
  'since',
  'volume',
  'network',
  'expose',
  'publish',
  'isolation',
]
const statuses = ['created', 'running', 'paused', 'restarting', 'removing', 'exited', 'dead']
const healths = ['none', 'starting', 'healthy', 'unhealthy']

/** What filtering needs to know beyond the index. */
export interface FilterContext {
  /** Ids of the images that an `ancestor` value stands for: the image and all that are built on it. */
  ancestors: (reference: string) => ReadonlySet<string>
  /** Network ids by name, so that both may be given. */
  networkId: (name: string) => string | undefined
}

/** Whether an entry passes. Throws for an unknown filter or a bad value, whether or not a container is there. */
export function containerFilter(
  filters: Filters,
  all: readonly ContainerIndexEntry[],
  context: FilterContext,
): (entry: ContainerIndexEntry) => boolean {
  for (const key of Object.keys(filters)) if (!accepted.includes(key)) throw invalidFilter(key)
  const values = (key: string): readonly string[] => filters[key] ?? []
  for (const status of values('status'))
    if (!statuses.includes(status))
      throw invalid(
        `invalid filter 'status=${status}': invalid value for state (${status}): must be one of ${statuses.join(', ')}`,
      )
  for (const health of values('health'))
    if (!healths.includes(health))
      throw invalid(
        `invalid filter 'health=${health}': invalid value for health (${health}): must be one of ${healths.join(', ')}`,
      )
  const exited = values('exited').map(value => {
    if (!/^[+-]?\d+$/.test(value))
      throw invalid(`invalid filter 'exited=${value}': strconv.Atoi: parsing "${value}": invalid syntax`)
    return Number(value)
  })
  const tasks = values('is-task').map(value => {
    if (!['1', 'true', '0', 'false'].includes(value)) throw invalid(`invalid filter 'is-task=[${value}]'`)
    return value === '1' || value === 'true'
  })
  const position = (key: string): number[] =>
    values(key).map(reference => {
      if (reference === '') throw noSuchContainer('')
      return resolveContainer(all, reference).sequence
    })
  const before = position('before')
  const since = position('since')
  const ancestors = values('ancestor').map(context.ancestors)
  const names = values('name').map(pattern)
  const ids = values('id').map(pattern)
  const [exposed, published] = ['expose', 'publish'].map(key => values(key).map(value => portTest(key, value)))
  const any = <T>(list: readonly T[], test: (value: T) => boolean): boolean => list.length === 0 || list.some(test)
  return entry =>
    any(names, test => test(entry.name) || test(`/${entry.name}`)) &&
    any(ids, test => test(entry.id)) &&
    any(values('status'), status => entry.state.status === status) &&
    any(values('health'), health => (entry.state.health ?? 'none') === health) &&
    any(
      exited,
      code => entry.state.exitCode === code && entry.state.startedAt !== 0 && entry.state.status === 'exited',
    ) &&
    any(ancestors, set => set.has(entry.image)) &&
    before.every(sequence => entry.sequence < sequence) &&
    since.every(sequence => entry.sequence > sequence) &&
    matchLabels(values('label'), entry.labels) &&
    any(values('volume'), volume =>
      entry.mounts.some(mount => mount.Name === volume || mount.Source === volume || mount.Destination === volume),
    ) &&
    any(values('network'), network =>
      Object.entries(entry.networks).some(
        ([name, end]) =>
          name === network ||
          (network !== '' && end.NetworkID.startsWith(network)) ||
          context.networkId(network) === end.NetworkID,
      ),
    ) &&
    // No container here is a task of a swarm's service.
    any(tasks, isTask => !isTask) &&
    any(exposed ?? [], test => [...entry.exposed, ...Object.keys(entry.ports)].some(test)) &&
    any(published ?? [], test =>
      Object.entries(entry.ports).some(
        ([key, bindings]) => bindings?.some(b => test(`${b.HostPort}/${key.split('/')[1]}`)) ?? false,
      ),
    )
}

/** Every label filter must match: `key` or `key=value`. */
export function matchLabels(wanted: readonly string[], labels: Readonly<Record<string, string>> | null): boolean {
  return wanted.every(label => {
    const equals = label.indexOf('=')
    if (equals < 0) return Object.hasOwn(labels ?? {}, label)
    return labels?.[label.slice(0, equals)] === label.slice(equals + 1)
  })
}

/** Docker takes names and ids as regular expressions; one that does not compile matches as plain text. */
function pattern(value: string): (text: string) => boolean {
  const plain = (text: string): boolean => text.includes(value)
  return /[\\^$.|?*+()[\]{}]/.test(value) ? (compileRegexp(value) ?? plain) : plain
}

/** The ports of `expose` and `publish`: a number or a range, with a protocol or for tcp (moby daemon/list.go portOp). */
function portTest(key: string, value: string): (port: string) => boolean {
  if (value.includes(':')) throw invalid(`filter for '${key}' should not contain ':': ${value}`)
  const [, range = '', protocol = 'tcp'] = /^([^/]*)(?:\/(.*))?$/s.exec(value) ?? []
  try {
    if (range === '') throw new Error('Empty string specified for ports.')
    const [from = '', to = from] = range.split('-')
    const [first, last] = [parseUint(from, 16), parseUint(to, 16)]
    if (last < first) throw new Error(`Invalid range specified for the Port: ${range}`)
    return port => {
      const [number, kind] = port.split('/')
      return kind === protocol && Number(number) >= first && Number(number) <= last
    }
  } catch (error) {
    throw invalid(`error while looking up for ${key} ${value}: ${messageOf(error)}`)
  }
}
