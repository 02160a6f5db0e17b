/** A store for tests: documents in memory (as JSON text), bytes in a temporary folder, no locks, no syncing. */
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Transaction } from '../../src/store/types.ts'

export interface ScratchStore extends Transaction {
  /** Paths of the documents that are there. */
  paths(): string[]
  /** Paths written or removed since the last call. */
  takeWrites(): string[]
  close(): void
}

export function scratchStore(): ScratchStore {
  const root = mkdtempSync(join(tmpdir(), 'minidock-vfs-'))
  const documents = new Map<string, string>()
  const files = new Set<string>()
  const writes: string[] = []
  const locate = (path: string): string => join(root, path)
  return {
    root,
    locate,
    generation: () => 0,
    read<T>(path: string): T | undefined {
      const text = documents.get(path)
      return text === undefined ? undefined : (JSON.parse(text) as T)
    },
    list: path => [...documents.keys()].filter(key => key.startsWith(`${path}/`)).sort(),
    put(path, document) {
      writes.push(path)
      documents.set(path, JSON.stringify(document))
    },
    putBytes(path, bytes) {
      writes.push(path)
      files.add(path)
      mkdirSync(dirname(locate(path)), { recursive: true })
      writeFileSync(locate(path), bytes)
    },
    remove(path) {
      writes.push(path)
      documents.delete(path)
      files.delete(path)
      rmSync(locate(path), { recursive: true, force: true })
    },
    append(path, committed, bytes) {
      writes.push(path)
      mkdirSync(dirname(locate(path)), { recursive: true })
      const fd = openSync(locate(path), files.has(path) ? 'r+' : 'w+')
      files.add(path)
      writeSync(fd, bytes, 0, bytes.length, committed)
      closeSync(fd)
      return committed + bytes.length
    },
    paths: () => [...documents.keys(), ...files].sort(),
    takeWrites: () => writes.splice(0),
    close: () => rmSync(root, { recursive: true, force: true }),
  }
}
