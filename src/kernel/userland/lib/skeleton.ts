/** A new home directory. */
import { isErrno } from '../../../vfs/errno.ts'
import type { Proc, Routine } from '../../program.ts'
import { readBytes } from './input.ts'

/** Makes a home directory and fills it from /etc/skel; false when it was there. */
export function* makeHome(p: Proc, path: string, uid: number, gid: number, mode: number): Routine<boolean> {
  const parts = path.split('/')
  for (let i = 2; i < parts.length; i++) make(p, parts.slice(0, i).join('/'), 0o755)
  if (!make(p, path, mode)) return false
  yield* copyInto(p, '/etc/skel', path, uid, gid)
  p.setattr(path, { uid, gid })
  p.setattr(path, { mode })
  return true
}

function make(p: Proc, path: string, mode: number): boolean {
  try {
    p.mkdir(path, mode)
    return true
  } catch (error) {
    if (isErrno(error, 'EEXIST')) return false
    throw error
  }
}

function* copyInto(p: Proc, from: string, to: string, uid: number, gid: number): Routine<void> {
  let names: string[]
  try {
    names = p.readdir(from).map(entry => entry.name)
  } catch (error) {
    if (isErrno(error)) return
    throw error
  }
  for (const name of names) {
    const [source, target] = [`${from}/${name}`, `${to}/${name}`]
    const stat = p.lstat(source)
    if (stat.type === 'dir') {
      make(p, target, stat.mode)
      yield* copyInto(p, source, target, uid, gid)
    } else if (stat.type === 'symlink') p.symlink(p.readlink(source), target)
    else if (stat.type === 'file') {
      const read = p.open(source, { read: true })
      const write = p.open(target, { write: true, create: true, truncate: true }, stat.mode)
      for (let data = yield* readBytes(read); data.length > 0; data = yield* readBytes(read))
        yield { op: 'write', fd: write, data }
      p.close(read)
      p.close(write)
    } else continue
    p.setattr(target, { uid, gid }, { noFollow: true })
  }
}

/** Takes a directory away with all that is in it. */
export function removeTree(p: Proc, path: string): void {
  for (const { name, type } of p.readdir(path)) {
    if (type === 'dir') removeTree(p, `${path}/${name}`)
    else p.unlink(`${path}/${name}`)
  }
  p.rmdir(path)
}
