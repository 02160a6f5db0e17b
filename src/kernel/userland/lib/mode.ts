/** File modes as text: `drwxr-xr-x` and chmod's symbolic language. */
import type { FileType } from '../../../vfs/filesystem.ts'

const typeLetters: Readonly<Record<FileType, string>> = {
  file: '-',
  dir: 'd',
  symlink: 'l',
  char: 'c',
  block: 'b',
  fifo: 'p',
  socket: 's',
}

const typeBits: Readonly<Record<FileType, number>> = {
  file: 0o100000,
  dir: 0o040000,
  symlink: 0o120000,
  char: 0o020000,
  block: 0o060000,
  fifo: 0o010000,
  socket: 0o140000,
}

/** `st_mode` with the bits of the file's type. */
export function rawMode(type: FileType, mode: number): number {
  return typeBits[type] | mode
}

/** Ten characters, as `ls -l` and `stat -c %A` print them. */
export function modeString(type: FileType, mode: number): string {
  return typeLetters[type] + permissionString(mode)
}

/** The nine characters of the permission bits. */
export function permissionString(mode: number): string {
  const three = (shift: number, special: number, letter: string) => {
    const bits = (mode >> shift) & 7
    const execute = (bits & 1) !== 0
    const last = (mode & special) === 0 ? (execute ? 'x' : '-') : execute ? letter : letter.toUpperCase()
    return (bits & 4 ? 'r' : '-') + (bits & 2 ? 'w' : '-') + last
  }
  return three(6, 0o4000, 's') + three(3, 0o2000, 's') + three(0, 0o1000, 't')
}

/**
 * What a mode such as `644`, `u+x,go-w` or `a=rX` makes of `mode` (POSIX chmod). The umask counts only where no
 * one is named (`+x`). Octal modes of up to four digits keep a directory's set-id bits, as GNU and busybox do.
 * Returns undefined for text that is not a mode.
 */
export function applyMode(text: string, mode: number, isDir: boolean, umask: number, gnu = true): number | undefined {
  if (/^[0-7]+$/.test(text)) {
    const value = Number.parseInt(text, 8)
    if (value > 0o7777) return undefined
    return value
  }
  let result = mode
  for (const clause of text.split(',')) {
    const match = /^([ugoa]*)((?:[-+=][rwxXstugo]*)+)$/.exec(clause)
    if (!match) return undefined
    const who = match[1] ?? ''
    for (const [, operator = '', permissions = ''] of (match[2] ?? '').matchAll(/([-+=])([rwxXstugo]*)/g)) {
      // Sticky is everyone's. To busybox `o+t` sets nothing; GNU does not mind who.
      const letters = gnu || who === '' || who.includes('a') ? permissions : permissions.replaceAll('t', '')
      result = applyClause(result, who, operator, letters, isDir, umask)
    }
  }
  return result
}

function applyClause(
  mode: number,
  who: string,
  operator: string,
  permissions: string,
  isDir: boolean,
  umask: number,
): number {
  const everyone = who === '' || who.includes('a')
  let mask = 0
  if (everyone || who.includes('u')) mask |= 0o4700
  if (everyone || who.includes('g')) mask |= 0o2070
  if (everyone || who.includes('o')) mask |= 0o0007
  if (everyone) mask |= 0o1000
  let bits = 0
  for (const letter of permissions) {
    if (letter === 'r') bits |= 0o444
    else if (letter === 'w') bits |= 0o222
    else if (letter === 'x') bits |= 0o111
    else if (letter === 'X') bits |= isDir || (mode & 0o111) !== 0 ? 0o111 : 0
    else if (letter === 's') bits |= 0o6000
    else if (letter === 't') bits |= 0o1000
    else {
      const from = (mode >> (letter === 'u' ? 6 : letter === 'g' ? 3 : 0)) & 7
      bits |= from | (from << 3) | (from << 6)
    }
  }
  // Sticky is everyone's: `o+t` and `+t` both set it.
  if (permissions.includes('t')) mask |= 0o1000
  bits &= mask
  if (who === '') bits &= ~umask
  if (operator === '+') return mode | bits
  if (operator === '-') return mode & ~bits
  const kept = isDir ? mode & 0o6000 & ~(permissions.includes('s') ? mask : 0) : 0
  const cleared = who === '' ? mask & ~umask & 0o7777 : mask
  return (mode & ~(who === '' ? mask : cleared)) | bits | (who === '' ? 0 : kept)
}
