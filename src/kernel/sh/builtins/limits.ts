/** umask, ulimit, times: what the kernel keeps for a process. */
import { isErrno } from '../../../vfs/errno.ts'
import type { RlimitName } from '../../program.ts'
import { applyMode } from '../../userland/lib/mode.ts'
import type { Shell } from '../machine.ts'
import { type Builtin, fail, options, print, usage } from './builtin.ts'

export const limits: Record<string, Builtin> = {
  umask: umaskBuiltin,
  ulimit: ulimitBuiltin,
  times: sh => {
    const show = (ms: number): string => `${Math.floor(ms / 60_000)}m${((ms % 60_000) / 1000).toFixed(3)}s`
    const [own, children] = [sh.p.rusage('self'), sh.p.rusage('children')]
    print(
      sh,
      'times',
      `${show(own.userMs)} ${show(own.systemMs)}\n${show(children.userMs)} ${show(children.systemMs)}\n`,
    )
  },
}

function umaskBuiltin(sh: Shell, args: string[]): void {
  const {
    given,
    rest: [mask],
  } = options(sh, 'umask', args, sh.dialect === 'bash' ? 'Sp' : 'S')
  if (mask === undefined) {
    const prefix = given.has('p') ? 'umask ' : ''
    const value = sh.p.umask()
    const symbolic = ['u', 'g', 'o']
      .map((who, at) => `${who}=${['r', 'w', 'x'].filter((_, bit) => !(value & (0o400 >> (at * 3 + bit)))).join('')}`)
      .join(',')
    return print(sh, 'umask', `${prefix}${given.has('S') ? symbolic : value.toString(8).padStart(4, '0')}\n`)
  }
  const value = newMask(sh, mask)
  if (value === undefined) return badMask(sh, mask)
  sh.p.umask(value)
  sh.state.status = 0
}

/** The mask that a number or a symbolic mode means: symbolic ones say what is allowed. */
function newMask(sh: Shell, mask: string): number | undefined {
  if (/^\d/.test(mask))
    return /^[0-7]+$/.test(mask) && Number.parseInt(mask, 8) <= 0o777 ? Number.parseInt(mask, 8) : undefined
  const allowed = applyMode(mask, ~sh.p.umask() & 0o777, true, 0)
  return allowed === undefined ? undefined : ~allowed & 0o777
}

function badMask(sh: Shell, mask: string): void {
  if (sh.dialect === 'bash')
    return fail(
      sh,
      'umask',
      /^\d/.test(mask) ? `${mask}: octal number out of range` : `\`${mask[0]}': invalid symbolic mode operator`,
    )
  fail(
    sh,
    'umask',
    sh.dialect === 'dash' ? `Illegal ${/^\d/.test(mask) ? 'number' : 'mode'}: ${mask}` : `illegal mode: ${mask}`,
    2,
  )
}

const rows: Record<string, [name: RlimitName, label: string, unit: number]> = {
  c: ['core', 'core file size (blocks)         (-c)', 512],
  d: ['data', 'data seg size (kb)              (-d)', 1024],
  e: ['nice', 'scheduling priority             (-e)', 1],
  f: ['fsize', 'file size (blocks)              (-f)', 512],
  i: ['sigpending', 'pending signals                 (-i)', 1],
  l: ['memlock', 'max locked memory (kb)          (-l)', 1024],
  m: ['rss', 'max memory size (kb)            (-m)', 1024],
  n: ['nofile', 'open files                      (-n)', 1],
  q: ['msgqueue', 'POSIX message queues (bytes)    (-q)', 1],
  r: ['rtprio', 'real-time priority              (-r)', 1],
  s: ['stack', 'stack size (kb)                 (-s)', 1024],
  t: ['cpu', 'cpu time (seconds)              (-t)', 1],
  u: ['nproc', 'max user processes              (-u)', 1],
  v: ['as', 'virtual memory (kb)             (-v)', 1024],
  x: ['locks', 'file locks                      (-x)', 1],
}

function ulimitBuiltin(sh: Shell, args: string[]): void {
  const letters = args.filter(arg => arg.startsWith('-')).flatMap(arg => [...arg.slice(1)])
  const [value] = args.filter(arg => !arg.startsWith('-'))
  const hard = letters.includes('H')
  const chosen = letters.filter(letter => letter !== 'H' && letter !== 'S')
  const show = (letter: string): string => {
    const [name, , unit] = rows[letter] ?? ['fsize', '', 512]
    const limit = sh.p.getrlimit(name as RlimitName)
    const number = hard ? limit.hard : limit.soft
    return Number.isFinite(number) ? String(Math.floor(number / unit)) : 'unlimited'
  }
  if (chosen.includes('a'))
    return print(
      sh,
      'ulimit',
      Object.entries(rows)
        .map(([letter, [, label]]) => `${label} ${show(letter)}\n`)
        .join(''),
    )
  const letter = chosen[0] ?? 'f'
  const known = Object.hasOwn(rows, letter) ? rows[letter] : undefined
  if (!known) return badLetter(sh, letter)
  if (value === undefined) return print(sh, 'ulimit', `${show(letter)}\n`)
  const [name, , unit] = known
  const wanted = value === 'unlimited' ? Number.POSITIVE_INFINITY : Number(value) * unit
  if (Number.isNaN(wanted)) return badNumber(sh, value)
  const old = sh.p.getrlimit(name)
  const soft = letters.includes('S') || !hard
  try {
    sh.p.setrlimit(name, {
      soft: soft ? wanted : Math.min(old.soft, wanted),
      hard: hard || !letters.includes('S') ? wanted : old.hard,
    })
    sh.state.status = 0
  } catch (error) {
    if (!isErrno(error)) throw error
    refused(sh, name, error.message)
  }
}

/** setrlimit's answer. ash has its words from libbb, which knows no builtins. */
function refused(sh: Shell, name: RlimitName, reason: string): void {
  if (sh.dialect === 'dash') return fail(sh, 'ulimit', `error setting limit (${reason})`, 2)
  if (sh.dialect === 'bash') {
    const label = Object.values(rows).find(([one]) => one === name)?.[1] ?? name
    return fail(sh, 'ulimit', `${label.replace(/ +\(.*/, '')}: cannot modify limit: ${reason}`)
  }
  sh.state.status = 1
  sh.write(2, `${sh.state.arg0}: error setting limit: ${reason}\n`)
}

function badLetter(sh: Shell, letter: string): void {
  if (sh.dialect === 'bash') throw usage(sh, 'ulimit', `-${letter}: invalid option`)
  if (sh.dialect === 'dash') return fail(sh, 'ulimit', `Illegal option -${letter}`, 2)
  sh.state.status = 1
  sh.write(2, `ulimit: invalid option -- '${letter}'\n`)
}

function badNumber(sh: Shell, value: string): void {
  if (sh.dialect === 'bash') return fail(sh, 'ulimit', `${value}: invalid number`)
  if (sh.dialect === 'dash') return fail(sh, 'ulimit', 'bad number', 2)
  sh.state.status = 1
  sh.write(2, `${sh.state.arg0}: invalid number '${value}'\n`)
}
