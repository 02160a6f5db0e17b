/** `docker cp`: between this machine's files and a container's, by the rules of docker/cli (container/cp.go). */
import { lstatSync, mkdirSync, realpathSync, type Stats, statSync } from 'node:fs'
import { userInfo } from 'node:os'
import { basename, dirname, isAbsolute, posix, resolve } from 'node:path'
import type { PathStat } from '../../../api/container.ts'
import type { Containers } from '../../../engine/engine.ts'
import { codeOf, EngineError } from '../../../errors.ts'
import { treeEntries } from '../../../layer/export-layer.ts'
import { TarExtractor } from '../../../layer/extract.ts'
import { TarReader } from '../../../layer/tar-reader.ts'
import { writeTar } from '../../../layer/tar-writer.ts'
import { HostDir } from '../../../vfs/host-dir.ts'
import { RootFs } from '../../../vfs/rootfs.ts'
import type { CliContext, Command } from '../../command.ts'
import { StatusError } from '../../errors.ts'

/** Go's os.FileMode bits of a directory and a symlink. */
const modeDir = 2 ** 31
const modeSymlink = 2 ** 27

export const command: Command = {
  async run(ctx, args, flags) {
    if (args[0] === '') throw new StatusError(1, 'source can not be empty')
    if (args[1] === '') throw new StatusError(1, 'destination can not be empty')
    const [from, to] = [split(args[0] ?? ''), split(args[1] ?? '')]
    const { containers } = await ctx.engine()
    const options = { follow: flags.bool('follow-link'), archive: flags.bool('archive') }
    if (from.container !== '' && to.container !== '')
      throw new StatusError(1, 'copying between containers is not supported')
    if (from.container !== '') await copyOut(ctx, containers, from.container, from.path, to.path, options)
    else if (to.container !== '') await copyIn(ctx, containers, from.path, to.container, to.path, options)
    else throw new StatusError(1, 'must specify at least one container source')
  },
}

interface CopyOptions {
  follow: boolean
  archive: boolean
}

/** `CONTAINER:PATH`, or a path of this machine: absolute, beginning with a dot, or without a colon. */
function split(argument: string): { container: string; path: string } {
  const colon = argument.indexOf(':')
  if (isAbsolute(argument) || argument.startsWith('.') || colon < 0) return { container: '', path: argument }
  return { container: argument.slice(0, colon), path: argument.slice(colon + 1) }
}

const isDir = (stat: PathStat): boolean => Math.floor(stat.mode / modeDir) % 2 === 1
const isLink = (stat: PathStat): boolean => Math.floor(stat.mode / modeSymlink) % 2 === 1
const asksFolder = (path: string): boolean => path === '' || path.endsWith('/') || path.endsWith('/.')

async function copyOut(
  ctx: CliContext,
  containers: Containers,
  container: string,
  given: string,
  dest: string,
  options: CopyOptions,
): Promise<void> {
  if (given === '') throw new EngineError('invalid', 'bad parameter: pathcannot be empty')
  let path = given
  if (dest !== '-') checkLocalFolder(ctx, dest)
  if (options.follow) {
    const stat = await containers.statPath(container, path)
    if (isLink(stat)) path = stat.linkTarget
  }
  const { stat, tar } = await containers.getArchive(container, path)
  if (dest === '-') {
    for await (const piece of tar) ctx.out.write(piece)
    return
  }
  const source = {
    base: posix.basename(posix.normalize(path)),
    dir: isDir(stat),
    contents: path.endsWith('/.') || path === '.',
  }
  const target = plan(source, localTarget(ctx, dest))
  await extractLocal(tar, target, ctx)
}

/** docker/cli checks the folder of what is to be written before it asks the daemon. */
function checkLocalFolder(ctx: CliContext, dest: string): void {
  const folder = dirname(resolve(ctx.cwd, dest))
  if (!statSync(folder, { throwIfNoEntry: false }))
    throw new StatusError(1, `invalid output path: directory ${JSON.stringify(folder)} does not exist`)
}

interface Destination {
  path: string
  exists: boolean
  dir: boolean
  asksFolder: boolean
}

function localTarget(ctx: CliContext, dest: string): Destination {
  const path = resolve(ctx.cwd, dest)
  const stat = statSync(path, { throwIfNoEntry: false })
  if (stat && !stat.isDirectory() && asksFolder(dest))
    throw new StatusError(1, `stat ${path}${dest.endsWith('.') ? '/.' : '/'}: not a directory`)
  if (stat && !stat.isDirectory() && !stat.isFile())
    throw new StatusError(1, `invalid output path: "${dest}" must be a directory or a regular file: got a device`)
  return { path, exists: stat !== undefined, dir: stat?.isDirectory() ?? false, asksFolder: asksFolder(dest) }
}

