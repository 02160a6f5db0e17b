/** Which shell it is: they differ in what they accept and in how they complain. */
import type { Node } from './ast.ts'

export type Dialect = 'busybox' | 'bash' | 'dash'

/** From the name a shell is called by and the file that runs. */
export function dialectOf(name: string, flavour: 'busybox' | 'gnu', program: string | undefined): Dialect {
  if (flavour === 'busybox') return 'busybox'
  const called = (program ?? name).replace(/^-/, '')
  return called === 'bash' || name.replace(/^-/, '') === 'bash' ? 'bash' : 'dash'
}

/**
 * Whether the last command of a shell may take its place; `within` is the kind of the command that it is the last of. ash and
 * dash hand this down to whatever has no redirections; bash only along lists, to a command without any.
 */
export function mayReplace(dialect: Dialect, node: Node, within = 'list'): boolean {
  if (dialect !== 'bash') return node.t === 'simple' || node.redirects.length === 0
  if (node.redirects.length > 0 || !['list', 'andor', 'subshell'].includes(within)) return false
  return node.t === 'list' ? node.items.every(item => !item.background) : node.t === 'simple' || node.t === 'andor'
}
