/** rm: removes files and directory trees. */
import { isErrno } from '../../vfs/errno.ts'
import type { Routine } from '../program.ts'
import { type Call, command } from './lib/command.ts'
import { UsageError } from './lib/failure.ts'
import { confirm } from './lib/prompt.ts'
import { baseName, joinPath } from './lib/walk.ts'

export const options = {
  force: '-f --force  no questions, no error for what is not there',
  interactive: '-i  ask before each removal',
  once: 'gnu: -I  ask once before removing much',
  recursive: '-r -R --recursive  directories and all in them',
  dir: 'gnu: -d --dir  empty directories',
  verbose: '-v --verbose  say what is removed',
  preserveRoot: 'gnu: --preserve-root[=all]  never remove /',
  noPreserveRoot: 'gnu: --no-preserve-root  / is nothing special',
  oneFileSystem: 'gnu: --one-file-system  stay on one file system',
}

type RmCall = Call<typeof options>

export const program = command('rm', options, function* (call) {
  const { options: given, args, gnu, error } = call
  if (args.length === 0) {
    if (given.has('force')) return 0
    throw new UsageError(gnu ? 'missing operand' : '')
  }
  let fine = true
  for (const path of args) {
    const base = baseName(path)
    if ((base === '.' || base === '..') && (!gnu || given.has('recursive'))) {
      yield* error(gnu ? `refusing to remove '.' or '..' directory: skipping '${path}'` : `can't remove '.' or '..'`)
      fine = false
    } else if (gnu && given.has('recursive') && !given.has('noPreserveRoot') && isRoot(call, path)) {
      yield* error(`it is dangerous to operate recursively on '/'`)
      yield* error('use --no-preserve-root to override this failsafe')
      fine = false
    } else fine = (yield* remove(call, path)) && fine
  }
  return fine ? 0 : 1
})

function isRoot({ p }: RmCall, path: string): boolean {
  try {
    return p.realpath(path) === '/' && p.lstat(path).type === 'dir'
  } catch {
    return false
  }
}

function* remove(call: RmCall, path: string): Routine<boolean> {
  const { p, out, options: given, gnu, error } = call
  const fail = function* (reason: string): Routine<boolean> {
    yield* error(gnu ? `cannot remove '${path}': ${reason}` : `can't remove '${path}': ${reason}`)
    return false
  }
  try {
    const stat = p.lstat(path)
    if (stat.type === 'dir') {
      if (!given.has('recursive')) {
        if (gnu && given.has('dir')) p.rmdir(path)
        else {
          yield* error(gnu ? `cannot remove '${path}': Is a directory` : `'${path}' is a directory`)
          return false
        }
        return true
      }
      const names = p.readdir(path).map(entry => entry.name)
      const ask = asks(call)
      if (ask && (names.length > 0 || !gnu) && !(yield* confirm(`${p.name}: descend into directory '${path}'? `)))
        return true
      let fine = true
      for (const name of names) fine = (yield* remove(call, joinPath(path, name))) && fine
      if (ask && !(yield* confirm(`${p.name}: remove directory '${path}'? `))) return fine
      if (!fine && gnu) return false
      p.rmdir(path)
      if (given.has('verbose')) yield* out.write(`removed directory '${path}'\n`)
      return fine
    }
    if (asks(call)) {
      const kind = gnu
        ? `${stat.type === 'symlink' ? 'symbolic link' : stat.size === 0 ? 'regular empty file' : 'regular file'} `
        : ''
      if (!(yield* confirm(`${p.name}: remove ${kind}'${path}'? `))) return true
    }
    p.unlink(path)
    if (given.has('verbose')) yield* out.write(`removed '${path}'\n`)
    return true
  } catch (thrown) {
    if (!isErrno(thrown)) throw thrown
    if (given.has('force') && (thrown.code === 'ENOENT' || thrown.code === 'ENOTDIR')) return true
    return yield* fail(thrown.message)
  }
}

function asks({ options: given }: RmCall): boolean {
  return given.last('interactive', 'force') === 'interactive'
}
