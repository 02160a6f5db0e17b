/** `minidock explain TOPIC ...`: one command for all topics; what they differ in is theirs. */
import { Pen } from '../../../explain/pen.ts'
import type { Subject, Topic, View, World } from '../../../explain/topic.ts'
import { topics } from '../../../explain/topics.ts'
import type { CliContext, Command } from '../../command.ts'
import { StatusError } from '../../errors.ts'
import type { Flags } from '../../flags.ts'
import { palette } from '../../format/palette.ts'
import { humanSize } from '../../format/units.ts'
import { explain } from '../../tree/explain.ts'
import { checkArity } from '../../usage.ts'

/** How long a watched view waits before it looks again, in ms. */
const interval = 1000

type Print = (view: View) => string

export const command: Command = {
  async run(ctx, args, flags) {
    const name = ctx.path.at(-1) ?? ''
    const row = topics.get(name)
    const spec = explain.commands.find(each => each.name === name)
    if (!row || !spec) throw new Error(`no topic ${name}`)
    if (flags.bool('schema')) {
      const { toJSONSchema } = await import('zod')
      ctx.out.write(`${JSON.stringify(toJSONSchema(await row.schema()), null, 4)}\n`)
      return 0
    }
    const format = flags.string('format')
    if (format !== '' && format !== 'json') throw new StatusError(1, `${ctx.name}: --format takes json`)
    const topic = await row.load()
    if (flags.bool('demo')) return (await import('./demo.ts')).runDemo(ctx, name, topic.demo, flags)
    checkArity({ ...spec, args: { rule: 'atLeast', n: row.least } }, args, ctx, undefined)
    const print = format === 'json' ? asJson : await asPicture(ctx, flags.number('width'))
    const look = await looking(ctx, topic, args, flags)
    if (flags.bool('watch')) await watch(ctx, async () => print(await look()))
    else ctx.out.write(print(await look()))
    return 0
  },
}

/** What looks at a topic's subject, again and again. */
async function looking(
  ctx: CliContext,
  topic: Topic,
  args: readonly string[],
  flags: Flags,
): Promise<() => Promise<View>> {
  const world: Omit<World, 'now'> = { engine: await ctx.engine(), internals: await ctx.internals(), cwd: ctx.cwd }
  const clock = await ctx.clock()
  const subject: Subject = { args, list: flag => flags.list(flag) }
  return () => topic.view({ ...world, now: clock.now() }, subject)
}

const asJson: Print = ({ data, next }) => `${JSON.stringify({ ...data, next }, null, 4)}\n`

async function asPicture(ctx: CliContext, width: number): Promise<Print> {
  const colors = await palette(ctx.out)
  const pen = new Pen({
    width: width > 0 ? width : ctx.out.columns,
    unicode: /utf-?8/i.test(ctx.env.LC_ALL || ctx.env.LC_CTYPE || ctx.env.LANG || ''),
    colors,
    size: bytes => humanSize(bytes, 3),
    name: ctx.name,
  })
  return ({ draw, next }) =>
    `${draw(pen)}\n\n${colors.bold('Try next:')}\n${next.map(words => `  ${ctx.name} ${words}\n`).join('')}`
}

/** Shows a view whenever it has changed, until a signal comes. */
async function watch(ctx: CliContext, text: () => Promise<string>): Promise<void> {
  const stop = new AbortController()
  const off = ctx.onSignal(['SIGINT', 'SIGTERM'], () => stop.abort())
  const clock = await ctx.clock()
  let before = ''
  while (!stop.signal.aborted) {
    const now = await text()
    if (now !== before) ctx.out.write(ctx.out.isTTY ? `\x1b[H\x1b[2J${now}` : `${before === '' ? '' : '\n'}${now}`)
    before = now
    await clock.idle(interval, stop.signal)
  }
  off()
}
