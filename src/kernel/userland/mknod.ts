/** mknod: devices and named pipes. */
import { isErrno } from '../../vfs/errno.ts'
import { command } from './lib/command.ts'
import { Failure, UsageError } from './lib/failure.ts'
import { applyMode } from './lib/mode.ts'

export const options = {
  mode: '-m --mode=MODE  permissions',
  context: '-Z  ignored',
}

export const program = command('mknod', options, function* ({ p, options: given, args, gnu }) {
  const [path, kind = '', major, minor] = args
  if (path === undefined || args.length < 2)
    throw new UsageError(gnu ? (path === undefined ? 'missing operand' : `missing operand after '${path}'`) : '')
  const type = ({ b: 'block', c: 'char', u: 'char', p: 'fifo' } as const)[kind]
  if (!type) throw new UsageError(gnu ? `invalid device type '${kind}'` : '')
  if ((type === 'fifo') !== (args.length === 2)) {
    throw new UsageError(
      gnu ? (type === 'fifo' ? `extra operand '${major ?? ''}'` : `missing operand after '${args.at(-1) ?? ''}'`) : '',
    )
  }
  const number = (text: string | undefined) => {
    if (!/^\d+$/.test(text ?? ''))
      throw new Failure(gnu ? `invalid device number '${text ?? ''}'` : `invalid number '${text ?? ''}'`)
    return Number(text)
  }
  const rdev = type === 'fifo' ? undefined : ([number(major), number(minor)] as const)
  try {
    p.mknod(path, type, 0o666, rdev)
    const text = given.value('mode')
    const mode = text === undefined ? undefined : applyMode(text, 0o666, false, p.umask())
    if (mode !== undefined) p.setattr(path, { mode })
  } catch (error) {
    if (!isErrno(error)) throw error
    throw new Failure(`${path}: ${error.message}`)
  }
  return 0
})