/** Where an archive goes, and what its top is called there (moby archive.PrepareArchiveCopy). `name` '' keeps contents only. */
function plan(
  source: { base: string; dir: boolean; contents: boolean },
  target: Destination,
): { folder: string; from: string; name: string } {
  const folder = dirname(target.path)
  const name = basename(target.path)
  if (target.exists && target.dir)
    return { folder: target.path, from: source.base, name: source.contents ? '' : source.base }
  if (target.exists && source.dir) throw new StatusError(1, 'cannot copy directory')
  if (!target.exists && !source.dir && target.asksFolder) throw new StatusError(1, 'no such directory')
  return { folder, from: source.base, name }
}

/** Unpacks an archive here, its top entry called as the plan says. */
async function extractLocal(
  tar: AsyncIterable<Uint8Array>,
  target: { folder: string; from: string; name: string },
  ctx: CliContext,
): Promise<void> {
  mkdirSync(target.folder, { recursive: true })
  const now = (await ctx.clock()).now()
  const { uid, gid } = userInfo()
  const extractor = new TarExtractor(new RootFs(new HostDir(target.folder), () => now), '/', {
    owner: { uid, gid },
    skipDevices: true,
  })
  // What is called as the top entry is: the folder's own name, or `.` where its contents are asked for.
  let top: string | undefined
  const rename = (path: string): string => {
    const clean = posix.normalize(path).replace(/\/$/, '')
    top ??= clean === '.' ? '.' : target.from
    const [first = '', ...rest] = clean.split('/')
    return [target.name === '' ? '.' : target.name, ...(first === top || first === '.' ? rest : [first, ...rest])].join(
      '/',
    )
  }
  const reader = new TarReader({
    entry: header =>
      extractor.entry({
        ...header,
        path: rename(header.path),
        ...(header.type === 'link' && header.target !== undefined && { target: rename(header.target) }),
      }),
    data: bytes => extractor.data(bytes),
  })
  for await (const piece of tar) reader.push(piece)
  reader.finish()
  extractor.finish()
}

async function copyIn(
  ctx: CliContext,
  containers: Containers,
  given: string,
  container: string,
  dest: string,
  options: CopyOptions,
): Promise<void> {
  let path = dest
  // Whatever keeps the destination from being looked at, docker/cli goes on as if it were not there.
  let stat = await containers.statPath(container, path).catch(() => undefined)
  if (stat && isLink(stat)) {
    path = stat.linkTarget
    stat = await containers.statPath(container, path).catch(() => undefined)
  }
  if (given === '-') {
    if (!stat || !isDir(stat)) throw new StatusError(1, `destination "${container}:${dest}" must be a directory`)
    await containers.putArchive(container, path === '' ? '/' : path, ctx.in.read(), {
      copyUidGid: true,
      noOverwriteDirNonDir: false,
    })
    return
  }
  const source = localSource(ctx, given, options.follow)
  if (!source.stat.isDirectory() && asksFolder(given)) throw new StatusError(1, 'not a directory')
  const target: Destination = {
    path: posix.resolve('/', path),
    exists: stat !== undefined,
    dir: stat ? isDir(stat) : false,
    asksFolder: asksFolder(path),
  }
  const { folder, name } = plan(
    { base: source.base, dir: source.stat.isDirectory(), contents: source.contents },
    target,
  )
  const host = new RootFs(new HostDir(dirname(source.path), { readonly: true }), () => 0)
  const entries = treeEntries(host, `/${basename(source.path)}`, name)
  await containers.putArchive(container, folder, pieces(writeTar(entries)), {
    copyUidGid: options.archive,
    noOverwriteDirNonDir: true,
  })
}

async function* pieces(bytes: Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* bytes
}

function localSource(
  ctx: CliContext,
  given: string,
  follow: boolean,
): { path: string; base: string; stat: Stats; contents: boolean } {
  const path = resolve(ctx.cwd, given)
  const stat = lookAt(path)
  const through = stat.isSymbolicLink() && (follow || asksFolder(given)) ? realpathSync(path) : path
  return {
    path: through,
    base: basename(path),
    stat: statSync(through, { throwIfNoEntry: false }) ?? stat,
    contents: given.endsWith('/.') || given === '.',
  }
}

/** The file itself, not where a symlink leads. Beyond a file, docker/cli shows the bare reason. */
function lookAt(path: string): Stats {
  try {
    return lstatSync(path)
  } catch (error) {
    throw new StatusError(
      1,
      codeOf(error) === 'ENOTDIR' ? 'not a directory' : `lstat ${path}: no such file or directory`,
    )
  }
}
