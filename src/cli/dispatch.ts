/** From the words of a command line to the command that they call. */
import type { CliContext, Command } from './command.ts'
import { errorText, StatusError } from './errors.ts'
import { FlagError, noFlags, type ParsedFlags, parseFlags } from './flags.ts'
import { defaultGlobals, globalFlags, readGlobals } from './globals.ts'
import { loaders } from './loaders.ts'
import { TOP, type TopRow } from './registry.ts'
import type { CommandSpec, FlagSpec, NounSpec } from './spec.ts'
import { type Call, callText, checkArity, flagFailure, nounUsage, unknownVerb } from './usage.ts'

/** What a command is called with, before there is a context. */
type Place = Pick<CliContext, 'name' | 'path' | 'globals' | 'parent'>
type Env = Readonly<Record<string, string | undefined>>

/** Runs the command that `argv` calls, and resolves to its exit status. Usage errors are thrown. */
export async function dispatch(
  argv: readonly string[],
  name: string,
  env: Env,
  contextFor: (place: Place) => CliContext,
): Promise<number> {
  const top: Call = { name, path: [] }
  const before = argv[0]?.startsWith('-')
    ? await parse(globalFlags(env), argv, top, '[OPTIONS] COMMAND [ARG...]', true)
    : undefined
  const globals = before ? readGlobals(before.flags, env) : defaultGlobals(env)
  const none = noFlags([])
  const place = { name, path: [], globals, parent: before?.flags ?? none }
  const words = forward(before?.args ?? [...argv])
  const help = before?.help === true || words[0] === 'help'
  const first = words[0] === 'help' ? words[1] : words[0]
  const rest = words.slice(words[0] === 'help' ? 2 : 1)
  if (first === undefined) {
    const { showTop, showVersion } = await import('./help.ts')
    const ctx = contextFor(place)
    if (before?.flags.bool('version') && !help) showVersion(ctx)
    else {
      for (const notice of before?.notices ?? []) ctx.err.write(`${notice}\n`)
      await showTop(ctx, [], help)
    }
    return 0
  }
  const row = TOP.get(first)
  if (!row) {
    if (words[0] === 'help') throw new StatusError(1, `unknown help topic: ${first}`)
    // Without a command the words after it are read as the program's own.
    const after = await parse(globalFlags(env), rest, top, '[OPTIONS] COMMAND [ARG...]', false)
    if (after.help) {
      const { showTop } = await import('./help.ts')
      await showTop(contextFor(place), after.notices, true)
      return 0
    }
    throw new StatusError(1, `${name}: unknown command: ${name} ${first}\n\nRun '${name} --help' for more information`)
  }
  return call(await target(row, first, rest, place, help), contextFor)
}

/** Docker hands `build` and `builder` over to buildx. */
function forward(words: string[]): string[] {
  if (words[0] === 'builder') return ['buildx', ...words.slice(1)]
  return words[0] === 'image' && words[1] === 'build' ? ['buildx', ...words.slice(1)] : words
}

interface Target {
  place: Place
  noun: NounSpec
  /** Absent when the noun itself was called. */
  spec?: CommandSpec
  words: readonly string[]
  help: boolean
  notices: readonly string[]
}

