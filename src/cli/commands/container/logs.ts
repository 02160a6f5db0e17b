/** `docker logs`. */

import { messageOf } from '../../../errors.ts'
import { rfc3339NanoFixed } from '../../../util/time.ts'
import type { Command } from '../../command.ts'
import { StatusError } from '../../errors.ts'
import { parseTime } from '../../opts/time.ts'

export const command: Command = {
  async run(ctx, args, flags) {
    const [id = ''] = args
    const now = (await ctx.clock()).now()
    const time = (name: 'since' | 'until'): number | undefined => {
      if (flags.string(name) === '') return undefined
      try {
        return parseTime(flags.string(name), now)
      } catch (error) {
        throw new StatusError(1, `invalid value for ${JSON.stringify(name)}: ${messageOf(error)}`)
      }
    }
    const engine = await ctx.engine()
    // That the container is not there comes before what its times are.
    if (flags.string('since') !== '' || flags.string('until') !== '') await engine.containers.inspect(id)
    const since = time('since')
    const until = time('until')
    const tail = flags.string('tail')
    const stop = new AbortController()
    const off = ctx.onSignal(['SIGINT', 'SIGTERM'], () => stop.abort())
    const lines = engine.containers.logs(id, {
      follow: flags.bool('follow'),
      stdout: true,
      stderr: true,
      details: flags.bool('details'),
      signal: stop.signal,
      ...(since !== undefined && { since }),
      ...(until !== undefined && { until }),
      ...(/^\d+$/.test(tail) && { tail: Number(tail) }),
    })
    const timestamps = flags.bool('timestamps')
    for await (const { stream, data, time: at } of lines) {
      const out = stream === 'stdout' ? ctx.out : ctx.err
      out.write(timestamps ? Buffer.concat([Buffer.from(`${rfc3339NanoFixed(at)} `), data]) : data)
    }
    off()
    return stop.signal.aborted ? 130 : 0
  },
}
