/**
 * `__complete -- WORDS`: what may stand in place of the last word, a line each, with a tab and what it is. A line
 * `:files` asks for names of files. Commands and flags come from the tree, names from the engine.
 */
import type { CliContext, Command } from '../../command.ts'
import { globalFlags } from '../../globals.ts'
import { TOP } from '../../registry.ts'
import type { CommandSpec, Completes, FlagSpec, NounSpec } from '../../spec.ts'

export const command: Command = {
  async run(ctx, words) {
    const lines = await candidates(ctx, words)
    ctx.out.write(lines.map(line => `${line}\n`).join(''))
    return undefined
  },
}

/** Flags whose values are names of something. */
const VALUES = new Map<string, Completes>([
  ['network', 'networks'],
  ['net', 'networks'],
  ['volumes-from', 'containers'],
  ['link', 'containers'],
  ['env-file', 'files'],
  ['label-file', 'files'],
  ['cidfile', 'files'],
  ['file', 'files'],
  ['iidfile', 'files'],
  ['input', 'files'],
  ['output', 'files'],
  ['volume', 'files'],
  ['config', 'files'],
  ['project-directory', 'files'],
])

const matching = (prefix: string, rows: readonly (readonly [string, string])[]): string[] =>
  rows.filter(([word]) => word.startsWith(prefix)).map(([word, about]) => `${word}\t${about}`)

/** The lines for the last of `words`. */
async function candidates(ctx: CliContext, words: readonly string[]): Promise<string[]> {
  const current = words.at(-1) ?? ''
  const top = skipFlags(globalFlags(ctx.env), words.slice(0, -1))
  if (top.pending) return valuesOf(ctx, top.pending, current)
  const [first, ...rest] = top.rest
  if (first === undefined) {
    if (current.startsWith('-')) return flagLines(globalFlags(ctx.env), current)
    return matching(current, await topWords())
  }
  const row = TOP.get(first)
  if (!row) return []
  let noun = await row.load()
  if (row.verb !== undefined) return inCommand(ctx, find(noun, row.verb), rest, current)
  let left: readonly string[] = rest
  for (;;) {
    const own = skipFlags(noun.flags ?? [], left)
    if (own.pending) return valuesOf(ctx, own.pending, current)
    const [word, ...more] = own.rest
    if (word === undefined) {
      if (current.startsWith('-')) return flagLines(noun.flags ?? [], current)
      const verbs = [...(noun.nouns ?? []), ...noun.commands].filter(item => !item.hidden)
      return matching(
        current,
        verbs.map(item => [item.name, item.about] as const),
      )
    }
    const spec = find(noun, word)
    if (spec) return inCommand(ctx, spec, more, current)
    const inner: NounSpec | undefined = noun.nouns?.find(n => n.name === word)
    if (!inner) return []
    noun = inner
    left = more
  }
}

const find = (noun: NounSpec, word: string): CommandSpec | undefined =>
  noun.commands.find(c => c.name === word || c.aliases?.includes(word))

async function topWords(): Promise<[string, string][]> {
  const rows = [...TOP].filter(([, row]) => !row.hidden)
  return Promise.all(
    rows.map(async ([word, row]): Promise<[string, string]> => {
      const noun = await row.load()
      return [word, row.about ?? noun.commands.find(c => c.name === row.verb)?.about ?? noun.about]
    }),
  )
}

/** Leaves flags and their values out, up to the first other word. `pending` is a flag that waits for its value. */
function skipFlags(flags: readonly FlagSpec[], words: readonly string[]): { rest: string[]; pending?: FlagSpec } {
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? ''
    if (!word.startsWith('-') || word === '-') return { rest: words.slice(at) }
    if (word === '--') return { rest: words.slice(at + 1) }
    const flag = flagOf(flags, word)
    if (!flag || word.includes('=') || flag.type === 'bool' || flag.bare !== undefined) continue
    if (at === words.length - 1) return { rest: [], pending: flag }
    at++
  }
  return { rest: [] }
}

/** The flag that a word gives, if its value is to follow: `--name`, or the last letter of `-it`. */
const flagOf = (flags: readonly FlagSpec[], word: string): FlagSpec | undefined =>
  word.startsWith('--')
    ? flags.find(f => f.name === word.slice(2).split('=')[0])
    : flags.find(f => f.short === word.at(-1) && word.length > 1)

const flagLines = (flags: readonly FlagSpec[], prefix: string): string[] =>
  matching(
    prefix,
    flags
      .filter(f => !f.hidden && f.deprecated === undefined)
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .map(f => [`--${f.name}`, f.help.split('\n')[0] ?? ''] as const),
  )

async function inCommand(
  ctx: CliContext,
  spec: CommandSpec | undefined,
  words: readonly string[],
  current: string,
): Promise<string[]> {
  if (!spec) return []
  const flags = typeof spec.flags === 'function' ? await spec.flags() : spec.flags
  const args: string[] = []
  let left: readonly string[] = words
  for (;;) {
    const skipped = skipFlags(flags, left)
    if (skipped.pending) return valuesOf(ctx, skipped.pending, current)
    const [word, ...more] = skipped.rest
    if (word === undefined) break
    args.push(word)
    // What follows belongs to the container.
    if (spec.stopAtArgument) return [':files']
    left = more
  }
  if (current.startsWith('-')) return flagLines(flags, current)
  const second = args.length > 0 && spec.completes === 'networks' && spec.args.rule === 'exactly'
  return namesOf(ctx, second ? 'containers' : (spec.completes ?? 'none'), current)
}

const valuesOf = (ctx: CliContext, flag: FlagSpec, current: string): Promise<string[]> =>
  namesOf(ctx, VALUES.get(flag.name) ?? 'none', current)

async function namesOf(ctx: CliContext, what: Completes, current: string): Promise<string[]> {
  if (what === 'files') return [':files']
  if (what === 'none' || what === 'services') return []
  const engine = await ctx.engine()
  switch (what) {
    case 'containers':
    case 'running': {
      const list = await engine.containers.list({ all: what === 'containers' })
      return matching(
        current,
        list.map(c => [(c.Names[0] ?? '').slice(1), `${c.Image}, ${c.Status}`] as const),
      )
    }
    case 'images': {
      const list = await engine.images.list()
      return matching(
        current,
        list.flatMap(image => image.RepoTags).map(tag => [tag, 'image'] as const),
      )
    }
    case 'networks': {
      const list = await engine.networks.list()
      return matching(
        current,
        list.map(network => [network.Name, network.Driver] as const),
      )
    }
    case 'volumes': {
      const list = await engine.volumes.list()
      return matching(
        current,
        list.map(volume => [volume.Name, volume.Driver] as const),
      )
    }
  }
}
