/** Files of the host that image commands read and write, with Go's error texts. */

import { closeSync, openSync, readSync, renameSync, rmSync, statSync, writeSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { codeOf } from '../../../errors.ts'
import { StatusError } from '../../errors.ts'

const texts: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or directory',
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  EISDIR: 'is a directory',
  ENOTDIR: 'not a directory',
  ENOSPC: 'no space left on device',
}
const PIECE = 1 << 20

/** A file's error as Go prints it: `open x: no such file or directory`. */
export function failure(verb: string, path: string, error: unknown): StatusError {
  return new StatusError(1, `${verb} ${path}: ${errorText(error)}`)
}

/** What went wrong with a file, in Go's words. */
export function errorText(error: unknown): string {
  const code = codeOf(error) ?? ''
  return texts[code] ?? code
}

/** The bytes of a file, opened at once. `path` is as the user gave it. @throws StatusError `open x: no such file or directory` */
export function readHostFile(cwd: string, path: string): AsyncIterable<Uint8Array> {
  let fd: number
  try {
    fd = openSync(resolve(cwd, path), 'r')
  } catch (error) {
    throw failure('open', path, error)
  }
  return pieces(fd, path)
}

async function* pieces(fd: number, path: string): AsyncGenerator<Uint8Array, void> {
  try {
    for (;;) {
      const piece = Buffer.allocUnsafe(PIECE)
      const length = readSync(fd, piece)
      if (length === 0) return
      yield piece.subarray(0, length)
    }
  } catch (error) {
    throw failure('read', path, error)
  } finally {
    closeSync(fd)
  }
}

/** Refuses what `-o` cannot be (docker/cli command.ValidateOutputPath); `doing` begins the error. */
export function checkOutputPath(cwd: string, path: string, doing: string): void {
  const target = resolve(cwd, path)
  const folder = dirname(target)
  const stat = statSync(target, { throwIfNoEntry: false })
  if (stat?.isDirectory()) throw new StatusError(1, `${doing}: cannot write to a directory`)
  if (stat?.isCharacterDevice()) throw new StatusError(1, `${doing}: cannot write to a character device file`)
  if (!statSync(folder, { throwIfNoEntry: false }))
    throw new StatusError(1, `${doing}: invalid output path: stat ${dirname(path)}: no such file or directory`)
}

/** Writes a file whole: under another name first, so that a failure leaves what was there. */
export async function writeHostFile(cwd: string, path: string, data: AsyncIterable<Uint8Array>): Promise<void> {
  const target = resolve(cwd, path)
  const special = statSync(target, { throwIfNoEntry: false })?.isFile() === false
  const temporary = special
    ? target
    : `${dirname(target)}/.tmp-${process.pid}-${target.slice(target.lastIndexOf('/') + 1)}`
  let fd: number | undefined
  try {
    for await (const piece of data) {
      fd ??= openSync(temporary, 'w', 0o600)
      for (let done = 0; done < piece.length; ) done += writeSync(fd, piece, done)
    }
    if (fd !== undefined) closeSync(fd)
    if (!special) renameSync(temporary, target)
  } catch (error) {
    if (fd !== undefined && !special) rmSync(temporary, { force: true })
    if (error instanceof Error && 'syscall' in error) throw failure('write', path, error)
    throw error
  }
}
