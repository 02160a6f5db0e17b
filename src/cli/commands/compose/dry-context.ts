/** `--dry-run`: an engine that is read and not changed, as compose's own dry client. */
import type { Engine } from '../../../engine/engine.ts'
import type { CliContext } from '../../command.ts'
import { StatusError } from '../../errors.ts'

const nothing = async (): Promise<void> => {}
const refused = (what: string) => (): never => {
  throw new StatusError(1, `interactive ${what} is not supported in dry-run mode`)
}

/** What changes something, and what it answers without doing it. */
const changes = {
  containers: {
    ...{ start: nothing, stop: nothing, restart: nothing, kill: nothing, pause: nothing, unpause: nothing },
    ...{ remove: nothing, rename: nothing, putArchive: nothing, resize: nothing },
    create: async () => ({ Id: 'dryRunId', Warnings: [] }),
    commit: async () => ({ Id: 'dryRunId' }),
    wait: async () => ({ StatusCode: 0 }),
    update: async () => ({ Warnings: [] }),
    attach: refused('run'),
  },
  exec: { create: refused('exec'), start: refused('exec') },
  images: { remove: async () => [], tag: nothing, pull: none, push: none, build: none },
  networks: {
    create: async () => ({ Id: 'dryRunId', Warning: '' }),
    remove: nothing,
    connect: nothing,
    disconnect: nothing,
  },
  volumes: { create: nothing, remove: nothing },
}

async function* none(): AsyncGenerator<never> {
  // Nothing comes of it.
}

/** An object whose own methods are those of `over`, else those of `under`. */
function covered<T extends object>(under: T, over: Record<string, unknown>): T {
  return new Proxy(under, {
    get(target, key) {
      if (typeof key === 'string' && Object.hasOwn(over, key)) return over[key]
      const value: unknown = Reflect.get(target, key)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}

/** The context of a command that only shows what it would do. */
export const dryContext = (ctx: CliContext): CliContext => ({
  ...ctx,
  dryRun: true,
  engine: async () => {
    const engine = await ctx.engine()
    const parts = Object.entries(changes).map(([part, over]) => [
      part,
      covered(engine[part as keyof typeof changes], over),
    ])
    return covered<Engine>(engine, Object.fromEntries(parts))
  },
})
