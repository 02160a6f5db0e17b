/** realpath: absolute paths without symbolic links. */
import { isErrno } from '../../vfs/errno.ts'
import { canonicalPath } from './lib/canonical.ts'
import { command } from './lib/command.ts'

export const options = {
  existing: 'gnu: -e --canonicalize-existing  every part must be there',
  missing: 'gnu: -m --canonicalize-missing  no part need be there',
  noSymlinks: 'gnu: -s --strip --no-symlinks  do not follow links',
  quiet: 'gnu: -q --quiet  no errors',
  relative: 'gnu: --relative-to=DIR  relative to DIR',
  zero: 'gnu: -z --zero  end with NUL',
}

export const program = command(
  'realpath',
  options,
  function* ({ p, out, options: given, args, gnu, error }) {
    let status = 0
    for (const path of args) {
      try {
        const missing = given.has('existing') ? 'none' : given.has('missing') ? 'any' : gnu ? 'last' : 'linked'
        let full = canonicalPath(p, path, missing, !given.has('noSymlinks'))
        const base = given.value('relative')
        if (base !== undefined) full = relative(canonicalPath(p, base, 'any'), full)
        yield* out.write(full + (given.has('zero') ? '\0' : '\n'))
      } catch (thrown) {
        if (!isErrno(thrown)) throw thrown
        if (!(gnu && given.has('quiet'))) yield* error(`${path}: ${thrown.message}`)
        status = 1
      }
    }
    return status
  },
  { operands: [1, Number.POSITIVE_INFINITY] },
)

function relative(base: string, path: string): string {
  const [from, to] = [base, path].map(one => one.split('/').filter(part => part !== ''))
  let same = 0
  while (from && to && same < from.length && from[same] === to[same]) same++
  return [...(from ?? []).slice(same).map(() => '..'), ...(to ?? []).slice(same)].join('/') || '.'
}
