/** The short form of a volume: `[SOURCE:]TARGET[:OPTIONS]` (compose-go format.ParseVolume). */
import { posix } from 'node:path'
import { ComposeError, type Mapping, mapping } from './tree.ts'

const PROPAGATION = new Set(['rprivate', 'private', 'rshared', 'shared', 'rslave', 'slave'])

/** The long form of a short one. @throws ComposeError */
export function parseVolumeSpec(spec: string): Mapping {
  if (spec === '') throw new ComposeError('invalid empty volume spec')
  if (spec.length <= 2)
    return mapping([
      ['type', 'volume'],
      ['target', clean(spec)],
    ])
  const fail = (why: string): ComposeError => new ComposeError(`invalid spec: ${spec}: ${why}`)
  const parts = sections(spec)
  if (parts.includes('')) throw fail('empty section between colons')
  if (parts.length > 3) throw fail('too many colons')
  const [first = '', second, options = ''] = parts
  const source = second === undefined ? '' : first
  const volume = mapping([['type', isPath(source) ? 'bind' : 'volume']])
  if (source !== '') volume.source = source
  volume.target = clean(second ?? first)
  const detail = mapping()
  const other = mapping()
  for (const option of options.split(',')) {
    if (option === 'ro') volume.read_only = true
    else if (option === 'rw') delete volume.read_only
    else if (option === 'nocopy') (volume.type === 'volume' ? detail : other).nocopy = true
    else if (PROPAGATION.has(option)) (volume.type === 'bind' ? detail : other).propagation = option
    else if (option === 'z' || option === 'Z') (volume.type === 'bind' ? detail : other).selinux = option
  }
  if (volume.type === 'bind') volume.bind = Object.assign(detail, { create_host_path: true })
  else volume.volume = detail
  if (Object.keys(other).length > 0) volume[volume.type === 'bind' ? 'volume' : 'bind'] = other
  return volume
}

const clean = (target: string): string =>
  target.length > 1 ? posix.normalize(target).replace(/(?<=.)\/$/, '') : target

/** Splits at colons, but for those in `${...}` and after one letter, which is a Windows drive. */
function sections(spec: string): string[] {
  const parts: string[] = []
  let part = ''
  let depth = 0
  for (let i = 0; i < spec.length; i++) {
    const char = spec[i] ?? ''
    if (char === '$' && spec[i + 1] === '{') depth++
    else if (char === '}' && depth > 0) depth--
    if (char === ':' && depth === 0 && !/^\p{L}$/u.test(part)) {
      parts.push(part)
      part = ''
    } else part += char
  }
  return [...parts, part]
}

/** Whether a source is a path of the host rather than a volume's name. */
const isPath = (source: string): boolean =>
  /^[./~]/.test(source) || source.startsWith('\\\\') || /^\p{L}:/u.test(source)
