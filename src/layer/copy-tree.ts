import { Errno } from '../vfs/errno.ts'
import type { RootFs } from '../vfs/rootfs.ts'
import { treeEntries } from './export-layer.ts'
import { type ExtractOptions, TarExtractor } from './extract.ts'

/**
 * Copies what is in the directory `from` of one tree into the directory `to` of another (or the same), with
 * owners, modes, times and hard links: a volume that is filled from an image, COPY of a directory. With a file
 * as `from`, `to` is the path of its copy. Throws Errno, and EngineError('invalid') for what cannot be placed.
 */
export function copyTree(source: RootFs, from: string, dest: RootFs, to: string, options: ExtractOptions = {}): void {
  const isDir = source.stat(from).type === 'dir'
  const slash = to.lastIndexOf('/')
  if (!isDir && (slash < 0 || slash === to.length - 1)) throw new Errno('EISDIR')
  const extractor = new TarExtractor(dest, isDir ? to : to.slice(0, slash) || '/', options)
  for (const { header, content } of treeEntries(source, from, isDir ? '' : to.slice(slash + 1), {
    follow: true,
    exactTimes: true,
  })) {
    extractor.entry(header)
    for (const piece of content ?? []) extractor.data(piece)
  }
  extractor.finish()
}
