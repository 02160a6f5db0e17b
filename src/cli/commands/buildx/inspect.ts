/** `docker buildx inspect`: the engine's own builder. */
import type { Command } from '../../command.ts'
import { bytesSize } from '../../format/units.ts'
import { VERSION } from '../../version.ts'
import { checkBuilder } from './build-flags.ts'
import { platforms } from './ls.ts'

/** Bytes of the simulated machine's disk, of which the cache may take its part. */
const DISK = 64 * 2 ** 30
const share = (percent: number): string => bytesSize((Math.floor((DISK * percent) / 100 / 1e9) + 1) * 1e9)
const sources = 'type==source.local,type==exec.cachemount,type==source.git.checkout'

/** What BuildKit keeps and drops by itself (buildkit cmd/buildkitd/config/gcpolicy.go, moby's own first rule). */
const policies: readonly (readonly [string, string][])[] = [
  [
    ['All', 'false'],
    ['Filters', sources],
    ['Keep Duration', '48h0m0s'],
    ['Max Used Space', bytesSize(2764e6 * 1.3)],
  ],
  [['All', 'false'], ['Keep Duration', '1440h0m0s'], ...kept()],
  [['All', 'false'], ...kept()],
  [['All', 'true'], ...kept()],
]

function kept(): [string, string][] {
  return [
    ['Reserved Space', share(10)],
    ['Max Used Space', share(80)],
    ['Min Free Space', share(20)],
  ]
}

export const command: Command = {
  async run(ctx, [name = ''], flags) {
    checkBuilder(name || flags.string('builder'))
    const { BuildCache: records } = await (await ctx.engine()).system.df()
    const last = records
      .map(record => record.LastUsedAt ?? '')
      .sort()
      .at(-1)
    const head = [
      ['Name', 'default'],
      ['Driver', 'docker'],
      ...(last ? [['Last Activity', `${last.replace('T', ' ').replace(/(\.\d+)?Z$/, '')} +0000 UTC`]] : []),
    ]
    const node = [
      ['Name', 'default'],
      ['Endpoint', 'default'],
      ['Status', 'running'],
      ['BuildKit version', `v${VERSION.buildkit}`],
      ['Platforms', platforms(ctx).join(', ')],
    ]
    const rows = (list: readonly (readonly string[])[], width: number, indent = ''): string =>
      list.map(([title = '', value = '']) => `${indent}${`${title}:`.padEnd(width)} ${value}\n`).join('')
    ctx.out.write(
      `${rows(head, 14)}\nNodes:\n${rows(node, 17)}Labels:\n org.mobyproject.buildkit.worker.moby.host-gateway-ip: 172.17.0.1\n${policies
        .map((policy, at) => `GC Policy rule#${at}:\n${rows(policy, 15, ' ')}`)
        .join('')}`,
    )
  },
}
