/** What pgrep and pkill share: the same options, the same way of matching (busybox and procps). */

import { messageOf } from '../../../errors.ts'
import type { Proc, Routine } from '../../program.ts'
import { Failure } from './failure.ts'
import type { Options } from './options.ts'
import { type ProcessInfo, printable, processes, ttyName } from './processes.ts'
import { Regex } from './regex/regex.ts'
import { findGid, findUid, readAccounts } from './users.ts'

export const matchOptions = {
  full: '-f --full  match against the whole command line',
  exact: '-x --exact  match the whole name',
  newest: '-n --newest  only the newest',
  oldest: '-o --oldest  only the oldest',
  inverse: '-v --inverse  those that do not match',
  parent: '-P=PID --parent=PID  only children of this process',
  session: '-s=SID --session=SID  only this session',
  group: 'gnu: -g=PGID --pgroup=PGID  only this process group',
  user: 'gnu: -u=USER --euid=USER  only this effective user',
  realUser: 'gnu: -U=USER --uid=USER  only this real user',
  realGroup: 'gnu: -G=GROUP --group=GROUP  only this real group',
  terminal: 'gnu: -t=TTY --terminal=TTY  only this terminal',
  ignoreCase: 'gnu: -i --ignore-case  upper and lower case are the same',
}

/** Matching processes in order of their numbers, the caller left out. */
export function* matchProcesses(
  p: Proc,
  given: Pick<Options<typeof matchOptions>, 'has' | 'value' | 'values'>,
  args: readonly string[],
): Routine<ProcessInfo[]> {
  const gnu = p.flavour === 'gnu'
  const accounts = yield* readAccounts(p)
  const numbers = (key: keyof typeof matchOptions, find: (word: string) => number | undefined = Number) =>
    given.has(key)
      ? given
          .values(key)
          .flatMap(list => list.split(','))
          .map(find)
      : undefined
  const wanted: [allowed: (number | undefined)[] | undefined, value: (i: ProcessInfo) => number][] = [
    [numbers('parent'), i => i.ppid],
    [numbers('session'), i => i.sid],
    [numbers('group'), i => i.pgid],
    [numbers('user', word => findUid(accounts, word)), i => i.euid],
    [numbers('realUser', word => findUid(accounts, word)), i => i.uid],
    [numbers('realGroup', word => findGid(accounts, word)), i => i.gid],
  ]
  const terminals = given.has('terminal') ? given.values('terminal').map(t => t.replace(/^\/dev\//, '')) : undefined
  const narrowed = wanted.some(([allowed]) => allowed !== undefined) || terminals !== undefined
  const text = args[0]
  if (args.length > 1 && gnu) throw new Failure('only one pattern can be provided', 2)
  if (text === undefined && !narrowed) throw new Failure(gnu ? 'no matching criteria specified' : '', gnu ? 2 : 1)
  const pattern = compile(text ?? '', given.has('exact'), given.has('ignoreCase'))
  const matches = (info: ProcessInfo): boolean => {
    if (wanted.some(([allowed, value]) => allowed && !allowed.includes(value(info)))) return false
    if (terminals && !terminals.includes(ttyName(info.tty))) return false
    const line = given.has('full') && info.argv.length > 0 ? printable(info.argv.join(' ')) : info.comm
    return pattern.test(line)
  }
  const found = (yield* processes(p)).filter(info => info.pid !== p.pid && matches(info) !== given.has('inverse'))
  const byAge = [...found].sort((a, b) => a.startMs - b.startMs || a.pid - b.pid)
  if (given.has('newest')) return byAge.slice(-1)
  if (given.has('oldest')) return byAge.slice(0, 1)
  return found
}

/** An extended regular expression for a name. */
function compile(text: string, exact: boolean, ignoreCase: boolean): Regex {
  try {
    return new Regex(exact ? `^(${text})$` : text, { extended: true, ignoreCase })
  } catch (error) {
    throw new Failure(messageOf(error), 2)
  }
}
