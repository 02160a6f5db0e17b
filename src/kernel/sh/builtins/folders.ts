/** bash's pushd, popd and dirs: a stack of folders, of which the first is the one that the shell is in. */
import { isErrno } from '../../../vfs/errno.ts'
import type { Shell } from '../machine.ts'
import { getVariable, setVariable } from '../state.ts'
import { type Builtin, fail, options, print } from './builtin.ts'

export const folders: Record<string, Builtin> = {
  pushd: (sh, args) => {
    const stack = all(sh)
    const [word] = args
    if (word === undefined) {
      if (stack.length < 2) return fail(sh, 'pushd', 'no other directory')
      return enter(sh, 'pushd', [stack[1] ?? '', stack[0] ?? '', ...stack.slice(2)])
    }
    if (/^[-+]\d+$/.test(word)) {
      const at = place(word, stack.length)
      if (at === undefined) return fail(sh, 'pushd', `${word}: directory stack index out of range`)
      return enter(sh, 'pushd', [...stack.slice(at), ...stack.slice(0, at)])
    }
    enter(sh, 'pushd', [word, ...stack])
  },
  popd: (sh, args) => {
    const stack = all(sh)
    if (stack.length < 2) return fail(sh, 'popd', 'directory stack empty')
    const at = args[0] === undefined ? 0 : place(args[0], stack.length)
    if (at === undefined) return fail(sh, 'popd', `${args[0]}: directory stack index out of range`)
    enter(sh, 'popd', [...stack.slice(0, at), ...stack.slice(at + 1)])
  },
  dirs: (sh, args) => {
    const { given } = options(sh, 'dirs', args, 'clpv')
    sh.state.status = 0
    if (given.has('c')) {
      sh.state.folders = []
      return
    }
    const shown = all(sh).map(path => (given.has('l') ? path : tilde(sh, path)))
    if (given.has('v')) print(sh, 'dirs', shown.map((path, at) => `${String(at).padStart(2)}  ${path}\n`).join(''))
    else print(sh, 'dirs', given.has('p') ? shown.map(path => `${path}\n`).join('') : `${shown.join(' ')}\n`)
  },
}

const all = (sh: Shell): string[] => [getVariable(sh.state, 'PWD')?.value ?? sh.p.cwd(), ...(sh.state.folders ?? [])]

/** `+1` counts from the left, `-1` from the right. */
function place(word: string, size: number): number | undefined {
  const number = Number(word.slice(1))
  const at = word.startsWith('-') ? size - 1 - number : number
  return at >= 0 && at < size ? at : undefined
}

function tilde(sh: Shell, path: string): string {
  const home = getVariable(sh.state, 'HOME')?.value ?? ''
  return home !== '' && (path === home || path.startsWith(`${home}/`)) ? `~${path.slice(home.length)}` : path
}

/** Goes to the first folder of a stack, keeps the rest, and shows them. */
function enter(sh: Shell, name: string, stack: string[]): void {
  const { p, state } = sh
  const [first = '', ...rest] = stack
  const old = getVariable(state, 'PWD')?.value ?? p.cwd()
  try {
    p.chdir(first)
  } catch (error) {
    if (!isErrno(error)) throw error
    return fail(sh, name, `${first}: ${error.message}`)
  }
  setVariable(state, 'OLDPWD', old)
  setVariable(state, 'PWD', first.startsWith('/') ? first : p.cwd())
  state.folders = rest
  print(
    sh,
    name,
    `${all(sh)
      .map(path => tilde(sh, path))
      .join(' ')}\n`,
  )
}
