/** Profiles and what a real Docker Engine 28.5 said to them, recorded. */
export const recordedFaults: readonly (readonly [profile: string, by: 'daemon' | 'runc', message: string])[] = [
  [
    '{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["mkdir"],"action":"SCMP_ACT_NOTIFY"}]}',
    'runc',
    'unable to start container process: error during container init: seccomp listenerPath is not set',
  ],
  [
    '[]',
    'daemon',
    'Decoding seccomp profile failed: json: cannot unmarshal array into Go value of type seccomp.Seccomp',
  ],
  [
    '"x"',
    'daemon',
    'Decoding seccomp profile failed: json: cannot unmarshal string into Go value of type seccomp.Seccomp',
  ],
  [
    '{"defaultAction":5}',
    'daemon',
    'Decoding seccomp profile failed: json: cannot unmarshal number into Go struct field Seccomp.defaultAction of type specs.LinuxSeccompAction',
  ],
  [
    '{"defaultAction":"SCMP_ACT_ALLOW","syscalls":{}}',
    'daemon',
    'Decoding seccomp profile failed: json: cannot unmarshal object into Go struct field Seccomp.syscalls of type []*seccomp.Syscall',
  ],
  [
    '{"defaultAction":"SCMP_ACT_ALLOW","syscalls":["mkdir"]}',
    'daemon',
    'Decoding seccomp profile failed: json: cannot unmarshal string into Seccomp.syscalls.0 of type seccomp.Syscall',
  ],
  [
    '{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":"mkdir","action":"SCMP_ACT_ERRNO"}]}',
    'daemon',
    'Decoding seccomp profile failed: json: cannot unmarshal string into Go struct field Seccomp.syscalls.0.names of type []string',
  ],
  [
    '{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":[5],"action":"SCMP_ACT_ERRNO"}]}',
    'daemon',
    'Decoding seccomp profile failed: json: cannot unmarshal number into Seccomp.syscalls.0.names.0 of type string',
  ],
  [
    '{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"name":5,"action":"SCMP_ACT_ERRNO"}]}',
    'daemon',
    'Decoding seccomp profile failed: json: cannot unmarshal number into Go struct field Seccomp.syscalls.0.name of type string',
  ],
  [
    '{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["mkdir"]}]}',
    'runc',
    'string  is not a valid action for seccomp',
  ],
  [
    '{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["mkdir"],"action":7}]}',
    'daemon',
    'Decoding seccomp profile failed: json: cannot unmarshal number into Go struct field Seccomp.syscalls.0.action of type specs.LinuxSeccompAction',
  ],
  [
    '{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"name":"mkdir","names":["rmdir"],"action":"SCMP_ACT_ERRNO"}]}',
    'daemon',
    "both 'name' and 'names' are specified in the seccomp profile, use either 'name' or 'names'",
  ],
  [
    '{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["mkdir"],"action":"SCMP_ACT_ERRNO","errnoRet":-1}]}',
    'daemon',
    'Decoding seccomp profile failed: json: cannot unmarshal number -1 into Go struct field Seccomp.syscalls.0.errnoRet of type uint',
  ],
  [
    '{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["mkdir"],"action":"SCMP_ACT_ERRNO","errnoRet":"EPERM"}]}',
    'daemon',
    'Decoding seccomp profile failed: json: cannot unmarshal string into Go struct field Seccomp.syscalls.0.errnoRet of type uint',
  ],
  [
    '{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["mkdir"],"action":"SCMP_ACT_ERRNO","args":{}}]}',
    'daemon',
    'Decoding seccomp profile failed: json: cannot unmarshal object into Go struct field Seccomp.syscalls.0.args of type []specs.LinuxSeccompArg',
  ],
  [
    '{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["mkdir"],"action":"SCMP_ACT_ERRNO","args":[{"index":9,"value":1,"op":"SCMP_CMP_EQ"}]}]}',
    'runc',
    'unable to start container process: error during container init: error creating seccomp syscall condition for syscall mkdir: syscalls only have up to 6 arguments (9 given)',
  ],
  [
    '{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["mkdir"],"action":"SCMP_ACT_ERRNO","args":[{"index":1,"value":1,"op":"EQ"}]}]}',
    'runc',
    'string EQ is not a valid operator for seccomp',
  ],
  [
    '{"defaultAction":"SCMP_ACT_ALLOW","architectures":["SCMP_ARCH_NOPE"]}',
    'runc',
    'string SCMP_ARCH_NOPE is not a valid arch for seccomp',
  ],
  [
    '{"defaultAction":"SCMP_ACT_ALLOW","architectures":["SCMP_ARCH_X86_64"],"archMap":[{"architecture":"SCMP_ARCH_X86_64","subArchitectures":["SCMP_ARCH_X86"]}]}',
    'daemon',
    "both 'architectures' and 'archMap' are specified in the seccomp profile, use either 'architectures' or 'archMap'",
  ],
  ['{"defaultAction":"SCMP_ACT_ALLOW","flags":["NOPE"]}', 'runc', 'seccomp flag NOPE is not known to runc'],
]
