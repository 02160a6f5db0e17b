/** Files answered as the real compose answered them (scripts/record-compose.mjs). */
import { describe, expect, it } from 'vitest'
import { configOf, folderOf, readCases } from '../cases.ts'

describe('a file with a mistake gets compose’s words', () => {
  it.each(readCases('mistakes.txt'))('$title', async ({ file, err }) => {
    expect((await configOf(folderOf({ 'compose.yaml': file }))).err).toBe(err)
  })
})

describe('a file is resolved as compose resolves it', () => {
  it.each(readCases('resolved.txt'))('$title', async ({ file, out, err }) => {
    expect(await configOf(folderOf({ 'compose.yaml': file }))).toEqual({ out, err })
  })
})
