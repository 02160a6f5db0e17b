/** A folder of its own for a test, removed afterwards. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

export function tempDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'minidock-test-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  return dir
}
