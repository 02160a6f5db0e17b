/** Parameters that are no variables: `$?`, `$#`, RANDOM, and bash's arrays about the shell itself. */
import type { ExpandContext } from './expand.ts'
import { once } from './memo.ts'
import type { Frame, Variable } from './state.ts'
import { getVariable } from './state.ts'

/** `$1`, `$?` and their like, by one character or number; undefined where nothing is set. */
export function specialParameter(context: ExpandContext, name: string): string | undefined {
  const { state } = context
  switch (name) {
    case '?':
      return String(state.status)
    case '$':
      return String(state.mainPid)
    case '!':
      return state.lastBackground === 0 ? undefined : String(state.lastBackground)
    case '#':
      return String(state.args.length)
    case '-':
      return flagLetters(context)
    case '0':
      return state.arg0
    default:
      return state.args[Number(name) - 1]
  }
}

/** Options in the order that the shells show them in. */
function flagLetters({ state, dialect }: ExpandContext): string {
  if (dialect === 'dash') return [...'efIimnsxvVCabu'].filter(letter => state.options.includes(letter)).join('')
  if (dialect === 'busybox') return [...'VubaCvxcsnmiIfe'].filter(letter => state.options.includes(letter)).join('')
  const shown = [...'abefhkmnptuvxBCEHPT'].filter(
    letter => letter === 'B' || letter === 'h' || state.options.includes(letter),
  )
  return (
    shown.join('') +
    (state.interactive ? 'i' : '') +
    (state.options.includes('c') ? 'c' : '') +
    (state.options.includes('s') ? 's' : '')
  )
}

type Dynamic = (context: ExpandContext) => string | string[] | undefined

const everywhere: Record<string, Dynamic> = {
  PPID: ({ state }) => getVariable(state, 'PPID')?.value ?? String(state.mainParent),
}
const elsewhere: Record<string, Dynamic> = {
  ...everywhere,
  LINENO: ({ state, dialect }) => String(dialect === 'busybox' && !state.script ? state.line - 1 : state.line),
  RANDOM: context =>
    String(
      once(context, () => {
        const [high = 0, low = 0] = context.p.random(2)
        return ((high << 8) | low) & 0x7fff
      }),
    ),
}
const calls = (frames: readonly Frame[]): Frame[] =>
  frames.filter(frame => frame.k === 'call' && typeof frame.name === 'string').reverse()
const onlyBash: Record<string, Dynamic> = {
  ...elsewhere,
  SECONDS: context =>
    String(once(context, () => Math.floor((context.p.now() - (context.state.startedAt ?? 0)) / 1000))),
  BASHPID: ({ p }) => String(p.pid),
  BASH_SUBSHELL: ({ state }) => String(state.depth ?? 0),
  EPOCHSECONDS: context => String(once(context, () => Math.floor(context.p.now() / 1000))),
  EPOCHREALTIME: context => once(context, () => (context.p.now() / 1000).toFixed(6)),
  PIPESTATUS: ({ state }) => (state.pipeStatus ?? [state.status]).map(String),
  FUNCNAME: ({ state }) => {
    const names = calls(state.frames).map(frame => String(frame.name))
    return names.length === 0 ? undefined : state.script ? [...names, 'main'] : names
  },
  BASH_SOURCE: ({ state }) => {
    const own = state.script ? state.arg0 : 'environment'
    const names = calls(state.frames).map(() => own)
    return state.script ? [...names, own] : names.length === 0 ? undefined : names
  },
  BASH_LINENO: ({ state }) => {
    const lines = calls(state.frames).map(frame => String(frame.line ?? 0))
    return state.script ? [...lines, '0'] : lines
  },
  DIRSTACK: ({ state, p }) => [getVariable(state, 'PWD')?.value ?? p.cwd(), ...(state.folders ?? [])],
  GROUPS: ({ p }) => [...new Set([p.cred.gid, ...p.cred.groups])].map(String),
  SHELLOPTS: ({ state }) =>
    [
      'braceexpand',
      ...(state.options.includes('e') ? ['errexit'] : []),
      'hashall',
      'interactive-comments',
      ...(state.options.includes('u') ? ['nounset'] : []),
      ...(state.pipefail ? ['pipefail'] : []),
      ...(state.options.includes('x') ? ['xtrace'] : []),
    ].join(':'),
  _: ({ state }) => state.lastArgument,
}

const tables: Record<ExpandContext['dialect'], ReadonlyMap<string, Dynamic>> = {
  busybox: new Map(Object.entries(elsewhere)),
  dash: new Map(Object.entries(everywhere)),
  bash: new Map(Object.entries(onlyBash)),
}

/** A variable that the shell itself gives a value; undefined for the others. */
export function dynamicVariable(context: ExpandContext, name: string): Variable | undefined {
  const found = tables[context.dialect].get(name)?.(context)
  if (found === undefined) return undefined
  if (typeof found === 'string') return { value: found }
  return { value: found[0] ?? '', items: Object.fromEntries(found.entries()) }
}

/** Whether the shell gives a name its value. */
export const isDynamic = (dialect: ExpandContext['dialect'], name: string): boolean => tables[dialect].has(name)
