/** tail -f: waiting for files to grow. Its state is plain data, kept at each checkpoint. */
import { isErrno } from '../../../vfs/errno.ts'
import type { Json, Proc, Routine } from '../../program.ts'
import { readBytes } from './input.ts'
import type { Out } from './out.ts'

export interface Followed {
  files: { fd: number; path: string; ino: number }[]
  /** Index of the file that was printed last; its header is not repeated. */
  current: number
  status: number
  headers: boolean
}

export interface FollowOptions {
  /** Open the path again when another file takes its place. */
  byName: boolean
  interval: number
  /** GNU --pid. */
  pid: string | undefined
}

interface FollowCall {
  p: Proc
  out: Out
  gnu: boolean
  error(text: string): Routine<void>
}

/** Prints what is added to the files, for ever; returns when nothing can be added any more. */
export function* followFiles(call: FollowCall, state: Followed, options: FollowOptions): Routine<number> {
  const { p } = call
  for (;;) {
    // A restart begins here: nothing may be asked of the kernel before.
    p.checkpoint(state as unknown as Json)
    yield { op: 'sleep', ms: options.interval }
    for (const [index, file] of state.files.entries()) {
      if (options.byName) yield* reopen(call, file)
      if (file.fd >= 0 && (yield* printNew(call, state, index, file)) && state.files.length === 1 && !options.byName) {
        return state.status
      }
    }
    if (options.pid !== undefined && !alive(p, Number(options.pid))) return state.status
  }
}

/** Prints what one file has got; whether it is a pipe whose writers are gone. */
function* printNew(
  { p, out, error }: FollowCall,
  state: Followed,
  index: number,
  file: Followed['files'][number],
): Routine<boolean> {
  const stat = p.fstat(file.fd)
  if (stat.type === 'file' && p.seek(file.fd, 0, 'cur') > stat.size) {
    yield* error(`${file.path}: file truncated`)
    p.seek(file.fd, 0, 'set')
  }
  for (let data = yield* readBytes(file.fd); data.length > 0; data = yield* readBytes(file.fd)) {
    if (state.headers && state.current !== index) {
      yield* out.write(`\n==> ${file.path === '-' ? 'standard input' : file.path} <==\n`)
    }
    state.current = index
    yield* out.bytes(data)
    if (stat.type !== 'file') return false
  }
  return stat.type === 'fifo'
}

function* reopen({ p, error, gnu }: FollowCall, file: Followed['files'][number]): Routine<void> {
  try {
    const { ino } = p.stat(file.path)
    if (ino === file.ino) return
    const fd = p.open(file.path, { read: true })
    if (gnu)
      yield* error(
        file.fd < 0
          ? `'${file.path}' has appeared;  following new file`
          : `'${file.path}' has been replaced;  following new file`,
      )
    if (file.fd >= 0) p.close(file.fd)
    file.fd = fd
    file.ino = ino
  } catch (thrown) {
    if (!isErrno(thrown)) throw thrown
    if (gnu && file.ino !== -1) yield* error(`'${file.path}' has become inaccessible: ${thrown.message}`)
    file.ino = -1
  }
}

function alive(p: Proc, pid: number): boolean {
  try {
    p.kill(pid, 0)
    return true
  } catch (error) {
    if (!isErrno(error)) throw error
    return error.code === 'EPERM'
  }
}
