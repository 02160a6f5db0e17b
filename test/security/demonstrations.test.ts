import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { securityText } from '../../scripts/security.ts'
import { allCapabilities, capabilitySet, defaultCapabilities } from '../../src/security/capabilities.ts'
import { demonstrations, seccompDemonstrations } from '../../src/security/demonstrations.ts'
import { defaultFilter, defaultProfile } from '../../src/security/seccomp.ts'
import { runCommand } from '../kernel/harness.ts'

describe.each(demonstrations)('$capability: $operation', ({ capability, script, refusal, kept, without, sysctl }) => {
  const own = capabilitySet([capability])
  const others = defaultCapabilities & ~capabilitySet(without ? [without] : [])
  const sandbox = sysctl && { sysctls: new Map([sysctl]) }

  it('is refused without it', async () => {
    const { stderr } = await runCommand(['sh', '-c', script], {
      capabilities: others & ~own,
      ...(sandbox && { sandbox }),
    })
    expect(stderr).toBe(`${refusal}\n`)
  })

  it('is done with it', async () => {
    const { stderr, status } = await runCommand(['sh', '-c', script], {
      capabilities: others | own,
      ...(sandbox && { sandbox }),
    })
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 })
  })

  it(`is ${kept ? '' : 'not '}in Docker's set`, () => {
    expect((defaultCapabilities & own) !== 0n).toBe(kept)
  })
})

describe.each(seccompDemonstrations)("Docker's profile and $call", ({ call, script }) => {
  const needed = capabilitySet([defaultProfile[call] ?? ''])
  const mounter = { mount: () => undefined, umount: () => undefined }

  it.each([
    ['refuses it without the capability', allCapabilities & ~needed],
    ['lets it pass with the capability', allCapabilities],
  ])('%s', async (_, capabilities) => {
    const asked: string[] = []
    const filter = defaultFilter(capabilities)
    await runCommand(['sh', '-c', script], {
      // The kernel would let it pass: what refuses is the filter alone.
      capabilities: allCapabilities,
      sandbox: {
        mounter,
        filter: (name, args) => {
          const verdict = filter(name, args)
          if (name === call) asked.push(verdict === undefined ? 'pass' : JSON.stringify(verdict))
          return verdict
        },
      },
    })
    expect(asked).toEqual([capabilities === allCapabilities ? 'pass' : '{"errno":1}'])
  })
})

it('every rule of the profile is shown', () => {
  expect(seccompDemonstrations.map(each => each.call)).toEqual(Object.keys(defaultProfile).sort())
})

it('docs/security.md is what the tables say (npx tsx scripts/security.ts makes it)', () => {
  expect(readFileSync(new URL('../../docs/security.md', import.meta.url), 'utf8')).toBe(securityText())
})
