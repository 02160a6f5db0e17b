/** What a build is sent: its context, its Dockerfile and what leaves files out (docker/buildx build/build.go, opt.go). */
import { existsSync, readFileSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { archiveContext, type BuildContext, emptyContext, folderContext } from '../../../build/context.ts'
import { readIgnoreFile } from '../../../build/ignore.ts'
import { filesTransfer } from '../../../build/transfer.ts'
import { codeOf, messageOf } from '../../../errors.ts'
import { parseReference } from '../../../image/reference.ts'
import { looksLikeTar } from '../../../layer/tar-reader.ts'
import { isErrno } from '../../../vfs/errno.ts'
import type { CliContext } from '../../command.ts'
import { StatusError } from '../../errors.ts'
import { fail } from './fail.ts'

export interface Sent {
  context: BuildContext
  dockerfile: Uint8Array
  /** The Dockerfile's name in progress and errors. */
  name: string
  /** Why there is no Dockerfile. */
  error?: string
  dockerfileTransfer: number
  /** Undefined: the `.dockerignore` came with the Dockerfile, or none applies. */
  ignoreTransfer: number | undefined
}

/** The context at `path` and the Dockerfile that `-f` names. Throws StatusError. */
export async function contextOf(ctx: CliContext, path: string, file: string): Promise<Sent> {
  if (path === '') throw fail('please specify build context (e.g. "." for the current directory)')
  if (path === '-') return stdinContext(ctx, file)
  if (/^(https?:\/\/|git@|git:\/\/|ssh:\/\/|github\.com\/)/.test(path))
    throw fail(`unable to prepare context: ${path} cannot be reached: minidock has no internet`)
  const folder = folderAt(ctx, path)
  if (file === '-') return sent(folder, { name: 'Dockerfile', dockerfile: await ctx.in.readAll() })
  const found = dockerfileAt(file === '' ? join(folder, 'Dockerfile') : resolve(ctx.cwd, file), file)
  return sent(folder, found)
}

/** A folder with a Dockerfile that is given as text. Throws StatusError. */
export function inlineContext(ctx: CliContext, path: string, dockerfile: Uint8Array): Sent {
  return sent(folderAt(ctx, path), { name: 'Dockerfile', dockerfile })
}

function folderAt(ctx: CliContext, path: string): string {
  const folder = resolve(ctx.cwd, path)
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
    throw fail(`unable to prepare context: path ${JSON.stringify(path)} not found`)
  return folder
}

/** A folder's context; a `.dockerignore` of the Dockerfile's own comes before the folder's. */
function sent(folder: string, given: { name: string; dockerfile: Uint8Array; error?: string; own?: Uint8Array }): Sent {
  const { name, dockerfile, error, own } = given
  const files = [{ name, size: dockerfile.length }]
  if (own) files.push({ name: `${name}.dockerignore`, size: own.length })
  const shared = own ? undefined : readIfThere(join(folder, '.dockerignore'))
  const patterns = readIgnoreFile(Buffer.from(own ?? shared ?? []).toString())
  return {
    context: contextWith(folder, patterns),
    dockerfile,
    name,
    ...(error !== undefined && { error }),
    dockerfileTransfer: error === undefined ? filesTransfer(files) : filesTransfer([]),
    ignoreTransfer: own ? undefined : ignoreTransfer(shared),
  }
}

function contextWith(folder: string, patterns: readonly string[]): BuildContext {
  try {
    return folderContext(folder, patterns)
  } catch (error) {
    throw fail(`failed to solve: ${messageOf(error)}`)
  }
}

const ignoreTransfer = (file: Uint8Array | undefined): number =>
  filesTransfer(file ? [{ name: '.dockerignore', size: file.length }] : [])

function readIfThere(path: string): Uint8Array | undefined {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ? readFileSync(path) : undefined
}

/** The Dockerfile at a path, or why there is none. `given` is what the user wrote. Throws StatusError. */
function dockerfileAt(
  path: string,
  given: string,
): { name: string; dockerfile: Uint8Array; error?: string; own?: Uint8Array } {
  const name = basename(path)
  if (!existsSync(dirname(path))) throw fail(`resolve : lstat ${dirname(given)}: no such file or directory`)
  const lower = join(dirname(path), 'dockerfile')
  const found = !existsSync(path) && name === 'Dockerfile' && existsSync(lower) ? lower : path
  const none = new Uint8Array()
  const own = readIfThere(`${found}.dockerignore`)
  try {
    return { name, dockerfile: readFileSync(found), ...(own && { own }) }
  } catch (error) {
    const reason = codeOf(error) === 'ENOENT' ? 'no such file or directory' : 'is a directory'
    const verb = codeOf(error) === 'ENOENT' ? 'open' : 'read'
    if (codeOf(error) === 'EACCES') throw fail(`open ${given}: permission denied`)
    return { name, dockerfile: none, error: `${verb} ${name}: ${reason}` }
  }
}

/** `-`: a tar with the Dockerfile in it, or a Dockerfile alone. Throws StatusError. */
async function stdinContext(ctx: CliContext, file: string): Promise<Sent> {
  if (file === '-') throw fail("invalid argument: can't use stdin for both build context and dockerfile")
  const iterator = ctx.in.read()[Symbol.asyncIterator]()
  const head: Uint8Array[] = []
  let length = 0
  while (length < 512) {
    const next = await iterator.next()
    if (next.done) break
    head.push(next.value)
    length += next.value.length
  }
  async function* all(): AsyncGenerator<Uint8Array, void> {
    yield* head
    for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value
  }
  if (!isArchive(Buffer.concat(head))) {
    if (file !== '') throw fail('ambiguous Dockerfile source: both stdin and flag correspond to Dockerfiles')
    const pieces: Uint8Array[] = []
    for await (const piece of all()) pieces.push(piece)
    const dockerfile = Buffer.concat(pieces)
    return {
      context: emptyContext(),
      dockerfile,
      name: 'Dockerfile',
      ...(dockerfile.length === 0 && { error: 'no local sources enabled' }),
      dockerfileTransfer: filesTransfer([{ name: 'Dockerfile', size: dockerfile.length }]),
      ignoreTransfer: filesTransfer([]),
    }
  }
  return tarContext(all(), file === '' ? 'Dockerfile' : file)
}

/** Whether bytes start as a tar or a compressed file does. */
function isArchive(head: Uint8Array): boolean {
  const magics = ['1f8b08', '425a68', 'fd377a585a00', '28b52ffd']
  const hex = Buffer.from(head.subarray(0, 6)).toString('hex')
  return magics.some(magic => hex.startsWith(magic)) || looksLikeTar(head)
}

async function tarContext(input: AsyncIterable<Uint8Array>, file: string): Promise<Sent> {
  let context: BuildContext
  try {
    context = await archiveContext(input)
  } catch (error) {
    throw fail(`failed to solve: ${messageOf(error)}`)
  }
  const base = { context, name: file, dockerfileTransfer: 0, ignoreTransfer: undefined }
  try {
    return { ...base, dockerfile: context.files.readFile(`/${file}`) }
  } catch (error) {
    if (!isErrno(error)) throw error
    return { ...base, dockerfile: new Uint8Array(), error: `open ${file}: ${error.message.toLowerCase()}` }
  }
}

const IMAGE = 'docker-image://'

/** `--build-context NAME=PATH`: folders, and names of images (`docker-image://...`). Throws StatusError. */
export function namedContexts(
  cwd: string,
  given: readonly string[],
): { contexts: [string, BuildContext][]; images: Map<string, string> } {
  const contexts: [string, BuildContext][] = []
  const images = new Map<string, string>()
  for (const text of given) {
    const equals = text.indexOf('=')
    if (equals < 0) throw new StatusError(1, `ERROR: invalid context value: ${text}, expected key=value`)
    const name = text.slice(0, equals)
    const path = text.slice(equals + 1)
    try {
      parseReference(name)
    } catch (error) {
      throw new StatusError(1, `ERROR: invalid context name ${name}: ${messageOf(error)}`)
    }
    if (path.startsWith(IMAGE)) images.set(name, path.slice(IMAGE.length))
    else contexts.push([name, namedFolder(cwd, name, path)])
  }
  return { contexts, images }
}

function namedFolder(cwd: string, name: string, path: string): BuildContext {
  const stat = statSync(resolve(cwd, path), { throwIfNoEntry: false })
  if (path === '' || !stat) throw fail(`failed to get build context ${name}: stat ${path}: no such file or directory`)
  if (!stat.isDirectory()) throw fail(`failed to get build context path {${path} <nil>}: not a directory`)
  const folder = resolve(cwd, path)
  const ignore = readIfThere(join(folder, '.dockerignore'))
  const patterns = readIgnoreFile(Buffer.from(ignore ?? []).toString())
  return { ...contextWith(folder, patterns), ignoreTransfer: ignoreTransfer(ignore) }
}
