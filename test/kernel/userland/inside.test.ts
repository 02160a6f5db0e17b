import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { insideText } from '../../../scripts/inside.ts'

it('docs/inside.md is what the option tables say (npx tsx scripts/inside.ts makes it)', async () => {
  const written = readFileSync(new URL('../../../docs/inside.md', import.meta.url), 'utf8')
  expect(written).toBe(await insideText())
})
