/** Commands on the simulated host: tools of its own over its interfaces, rules, sockets and processes. */
import { readIndex } from '../../container/containers.ts'
import { isErrno } from '../../vfs/errno.ts'
import type { EngineContext } from '../context.ts'
import { runs } from '../network/topology.ts'
import { groupTool } from './cgroups.ts'
import { hostRoutes } from './interfaces.ts'
import { iptables } from './iptables.ts'
import { brctl, hostProcesses, hostSockets } from './views.ts'

export interface HostOutcome {
  stdout: Uint8Array
  stderr: Uint8Array
  status: number
}

/** How long a command may take: the store is locked while it runs. */
const patience = 30_000

const text = (stdout: string, stderr = '', status = 0): HostOutcome => ({
  stdout: Buffer.from(stdout),
  stderr: Buffer.from(stderr),
  status,
})

/** Runs one command; `status` 127 when the host has no such command. */
export async function runOnHost(ctx: EngineContext, argv: readonly string[]): Promise<HostOutcome> {
  const [name = '', ...args] = argv
  switch (name) {
    case 'iptables':
    case 'iptables-save': {
      await ctx.machine.settle()
      const { out, err, status } = iptables(ctx.store, name, args, ctx.clock.now())
      return text(out, err, status)
    }
    case 'brctl': {
      await ctx.machine.settle()
      return text(brctl(ctx.store, args))
    }
    case 'cgcreate':
    case 'cgset':
    case 'cgget':
      return ctx.machine.change(async live => {
        for (const entry of Object.values(readIndex(live.tx).entries))
          if (runs(entry)) await live.world(live.record(entry.id))
        const { out, err, status } = groupTool(live.worlds.openGroups(live), name, args)
        return text(out, err, status)
      })
    case 'ps':
      return text(await hostProcesses(ctx))
    case 'ss':
      return text(await hostSockets(ctx, args))
    case 'ip':
      // The routes of links without a carrier are not in /proc/net/route.
      if (/^r(o|ou|out|oute)?$/.test(args[0] ?? '') && ['', 'show', 'list', 'ls'].includes(args[1] ?? '')) {
        await ctx.machine.settle()
        return text(hostRoutes(ctx.store))
      }
      return runTool(ctx, argv)
    default:
      return runTool(ctx, argv)
  }
}

/** Runs a command of the userland in the host's own namespaces. */
async function runTool(ctx: EngineContext, argv: readonly string[]): Promise<HostOutcome> {
  return ctx.machine.change(async live => {
    const { clock } = ctx
    const deadline = clock.now() + patience
    const host = await live.worlds.openHost(live)
    try {
      if (!host.start(argv)) return text('', `${argv[0]}: command not found\n`, 127)
      for (;;) {
        await live.settle(clock.now())
        const status = host.exitStatus()
        if (status !== undefined) return { ...host.output(), status }
        if (clock.now() >= deadline) return { ...host.output(), status: 124 }
        if (clock.virtual)
          await clock.sleep(Math.max(1, Math.min(host.nextWake() - clock.now(), deadline - clock.now())))
        else await clock.idle(2)
      }
    } catch (error) {
      if (isErrno(error)) return text('', `${argv[0]}: ${error.message}\n`, 1)
      throw error
    } finally {
      host.close()
    }
  })
}