/** Finds the command among a noun's, through the noun's own flags and nouns inside it. */
async function target(row: TopRow, first: string, rest: string[], place: Place, help: boolean): Promise<Target> {
  let noun = await row.load()
  if (row.verb !== undefined) {
    const spec = noun.commands.find(c => c.name === row.verb)
    if (!spec) throw new Error(`no row for ${row.verb} in the tree of ${noun.name}`)
    const path = noun.plugin === 'buildx' ? ['buildx', spec.name] : [first]
    return {
      place: { ...place, path, parent: noFlags(noun.flags ?? []) },
      noun,
      spec,
      words: rest,
      help,
      notices: [],
    }
  }
  const path = [noun.name]
  let words = rest
  for (;;) {
    const here: Call = { name: place.name, path: [...path] }
    const own = await parse(noun.flags ?? [], noun.notModelled ? [] : words, here, nounUsage(noun), true, noun.plugin)
    const at = { ...place, path, parent: own.flags }
    const asked = help || own.help
    const verb = noun.notModelled ? undefined : own.args[0]
    if (verb === undefined) return { place: at, noun, words: [], help: asked, notices: own.notices }
    words = own.args.slice(1)
    const spec = noun.commands.find(c => c.name === verb || c.aliases?.includes(verb))
    if (spec) {
      path.push(spec.name)
      return { place: at, noun, spec, words, help: asked, notices: own.notices }
    }
    const inner = noun.nouns?.find(n => n.name === verb)
    if (!inner) {
      if (noun.plugin) return { place: at, noun, words: [verb], help: true, notices: [] }
      const after = await parse(noun.flags ?? [], words, here, nounUsage(noun), false)
      if (after.help) return { place: at, noun, words: [], help: true, notices: after.notices }
      throw unknownVerb(verb, here, noun)
    }
    noun = inner
    path.push(noun.name)
  }
}

/** Parses the command's flags, checks its arguments, loads it and runs it; or shows its help. */
async function call(found: Target, contextFor: (place: Place) => CliContext): Promise<number> {
  const { place, noun, spec } = found
  const ctx = contextFor(place)
  if (noun.notModelled && !found.help) {
    throw new StatusError(1, `${place.name}: '${callText(place)}' is not modelled: minidock simulates one engine only`)
  }
  if (!spec) {
    const { showNoun } = await import('./help.ts')
    showNoun(ctx, noun, found.notices, found.help)
    if (found.words[0] === undefined) return 0
    const verb = [...place.path, found.words[0]].join(' ')
    throw new StatusError(
      1,
      noun.plugin === 'compose' ? `unknown docker command: "${verb}"` : `ERROR: unknown command: "${found.words[0]}"`,
    )
  }
  const flags = typeof spec.flags === 'function' ? await spec.flags() : spec.flags
  const words = spec.rawFlags === true ? ['--', ...found.words] : found.words
  const parsed = await parse(flags, words, place, spec.usage, spec.stopAtArgument === true, noun.plugin)
  if (found.help || parsed.help) {
    const { showCommand } = await import('./help.ts')
    showCommand(ctx, spec, flags, [...found.notices, ...parsed.notices])
    return 0
  }
  checkArity(spec, parsed.args, place, noun.plugin)
  for (const notice of parsed.notices) ctx.out.write(`${notice}\n`)
  const command = await load(noun, spec, place)
  try {
    const dry = noun.plugin === 'compose' && (ctx.parent.bool('dry-run') || parsed.flags.bool('dry-run'))
    const used = dry ? (await import('./commands/compose/dry-context.ts')).dryContext(ctx) : ctx
    const status = await command.run(used, parsed.args, parsed.flags)
    return typeof status === 'number' ? status : 0
  } catch (error) {
    throw noun.plugin === 'buildx' ? buildxError(error) : error
  }
}

/** Buildx puts a word of its own before what went wrong. */
function buildxError(error: unknown): unknown {
  if (error instanceof StatusError || !(error instanceof Error) || !['Error', 'EngineError'].includes(error.name))
    return error
  return new StatusError(1, `ERROR: ${errorText(error)}`)
}

async function load(noun: NounSpec, spec: CommandSpec, place: Place): Promise<Command> {
  const loader = loaders[spec.file ?? `${noun.name}/${spec.name}`]
  if (!loader) throw new StatusError(1, `${place.name}: '${callText(place)}' is not built yet`)
  return (await loader()).command
}

async function parse(
  specs: readonly FlagSpec[],
  words: readonly string[],
  at: Call,
  usage: string,
  stopAtArgument: boolean,
  plugin?: NounSpec['plugin'],
): Promise<ParsedFlags> {
  try {
    return await parseFlags(specs, words, stopAtArgument)
  } catch (error) {
    if (error instanceof FlagError) throw flagFailure(error.message, at, usage, plugin)
    throw error
  }
}
