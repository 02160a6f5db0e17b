/** Where files come from: the host's, read with Go's words for what goes wrong. */
import { readFileSync, statSync } from 'node:fs'
import { ComposeError } from './tree.ts'

const REASONS = new Map([
  ['ENOENT', 'no such file or directory'],
  ['EACCES', 'permission denied'],
  ['EISDIR', 'is a directory'],
  ['ENOTDIR', 'not a directory'],
  ['ELOOP', 'too many levels of symbolic links'],
  ['ENAMETOOLONG', 'file name too long'],
])

/** Go's words for a failed system call. */
export function hostError(call: string, path: string, error: unknown): ComposeError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const verb = code === 'EISDIR' ? 'read' : call
  return new ComposeError(`${verb} ${path}: ${REASONS.get(code) ?? (code || 'input/output error')}`)
}

/** @throws ComposeError `open /x: no such file or directory` */
export function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw hostError('open', path, error)
  }
}

export type Found = 'file' | 'folder' | undefined

export function lookAt(path: string): Found {
  try {
    return statSync(path).isDirectory() ? 'folder' : 'file'
  } catch {
    return undefined
  }
}
