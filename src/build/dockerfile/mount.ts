/** `RUN --mount=...` (buildkit frontend/dockerfile/instructions/commands_runmount.go). */
import { posix } from 'node:path'
import { suggestion } from './suggestion.ts'

export interface MountSpec {
  type: 'bind' | 'cache' | 'tmpfs' | 'secret' | 'ssh'
  from: string
  source: string
  target: string
  readOnly: boolean
  /** cache: name; secret and ssh: which. */
  id: string
  sharing: 'shared' | 'private' | 'locked'
  required: boolean
  mode: number | undefined
  uid: number | undefined
  gid: number | undefined
  /** tmpfs: bytes. */
  size: number | undefined
  /** secret: the variable it goes to. */
  env: string
}

const types = ['bind', 'cache', 'tmpfs', 'secret', 'ssh'] as const
const keys = [
  ...['type', 'from', 'source', 'target', 'readonly', 'id', 'sharing', 'required', 'size', 'mode', 'uid', 'gid'],
  ...['src', 'dst', 'destination', 'ro', 'readwrite', 'rw', 'env'],
]
const flagKeys = ['readonly', 'ro', 'readwrite', 'rw', 'required']

/** Reads one; variables in it have been expanded, or will be. Throws Error with BuildKit's words. */
export function parseMount(text: string): MountSpec {
  if (text === '') throw new Error('failed to parse csv mounts: EOF')
  const fields = text.split(',').map(field => {
    const equals = field.indexOf('=')
    return equals < 0
      ? { key: field.toLowerCase(), value: undefined, field }
      : { key: field.slice(0, equals).toLowerCase(), value: field.slice(equals + 1), field }
  })
  const wanted = fields.find(field => field.key === 'type')?.value?.toLowerCase() ?? 'bind'
  const type = types.find(known => known === wanted)
  if (!type) throw new Error(`unsupported mount type ${JSON.stringify(wanted)}${hint(wanted, types)}`)
  const mount: MountSpec = {
    type,
    from: '',
    source: '',
    target: '',
    readOnly: type === 'bind',
    id: '',
    sharing: 'shared',
    required: false,
    mode: undefined,
    uid: undefined,
    gid: undefined,
    size: undefined,
    env: '',
  }
  for (const { key, value, field } of fields) apply(mount, key, value, field)
  if (/\$/.test(mount.from)) throw new Error("'from' doesn't support variable expansion, define alias stage instead")
  for (const { key } of fields) checkKey(type, key)
  const needsTarget = type === 'bind' || type === 'cache' || type === 'tmpfs'
  if (needsTarget && posix.join('/', mount.target) === '/') throw new Error('invalid mount target "/"')
  if (type === 'secret' && mount.target === '' && mount.env === '' && mount.id === '')
    throw new Error('invalid secret mount. one of source, target required')
  return mount
}

const hint = (word: string, known: readonly string[]): string => {
  const near = suggestion(word, known)
  return near === undefined ? '' : ` (did you mean ${near}?)`
}

/** Keys that only some types take. */
function checkKey(type: MountSpec['type'], key: string): void {
  if (key === 'size' && type !== 'tmpfs') throw new Error(`unexpected key 'size' for mount type '${type}'`)
  if (['uid', 'gid', 'mode'].includes(key) && (type === 'bind' || type === 'tmpfs'))
    throw new Error(`${key} not allowed for "${type}" type mounts`)
}

function apply(mount: MountSpec, key: string, value: string | undefined, field: string): void {
  if (value === undefined && !flagKeys.includes(key))
    throw new Error(`invalid field '${field}' must be a key=value pair`)
  const text = value ?? 'true'
  const truth = (): boolean => {
    if (/^(1|t|true)$/i.test(text)) return true
    if (/^(0|f|false)$/i.test(text)) return false
    throw new Error(`invalid value for ${key}: ${text}`)
  }
  switch (key) {
    case 'type':
      return
    case 'from':
      mount.from = text
      return
    case 'source':
    case 'src':
      mount.source = text
      return
    case 'target':
    case 'dst':
    case 'destination':
      mount.target = text
      return
    case 'readonly':
    case 'ro':
      mount.readOnly = truth()
      return
    case 'readwrite':
    case 'rw':
      mount.readOnly = !truth()
      return
    case 'required':
      mount.required = truth()
      return
    case 'id':
      mount.id = text
      return
    case 'env':
      mount.env = text
      return
    case 'sharing':
      if (!['shared', 'private', 'locked'].includes(text))
        throw new Error(`unsupported sharing value ${JSON.stringify(text)}`)
      mount.sharing = text as MountSpec['sharing']
      return
    case 'mode':
      if (!/^[0-7]+$/.test(text)) throw new Error(`invalid value ${text} for mode`)
      mount.mode = Number.parseInt(text, 8)
      return
    case 'uid':
    case 'gid':
      if (!/^\d+$/.test(text)) throw new Error(`invalid value ${text} for ${key}`)
      mount[key] = Number(text)
      return
    case 'size': {
      const match = /^(\d+)([kmg]?)b?$/i.exec(text)
      if (!match) throw new Error(`invalid value for size: ${text}`)
      mount.size = Number(match[1]) * ({ k: 1024, m: 1024 ** 2, g: 1024 ** 3 }[(match[2] ?? '').toLowerCase()] ?? 1)
      return
    }
    default:
      throw new Error(`unexpected key '${key}' in '${field}'${hint(key, keys)}`)
  }
}
