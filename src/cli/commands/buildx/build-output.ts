/** `--output`: the files of a build as a folder or a tar, instead of an image. */
import { mkdirSync } from 'node:fs'
import { resolve } from 'node:path'
import type { BuildEvent } from '../../../build/events.ts'
import { treeEntries } from '../../../layer/export-layer.ts'
import { TarExtractor } from '../../../layer/extract.ts'
import { writeTar } from '../../../layer/tar-writer.ts'
import { HostDir } from '../../../vfs/host-dir.ts'
import { RootFs } from '../../../vfs/rootfs.ts'
import type { CliContext } from '../../command.ts'
import { StatusError } from '../../errors.ts'
import type { Flags } from '../../flags.ts'
import type { BuildProgress } from '../../format/progress/build.ts'
import { writeHostFile } from '../image/host-file.ts'
import { unsupported } from './build-flags.ts'
import { fail } from './fail.ts'

export interface Destination {
  /** `nowhere`: the steps are done and kept in the cache. */
  type: 'local' | 'tar' | 'nowhere'
  /** `-` is standard output. */
  path: string
}

/** Destinations of files; none when the result is an image. Throws StatusError. */
export function outputsOf(ctx: CliContext, flags: Flags): Destination[] {
  if (flags.bool('push')) pushed(ctx, flags)
  return flags.list('output').flatMap((given): Destination[] => {
    if (!given.includes('=')) {
      if (given === '-') return [{ type: 'tar', path: '-' }]
      return [{ type: 'local', path: resolve(ctx.cwd, given) }]
    }
    const fields = new Map(
      given
        .split(',')
        .map(field => [field.split('=', 1)[0]?.trim() ?? '', field.slice(field.indexOf('=') + 1)] as const),
    )
    const type = fields.get('type')
    const dest = fields.get('dest') ?? ''
    if (type === undefined) throw fail('type is required for output')
    const pushes = type === 'registry' || (type === 'image' && /^(true|1)$/.test(fields.get('push') ?? ''))
    if (pushes) return pushed(ctx, flags)
    if (type === 'image' || (type === 'docker' && dest === '')) return []
    if (type === 'cacheonly') return [{ type: 'nowhere', path: '' }]
    if (type === 'oci') throw unsupported('OCI exporter', 'build-exporters')
    if (type === 'docker') throw unsupported('Docker exporter', 'build-exporters')
    if (type !== 'local' && type !== 'tar')
      throw fail(`failed to solve: exporter ${JSON.stringify(type)} could not be found`)
    if (type === 'local' && dest === '') throw fail('dest is required for local exporter')
    return [{ type, path: dest === '' || dest === '-' ? '-' : resolve(ctx.cwd, dest) }]
  })
}

/** Throws StatusError: a push needs a name, and is not a part of a build here. */
function pushed(ctx: CliContext, flags: Flags): never {
  if (flags.list('tag').length === 0) throw fail('tag is needed when pushing to registry')
  throw new StatusError(1, `${ctx.name}: a build that pushes is not modelled: build it, then '${ctx.name} push'`)
}

/** Writes the files to each destination. Nothing leads out of a folder, whatever is in the build. */
export async function writeFiles(
  ctx: CliContext,
  { files }: BuildEvent & { type: 'files' },
  outputs: readonly Destination[],
  view: BuildProgress,
): Promise<void> {
  for (const { type, path } of outputs) {
    if (type === 'nowhere') continue
    const entries = treeEntries(files, '/', '', { exactTimes: true })
    view.step(type === 'local' ? 'exporting to client directory' : 'exporting to client tarball')
    if (type === 'tar') {
      if (path === '-') for (const piece of writeTar(entries)) ctx.out.write(piece)
      else await writeHostFile(ctx.cwd, path, pieces(writeTar(entries)))
      continue
    }
    mkdirSync(path, { recursive: true })
    const now = (await ctx.clock()).now()
    const owner = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 }
    const extractor = new TarExtractor(new RootFs(new HostDir(path), () => now), '/', { owner, skipDevices: true })
    for (const { header, content } of entries) {
      extractor.entry(header)
      for (const piece of content ?? []) extractor.data(piece)
    }
    extractor.finish()
  }
}

async function* pieces(bytes: Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* bytes
}
