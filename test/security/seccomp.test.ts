import { describe, expect, it } from 'vitest'
import { capabilitySet, defaultCapabilities } from '../../src/security/capabilities.ts'
import { profileFault, seccompFilter, seccompProfile, syscallOf } from '../../src/security/seccomp.ts'

const filter = (profile: object, caps = defaultCapabilities, machine = 'x86_64') =>
  seccompFilter(JSON.stringify(profile), caps, machine)

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
    expect(profileFault('{"defaultAction":"SCMP_ACT_MAYBE"}')).toBe(
      'string SCMP_ACT_MAYBE is not a valid action for seccomp',
    )
    expect(profileFault('{"defaultAction":"SCMP_ACT_ALLOW"}')).toBeUndefined()
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
