/** setpriv: shows privileges, or runs a program with others (busybox and util-linux). */

import { capabilitySets, namesOf } from './lib/capability-sets.ts'
import { command } from './lib/command.ts'
import { Failure } from './lib/failure.ts'
import { becomeProgram } from './lib/run.ts'
import { findGid, findUid, readAccounts } from './lib/users.ts'

export const options = {
  dump: '-d --dump  show the current state',
  noNewPrivs: '--nnp --no-new-privs  set no_new_privs',
  inheritable: '--inh-caps=CAPS  accepted',
  ambient: '--ambient-caps=CAPS  accepted',
  bounding: 'gnu: --bounding-set=CAPS  accepted',
  reuid: 'gnu: --reuid=UID --ruid=UID --euid=UID  user',
  regid: 'gnu: --regid=GID --rgid=GID --egid=GID  group',
  groups: 'gnu: --groups=GROUPS  supplementary groups',
  clear: 'gnu: --clear-groups --init-groups --keep-groups  supplementary groups',
  reset: 'gnu: --reset-env  a fresh environment',
}

export const program = command(
  'setpriv',
  options,
  function* ({ p, out, options: given, args, gnu }) {
    const sets = yield* capabilitySets(p)
    if (given.has('dump')) {
      const { uid, gid, groups } = p.cred
      const list = (set: bigint) => namesOf(set).join(',') || '[none]'
      yield* out.write(
        `uid: ${uid}\neuid: ${uid}\ngid: ${gid}\negid: ${gid}\nSupplementary groups: ${groups.join(',') || '[none]'}\nno_new_privs: ${sets.noNewPrivs ? 1 : 0}\n`,
      )
      if (gnu)
        yield* out.write(
          `Effective capabilities: ${list(sets.effective)}\nPermitted capabilities: ${list(sets.permitted)}\n`,
        )
      yield* out.write(
        `Inheritable capabilities: ${list(sets.inheritable)}\nAmbient capabilities: ${list(sets.ambient)}\nCapability bounding set: ${list(sets.bounding)}\n`,
      )
      if (gnu) yield* out.write('Securebits: [none]\nParent death signal: [none]\n')
      return 0
    }
    if (args.length === 0) throw new Failure(gnu ? 'No program specified' : '', 1)
    const accounts = yield* readAccounts(p)
    const [user, group] = [given.value('reuid'), given.value('regid')]
    if (group !== undefined) {
      const gid = findGid(accounts, group)
      if (gid === undefined) throw new Failure(`failed to parse rgid: '${group}'`)
      const groups = given.value('groups')?.split(',').map(Number) ?? (given.has('clear') ? [] : [...p.cred.groups])
      p.setCred({ gid, groups })
    }
    if (user !== undefined) {
      const uid = findUid(accounts, user)
      if (uid === undefined) throw new Failure(`failed to parse ruid: '${user}'`)
      p.setCred({ uid })
    }
    return yield* becomeProgram(p, args, { gnuWords: (name, reason) => `failed to execute ${name}: ${reason}` })
  },
  { stopAtOperand: true },
)
