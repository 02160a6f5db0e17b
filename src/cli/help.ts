/** `--help` at every level, laid out as Docker does. */
import type { CliContext, Output } from './command.ts'
import { globalFlags } from './globals.ts'
import { type Group, TOP } from './registry.ts'
import type { CommandSpec, FlagSpec, NounSpec } from './spec.ts'
import { type Call, callText, usageLine } from './usage.ts'
import { VERSION } from './version.ts'

/** `docker --version`. */
export function showVersion(ctx: CliContext): void {
  ctx.out.write(`Docker version ${VERSION.engine}, build ${VERSION.commit}\n`)
}

/** `docker --help`. */
export async function showTop(ctx: CliContext, notices: readonly string[], asked: boolean): Promise<void> {
  const groups: Record<Group, Line[]> = { common: [], management: [], swarm: [], command: [], own: [] }
  const nouns = await Promise.all([...TOP.values()].map(row => row.load()))
  for (const [i, [word, row]] of [...TOP].entries()) {
    if (row.hidden) continue
    const noun = nouns[i]
    const about = row.about ?? noun?.commands.find(c => c.name === row.verb)?.about ?? noun?.about ?? ''
    groups[row.group].push([noun?.plugin && row.verb === undefined && word === noun.name ? `${word}*` : word, about])
  }
  write(asked ? ctx.out : ctx.err, notices, [
    `Usage:  ${ctx.name} [OPTIONS] COMMAND`,
    'A self-sufficient runtime for containers',
    block('Common Commands:', commandLines(groups.common)),
    block('Management Commands:', commandLines(groups.management)),
    block('Swarm Commands:', commandLines(groups.swarm)),
    block('Commands:', commandLines(groups.command)),
    block('Commands of minidock:', commandLines(groups.own)),
    block('Global Options:', flagLines(ctx.out, globalFlags(ctx.env))),
    `Run '${ctx.name} COMMAND --help' for more information on a command.`,
    'minidock simulates a container engine: nothing runs on this machine.',
  ])
}

/** `docker container --help`; on the error stream where nobody asked for help (docker/cli ShowHelp). */
export function showNoun(ctx: CliContext, noun: NounSpec, notices: readonly string[], asked: boolean): void {
  const call: Call = ctx
  const inner: Line[] = (noun.nouns ?? []).filter(n => !n.hidden).map(n => [n.name, n.about])
  const verbs: Line[] = noun.commands.filter(c => !c.hidden).map(c => [c.name, c.about])
  write(asked || noun.plugin ? ctx.out : ctx.err, notices, [
    `Usage:  ${usageLine(call, noun.usage)}`,
    noun.plugin === 'buildx' && noun.name === 'buildx' ? 'Extended build capabilities with BuildKit' : noun.about,
    block('Options:', flagLines(ctx.out, noun.flags ?? [])),
    block('Management Commands:', commandLines(inner)),
    block('Commands:', commandLines(verbs)),
    verbs.length + inner.length > 0
      ? `Run '${callText(call)} COMMAND --help' for more information on a command.`
      : undefined,
  ])
}

/** `docker ps --help`. */
export function showCommand(
  ctx: CliContext,
  spec: CommandSpec,
  flags: readonly FlagSpec[],
  notices: readonly string[],
): void {
  write(ctx.out, notices, [
    `Usage:  ${usageLine(ctx, spec.usage)}`,
    spec.long ?? spec.about,
    spec.paths && block('Aliases:', [`  ${spec.paths.map(path => `${ctx.name} ${path}`).join(', ')}`]),
    block('Options:', flagLines(ctx.out, flags)),
  ])
}

type Line = [name: string, about: string]

function write(out: Output, notices: readonly string[], blocks: readonly (string | undefined)[]): void {
  const lines = notices.map(notice => `${notice}\n`).join('')
  out.write(`${lines}${blocks.filter(text => text !== undefined).join('\n\n')}\n`)
}

const block = (title: string, lines: readonly string[]): string | undefined =>
  lines.length === 0 ? undefined : [title, ...lines].join('\n')

/** Names are padded to 11 columns, as cobra does. */
const commandLines = (rows: readonly Line[]): string[] =>
  rows.map(([name, about]) => `  ${name.padEnd(11)} ${about}`.trimEnd())

/** The options, sorted by name, their help wrapped to the terminal's width in a column of its own (pflag's FlagUsagesWrapped). */
function flagLines(out: Output, flags: readonly FlagSpec[]): string[] {
  const shown = flags
    .filter(f => !f.hidden && f.deprecated === undefined)
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(flag => ({ flag, left: left(flag) }))
  const column = Math.max(0, ...shown.map(row => row.left.length)) + 3
  return shown.flatMap(({ flag, left }) => {
    const lines = wrap(`${flag.help}${defaultText(flag)}`, Math.max(out.columns - column, 24))
    return lines.map((line, i) => `${(i === 0 ? left : '').padEnd(column)}${line}`.trimEnd())
  })
}

function left(flag: FlagSpec): string {
  const word = flag.shows ?? (flag.type === 'bool' ? '' : flag.type)
  return `  ${flag.short === undefined ? '    ' : `-${flag.short}, `}--${flag.name}${word === '' ? '' : ` ${word}`}`
}

function defaultText(flag: FlagSpec): string {
  if (flag.defaultText !== undefined) return flag.defaultText === '' ? '' : ` (default ${flag.defaultText})`
  if (flag.default === undefined) return ''
  return flag.type === 'string' ? ` (default "${flag.default}")` : ` (default ${flag.default})`
}

/** Breaks lines at blanks. */
function wrap(text: string, width: number): string[] {
  return text.split('\n').flatMap(paragraph => {
    const lines: string[] = []
    let line = ''
    for (const word of paragraph.split(' ')) {
      if (line !== '' && line.length + 1 + word.length > width) {
        lines.push(line)
        line = word
      } else line = line === '' ? word : `${line} ${word}`
    }
    return [...lines, line]
  })
}
