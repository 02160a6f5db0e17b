/** Stores in temporary folders that go when a test ends, and what they hold as plain data. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** A new empty folder, removed when the test ends. */
export function tempFolder(): string {
  const path = mkdtempSync(join(tmpdir(), 'minidock-store-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

/** What belongs to the store itself and not to what it keeps. */
const own = /^(version|generation|lock.*|journal\.json|trash\/.*|.*\.tmp-.*)$/

/** Every kept file's path and text, sorted. */
export function contentsOf(root: string): Record<string, string> {
  return Object.fromEntries(
    filesBelow(root)
      .filter(path => !own.test(path))
      .map(path => [path, readFileSync(join(root, path), 'utf8')]),
  )
}

/** Paths of all files below a folder, sorted. */
export function filesBelow(root: string): string[] {
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter(path => statSync(join(root, path)).isFile())
    .sort()
}
