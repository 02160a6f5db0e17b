import { describe, expect, it } from 'vitest'
import { refusedCall } from '../../src/engine/init-calls.ts'
import { capabilitySet, defaultCapabilities } from '../../src/security/capabilities.ts'
import { isEmptyProfile, seccompFilter, seccompProfile, syscallOf } from '../../src/security/seccomp.ts'
import { profileFault } from '../../src/security/seccomp-profile.ts'
import { recordedFaults } from './recorded-faults.ts'

const filter = (profile: object, caps = defaultCapabilities, machine = 'x86_64') =>
  seccompFilter(JSON.stringify(profile), caps, machine, '6.8.0')

describe('a seccomp profile', () => {
  it.each([
    ['allows by default', { defaultAction: 'SCMP_ACT_ALLOW' }, 'mkdir', undefined],
    ['refuses by default', { defaultAction: 'SCMP_ACT_ERRNO' }, 'mkdir', { errno: 1 }],
    ['has an errno of its own', { defaultAction: 'SCMP_ACT_ERRNO', defaultErrnoRet: 38 }, 'mkdir', { errno: 38 }],
    ['kills', { defaultAction: 'SCMP_ACT_KILL_PROCESS' }, 'mkdir', 'kill'],
    ['logs and lets pass', { defaultAction: 'SCMP_ACT_LOG' }, 'mkdir', undefined],
    [
      'names calls',
      { defaultAction: 'SCMP_ACT_ALLOW', syscalls: [{ names: ['mkdir'], action: 'SCMP_ACT_ERRNO', errnoRet: 13 }] },
      'mkdir',
      { errno: 13 },
    ],
    [
      'lets others pass',
      { defaultAction: 'SCMP_ACT_ALLOW', syscalls: [{ names: ['mkdir'], action: 'SCMP_ACT_ERRNO' }] },
      'rmdir',
      undefined,
    ],
    [
      'decides by its first rule',
      {
        defaultAction: 'SCMP_ACT_ERRNO',
        syscalls: [
          { names: ['mkdir'], action: 'SCMP_ACT_ALLOW' },
          { name: 'mkdir', action: 'SCMP_ACT_KILL' },
        ],
      },
      'mkdir',
      undefined,
    ],
    [
      'has rules for capabilities that are not there',
      {
        defaultAction: 'SCMP_ACT_ERRNO',
        syscalls: [{ names: ['mount'], action: 'SCMP_ACT_ALLOW', includes: { caps: ['CAP_SYS_ADMIN'] } }],
      },
      'mount',
      { errno: 1 },
    ],
    [
      'has rules for another machine',
      {
        defaultAction: 'SCMP_ACT_ALLOW',
        syscalls: [{ names: ['mkdir'], action: 'SCMP_ACT_ERRNO', excludes: { arches: ['amd64'] } }],
      },
      'mkdir',
      undefined,
    ],
    [
      'has conditions on arguments, which never hold',
      {
        defaultAction: 'SCMP_ACT_ALLOW',
        syscalls: [{ names: ['mkdir'], action: 'SCMP_ACT_ERRNO', args: [{ index: 0, value: 1, op: 'SCMP_CMP_EQ' }] }],
      },
      'mkdir',
      undefined,
    ],
  ] as const)('%s', (_, profile, call, verdict) => {
    expect(filter(profile)(call)).toEqual(verdict)
  })

  it('knows the capabilities of the container', () => {
    const profile = {
      defaultAction: 'SCMP_ACT_ERRNO',
      syscalls: [{ names: ['mount'], action: 'SCMP_ACT_ALLOW', includes: { caps: ['CAP_SYS_ADMIN'] } }],
    }
    expect(filter(profile, capabilitySet(['SYS_ADMIN']))('mount')).toBeUndefined()
  })

  it('is refused for an action that does not exist', () => {
    expect(profileFault('{"defaultAction":"SCMP_ACT_MAYBE"}')).toEqual({
      by: 'runc',
      message: 'string SCMP_ACT_MAYBE is not a valid action for seccomp',
    })
    expect(profileFault('{"defaultAction":"SCMP_ACT_ALLOW"}')).toBeUndefined()
  })

  it.each([
    [
      '[]',
      'daemon',
      'Decoding seccomp profile failed: json: cannot unmarshal array into Go value of type seccomp.Seccomp',
    ],
    [
      '{"syscalls":"x"}',
      'daemon',
      'Decoding seccomp profile failed: json: cannot unmarshal string into Go struct field Seccomp.syscalls of type []*seccomp.Syscall',
    ],
    [
      '{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"name":"a","names":["b"],"action":"SCMP_ACT_ERRNO"}]}',
      'daemon',
      "both 'name' and 'names' are specified in the seccomp profile, use either 'name' or 'names'",
    ],
    [
      '{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["a"],"action":"SCMP_ACT_ERRNO","args":[{"op":"SCMP_CMP_WHAT"}]}]}',
      'runc',
      'string SCMP_CMP_WHAT is not a valid operator for seccomp',
    ],
  ])('is refused as Docker refuses it: %s', (text, by, message) => {
    expect(profileFault(text)).toEqual({ by, message })
  })

  it.each(recordedFaults)('is refused as it was recorded: %s', (text, by, message) => {
    expect(profileFault(text)).toEqual({ by, message })
  })

  it('is none without an action and a rule', () => {
    expect(['null', '{}', '{"syscalls":[]}', '{"defaultAction":"SCMP_ACT_ALLOW"}'].map(isEmptyProfile)).toEqual([
      true,
      true,
      true,
      false,
    ])
  })

  it('has rules for kernels', () => {
    const rule = (minKernel: string) => ({
      defaultAction: 'SCMP_ACT_ALLOW',
      syscalls: [{ names: ['mkdir'], action: 'SCMP_ACT_ERRNO', includes: { minKernel } }],
    })
    expect(['4.8', '6.8', '6.9', '9.0'].map(version => filter(rule(version))('mkdir') !== undefined)).toEqual([
      true,
      true,
      false,
      false,
    ])
  })

  it.each([
    ['fstatfs', false, 'unable to setup user: fstatfs fsmount:fscontext:proc: operation not permitted'],
    ['setgroups', false, 'unable to setup user: setgroups: operation not permitted'],
    ['setgroups', true, undefined],
    ['getcwd', false, 'failed to verify if current working directory is safe: operation not permitted'],
    ['openat', true, 'reopen exec fifo: reopen fd 7: operation not permitted'],
    ['mkdir', false, undefined],
  ])('without %s (no-new-privileges: %s) stops runc itself with its words', (call, noNewPrivs, message) => {
    const profile = { defaultAction: 'SCMP_ACT_ALLOW', syscalls: [{ names: [call], action: 'SCMP_ACT_ERRNO' }] }
    expect(refusedCall(filter(profile), noNewPrivs)).toBe(message)
  })

  it.each([
    ['SCMP_CMP_EQ', 9, 0, [false, true, false]],
    ['SCMP_CMP_NE', 9, 0, [true, false, true]],
    ['SCMP_CMP_LT', 9, 0, [true, false, false]],
    ['SCMP_CMP_LE', 9, 0, [true, true, false]],
    ['SCMP_CMP_GT', 9, 0, [false, false, true]],
    ['SCMP_CMP_GE', 9, 0, [false, true, true]],
    ['SCMP_CMP_MASKED_EQ', 1, 1, [false, true, true]],
  ])('compares an argument by %s', (op, value, valueTwo, refused) => {
    const args = [{ index: 1, value, valueTwo, op }]
    const profile = { defaultAction: 'SCMP_ACT_ALLOW', syscalls: [{ names: ['kill'], action: 'SCMP_ACT_ERRNO', args }] }
    const check = seccompFilter(JSON.stringify(profile), 0n, 'x86_64', '6.8.0')
    expect([2, 9, 15].map(signal => check('kill', { pid: 1, signal }) !== undefined)).toEqual(refused)
  })

  it.each([
    [['seccomp={"a":1}'], '{"a":1}'],
    [['seccomp=unconfined'], undefined],
    [['seccomp=builtin', 'label=disable'], undefined],
  ])('is found among %j', (options, profile) => {
    expect(seccompProfile(options)).toBe(profile)
  })

  it('sees what each kind of program calls', () => {
    expect([syscallOf('chmod', 'busybox'), syscallOf('chmod', 'gnu')]).toEqual(['chmod', 'fchmodat'])
  })
})
