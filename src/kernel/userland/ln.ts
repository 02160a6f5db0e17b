/** ln: hard and symbolic links. */

import { isErrno } from '../../vfs/errno.ts'
import type { Routine } from '../program.ts'
import { type Call, command } from './lib/command.ts'
import { statOf } from './lib/copy.ts'
import { exists } from './lib/exists.ts'
import { Failure, UsageError } from './lib/failure.ts'
import { baseName, joinPath } from './lib/walk.ts'

export const options = {
  symbolic: '-s --symbolic  symbolic links',
  force: '-f --force  remove what is in the way',
  noDereference: '-n --no-dereference  a link to a directory is not a directory',
  backup: '-b  keep what is in the way as NAME~',
  suffix: '-S --suffix=SUF  suffix of -b',
  noTarget: '-T --no-target-directory  LINK is never a directory to link in',
  verbose: '-v --verbose  say what is linked',
  relative: 'gnu: -r --relative  relative to the link',
  target: 'gnu: -t --target-directory=DIR  make links in DIR',
  interactive: 'gnu: -i --interactive  ask',
  logical: 'gnu: -L --logical  follow links of targets',
  physical: 'gnu: -P --physical  link to links',
}

type LnCall = Call<typeof options>

export const program = command('ln', options, function* (call) {
  const { p, options: given, args, gnu } = call
  if (args.length === 0) throw new UsageError(gnu ? 'missing file operand' : '')
  const named = given.value('target')
  const last = args.at(-1) ?? ''
  const targets = named !== undefined || args.length === 1 ? args : args.slice(0, -1)
  const place = named ?? (args.length === 1 ? '.' : last)
  const isDir =
    !given.has('noTarget') && !(given.has('noDereference') && isLink(call, place)) && statOf(p, place)?.type === 'dir'
  if (!isDir && targets.length > 1) {
    if (gnu)
      throw new Failure(`target '${place}': ${statOf(p, place) ? 'Not a directory' : 'No such file or directory'}`)
  }
  let fine = true
  for (const target of targets) {
    fine =
      (yield* makeLink(
        call,
        target,
        isDir
          ? place === '.' && !gnu && args.length === 1
            ? baseName(target)
            : joinPath(place, baseName(target))
          : place,
      )) && fine
  }
  return fine ? 0 : 1
})

function isLink({ p }: LnCall, path: string): boolean {
  try {
    return p.lstat(path).type === 'symlink'
  } catch {
    return false
  }
}

function* makeLink(call: LnCall, target: string, path: string): Routine<boolean> {
  const { p, out, options: given, gnu, error } = call
  const symbolic = given.has('symbolic')
  try {
    if (!symbolic) {
      const stat = gnu && !given.has('logical') ? p.lstat(target) : p.stat(target)
      if (gnu && stat.type === 'dir') {
        yield* error(`${target}: hard link not allowed for directory`)
        return false
      }
    }
  } catch (thrown) {
    if (!isErrno(thrown)) throw thrown
    yield* error(gnu ? `failed to access '${target}': ${thrown.message}` : `${target}: ${thrown.message}`)
    return false
  }
  const text = symbolic && given.has('relative') ? relativeTo(call, target, path) : target
  try {
    if (given.has('backup') && exists(call.p, path)) p.rename(path, path + (given.value('suffix') ?? '~'))
    if (given.has('force') && exists(call.p, path)) p.unlink(path)
    if (symbolic) p.symlink(text, path)
    else p.link(target, path)
  } catch (thrown) {
    if (!isErrno(thrown)) throw thrown
    const kind = symbolic ? 'symbolic link' : 'hard link'
    const arrow = gnu && (!symbolic || thrown.code !== 'EEXIST') && !symbolic ? ` => '${target}'` : ''
    yield* error(
      gnu
        ? `failed to create ${kind} '${path}'${thrown.code === 'EEXIST' ? '' : arrow}: ${thrown.message}`
        : `${path}: ${thrown.message}`,
    )
    return false
  }
  if (given.has('verbose'))
    yield* out.write(gnu ? `'${path}' ${symbolic ? '->' : '=>'} '${text}'\n` : `'${path}' -> '${text}'\n`)
  return true
}

function relativeTo({ p }: LnCall, target: string, path: string): string {
  const absolute = (one: string) =>
    (one.startsWith('/') ? one : joinPath(p.cwd(), one)).split('/').filter(part => part !== '' && part !== '.')
  const from = absolute(path).slice(0, -1)
  const to = absolute(target)
  let same = 0
  while (same < from.length && from[same] === to[same]) same++
  return [...from.slice(same).map(() => '..'), ...to.slice(same)].join('/') || '.'
}
