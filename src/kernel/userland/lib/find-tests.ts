/** find's tests on one file. */
import { isErrno } from '../../../vfs/errno.ts'
import type { Stat } from '../../../vfs/filesystem.ts'
import type { Proc } from '../../program.ts'
import { Failure } from './failure.ts'
import { applyMode } from './mode.ts'

/** A file that find looks at. */
export interface Found {
  path: string
  name: string
  stat: Stat
  depth: number
  /** The operand it was found under. */
  start: string
}

/** `+5`, `-5`, `5`: how two numbers must compare. undefined when it is no number. */
export function numeric(text: string): ((value: number) => boolean) | undefined {
  const match = /^([-+]?)(\d+(?:\.\d+)?)$/.exec(text)
  if (!match) return undefined
  const wanted = Number(match[2])
  if (match[1] === '+') return value => value > wanted
  if (match[1] === '-') return value => value < wanted
  return value => value === wanted
}

/** -size N[bcwkMG]: sizes are rounded up to whole units. */
export function sizeTest(text: string, gnu: boolean): (found: Found) => boolean {
  const match = /^([-+]?\d+)([bcwkMG]?)$/.exec(text)
  const test = match && numeric(match[1] ?? '')
  if (!match || !test)
    throw new Failure(gnu ? `Invalid argument \`${text}' to -size` : `invalid number '${text.replace(/^[-+]/, '')}'`)
  const units: Record<string, number> = { '': 512, b: 512, c: 1, w: 2, k: 1024, M: 1024 ** 2, G: 1024 ** 3 }
  const unit = units[match[2] ?? ''] ?? 512
  return ({ stat }) => test(Math.ceil(stat.size / unit))
}

/** -perm MODE (exactly), -MODE (all of these bits), /MODE (any of them). */
export function permTest(text: string, gnu: boolean): (found: Found) => boolean {
  const sign = /^[-/+]/.test(text) && !(text.startsWith('+') && !/^\+[0-7]/.test(text)) ? text.charAt(0) : ''
  const bits = applyMode(text.slice(sign.length), 0, false, 0)
  if (bits === undefined) throw new Failure(gnu ? `invalid mode '${text}'` : `invalid mode '${text}'`)
  if (sign === '-') return ({ stat }) => (stat.mode & bits) === bits
  if (sign !== '') return ({ stat }) => bits === 0 || (stat.mode & bits) !== 0
  return ({ stat }) => stat.mode === bits
}

const typeLetters: Readonly<Record<string, Stat['type']>> = {
  f: 'file',
  d: 'dir',
  l: 'symlink',
  c: 'char',
  b: 'block',
  p: 'fifo',
  s: 'socket',
}

/** -type f, and GNU's -type f,d. */
export function typeTest(text: string, gnu: boolean): (found: Found) => boolean {
  const types = (gnu ? text.split(',') : [text]).map(letter =>
    Object.hasOwn(typeLetters, letter) ? typeLetters[letter] : undefined,
  )
  if (types.includes(undefined))
    throw new Failure(gnu ? `Unknown argument to -type: ${text}` : `invalid argument '${text}' to '-type'`)
  return ({ stat }) => types.includes(stat.type)
}

/** -mtime, -mmin and their like: whole units since then. `unit` in ms. */
export function ageTest(
  text: string,
  option: string,
  now: number,
  unit: number,
  time: (stat: Stat) => number,
  gnu: boolean,
): (found: Found) => boolean {
  const test = numeric(text)
  if (!test)
    throw new Failure(
      gnu ? `invalid argument \`${text}' to \`${option}'` : `invalid number '${text.replace(/^[-+]/, '')}'`,
    )
  // -mmin +5 counts minutes with fractions in GNU; both round down in busybox, and days always.
  return ({ stat }) => test(Math.floor((now - time(stat)) / unit))
}

/** The time of a file to compare with, for -newer. */
export function timeOfFile(p: Proc, path: string, gnu: boolean): number {
  try {
    return p.stat(path).mtime
  } catch (error) {
    if (!isErrno(error)) throw error
    throw new Failure(gnu ? `'${path}': ${error.message}` : `${path}: ${error.message}`)
  }
}

/** Whether a directory has nothing in it, or a file no bytes. */
export function isEmpty(p: Proc, { path, stat }: Found): boolean {
  if (stat.type === 'file') return stat.size === 0
  if (stat.type !== 'dir') return false
  try {
    return p.readdir(path).length === 0
  } catch (error) {
    if (!isErrno(error)) throw error
    return false
  }
}
