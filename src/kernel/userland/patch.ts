/** patch: applies unified differences (-p -i -R -N -E; --dry-run in busybox and GNU). */
import { isErrno } from '../../vfs/errno.ts'
import type { Proc, Routine } from '../program.ts'
import { toBytes } from './lib/bytes.ts'
import { type Call, command } from './lib/command.ts'
import { Failure } from './lib/failure.ts'
import { readFile } from './lib/input.ts'
import { applyHunks, type FilePatch, parsePatch } from './lib/patch-file.ts'
import { dirName } from './lib/walk.ts'
import { makeParents } from './mkdir.ts'

export const options = {
  strip: '-p --strip=N  leave out N leading parts of names',
  input: '-i --input=FILE  read the differences from FILE',
  reverse: '-R --reverse  the other way round',
  forward: '-N --forward  pass over what is applied already',
  empty: '-E --remove-empty-files  remove files that become empty',
  dryRun: '--dry-run  change nothing',
  output: 'gnu: -o --output=FILE  write to FILE',
  directory: 'gnu: -d --directory=DIR  change to DIR first',
  backup: 'gnu: -b --backup  keep the original as NAME.orig',
  silent: 'gnu: -s --silent --quiet  say less',
  unified: 'gnu: -u --unified  ignored',
  force: 'gnu: -f --force  ask nothing',
}

export const program = command(
  'patch',
  options,
  function* (call) {
    const { p, options: given, args, gnu } = call
    const dir = given.value('directory')
    if (dir !== undefined) p.chdir(dir)
    const source = given.value('input') ?? args[1] ?? '-'
    let text: string
    try {
      text = yield* readFile(p, source)
    } catch (thrown) {
      if (!isErrno(thrown)) throw thrown
      throw new Failure(
        gnu ? `**** Can't open patch file ${source} : ${thrown.message}` : `can't open '${source}': ${thrown.message}`,
      )
    }
    const patches = parsePatch(text, given.has('reverse'))
    if (patches.length === 0 && gnu) throw new Failure('**** Only garbage was found in the patch input.')
    let status = 0
    for (const patch of patches) status = Math.max(status, yield* applyOne(call, patch, args[0]))
    return status
  },
  { errorStatus: 1, gnuErrorStatus: 2 },
)

function* applyOne(call: Call<typeof options>, patch: FilePatch, named: string | undefined): Routine<number> {
  const { p, out, options: given, gnu } = call
  const name = named ?? chooseName(p, patch, Number(given.value('strip') ?? Number.NaN))
  if (name === undefined)
    throw new Failure(
      gnu ? "**** can't find file to patch at input line 3" : `can't open '${patch.to}': No such file or directory`,
    )
  let original = ''
  let missing = false
  try {
    original = yield* readFile(p, name)
  } catch (thrown) {
    if (!isErrno(thrown, 'ENOENT')) throw thrown
    missing = true
  }
  const verb = missing && !gnu ? 'creating' : 'patching file'
  if (!given.has('silent')) yield* out.write(`${verb} ${name}\n`)
  const result = applyHunks(original, patch.hunks)
  for (const hunk of result.applied) {
    if (!gnu || hunk.offset === 0) continue
    yield* out.write(
      `Hunk #${hunk.number} succeeded at ${hunk.line} (offset ${hunk.offset} line${Math.abs(hunk.offset) === 1 ? '' : 's'}).\n`,
    )
  }
  for (const { number, hunk } of result.failed) {
    if (gnu) yield* out.write(`Hunk #${number} FAILED at ${hunk.line}.\n`)
    else {
      yield* out.flush()
      yield { op: 'write', fd: 2, data: toBytes(`Hunk ${number} FAILED ${hunk.line}/${hunk.newLine}.\n${hunk.raw}`) }
    }
  }
  if (gnu && result.failed.length > 0) {
    const count = `${result.failed.length} out of ${patch.hunks.length} hunk${patch.hunks.length === 1 ? '' : 's'} FAILED`
    yield* out.write(`${count} -- saving rejects to file ${name}.rej\n`)
    if (!given.has('dryRun')) {
      const rejects = result.failed.map(({ hunk }) => hunk.head + hunk.raw).join('')
      yield* save(p, `${name}.rej`, `--- ${patch.from}\n+++ ${patch.to}\n${rejects}`)
      yield* save(p, `${name}.orig`, original)
    }
  }
  if (given.has('dryRun')) return result.failed.length > 0 ? 1 : 0
  if (gnu && given.has('backup') && !missing) yield* save(p, `${name}.orig`, original)
  if (result.text === '' && (patch.to === '/dev/null' || given.has('empty'))) {
    if (!missing) p.unlink(name)
  } else {
    if (missing) makeParents(p, dirName(name))
    yield* save(p, given.value('output') ?? name, result.text)
  }
  return result.failed.length > 0 ? 1 : 0
}

function* save(p: Proc, path: string, text: string): Routine<void> {
  const fd = p.open(path, { write: true, create: true, truncate: true }, 0o666)
  yield { op: 'write', fd, data: toBytes(text) }
  p.close(fd)
}

/** The file a difference is about: its new name, or the old one, with leading parts left out. */
function chooseName(p: Proc, patch: FilePatch, strip: number): string | undefined {
  const names = [patch.to, patch.from]
    .filter(name => name !== '/dev/null')
    .map(name => (Number.isNaN(strip) ? name.replace(/^.*\//, '') : name.split('/').slice(strip).join('/')))
    .filter(name => name !== '')
  const there = names.find(name => {
    try {
      return p.stat(name).type === 'file'
    } catch (error) {
      if (!isErrno(error)) throw error
      return false
    }
  })
  return there ?? (patch.from === '/dev/null' ? names[0] : undefined)
}
