import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { advisories, compareVersions, findingsFor } from '../../src/security/advisories.ts'

describe('versions', () => {
  it.each([
    ['1.2.3', '1.2.3', 0],
    ['1.2.3', '1.2.10', -1],
    ['1.36.1-r5', '1.36.1-r29', -1],
    ['2.36-9+deb12u10', '2.36-9+deb12u9', 1],
    ['1.0~rc1', '1.0', -1],
    ['1:1.0', '2.0', 1],
    ['3.0.16-1~deb12u1', '3.0.16-1', -1],
  ])('%s against %s', (a, b, order) => expect(Math.sign(compareVersions(a, b))).toBe(order))

  it('are ordered the same both ways', () => {
    const version = fc.stringMatching(/^[0-9]{1,3}(\.[0-9]{1,3}){0,3}([-+~][a-z0-9]{1,4})?$/)
    fc.assert(
      fc.property(version, version, (a, b) => {
        // No negative zero.
        expect(Math.sign(compareVersions(a, b)) + Math.sign(compareVersions(b, a))).toBe(0)
      }),
    )
  })
})

describe('findings', () => {
  it('are those of versions before the fix, on their branch, the worst first', () => {
    const found = findingsFor([
      { kind: 'app', name: 'redis', version: '7.4.1' },
      { kind: 'app', name: 'nginx', version: '1.27.5' },
      { kind: 'deb', name: 'zlib1g', version: '1:1.2.13.dfsg-1' },
    ])
    expect(found.map(({ id, name, fixed }) => [id, name, fixed])).toEqual([
      ['CVE-2023-45853', 'zlib1g', ''],
      ['CVE-2025-21605', 'redis', '7.4.3'],
      ['CVE-2024-46981', 'redis', '7.4.2'],
    ])
  })

  it('name advisories as the registry of CVEs does', () => {
    expect(advisories.filter(({ id }) => !/^CVE-\d{4}-\d{4,}$/.test(id))).toEqual([])
  })
})
