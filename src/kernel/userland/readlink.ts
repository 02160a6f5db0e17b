/** readlink: what a symbolic link says; -f: the canonical path. */
import { isErrno } from '../../vfs/errno.ts'
import { canonicalPath } from './lib/canonical.ts'
import { command } from './lib/command.ts'
import { UsageError } from './lib/failure.ts'

export const options = {
  canonicalize: '-f --canonicalize  the canonical path; the last part may be missing',
  existing: 'gnu: -e --canonicalize-existing  every part must be there',
  missing: 'gnu: -m --canonicalize-missing  no part need be there',
  noNewline: '-n --no-newline  no newline at the end',
  verbose: '-v --verbose  say what is wrong',
  quiet: '-q --quiet --silent -s  say nothing',
  zero: 'gnu: -z --zero  end with NUL',
}

export const program = command('readlink', options, function* ({ p, out, options: given, args, gnu, error }) {
  if (args.length === 0 || (!gnu && args.length > 1)) throw new UsageError(gnu ? 'missing operand' : '')
  let status = 0
  for (const path of args) {
    try {
      const mode = given.last('canonicalize', 'existing', 'missing')
      const missing = mode === 'existing' ? 'none' : mode === 'missing' ? 'any' : gnu ? 'last' : 'linked'
      const text = mode === undefined ? p.readlink(path) : canonicalPath(p, path, missing)
      const end = given.has('zero') ? '\0' : given.has('noNewline') && args.length === 1 ? '' : '\n'
      yield* out.write(text + end)
    } catch (thrown) {
      if (!isErrno(thrown)) throw thrown
      if (given.has('verbose')) {
        const reason = thrown.code === 'EINVAL' ? 'not a symlink' : thrown.message
        yield* error(gnu ? `${path}: ${thrown.message}` : `${path}: cannot read link: ${reason}`)
      }
      status = 1
    }
  }
  return status
})
