/** tar headers as GNU tar and busybox write them (magic `ustar  `), and reading those, ustar and pax. */
import { BLOCK, checksum } from '../../../layer/tar-header.ts'
import { fromBytes, toBytes } from './bytes.ts'

export type TarType = 'file' | 'link' | 'symlink' | 'char' | 'block' | 'dir' | 'fifo'

/** An entry without its bytes. Names are byte strings as written; a directory's has its slash. */
export interface TarMember {
  name: string
  type: TarType
  mode: number
  uid: number
  gid: number
  user: string
  group: string
  size: number
  /** Seconds since the epoch. */
  mtime: number
  target: string
  rdev: readonly [number, number]
}

const flags: Readonly<Record<TarType, string>> = {
  file: '0',
  link: '1',
  symlink: '2',
  char: '3',
  block: '4',
  dir: '5',
  fifo: '6',
}
const kinds = new Map<string, TarType>([
  ...(Object.entries(flags) as [TarType, string][]).map(([type, flag]): [string, TarType] => [flag, type]),
  ['\0', 'file'],
  ['7', 'file'],
])

/** The header of a member, with `././@LongLink` entries in front for names of more than 99 bytes. */
export function encodeHeader(member: TarMember): Uint8Array {
  const blocks: Uint8Array[] = []
  for (const [kind, text] of [
    ['K', member.target],
    ['L', member.name],
  ] as const) {
    if (text.length <= 99) continue
    const long = {
      ...member,
      name: '././@LongLink',
      target: '',
      size: text.length + 1,
      mode: 0,
      uid: 0,
      gid: 0,
      mtime: 0,
    }
    blocks.push(block(long, kind, 'root', 'root'), padBlock(toBytes(`${text}\0`)))
  }
  blocks.push(block(member, flags[member.type], member.user, member.group))
  return Buffer.concat(blocks)
}

function block(member: TarMember, flag: string, user: string, group: string): Uint8Array {
  const bytes = Buffer.alloc(BLOCK)
  const text = (value: string, at: number, length: number) => bytes.write(value.slice(0, length), at, 'latin1')
  const octal = (value: number, at: number, length: number) => {
    const most = 8 ** (length - 1)
    // Too large for octal digits: base 256, as GNU has it.
    if (value >= most) {
      bytes.writeBigUInt64BE(BigInt(value), at + length - 8)
      bytes[at] = 0x80
    } else
      text(
        `${Math.max(0, Math.floor(value))
          .toString(8)
          .padStart(length - 1, '0')}\0`,
        at,
        length,
      )
  }
  text(member.name, 0, 100)
  octal(member.mode, 100, 8)
  octal(member.uid, 108, 8)
  octal(member.gid, 116, 8)
  octal(member.size, 124, 12)
  octal(member.mtime, 136, 12)
  text(flag, 156, 1)
  text(member.target, 157, 100)
  text('ustar  \0', 257, 8)
  text(user, 265, 31)
  text(group, 297, 31)
  if (flag === '3' || flag === '4') {
    octal(member.rdev[0], 329, 8)
    octal(member.rdev[1], 337, 8)
  }
  text(`${checksum(bytes).toString(8).padStart(6, '0')}\0 `, 148, 8)
  return bytes
}

/** Fills up to whole blocks. */
export function padBlock(data: Uint8Array): Uint8Array {
  const rest = data.length % BLOCK
  return rest === 0 ? data : Buffer.concat([data, new Uint8Array(BLOCK - rest)])
}

/** What a block says: a member, a special header whose bytes follow, the end, or nothing sensible. */
export type Decoded =
  | { kind: 'member'; member: TarMember }
  | { kind: 'long' | 'longLink' | 'pax' | 'global'; size: number }
  | { kind: 'zero' }
  | { kind: 'bad' }

export function decodeHeader(bytes: Uint8Array): Decoded {
  if (bytes.every(byte => byte === 0)) return { kind: 'zero' }
  const text = (at: number, length: number) => fromBytes(bytes.subarray(at, at + length)).replace(/\0.*$/s, '')
  const number = (at: number, length: number): number => {
    if (((bytes[at] ?? 0) & 0x80) === 0) return Number.parseInt(text(at, length).trim() || '0', 8)
    let value = 0
    for (let i = at + 1; i < at + length; i++) value = value * 256 + (bytes[i] ?? 0)
    return value
  }
  if (number(148, 8) !== checksum(bytes)) return { kind: 'bad' }
  const size = number(124, 12)
  const flag = String.fromCharCode(bytes[156] ?? 0)
  const special = { L: 'long', K: 'longLink', x: 'pax', X: 'pax', g: 'global' }[flag] as
    | 'long'
    | 'longLink'
    | 'pax'
    | 'global'
    | undefined
  if (special !== undefined) return { kind: special, size }
  const prefix = text(257, 6) === 'ustar' && bytes[263] === 0x30 ? text(345, 155) : ''
  const name = text(0, 100)
  const full = prefix === '' ? name : `${prefix}/${name}`
  const type = kinds.get(flag) ?? 'file'
  return {
    kind: 'member',
    member: {
      name: full,
      type: type === 'file' && full.endsWith('/') ? 'dir' : type,
      mode: number(100, 8) & 0o7777,
      uid: number(108, 8),
      gid: number(116, 8),
      user: text(265, 32),
      group: text(297, 32),
      size: type === 'file' ? size : 0,
      mtime: number(136, 12),
      target: text(157, 100),
      rdev: [number(329, 8) || 0, number(337, 8) || 0],
    },
  }
}

/** The records of a pax header: `LENGTH KEY=VALUE\n`. */
export function paxRecords(data: string): Map<string, string> {
  const records = new Map<string, string>()
  for (let at = 0; at < data.length; ) {
    const space = data.indexOf(' ', at)
    const length = Number(data.slice(at, space))
    if (space === -1 || !Number.isInteger(length) || length <= 0) break
    const record = data.slice(space + 1, at + length - 1)
    const equals = record.indexOf('=')
    if (equals > 0) records.set(record.slice(0, equals), record.slice(equals + 1))
    at += length
  }
  return records
}
