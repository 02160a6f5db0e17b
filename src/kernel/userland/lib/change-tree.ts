/** chmod, chown and chgrp through directory trees. */
import { isErrno } from '../../../vfs/errno.ts'
import type { Stat } from '../../../vfs/filesystem.ts'
import type { Proc, Routine } from '../../program.ts'
import { joinPath } from './walk.ts'

/**
 * Calls `change` for a path and, with `recursive`, for all below it (symbolic links there are left alone unless
 * `links`). Returns whether all went well.
 */
export function* changeTree(
  p: Proc,
  path: string,
  options: { recursive: boolean; links: boolean; follow: boolean },
  change: (path: string, stat: Stat) => Routine<void>,
  say: (what: 'access' | 'change' | 'read', path: string, reason: string) => Routine<void>,
  top = true,
): Routine<boolean> {
  let stat: Stat
  try {
    stat = options.follow && top ? p.stat(path) : p.lstat(path)
  } catch (thrown) {
    if (!isErrno(thrown)) throw thrown
    yield* say('access', path, thrown.message)
    return false
  }
  let fine = true
  if (stat.type !== 'symlink' || options.links || !options.recursive) {
    try {
      yield* change(path, stat)
    } catch (thrown) {
      if (!isErrno(thrown)) throw thrown
      yield* say('change', path, thrown.message)
      fine = false
    }
  }
  if (!options.recursive || stat.type !== 'dir') return fine
  let names: string[]
  try {
    names = p.readdir(path).map(entry => entry.name)
  } catch (thrown) {
    if (!isErrno(thrown)) throw thrown
    yield* say('read', path, thrown.message)
    return false
  }
  for (const name of names) fine = (yield* changeTree(p, joinPath(path, name), options, change, say, false)) && fine
  return fine
}
