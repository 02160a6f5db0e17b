/** Writing files so that after a crash they are as before or as after, never between. */
import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, unlinkSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { codeOf, EngineError, systemError } from '../errors.ts'
import { processIsGone, processWord } from './owner.ts'

/** Files being written end so; one left behind by a killed process is swept by `system check --repair`. */
const temporaryMark = '.tmp-'
const temporaryPattern = /\.tmp-\d+-\d*-\d+$/

let counter = 0

/** A name beside `path` that no other process uses. */
export function temporaryName(path: string): string {
  return `${path}${temporaryMark}${processWord()}-${counter++}`
}

export const isTemporary = (name: string): boolean => temporaryPattern.test(name)

/** Who made a temporary name: this process, one that lives, or one that has ended, so that nobody misses the file. */
export function makerOf(name: string): 'self' | 'alive' | 'gone' {
  const [pid = '', start = ''] = name.slice(name.lastIndexOf(temporaryMark) + temporaryMark.length).split('-')
  if (`${pid}-${start}` === processWord()) return 'self'
  return processIsGone(Number(pid), start) ? 'gone' : 'alive'
}

/** Writes a file beside `path` and returns its name; nothing is left of it when that fails. Makes missing folders. */
export function stageFile(path: string, bytes: Uint8Array | string, durable: boolean): string {
  const temporary = temporaryName(path)
  try {
    const fd = openForWrite(temporary)
    try {
      const data = typeof bytes === 'string' ? Buffer.from(bytes) : bytes
      for (let at = 0; at < data.length; ) at += writeSync(fd, data, at)
      if (durable) fsyncSync(fd)
    } finally {
      closeSync(fd)
    }
    return temporary
  } catch (error) {
    removeQuietly(temporary)
    throw hostError(error, 'write', path)
  }
}

/** Replaces a file whole: new file, fsync where `durable`, rename. Makes missing folders. */
export function replaceFile(path: string, bytes: Uint8Array | string, durable: boolean): void {
  const temporary = stageFile(path, bytes, durable)
  try {
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

const texts: Record<string, string> = {
  EACCES: 'permission denied',
  EBUSY: 'device or resource busy',
  EDQUOT: 'disk quota exceeded',
  EEXIST: 'file exists',
  EIO: 'input/output error',
  EISDIR: 'is a directory',
  ELOOP: 'too many levels of symbolic links',
  EMFILE: 'too many open files',
  ENAMETOOLONG: 'file name too long',
  ENFILE: 'too many open files in system',
  ENOENT: 'no such file or directory',
  ENOSPC: 'no space left on device',
  ENOTDIR: 'not a directory',
  ENOTEMPTY: 'directory not empty',
  EPERM: 'operation not permitted',
  EROFS: 'read-only file system',
}

/** A failed host operation on the store as one clear line, in Go's style: `write PATH: no space left on device`. */
export function hostError(error: unknown, operation: string, path: string): EngineError {
  if (error instanceof EngineError) return error
  const code = codeOf(error)
  const text = code === undefined ? undefined : texts[code]
  return systemError(`${operation} ${path}: ${text ?? (error instanceof Error ? error.message : String(error))}`, error)
}
