/** `docker inspect`: an object of any kind, looked up as container, image, network, volume, in this order. */
import type { Engine } from '../../../engine/engine.ts'
import { EngineError } from '../../../errors.ts'
import type { CliContext, Command } from '../../command.ts'
import { StatusError } from '../../errors.ts'
import { goTypeOf } from '../../format/go-types.ts'
import { inspect } from '../../format/inspect.ts'
import { timeValue } from '../../format/shape.ts'

type Kind = 'container' | 'image' | 'network' | 'volume'
const KINDS: readonly Kind[] = ['container', 'image', 'network', 'volume']
const SWARM = ['config', 'node', 'plugin', 'secret', 'service', 'task']

export const command: Command = {
  async run(ctx, args, flags) {
    const type = flags.string('type')
    const wanted = KINDS.find(kind => kind === type)
    if (flags.changed('type') && type === '')
      throw new StatusError(
        1,
        'type is empty: must be one of "config", "container", "image", "network", "node", "plugin", "secret", "service", "task", "volume"',
      )
    if (type !== '' && !wanted) {
      const known = [...KINDS, ...SWARM].sort().map(kind => `"${kind}"`)
      if (!SWARM.includes(type)) throw new StatusError(1, `unknown type: "${type}": must be one of ${known.join(', ')}`)
      throw new StatusError(1, `${ctx.name}: '${type}' objects are not modelled: minidock simulates one engine only`)
    }
    const engine = await ctx.engine()
    const size = flags.bool('size')
    await inspect(ctx.out, args, flags.string('format'), name => find(ctx, engine, name, wanted, size), goTypeOf)
    return undefined
  },
}

async function find(
  ctx: CliContext,
  engine: Engine,
  name: string,
  wanted: Kind | undefined,
  size: boolean,
): Promise<unknown> {
  if (name.trim() === '') throw new Error('invalid container name or ID: value is empty')
  for (const kind of wanted ? [wanted] : KINDS) {
    try {
      const object = await get(engine, kind, name, size)
      if (size && kind !== 'container') ctx.err.write(`WARNING: --size ignored for ${kind}\n`)
      return object
    } catch (error) {
      const absent =
        error instanceof EngineError &&
        (error.kind === 'notFound' || (error.kind === 'invalid' && kind !== 'container'))
      if (wanted || !absent) throw error
    }
  }
  throw new Error(`Error: No such object: ${name}`)
}

async function get(engine: Engine, kind: Kind, name: string, size: boolean): Promise<unknown> {
  switch (kind) {
    case 'container':
      return engine.containers.inspect(name, { size })
    case 'image':
      return engine.images.inspect(name)
    case 'network': {
      const network = await engine.networks.inspect(name)
      return { ...network, Created: timeValue(network.Created) }
    }
    case 'volume':
      return engine.volumes.inspect(name)
  }
}
