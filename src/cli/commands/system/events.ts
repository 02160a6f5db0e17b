/** `docker events`: what happened, and what happens until it is stopped. */
import type { EventMessage } from '../../../api/system.ts'
import { messageOf } from '../../../errors.ts'
import { rfc3339NanoFixed } from '../../../util/time.ts'
import type { Command } from '../../command.ts'
import { StatusError } from '../../errors.ts'
import { parseTime } from '../../opts/time.ts'
import { toJson } from '../../template/json.ts'
import { parseTemplate, type Template } from '../../template/template.ts'
import { Struct } from '../../template/value.ts'

export const command: Command = {
  async run(ctx, _args, flags) {
    const template = parsed(flags.string('format'))
    const now = (await ctx.clock()).now()
    const time = (name: string): number | undefined =>
      flags.string(name) === '' ? undefined : parseTime(flags.string(name), now)
    const since = time('since')
    const until = time('until')
    const stop = new AbortController()
    const off = ctx.onSignal(['SIGINT', 'SIGTERM'], () => stop.abort())
    const engine = await ctx.engine()
    const events = engine.system.events({
      filters: flags.filters('filter'),
      signal: stop.signal,
      ...(since === undefined ? {} : { since }),
      ...(until === undefined ? {} : { until }),
    })
    for await (const event of events) ctx.out.write(`${eventText(event, template)}\n`)
    off()
    return undefined
  },
}

const nothing = {
  Type: '',
  Action: '',
  Actor: { ID: '', Attributes: {} },
  scope: '',
  time: 0,
  timeNano: 0,
} satisfies EventMessage

function parsed(format: string): Template | undefined {
  if (format === '') return undefined
  try {
    const template = parseTemplate(format === 'json' ? '{{json .}}' : format)
    // Tried on a message of nothing first, as the client does.
    template.execute(message(nothing))
    return template
  } catch (error) {
    throw new StatusError(64, `Error parsing format: ${messageOf(error)}`)
  }
}

function eventText(event: EventMessage, template: Template | undefined): string {
  if (template) return template.execute(message(event))
  const attributes = Object.entries(event.Actor.Attributes)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${value}`)
  const time = rfc3339NanoFixed(event.timeNano / 1e6)
  const suffix = attributes.length > 0 ? ` (${attributes.join(', ')})` : ''
  return `${time} ${event.Type} ${event.Action} ${event.Actor.ID}${suffix}`
}

/** The event as Go's events.Message: its fields' names are not those of its JSON. */
function message(event: EventMessage): Struct {
  const { status = '', id = '', from = '', Type, Action, Actor, scope, time, timeNano } = event
  const actor = new Struct('events.Actor', {
    ID: Actor.ID,
    Attributes: new Map(Object.entries(Actor.Attributes)),
  })
  const json = {
    ...(status && { status }),
    ...(id && { id }),
    ...(from && { from }),
    Type,
    Action,
    Actor: actor,
    scope,
    time,
    timeNano,
  }
  return new Struct(
    '*events.Message',
    { Status: status, ID: id, From: from, Type, Action, Actor: actor, Scope: scope, Time: time, TimeNano: timeNano },
    () => toJson(json),
  )
}
