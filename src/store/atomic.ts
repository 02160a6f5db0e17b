/** Writing files so that after a crash they are as before or as after, never between. */
import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, unlinkSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { EngineError, systemError } from '../errors.ts'

/** Files being written end so; one left behind by a killed process is swept by `system check`. */
export const temporaryMark = '.tmp-'

let counter = 0

/** A name beside `path` that no other process uses. `process` is a word of the caller's process. */
export function temporaryName(path: string, process: string): string {
  return `${path}${temporaryMark}${process}-${counter++}`
}

/** Replaces a file whole: new file, fsync where `durable`, rename. Makes missing folders. */
export function replaceFile(path: string, bytes: Uint8Array | string, process: string, durable: boolean): void {
  const temporary = temporaryName(path, process)
  try {
    const fd = openForWrite(temporary)
    try {
      const data = typeof bytes === 'string' ? Buffer.from(bytes) : bytes
      for (let at = 0; at < data.length; ) at += writeSync(fd, data, at)
      if (durable) fsyncSync(fd)
    } finally {
      closeSync(fd)
    }
    renameSync(temporary, path)
  } catch (error) {
    removeQuietly(temporary)
    throw hostError(error, 'write', path)
  }
}

function openForWrite(path: string): number {
  try {
    return openSync(path, 'wx', 0o600)
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    return openSync(path, 'wx', 0o600)
  }
}

/** Removes a file if it is there. */
export function removeQuietly(path: string): void {
  try {
    unlinkSync(path)
  } catch {
    // It was never made, or another process has swept it.
  }
}

export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

const texts: Record<string, string> = {
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  ENOSPC: 'no space left on device',
  EDQUOT: 'disk quota exceeded',
  EROFS: 'read-only file system',
  ENOTDIR: 'not a directory',
  EISDIR: 'is a directory',
  EMFILE: 'too many open files',
  EIO: 'input/output error',
  ENOENT: 'no such file or directory',
}

/** A failed host operation on the store as one clear line, in Go's style: `write PATH: no space left on device`. */
export function hostError(error: unknown, operation: string, path: string): EngineError {
  if (error instanceof EngineError) return error
  const code = codeOf(error)
  const text = code === undefined ? undefined : texts[code]
  return systemError(`${operation} ${path}: ${text ?? (error instanceof Error ? error.message : String(error))}`, error)
}
