/** chmod: permission bits. */
import { isErrno } from '../../vfs/errno.ts'
import { changeTree } from './lib/change-tree.ts'
import { command } from './lib/command.ts'
import { Failure, UsageError } from './lib/failure.ts'
import { applyMode, permissionString } from './lib/mode.ts'

export const options = {
  recursive: '-R --recursive  directories and all in them',
  changes: '-c --changes  say what is changed',
  verbose: '-v --verbose  say it for every file',
  quiet: '-f --silent --quiet  no errors',
  reference: 'gnu: --reference=FILE  the mode of this file',
  preserveRoot: 'gnu: --preserve-root  not on /',
}

export const program = command(
  'chmod',
  options,
  function* ({ p, out, options: given, args, gnu, error }) {
    const reference = given.value('reference')
    let operands = args
    let modeText: string
    if (reference !== undefined) {
      try {
        modeText = p.stat(reference).mode.toString(8)
      } catch (thrown) {
        if (!isErrno(thrown)) throw thrown
        throw new Failure(`failed to get attributes of '${reference}': ${thrown.message}`)
      }
    } else {
      modeText = (args[0] ?? '').replace(/^\u0001/, '')
      operands = args.slice(1)
      if (args.length === 0) throw new UsageError(gnu ? 'missing operand' : '')
      if (operands.length === 0) throw new UsageError(gnu ? `missing operand after '${modeText}'` : '')
    }
    if (applyMode(modeText, 0, false, 0) === undefined) {
      const text = `invalid mode ${gnu ? `: '${modeText}'` : `'${modeText}'`}`
      throw gnu ? new UsageError(text.replace('mode :', 'mode:')) : new Failure(text)
    }
    let fine = true
    for (const path of operands) {
      const change = function* (file: string, stat: import('../../vfs/filesystem.ts').Stat) {
        const mode = applyMode(modeText, stat.mode, stat.type === 'dir', p.umask(), gnu) ?? stat.mode
        // An octal mode of up to four digits leaves a directory's set-id bits.
        const kept = gnu && stat.type === 'dir' && /^[0-7]{1,4}$/.test(modeText) ? mode | (stat.mode & 0o6000) : mode
        p.setattr(file, { mode: kept })
        if (!given.has('verbose') && (!given.has('changes') || kept === stat.mode)) return
        const show = (bits: number) => `${bits.toString(8).padStart(4, '0')} (${permissionString(bits)})`
        if (!gnu) yield* out.write(`mode of '${file}' changed to ${show(kept)}\n`)
        else if (kept === stat.mode) yield* out.write(`mode of '${file}' retained as ${show(kept)}\n`)
        else yield* out.write(`mode of '${file}' changed from ${show(stat.mode)} to ${show(kept)}\n`)
      }
      const say = function* (what: 'access' | 'change' | 'read', file: string, reason: string) {
        // Busybox has the option and does not mind it where a file is missing.
        if (given.has('quiet') && (gnu || what !== 'access')) return
        if (!gnu) yield* error(what === 'read' ? `can't open '${file}': ${reason}` : `${file}: ${reason}`)
        else if (what === 'access') yield* error(`cannot access '${file}': ${reason}`)
        else if (what === 'change') yield* error(`changing permissions of '${file}': ${reason}`)
        else yield* error(`cannot read directory '${file}': ${reason}`)
      }
      fine =
        (yield* changeTree(p, path, { recursive: given.has('recursive'), links: false, follow: true }, change, say)) &&
        fine
    }
    return fine ? 0 : 1
  },
  { rewrite: protectMode },
)

/** A mode such as `-x` or `-w,o+r` is an operand although it begins with a dash. */
function protectMode(args: string[]): string[] {
  const at = args.findIndex(arg => /^-[rwxXstugo][rwxXstugo,=+-]*$/.test(arg))
  const earlier = args.findIndex(arg => !arg.startsWith('-'))
  if (at === -1 || (earlier !== -1 && earlier < at)) return args
  return args.map((arg, index) => (index === at ? `\u0001${arg}` : arg))
}
