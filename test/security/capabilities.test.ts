import { describe, expect, it } from 'vitest'
import { allCapabilities, capabilitySet, containerCapabilities } from '../../src/security/capabilities.ts'

const hex = (set: bigint): string => set.toString(16).padStart(16, '0')

describe('the capabilities of a container', () => {
  it.each<[string, string[] | null, string[] | null, boolean, string]>([
    ['by default', null, null, false, '00000000a80425fb'],
    ['--privileged', null, null, true, '000001ffffffffff'],
    ['--privileged --cap-drop ALL', null, ['ALL'], true, '000001ffffffffff'],
    ['--cap-drop ALL', null, ['ALL'], false, '0000000000000000'],
    ['--cap-add ALL', ['ALL'], null, false, '000001ffffffffff'],
    ['--cap-drop ALL --cap-add CHOWN', ['CAP_CHOWN'], ['ALL'], false, '0000000000000001'],
    ['--cap-add ALL --cap-drop CHOWN', ['ALL'], ['CAP_CHOWN'], false, '000001fffffffffe'],
    ['--cap-add ALL --cap-drop ALL', ['ALL'], ['ALL'], false, '000001ffffffffff'],
    ['--cap-add NET_ADMIN', ['CAP_NET_ADMIN'], null, false, '00000000a80435fb'],
    ['--cap-drop NET_RAW', null, ['CAP_NET_RAW'], false, '00000000a80405fb'],
    ['--cap-add CHOWN --cap-drop CHOWN', ['CAP_CHOWN'], ['CAP_CHOWN'], false, '00000000a80425fb'],
  ])('%s', (_title, add, drop, privileged, expected) => {
    expect(hex(containerCapabilities(add, drop, privileged))).toBe(expected)
  })

  it('leaves out names that are none', () => {
    expect(capabilitySet(['NOPE', 'constructor', 'CHOWN'])).toBe(1n)
    expect(capabilitySet([])).toBe(0n)
    expect(allCapabilities & 1n).toBe(1n)
  })
})
