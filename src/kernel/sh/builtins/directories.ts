/** cd and pwd. */
import { isErrno } from '../../../vfs/errno.ts'
import type { Shell } from '../machine.ts'
import { getVariable, setVariable } from '../state.ts'
import { type Builtin, fail, options, print } from './builtin.ts'

export const directories: Record<string, Builtin> = {
  cd: changeDirectory,
  pwd: (sh, args) => {
    const { given } = options(sh, 'pwd', args, 'LP')
    print(sh, 'pwd', `${given.has('P') ? sh.p.cwd() : (getVariable(sh.state, 'PWD')?.value ?? sh.p.cwd())}\n`)
  },
}

/** A relative folder is looked for in those of CDPATH; where it is found there, its path is printed. */
function fromPath(sh: Shell, path: string): string | undefined {
  const folders = getVariable(sh.state, 'CDPATH')?.value
  if (folders === undefined || /^(\.{1,2}|\.{0,2}\/.*)$/.test(path) || (path === '' && sh.dialect !== 'busybox'))
    return undefined
  for (const folder of folders.split(':')) {
    const candidate = folder === '' ? path : `${folder}/${path || '.'}`
    try {
      if (sh.p.stat(candidate).type === 'dir') return folder === '' ? undefined : candidate
    } catch {
      // Not in this one.
    }
  }
  return undefined
}

function changeDirectory(sh: Shell, args: string[]): void {
  const { p, state } = sh
  const { given, rest } =
    args[0] === '-'
      ? { given: new Map<string, string>(), rest: args }
      : options(sh, 'cd', args, sh.dialect === 'bash' ? 'LPe@' : 'LP')
  const bash = sh.dialect === 'bash'
  if (bash && rest.length > 1) return fail(sh, 'cd', 'too many arguments')
  const old = getVariable(state, 'PWD')?.value ?? p.cwd()
  const home = getVariable(state, 'HOME')?.value
  if (bash && rest.length === 0 && home === undefined) return fail(sh, 'cd', 'HOME not set')
  const target = rest[0] ?? home ?? ''
  const before = getVariable(state, 'OLDPWD')?.value
  if (bash && target === '-' && before === undefined) return fail(sh, 'cd', 'OLDPWD not set')
  const found = target === '-' ? (before === '' ? fromPath(sh, '') : undefined) : fromPath(sh, target)
  const path = found ?? (target === '-' ? (before ?? old) : target)
  const logical = path.startsWith('/') ? path : `${old === '/' ? '' : old}/${path}`
  const parts: string[] = []
  for (const part of logical.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  }
  const full = `/${parts.join('/')}`
  try {
    p.chdir(given.has('P') ? path : full)
  } catch (error) {
    if (!isErrno(error)) throw error
    const message =
      sh.dialect === 'bash'
        ? `${path}: ${error.message}`
        : `can't cd to ${path}${sh.dialect === 'busybox' ? `: ${error.message}` : ''}`
    return fail(sh, 'cd', message, sh.dialect === 'bash' ? 1 : 2)
  }
  setVariable(state, 'OLDPWD', old)
  setVariable(state, 'PWD', given.has('P') ? p.cwd() : full)
  print(
    sh,
    'cd',
    found !== undefined && !bash && !found.endsWith('/.')
      ? `${found}\n`
      : target === '-' || found !== undefined
        ? `${full}\n`
        : '',
  )
}
