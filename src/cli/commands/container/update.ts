/** `docker update`. */
import type { ContainerUpdateRequest } from '../../../api/container.ts'
import type { Command } from '../../command.ts'
import { StatusError } from '../../errors.ts'
import type { Flags } from '../../flags.ts'
import { forEachArgument } from './each.ts'
import { parseRestartPolicy } from './run-options.ts'

const names = [
  'blkio-weight',
  'cpu-period',
  'cpu-quota',
  'cpu-rt-period',
  'cpu-rt-runtime',
  'cpu-shares',
  'cpus',
  'cpuset-cpus',
  'cpuset-mems',
  'memory',
  'memory-reservation',
  'memory-swap',
  'pids-limit',
  'restart',
  'kernel-memory',
]

export const command: Command = {
  async run(ctx, args, flags) {
    if (!names.some(name => flags.changed(name)))
      throw new StatusError(1, 'you must provide one or more flags when using this command')
    const request = fromFlags(flags)
    const { containers } = await ctx.engine()
    await forEachArgument(ctx, args, async id => void (await containers.update(id, request)))
  },
}

function fromFlags(flags: Flags): ContainerUpdateRequest {
  return {
    BlkioWeight: flags.number('blkio-weight'),
    CpuPeriod: flags.number('cpu-period'),
    CpuQuota: flags.number('cpu-quota'),
    CpuRealtimePeriod: flags.number('cpu-rt-period'),
    CpuRealtimeRuntime: flags.number('cpu-rt-runtime'),
    CpuShares: flags.number('cpu-shares'),
    NanoCpus: flags.number('cpus'),
    CpusetCpus: flags.string('cpuset-cpus'),
    CpusetMems: flags.string('cpuset-mems'),
    Memory: flags.number('memory'),
    MemoryReservation: flags.number('memory-reservation'),
    MemorySwap: flags.number('memory-swap'),
    ...(flags.changed('pids-limit') && { PidsLimit: flags.number('pids-limit') }),
    ...(flags.string('restart') !== '' && { RestartPolicy: parseRestartPolicy(flags.string('restart')) }),
  }
}
