/** zip: makes ZIP archives (Info-ZIP); adding to one that is there replaces it. */
import { constants, crc32, deflateRawSync } from 'node:zlib'
import { isErrno } from '../../vfs/errno.ts'
import type { Routine } from '../program.ts'
import { command } from './lib/command.ts'
import { fnmatch } from './lib/fnmatch.ts'
import { Claim, readBytes } from './lib/input.ts'
import { unsafePrefix } from './lib/tar-names.ts'
import { directoryOf, localHeader, type ZipMember } from './lib/zip-format.ts'

export const options = {
  recurse: '-r  into directories',
  junk: '-j  no directories in names',
  quiet: '-q  quiet',
  store: '-0  store only',
  best: '-9 -1 -2 -3 -4 -5 -6 -7 -8  accepted',
  exclude: '-x=FILE  leave out',
  noExtra: '-X  accepted',
  symlinks: '-y  accepted',
}

export const program = command('zip', options, function* ({ p, out, options: given, args }) {
  const [target, ...names] = args
  if (target === undefined || names.length === 0) {
    yield* out.write(
      'Copyright (c) 1990-2008 Info-ZIP - Type \'zip "-L"\' for software license.\nZip 3.0 (July 5th 2008). Usage:\nzip [-options] [-b path] [-t mmddyyyy] [-n suffixes] [zipfile list] [-xi list]\n',
    )
    return target === undefined ? 0 : 16
  }
  const path = /\.[^/.]+$/.test(target) ? target : `${target}.zip`
  const members: ZipMember[] = []
  const missing: string[] = []
  let fd = -1
  let at = 0
  for (const name of names) yield* add(name.replace(/(?<=.)\/+$/, ''))
  for (const name of missing) yield* say(`\tzip warning: name not matched: ${name}\n`)
  if (members.length === 0) {
    yield* say(`\nzip error: Nothing to do! (${path})\n`)
    return 12
  }
  yield { op: 'write', fd, data: directoryOf(members, at) }
  p.close(fd)
  return missing.length > 0 ? 18 : 0

  function* say(text: string): Routine<void> {
    yield* out.flush()
    yield { op: 'write', fd: 2, data: Buffer.from(text, 'latin1') }
  }

  function* put(data: Uint8Array): Routine<void> {
    if (fd === -1) fd = p.open(path, { write: true, create: true, truncate: true }, 0o666)
    at += data.length
    yield { op: 'write', fd, data }
  }

  function* add(file: string): Routine<void> {
    const stored = file.slice(unsafePrefix(file).length)
    const name = given.has('junk') ? (stored.split('/').pop() ?? '') : stored
    if (given.values('exclude').some(pattern => fnmatch(pattern, name))) return
    let stat: ReturnType<typeof p.stat>
    try {
      stat = p.stat(file)
    } catch (error) {
      if (!isErrno(error)) throw error
      missing.push(file)
      return
    }
    if (stat.type === 'dir') {
      if (!given.has('junk') && name !== '.')
        yield* member(
          {
            name: `${name}/`,
            method: 0,
            crc: 0,
            compressed: 0,
            size: 0,
            mtime: stat.mtime,
            mode: stat.mode,
            offset: at,
          },
          new Uint8Array(0),
        )
      if (given.has('recurse'))
        for (const entry of p.readdir(file)) yield* add(`${file === '.' ? '' : `${file}/`}${entry.name}`)
      return
    }
    if (stat.type !== 'file') {
      yield* say(`\tzip warning: ignoring special file: ${file}\n`)
      return
    }
    const source = p.open(file, { read: true })
    const parts: Uint8Array[] = []
    const claim = new Claim(p)
    for (let data = yield* readBytes(source); data.length > 0; data = yield* readBytes(source)) {
      parts.push(data.slice())
      claim.add(data.length)
    }
    p.close(source)
    const data = Buffer.concat(parts)
    const deflated = given.has('store') ? data : deflateRawSync(data, { level: constants.Z_DEFAULT_COMPRESSION })
    const smaller = deflated.length < data.length
    const body = smaller ? deflated : data
    yield* member(
      {
        name,
        method: smaller ? 8 : 0,
        crc: crc32(data),
        compressed: body.length,
        size: data.length,
        mtime: stat.mtime,
        mode: stat.mode,
        offset: at,
      },
      body,
    )
  }

  function* member(one: ZipMember, body: Uint8Array): Routine<void> {
    if (!given.has('quiet')) {
      const share = one.size === 0 ? 0 : Math.round((1 - one.compressed / one.size) * 100)
      yield* out.write(`  adding: ${one.name} (${one.method === 8 ? 'deflated' : 'stored'} ${share}%)\n`)
    }
    members.push(one)
    yield* put(localHeader(one))
    if (body.length > 0) yield* put(body)
  }
})
