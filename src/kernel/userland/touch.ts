/** touch: times of files, and empty files. */
import { isErrno } from '../../vfs/errno.ts'
import type { Proc } from '../program.ts'
import { type Call, command } from './lib/command.ts'
import { Failure } from './lib/failure.ts'
import { parseBusyboxDate, parseGnuDate } from './lib/parse-date.ts'
import { zoneFor } from './lib/zone.ts'

export const options = {
  noCreate: '-c --no-create  make no files',
  noDereference: '-h --no-dereference  the link itself',
  atime: '-a  time of access only',
  mtime: '-m  time of modification only',
  date: '-d --date=DATE  this time',
  stamp: '-t=STAMP  this time: [[CC]YY]MMDDhhmm[.ss]',
  reference: '-r --reference=FILE  the times of this file',
  force: '-f  ignored',
  time: 'gnu: --time=WORD  access or modify',
}

export const program = command(
  'touch',
  options,
  function* (call) {
    const { p, options: given, args, gnu, error } = call
    const times = chosenTimes(call)
    const both = given.has('atime') === given.has('mtime')
    const noFollow = given.has('noDereference')
    let status = 0
    for (const path of args) {
      try {
        if (!exists(p, path, noFollow)) {
          if (given.has('noCreate') || (noFollow && gnu)) continue
          p.close(p.open(path, { write: true, create: true }, 0o666))
          if (!times.chosen) continue
        }
        const change = {
          ...(both || given.has('atime') ? { atime: times.atime } : {}),
          ...(both || given.has('mtime') ? { mtime: times.mtime } : {}),
        }
        p.setattr(path, change, { noFollow })
      } catch (thrown) {
        if (!isErrno(thrown)) throw thrown
        yield* error(gnu ? `cannot touch '${path}': ${thrown.message}` : `${path}: ${thrown.message}`)
        status = 1
      }
    }
    return status
  },
  { operands: [1, Number.POSITIVE_INFINITY], missingWords: 'missing file operand' },
)

function exists(p: Proc, path: string, noFollow: boolean): boolean {
  try {
    noFollow ? p.lstat(path) : p.stat(path)
    return true
  } catch (error) {
    if (!isErrno(error, 'ENOENT')) throw error
    return false
  }
}

function chosenTimes({ p, options: given, gnu }: Call<typeof options>): {
  atime: number
  mtime: number
  chosen: boolean
} {
  const now = p.now()
  const zone = zoneFor(p.env.get('TZ'))
  const reference = given.value('reference')
  if (reference !== undefined) {
    try {
      const { atime, mtime } = p.stat(reference)
      return { atime, mtime, chosen: true }
    } catch (thrown) {
      if (!isErrno(thrown)) throw thrown
      throw new Failure(
        gnu
          ? `failed to get attributes of '${reference}': ${thrown.message}`
          : `can't stat '${reference}': ${thrown.message}`,
      )
    }
  }
  const stamp = given.value('stamp')
  const text = stamp ?? given.value('date')
  if (text === undefined) return { atime: now, mtime: now, chosen: false }
  if (stamp !== undefined && gnu && !/^(\d\d){4,6}(\.\d\d)?$/.test(stamp)) {
    throw new Failure(gnu ? `invalid date format '${stamp}'` : `invalid date '${stamp}'`)
  }
  const time = stamp !== undefined || !gnu ? parseBusyboxDate(text, now, zone) : parseGnuDate(text, now, zone)
  if (time === undefined) throw new Failure(gnu ? `invalid date format '${text}'` : `invalid date '${text}'`)
  return { atime: time, mtime: time, chosen: true }
}
