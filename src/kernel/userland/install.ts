/** install: copies files and sets their attributes; -d makes directories. */
import { isErrno } from '../../vfs/errno.ts'
import type { Routine } from '../program.ts'
import { type Call, command } from './lib/command.ts'
import { copyTree, statOf } from './lib/copy.ts'
import { Failure, UsageError } from './lib/failure.ts'
import { applyMode } from './lib/mode.ts'
import { findGid, findUid, readAccounts } from './lib/users.ts'
import { baseName, dirName, joinPath } from './lib/walk.ts'
import { makeParents } from './mkdir.ts'

export const options = {
  copy: '-c  ignored',
  directory: '-d --directory  make directories',
  leading: '-D  make the directories of DEST first',
  group: '-g --group=GROUP  group',
  mode: '-m --mode=MODE  permissions (default: 755)',
  owner: '-o --owner=OWNER  owner',
  times: '-p --preserve-timestamps  keep times',
  strip: '-s --strip  ignored',
  target: '-t --target-directory=DIR  copy into DIR',
  noTarget: '-T --no-target-directory  DEST is never a directory to copy into',
  verbose: '-v --verbose  say what is made',
}

export const program = command('install', options, function* (call) {
  const { p, out, options: given, args, gnu } = call
  if (args.length === 0) throw new UsageError(gnu ? 'missing file operand' : '')
  const set = yield* attributes(call)
  try {
    if (given.has('directory')) {
      for (const dir of args) {
        for (const made of makeParents(p, dir))
          if (given.has('verbose')) yield* out.write(`${p.name}: creating directory '${made}'\n`)
        set(dir)
      }
      return 0
    }
    const target = given.value('target') ?? args.at(-1) ?? ''
    const sources = given.has('target') ? args : args.slice(0, -1)
    if (sources.length === 0) throw new UsageError(gnu ? `missing destination file operand after '${target}'` : '')
    if (given.has('leading')) makeParents(p, given.has('target') ? target : dirName(target))
    const isDir = !given.has('noTarget') && statOf(p, target)?.type === 'dir'
    if (!isDir && sources.length > 1) throw new Failure(`target '${target}' is not a directory`)
    let fine = true
    for (const source of sources) {
      const to = isDir ? joinPath(target, baseName(source)) : target
      if (given.has('verbose')) yield* out.write(`'${source}' -> '${to}'\n`)
      if (statOf(p, to)?.type === 'file') p.unlink(to)
      const preserve = { mode: false, owner: false, times: given.has('times') }
      const copied = yield* copyTree(call, source, to, {
        recursive: false,
        follow: 'always',
        preserve,
        existing: 'force',
        link: 'none',
        gnu,
      })
      if (copied) set(to)
      fine = fine && copied
    }
    return fine ? 0 : 1
  } catch (error) {
    if (!isErrno(error)) throw error
    throw new Failure(`cannot change '${args.at(-1) ?? ''}': ${error.message}`)
  }
})

/** What sets mode and owner of a new file. */
function* attributes({ p, options: given, gnu }: Call<typeof options>): Routine<(path: string) => void> {
  const modeText = given.value('mode') ?? '755'
  const mode = applyMode(modeText, 0, false, 0)
  if (mode === undefined) throw new Failure(`invalid mode '${modeText}'`)
  const accounts = yield* readAccounts(p)
  const [owner, group] = [given.value('owner'), given.value('group')]
  const uid = owner === undefined ? undefined : findUid(accounts, owner)
  const gid = group === undefined ? undefined : findGid(accounts, group)
  if (owner !== undefined && uid === undefined)
    throw new Failure(gnu ? `invalid user '${owner}'` : `unknown user ${owner}`)
  if (group !== undefined && gid === undefined)
    throw new Failure(gnu ? `invalid group '${group}'` : `unknown group ${group}`)
  return path => {
    if (uid !== undefined || gid !== undefined)
      p.setattr(path, { ...(uid === undefined ? {} : { uid }), ...(gid === undefined ? {} : { gid }) })
    p.setattr(path, { mode })
  }
}
