/** `COPY --chmod`: an octal number, or symbolic changes as `u=rwX,go+r` (tonistiigi/dchapes-mode). */
import { BuildError, type Location } from './errors.ts'

const octal = /^[0-7]{1,4}$/
const shifts: Readonly<Record<string, number>> = { u: 6, g: 3, o: 0 }
const letters: Readonly<Record<string, number>> = { r: 4, w: 2, x: 1 }
const setid: Readonly<Record<string, number>> = { u: 0o4000, g: 0o2000, o: 0 }

/** The bits of folders that are made on the way to a target: a number's permissions less the usual umask, else what folders have. */
export const folderMode = (chmod: string): number => (octal.test(chmod) ? Number.parseInt(chmod, 8) & 0o755 : 0o755)

/** What becomes of the bits of a file. Throws BuildError. */
export function modeChanger(chmod: string, location: Location | undefined): (mode: number, isDir: boolean) => number {
  if (octal.test(chmod)) {
    const fixed = Number.parseInt(chmod, 8)
    return () => fixed
  }
  if (/^\d/.test(chmod))
    throw new BuildError(`invalid chmod parameter: '${chmod}'. it should be octal string and between 0 and 07777`, {
      location,
    })
  const clauses = chmod.split(',').map(clause => {
    const match = /^([ugoa]*)((?:[-+=][rwxXstugo]*)+)$/.exec(clause)
    if (!match) throw new BuildError('invalid syntax', { location })
    const [, who = '', changes = ''] = match
    const classes = who === '' || who.includes('a') ? 'ugo' : who
    return { classes, sticky: who === '' || /[ao]/.test(who), changes: changes.match(/[-+=][^-+=]*/g) ?? [] }
  })
  return (mode, isDir) =>
    clauses.reduce(
      (out, { classes, sticky, changes }) =>
        changes.reduce((bits, change) => changed(bits, { classes, sticky, change, isDir }), out),
      mode,
    )
}

function changed(
  mode: number,
  { classes, sticky, change, isDir }: { classes: string; sticky: boolean; change: string; isDir: boolean },
): number {
  let [bits, mask] = [0, 0]
  for (const name of classes) {
    const shift = shifts[name] ?? 0
    mask |= (7 << shift) | (setid[name] ?? 0)
    for (const letter of change.slice(1)) {
      if (letter === 's') bits |= setid[name] ?? 0
      else if (letter === 'X') bits |= isDir || mode & 0o111 ? 1 << shift : 0
      else if (letter in shifts) bits |= ((mode >> (shifts[letter] ?? 0)) & 7) << shift
      else bits |= (letters[letter] ?? 0) << shift
    }
  }
  if (sticky) {
    mask |= 0o1000
    if (change.includes('t')) bits |= 0o1000
  }
  if (change.startsWith('+')) return mode | bits
  return change.startsWith('-') ? mode & ~bits : (mode & ~mask) | bits
}
