/**
 * Starts the built program: `main.cjs` and its chunks. Those that usual commands need lie together in one file, with
 * the bytecode that V8 has made of them (docs/decisions/code-cache.md); others, or all of them under another V8, are
 * read and compiled one by one.
 */
import { openSync, readFileSync, readSync } from 'node:fs'
import { posix } from 'node:path'
import { Script } from 'node:vm'

/** The file of the code cache: an index as one line of JSON, then each chunk's source and bytecode. */
export const cacheFile = 'code-cache'

export interface CacheIndex {
  /** The V8 that made it; another's bytecode is of no use. */
  v8: string
  /** By the chunk's path: its offset after the index, the lengths of its source and its bytecode, the source's form. */
  chunks: Record<string, [offset: number, source: number, bytecode: number, encoding: 'latin1' | 'utf8']>
}

/** More than the index takes. */
const indexLimit = 16 * 1024

interface Chunk {
  source: string
  bytecode?: Uint8Array
}

/** Reads chunks: from the cache, or what it lacks from their own files. */
function chunkReader(directory: string): (chunk: string) => Chunk {
  const plain = (chunk: string): Chunk => ({ source: readFileSync(`${directory}/${chunk}`, 'utf8') })
  try {
    const fd = openSync(`${directory}/${cacheFile}`, 'r')
    const head = Buffer.allocUnsafe(indexLimit)
    const end = head.subarray(0, readSync(fd, head, 0, indexLimit, 0)).indexOf(10)
    const { v8, chunks } = JSON.parse(head.toString('latin1', 0, end)) as CacheIndex
    if (v8 !== process.versions.v8) return plain
    return chunk => {
      const place = chunks[chunk]
      if (!place) return plain(chunk)
      const [offset, source, bytecode, encoding] = place
      const data = Buffer.allocUnsafeSlow(source + bytecode)
      readSync(fd, data, 0, data.length, end + 1 + offset)
      return { source: data.toString(encoding, 0, source), bytecode: data.subarray(source) }
    }
  } catch {
    return plain
  }
}

type Wrapped = (
  exports: unknown,
  require: (id: string) => unknown,
  module: { exports: unknown },
  filename: string,
  dirname: string,
) => void

/** Runs the program in `directory` (dist/cli). `seen` is told of each chunk: the build makes the cache of them. */
export function start(directory: string, seen?: (chunk: string, source: string, script: Script) => void): void {
  const read = chunkReader(directory)
  const modules = new Map<string, { exports: unknown }>()
  const load = (chunk: string): unknown => {
    const known = modules.get(chunk)
    if (known) return known.exports
    const module = { exports: {} }
    modules.set(chunk, module)
    const { source, bytecode } = read(chunk)
    const script = new Script(`(function(exports,require,module,__filename,__dirname){${source}\n})`, {
      filename: `${directory}/${chunk}`,
      ...(bytecode && { cachedData: bytecode }),
    })
    seen?.(chunk, source, script)
    const folder = posix.dirname(chunk)
    const require = (id: string): unknown =>
      id.startsWith('.') ? load(posix.join(folder, id)) : process.getBuiltinModule(id)
    const run = script.runInThisContext() as Wrapped
    run(module.exports, require, module, `${directory}/${chunk}`, posix.dirname(`${directory}/${chunk}`))
    return module.exports
  }
  load('main.cjs')
}
