/** `--mount type=bind,src=...,dst=...` (docker/cli opts.MountOpt). */
import { resolve } from 'node:path'
import type { MountSpec } from '../../api/container.ts'
import { parseBytes } from '../../util/ram-bytes.ts'
import { parseBool } from '../../util/strconv.ts'
import { csvFields } from '../go/csv.ts'

type Type = MountSpec['Type']
/** Keys that may stand without a value. */
const SWITCHES = new Set(['readonly', 'ro', 'volume-nocopy', 'bind-nonrecursive'])

/**
 * Reads a mount. Which types and propagations exist, and whether the source does, is the engine's business.
 * @param cwd  what a source that starts with `.` is relative to
 */
export function parseMount(text: string, cwd: string): MountSpec {
  if (text === '') throw new Error('EOF')
  const mount: MountSpec = { Type: 'volume', Target: '' }
  const bind: NonNullable<MountSpec['BindOptions']> = {}
  const volume: NonNullable<MountSpec['VolumeOptions']> = {}
  const image: NonNullable<MountSpec['ImageOptions']> = {}
  const tmpfs: NonNullable<MountSpec['TmpfsOptions']> = {}
  const driver: { Name?: string; Options?: Record<string, string> } = {}
  let type = 'volume'
  for (const field of csvFields(text)) {
    const equals = field.indexOf('=')
    const key = (equals < 0 ? field : field.slice(0, equals)).toLowerCase()
    if (equals < 0 && !SWITCHES.has(key)) throw new Error(`invalid field '${field}' must be a key=value pair`)
    const value = equals < 0 ? 'true' : field.slice(equals + 1)
    const read = <T>(parse: (value: string) => T): T => {
      try {
        return parse(value)
      } catch {
        throw new Error(`invalid value for ${key}: ${value}`)
      }
    }
    switch (key) {
      case 'type':
        type = value.toLowerCase()
        break
      case 'source':
      case 'src':
        mount.Source = value === '.' || value.startsWith('./') ? resolve(cwd, value) : value
        break
      case 'target':
      case 'dst':
      case 'destination':
        mount.Target = value
        break
      case 'readonly':
      case 'ro':
        if (read(parseBool)) mount.ReadOnly = true
        break
      case 'consistency':
        mount.Consistency = value.toLowerCase()
        break
      case 'bind-propagation':
        bind.Propagation = value.toLowerCase()
        break
      case 'bind-nonrecursive':
        bind.NonRecursive = read(parseBool)
        break
      case 'bind-recursive':
        recursion(value, bind)
        break
      case 'volume-subpath':
        volume.Subpath = value
        break
      case 'volume-nocopy':
        volume.NoCopy = read(parseBool)
        break
      case 'volume-label':
        setPair((volume.Labels ??= Object.create(null) as Record<string, string>), value)
        break
      case 'volume-driver':
        driver.Name = value
        break
      case 'volume-opt':
        setPair((driver.Options ??= Object.create(null) as Record<string, string>), value)
        break
      case 'image-subpath':
        image.Subpath = value
        break
      case 'tmpfs-size':
        tmpfs.SizeBytes = read(parseBytes)
        break
      case 'tmpfs-mode':
        tmpfs.Mode = read(octal)
        break
      default:
        throw new Error(`unexpected key '${key}' in '${field}'`)
    }
  }
  if (type === '') throw new Error('type is required')
  if (mount.Target === '') throw new Error('target is required')
  mount.Type = type as Type
  if (Object.keys(volume).length + Object.keys(driver).length > 0) volume.DriverConfig = driver
  const groups: [Type, 'BindOptions' | 'VolumeOptions' | 'ImageOptions' | 'TmpfsOptions', object][] = [
    ['volume', 'VolumeOptions', volume],
    ['bind', 'BindOptions', bind],
    ['image', 'ImageOptions', image],
    ['tmpfs', 'TmpfsOptions', tmpfs],
  ]
  for (const [owner, field, options] of groups) {
    if (Object.keys(options).length === 0) continue
    if (type !== owner) throw new Error(`cannot mix '${owner}-*' options with mount type '${type}'`)
    Object.assign(mount, { [field]: options })
  }
  if (bind.ReadOnlyForceRecursive) {
    const needs = (option: string): Error =>
      new Error(`option 'bind-recursive=readonly' requires '${option}' to be specified in conjunction`)
    if (!mount.ReadOnly) throw needs('readonly')
    if (bind.Propagation !== 'rprivate') throw needs('bind-propagation=rprivate')
  }
  return mount
}

function recursion(value: string, bind: NonNullable<MountSpec['BindOptions']>): void {
  if (value === 'disabled') bind.NonRecursive = true
  else if (value === 'writable') bind.ReadOnlyNonRecursive = true
  else if (value === 'readonly') bind.ReadOnlyForceRecursive = true
  else if (value !== 'enabled') {
    throw new Error(
      `invalid value for bind-recursive: ${value} (must be "enabled", "disabled", "writable", or "readonly")`,
    )
  }
}

function setPair(target: Record<string, string>, text: string): void {
  const equals = text.indexOf('=')
  const key = equals < 0 ? text : text.slice(0, equals)
  if (key !== '') target[key] = equals < 0 ? '' : text.slice(equals + 1)
}

function octal(text: string): number {
  if (!/^[0-7]{1,11}$/.test(text)) throw new Error('not octal')
  return Number.parseInt(text, 8)
}
