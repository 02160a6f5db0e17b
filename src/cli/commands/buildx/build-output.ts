/** `--output`: what comes out of a build: images by name, or the files of its last stage as a folder or a tar. */
import { mkdirSync, openSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { contextTransfer, transferred } from '../../../build/transfer.ts'
import { codeOf, messageOf } from '../../../errors.ts'
import { parseReference } from '../../../image/reference.ts'
import { treeEntries } from '../../../layer/export-layer.ts'
import { TarExtractor } from '../../../layer/extract.ts'
import { writeTar } from '../../../layer/tar-writer.ts'
import { HostDir } from '../../../vfs/host-dir.ts'
import { RootFs } from '../../../vfs/rootfs.ts'
import type { CliContext } from '../../command.ts'
import { StatusError } from '../../errors.ts'
import type { Flags } from '../../flags.ts'
import type { BuildProgress } from '../../format/progress/build.ts'
import { csvFields } from '../../go/csv.ts'
import { errorText, writeHostFile } from '../image/host-file.ts'
import { unsupported } from './build-flags.ts'
import { fail } from './fail.ts'

/** Where files go; `-` is standard output. */
export interface Destination {
  type: 'local' | 'tar'
  path: string
}

export interface Outputs {
  /** The names of each image that comes out. */
  images: string[][]
  /** Of these, the names that are pushed. */
  pushed: string[]
  files: Destination[]
  /** `rewrite-timestamp=true` of an image. */
  clampTimes: boolean
}

interface Entry {
  type: string
  dest: string
  attributes: Map<string, string>
}

/** What the flags ask for: an image unless they say something else. Throws StatusError in buildx's words. */
export function outputsOf(ctx: CliContext, flags: Flags): Outputs {
  const entries = flags
    .list('output')
    .filter(given => given !== '')
    .map(parseEntry)
  if (flags.bool('push')) {
    const images = entries.filter(entry => entry.type === 'image')
    if (images.length === 0) entries.push({ type: 'image', dest: '', attributes: new Map([['push', 'true']]) })
    for (const { attributes } of images) attributes.set('push', 'true')
  }
  if (flags.bool('load') && !entries.some(({ type, dest }) => type === 'docker' && dest === ''))
    entries.push({ type: 'docker', dest: '', attributes: new Map() })
  if (entries.length === 0) entries.push({ type: 'image', dest: '', attributes: new Map() })
  const outputs: Outputs = { images: [], pushed: [], files: [], clampTimes: false }
  for (const entry of entries) checkPlaces(ctx, entry)
  if (flags.string('iidfile') !== '' && entries.some(({ type }) => type === 'local' || type === 'tar'))
    throw new StatusError(1, 'ERROR: local and tar exporters are incompatible with image ID file')
  for (const entry of entries) add(outputs, entry, flags.list('tag'), ctx)
  return outputs
}

/** docker/buildx util/buildflags/export.go. */
function parseEntry(given: string): Entry {
  let fields: string[]
  try {
    fields = csvFields(given)
  } catch (error) {
    throw new StatusError(1, `ERROR: ${messageOf(error)}`)
  }
  if (fields.length === 1 && fields[0] === given && !given.startsWith('type='))
    return { type: given === '-' ? 'tar' : 'local', dest: given, attributes: new Map() }
  const entry: Entry = { type: '', dest: '', attributes: new Map() }
  for (const field of fields) {
    const text = field.trim()
    const equals = text.indexOf('=')
    if (equals < 0) throw new StatusError(1, `ERROR: invalid value ${field}`)
    const key = text.slice(0, equals).toLowerCase()
    const value = text.slice(equals + 1)
    if (key === 'type') entry.type = value
    else if (key === 'dest') entry.dest = value
    else entry.attributes.set(key, value)
  }
  if (entry.type === '') throw new StatusError(1, 'ERROR: type is required for output')
  if (entry.type === 'registry') {
    entry.type = 'image'
    entry.attributes.set('push', 'true')
  }
  return entry
}

const isFalse = (text: string | undefined): boolean => /^(0|f|F|false|FALSE|False)$/.test(text ?? '')
const isTrue = (text: string | undefined): boolean => /^(1|t|T|true|TRUE|True)$/.test(text ?? '')

/** Whether the folder or file that an output goes to can be made. */
function checkPlaces({ cwd, out }: CliContext, entry: Entry): void {
  const { type, dest } = entry
  const archive = type === 'oci' || type === 'docker'
  const asFolder = type === 'local' || (archive && isFalse(entry.attributes.get('tar')))
  if (!asFolder && type !== 'tar' && !archive) return
  if (asFolder) {
    if (dest === '') throw fail(`dest is required for ${type} exporter`)
    if (dest === '-') throw fail(`dest cannot be stdout for ${type} exporter`)
    const stat = statAt(cwd, dest, 'directory')
    if (stat && !stat.isDirectory()) throw fail(`destination directory ${dest} is a file`)
    return
  }
  if (dest === '' && type !== 'docker') entry.dest = '-'
  if (entry.dest === '-' && out.isTTY)
    throw fail(`dest file is required for ${type} exporter. refusing to write to console`)
  if (entry.dest === '-' || entry.dest === '') return
  if (statAt(cwd, dest, 'file')?.isDirectory()) throw fail(`destination file ${dest} is a directory`)
}

function statAt(cwd: string, dest: string, what: string): ReturnType<typeof statSync> {
  try {
    return statSync(resolve(cwd, dest), { throwIfNoEntry: false })
  } catch (error) {
    throw fail(`invalid destination ${what}: ${dest}: stat ${dest}: ${errorText(error)}`)
  }
}

/** What the docker driver makes of one output. Of the attributes of images, names and push have an effect in Docker; `rewrite-timestamp` has one here, as with BuildKit's own exporter. */
function add(outputs: Outputs, { type, dest, attributes }: Entry, tags: readonly string[], ctx: CliContext): void {
  if (type === 'oci') throw unsupported('OCI exporter', 'build-exporters')
  if (type === 'docker' && dest !== '') throw unsupported('Docker exporter', 'build-exporters')
  if (type === 'cacheonly') return
  if (type === 'local' || type === 'tar') {
    const path = dest === '-' ? '-' : resolve(ctx.cwd, dest)
    if (type === 'tar' && path !== '-') touch(path, dest)
    outputs.files.push({ type, path })
    return
  }
  if (type !== 'image' && type !== 'docker')
    throw fail(`failed to solve: exporter ${JSON.stringify(type)} could not be found`)
  const names = tags.length > 0 ? [...tags] : (attributes.get('name') ?? '').split(',').filter(name => name !== '')
  for (const name of names) checkName(name)
  if (type === 'image' && isTrue(attributes.get('push'))) {
    if (names.length === 0) throw fail('tag is needed when pushing to registry')
    outputs.pushed.push(...names)
  }
  if (isTrue(attributes.get('rewrite-timestamp'))) outputs.clampTimes = true
  outputs.images.push(names)
}

function touch(path: string, dest: string): void {
  try {
    openSync(path, 'a')
  } catch (error) {
    throw fail(`failed to open open ${dest}: ${errorText(error)}`)
  }
}

function checkName(name: string): void {
  try {
    parseReference(name)
  } catch (error) {
    throw fail(`failed to solve: ${messageOf(error)}`)
  }
}

/** Writes the files to each destination. Nothing leads out of a folder, whatever is in the build. */
export async function writeFiles(
  ctx: CliContext,
  files: RootFs,
  destinations: readonly Destination[],
  { view, epoch }: { view: BuildProgress; epoch: number | undefined },
): Promise<void> {
  const now = async (): Promise<number> => (await ctx.clock()).now()
  for (const { type, path } of destinations) {
    const started = await now()
    const step = view.own(type === 'local' ? 'exporting to client directory' : 'exporting to client tarball', started)
    if (type === 'local') await writeFolder(ctx, files, path, epoch)
    else if (path === '-') for (const piece of writeTar(entriesOf(files, epoch))) ctx.out.write(piece)
    else await writeHostFile(ctx.cwd, path, pieces(writeTar(entriesOf(files, epoch))))
    const what =
      type === 'local' ? `copying files ${transferred(contextTransfer(files, ['/']).sent)}` : 'sending tarball'
    const ended = await now()
    const took = ended - started
    step.status(`${what}${took > 10 ? ` ${(took / 1000).toFixed(1)}s` : ''} done`, ended)
    step.done(ended)
  }
}

/** All files; with an epoch, none has another time. */
function* entriesOf(files: RootFs, epoch: number | undefined): ReturnType<typeof treeEntries> {
  for (const entry of treeEntries(files, '/', '', { exactTimes: true })) {
    if (epoch !== undefined) entry.header.mtime = epoch
    yield entry
  }
}

async function writeFolder(ctx: CliContext, files: RootFs, path: string, epoch: number | undefined): Promise<void> {
  try {
    mkdirSync(path, { recursive: true })
  } catch (error) {
    throw fail(`failed to solve: mkdir ${path}: ${codeOf(error) === undefined ? messageOf(error) : errorText(error)}`)
  }
  const time = (await ctx.clock()).now()
  const owner = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 }
  const extractor = new TarExtractor(new RootFs(new HostDir(path), () => time), '/', { owner, skipDevices: true })
  for (const { header, content } of entriesOf(files, epoch)) {
    extractor.entry(header)
    for (const piece of content ?? []) extractor.data(piece)
  }
  extractor.finish()
}

async function* pieces(bytes: Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* bytes
}
