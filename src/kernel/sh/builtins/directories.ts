/** cd and pwd. */
import { isErrno } from '../../../vfs/errno.ts'
import type { Shell } from '../machine.ts'
import { getVariable, setVariable } from '../state.ts'
import { type Builtin, fail, print } from './builtin.ts'

export const directories: Record<string, Builtin> = {
  cd: changeDirectory,
  pwd: (sh, args) =>
    print(sh, 'pwd', `${args.includes('-P') ? sh.p.cwd() : (getVariable(sh.state, 'PWD')?.value ?? sh.p.cwd())}\n`),
}

function changeDirectory(sh: Shell, args: string[]): void {
  const { p, state } = sh
  const operands = args.filter(arg => !/^-[LP]$/.test(arg) && arg !== '--')
  const old = getVariable(state, 'PWD')?.value ?? p.cwd()
  const target = operands[0] ?? getVariable(state, 'HOME')?.value ?? ''
  const path = target === '-' ? (getVariable(state, 'OLDPWD')?.value ?? old) : target
  const logical = path.startsWith('/') ? path : `${old === '/' ? '' : old}/${path}`
  const parts: string[] = []
  for (const part of logical.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  }
  const full = `/${parts.join('/')}`
  try {
    p.chdir(args.includes('-P') ? path : full)
  } catch (error) {
    if (!isErrno(error)) throw error
    const message =
      sh.dialect === 'bash'
        ? `${path}: ${error.message}`
        : `can't cd to ${path}${sh.dialect === 'busybox' ? `: ${error.message}` : ''}`
    return fail(sh, 'cd', message, sh.dialect === 'bash' ? 1 : 2)
  }
  setVariable(state, 'OLDPWD', old)
  setVariable(state, 'PWD', args.includes('-P') ? p.cwd() : full)
  print(sh, 'cd', target === '-' ? `${full}\n` : '')
}
