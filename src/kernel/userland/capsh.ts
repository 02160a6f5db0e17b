/** capsh: shows capabilities (libcap). Only printing, decoding and running a shell are modelled. */

import { capabilityNames, capabilitySets, capText, namesOf } from './lib/capability-sets.ts'
import { command } from './lib/command.ts'
import { Failure } from './lib/failure.ts'
import { becomeProgram } from './lib/run.ts'
import { groupName, readAccounts, userName } from './lib/users.ts'

export const options = {
  print: '--print  show everything',
  decode: '--decode=HEX  names of a set',
  has: '--has-p=CAP --has-b=CAP  status 0 when it is there',
  supports: '--supports=CAP  whether it is known',
  current: '--current  the current sets',
}

export const program = command(
  'capsh',
  options,
  function* ({ p, out, args }) {
    for (let i = 0; i < args.length; i++) {
      const arg = args[i] ?? ''
      const [, key = '', value = ''] = /^--([a-z-]+)(?:=(.*))?$/.exec(arg) ?? []
      const sets = yield* capabilitySets(p)
      if (key === 'decode') {
        const number = BigInt(`0x${value.replace(/^0x/, '')}`)
        yield* out.write(
          `0x${value.replace(/^0x/, '').padStart(16, '0')}=${namesOf(number)
            .map(name => `cap_${name}`)
            .join(',')}\n`,
        )
      } else if (key === 'print' || key === 'current') {
        const accounts = yield* readAccounts(p)
        const gids = p.cred.groups.length > 0 ? p.cred.groups : [p.cred.gid]
        const drop = [...capabilityNames].filter(name => !namesOf(sets.bounding).includes(name))
        const list = (names: string[]) => names.map(name => `cap_${name}`).join(',')
        yield* out.write(
          `Current: ${capText(sets)}\nBounding set =${list(namesOf(sets.bounding))}\nAmbient set =${list(namesOf(sets.ambient))}\n`,
        )
        if (key === 'current') continue
        yield* out.write(
          `Current IAB: ${drop.map(name => `!cap_${name}`).join(',')}\nSecurebits: 00/0x0/1'b0 (no-new-privs=${sets.noNewPrivs ? 1 : 0})\n secure-noroot: no (unlocked)\n secure-no-suid-fixup: no (unlocked)\n secure-keep-caps: no (unlocked)\n secure-no-ambient-raise: no (unlocked)\n`,
        )
        yield* out.write(
          `uid=${p.cred.uid}(${userName(accounts, p.cred.uid) ?? '???'}) euid=${p.cred.uid}(${userName(accounts, p.cred.uid) ?? '???'})\ngid=${p.cred.gid}(${groupName(accounts, p.cred.gid) ?? '???'})\ngroups=${gids.map(gid => `${gid}(${groupName(accounts, gid) ?? '???'})`).join(',')}\nGuessed mode: HYBRID (4)\n`,
        )
      } else if (key === 'has-p' || key === 'has-b' || key === 'has-i' || key === 'has-a') {
        const set = {
          'has-p': sets.permitted,
          'has-b': sets.bounding,
          'has-i': sets.inheritable,
          'has-a': sets.ambient,
        }[key]
        if (!namesOf(set).includes(value.replace(/^cap_/i, '').toLowerCase())) {
          yield* out.flush()
          yield {
            op: 'write',
            fd: 2,
            data: Buffer.from(`cap[${value}] not ${key === 'has-p' ? 'permitted' : 'raised'}\n`, 'latin1'),
          }
          return 1
        }
      } else if (key === 'supports') {
        if (!capabilityNames.includes(value.replace(/^cap_/i, '').toLowerCase())) return 1
      } else if (arg === '--' || arg === '==') {
        yield* out.flush()
        yield* becomeProgram(p, ['/bin/bash', ...args.slice(i + 1)])
      } else throw new Failure(`${arg} is not modelled by minidock`)
    }
    return 0
  },
  { raw: true },
)
