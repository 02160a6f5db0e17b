/** What an executable file is: a script, a catalogue placeholder, a real binary. */
import type { Place } from '../vfs/mounts.ts'

export type Identity =
  | { kind: 'script'; interpreter: string; argument: string | undefined }
  | { kind: 'program'; name: string; flavour: 'busybox' | 'gnu'; marker: Record<string, string> }
  /** Text or data without magic: ENOEXEC. */
  | { kind: 'none' }

const elf = '\x7fELF'
const markerStart = 'minidock-program: '
const headSize = 512
const scanPiece = 1 << 20

const busyboxFiles = new WeakMap<object, Map<number, boolean>>()

interface Known {
  base: string
  identity: Identity
}

/** What files of layers are, by inode: they never change. */
const knownFiles = new WeakMap<object, Map<number, Known>>()

/** Reads the beginning of a file. `path` is its resolved path, whose last name tells which real binary it is. */
export function identify(place: Place, path: string): Identity {
  const { fs } = place.mount
  if (!fs.isPristine?.(place.ino)) return read(place, path)
  let files = knownFiles.get(fs)
  if (!files) knownFiles.set(fs, (files = new Map()))
  const known = files.get(place.ino)
  const base = path.slice(path.lastIndexOf('/') + 1)
  if (known?.base === base) return known.identity
  const identity = read(place, path)
  files.set(place.ino, { base, identity })
  return identity
}

function read(place: Place, path: string): Identity {
  const { fs } = place.mount
  const head = Buffer.from(fs.read(place.ino, 0, headSize)).toString('latin1')
  if (head.startsWith('#!')) return script(head)
  if (!head.startsWith(elf)) return { kind: 'none' }
  const base = path.slice(path.lastIndexOf('/') + 1)
  if (head.startsWith(markerStart, elf.length))
    return fromMarker(head.slice(elf.length + markerStart.length).split('\n', 1)[0] ?? '', base)
  const busybox = isBusybox(place)
  return { kind: 'program', name: busybox ? 'busybox' : base, flavour: busybox ? 'busybox' : 'gnu', marker: {} }
}

function script(head: string): Identity {
  const line = (head.slice(2).split('\n', 1)[0] ?? '').trim()
  const space = line.search(/[ \t]/)
  if (line === '') return { kind: 'none' }
  return {
    kind: 'script',
    interpreter: space < 0 ? line : line.slice(0, space),
    argument: space < 0 ? undefined : line.slice(space).trim(),
  }
}

/** `nginx version=1.25.3 flavour=gnu`. */
function fromMarker(line: string, base: string): Identity {
  const [name = base, ...pairs] = line.split(' ')
  const marker: Record<string, string> = { program: name }
  for (const pair of pairs) {
    const equals = pair.indexOf('=')
    if (equals > 0) marker[pair.slice(0, equals)] = pair.slice(equals + 1)
  }
  return {
    kind: 'program',
    name,
    flavour: name === 'busybox' || marker['flavour'] === 'busybox' ? 'busybox' : 'gnu',
    marker,
  }
}

/** Whether a real binary is busybox: it carries its banner. The answer is kept for each inode. */
function isBusybox(place: Place): boolean {
  const { fs } = place.mount
  let known = busyboxFiles.get(fs)
  if (!known) busyboxFiles.set(fs, (known = new Map()))
  const cached = known.get(place.ino)
  if (cached !== undefined) return cached
  let found = false
  let tail = Buffer.alloc(0)
  for (let at = 0; !found; at += scanPiece) {
    const piece = fs.read(place.ino, at, scanPiece)
    if (piece.length === 0) break
    const text = Buffer.concat([tail, piece])
    found = text.includes('BusyBox v1')
    tail = text.subarray(-16)
  }
  known.set(place.ino, found)
  return found
}
