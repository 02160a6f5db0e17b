import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { securityText } from '../../scripts/security.ts'
import { capabilitySet, defaultCapabilities } from '../../src/security/capabilities.ts'
import { demonstrations } from '../../src/security/demonstrations.ts'
import { runCommand } from '../kernel/harness.ts'

describe.each(demonstrations)('$capability: $operation', ({ capability, script, refusal, kept }) => {
  const own = capabilitySet([capability])

  it('is refused without it', async () => {
    const { stderr } = await runCommand(['sh', '-c', script], { capabilities: defaultCapabilities & ~own })
    expect(stderr).toBe(`${refusal}\n`)
  })

  it('is done with it', async () => {
    const { stderr, status } = await runCommand(['sh', '-c', script], { capabilities: defaultCapabilities | own })
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 })
  })

  it(`is ${kept ? '' : 'not '}in Docker's set`, () => {
    expect((defaultCapabilities & own) !== 0n).toBe(kept)
  })
})

it('docs/security.md is what the tables say (npx tsx scripts/security.ts makes it)', () => {
  expect(readFileSync(new URL('../../docs/security.md', import.meta.url), 'utf8')).toBe(securityText())
})
