/** mktemp: a new file or directory with a name of its own. */
import { isErrno } from '../../vfs/errno.ts'
import type { Proc } from '../program.ts'
import { command } from './lib/command.ts'
import { Failure } from './lib/failure.ts'
import { joinPath } from './lib/walk.ts'

export const options = {
  directory: '-d --directory  a directory',
  quiet: '-q --quiet  no errors',
  dryRun: '-u --dry-run  only the name',
  base: '-p=DIR  in DIR (default: TMPDIR or /tmp)',
  tmpdir: 'gnu: --tmpdir[=DIR]  in DIR',
  inTmp: '-t  the template is a name in TMPDIR',
  suffix: 'gnu: --suffix=SUFF  end the name with SUFF',
}

const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'

export const program = command(
  'mktemp',
  options,
  function* ({ p, out, options: given, args, gnu }) {
    const asked = given.value('base') ?? (given.has('tmpdir') ? given.value('tmpdir') : undefined)
    const dir = asked || (p.env.get('TMPDIR') ?? '/tmp')
    const template = args[0] ?? 'tmp.XXXXXX'
    const inDir = args.length === 0 || given.has('inTmp') || given.has('base') || given.has('tmpdir')
    const stem = (inDir ? joinPath(dir, template) : template) + (given.value('suffix') ?? '')
    const run = /X+(?=[^X/]*$)/.exec(stem)
    if (!run || run[0].length < (gnu ? 3 : 6) || (!gnu && !stem.endsWith('XXXXXX'))) {
      if (given.has('quiet')) return 1
      throw new Failure(gnu ? `too few X's in template '${template}'` : '(null): Invalid argument')
    }
    const digits = gnu && args.length === 0 ? 10 : run[0].length
    for (let tries = 0; ; tries++) {
      const name = stem.slice(0, run.index) + randomName(p, digits) + stem.slice(run.index + run[0].length)
      try {
        if (given.has('dryRun')) p.lstat(name.replace(/\/[^/]*$/, '') || '.')
        else if (given.has('directory')) p.mkdir(name, 0o700)
        else p.close(p.open(name, { write: true, create: true, exclusive: true }, 0o600))
        yield* out.write(`${name}\n`)
        return 0
      } catch (thrown) {
        if (!isErrno(thrown)) throw thrown
        if (thrown.code === 'EEXIST' && tries < 100) continue
        if (given.has('dryRun')) {
          yield* out.write(`${name}\n`)
          return 0
        }
        if (given.has('quiet')) return 1
        const what = given.has('directory') ? 'directory' : 'file'
        throw new Failure(
          gnu ? `failed to create ${what} via template '${stem}': ${thrown.message}` : `(null): ${thrown.message}`,
        )
      }
    }
  },
  { gnuOperands: [0, 1] },
)

function randomName(p: Proc, length: number): string {
  return Array.from(p.random(length), byte => letters[byte % letters.length]).join('')
}
