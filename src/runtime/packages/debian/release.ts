/** Which distribution a container is, and what its archive looks like: read from /etc/os-release. */
import type { Proc, Routine } from '../../../kernel/program.ts'
import { textOf } from '../../../kernel/userland/lib/interfaces.ts'
import { data as jammyDifferences } from '../data/ubuntu-22.04.generated.ts'
import { data as nobleDifferences } from '../data/ubuntu-24.04.generated.ts'

/** One suite's files on a server, with the bytes that `apt-get update` reads. */
export interface Suite {
  inRelease: number
  /** Component to the bytes of its compressed list; and of the list as it is kept. */
  lists: Readonly<Record<string, readonly [download: number, kept: number]>>
}

export interface Release {
  id: 'debian' | 'ubuntu'
  /** `bookworm`. */
  codename: string
  /** `Debian:12.11/stable`, as a dry run names the origin. */
  origin: string
  /** What `apt list` calls the suite. */
  suite: string
  /** `host/path suite` to what is there. */
  suites: ReadonlyMap<string, Suite>
  /** Lines `name, version, other name` where this release differs from the index. */
  differences?: string
  maintainer: string
}

const debian = (codename: string, parts: [main: number, kept: number, updates: number, security: number]): Release => ({
  id: 'debian',
  codename,
  origin: 'Debian:12.11/stable',
  suite: 'stable',
  maintainer: 'Debian Developers <debian-devel@lists.debian.org>',
  suites: new Map<string, Suite>([
    [`deb.debian.org/debian ${codename}`, { inRelease: 151_075, lists: { main: [parts[0], parts[1]] } }],
    [`deb.debian.org/debian ${codename}-updates`, { inRelease: 55_403, lists: { main: [parts[2], parts[2] * 2] } }],
    [
      `deb.debian.org/debian-security ${codename}-security`,
      { inRelease: 34_770, lists: { main: [parts[3], parts[3] * 2] } },
    ],
    [`deb.debian.org/debian ${codename}-backports`, { inRelease: 59_360, lists: { main: [294_000, 612_000] } }],
  ]),
})

const bookworm = debian('bookworm', [12_083_000, 18_840_233, 6_924, 383_000])

const ubuntu = (codename: string, version: string, sizes: Record<string, Suite>): Release => ({
  id: 'ubuntu',
  codename,
  origin: `Ubuntu:${version}/${codename}`,
  suite: codename,
  maintainer: 'Ubuntu Developers <ubuntu-devel-discuss@lists.ubuntu.com>',
  suites: new Map(
    Object.entries(sizes).flatMap(([suite, size]): [string, Suite][] =>
      ['archive.ubuntu.com/ubuntu', 'security.ubuntu.com/ubuntu', 'ports.ubuntu.com/ubuntu-ports'].map(host => [
        `${host} ${suite}`,
        size,
      ]),
    ),
  ),
  differences: codename === 'jammy' ? jammyDifferences : nobleDifferences,
})

const jammy = ubuntu('jammy', '22.04', {
  jammy: {
    inRelease: 270_000,
    lists: {
      main: [1_792_000, 2_960_000],
      restricted: [164_000, 290_000],
      universe: [17_500_000, 29_200_000],
      multiverse: [266_000, 460_000],
    },
  },
  'jammy-updates': {
    inRelease: 128_000,
    lists: {
      main: [3_211_000, 5_100_000],
      restricted: [4_630_000, 7_300_000],
      universe: [1_547_000, 2_600_000],
      multiverse: [75_900, 130_000],
    },
  },
  'jammy-backports': { inRelease: 127_000, lists: { main: [83_200, 140_000], universe: [35_200, 60_000] } },
  'jammy-security': {
    inRelease: 129_000,
    lists: {
      main: [2_885_000, 4_600_000],
      restricted: [4_468_000, 7_100_000],
      universe: [1_245_000, 2_000_000],
      multiverse: [47_700, 80_000],
    },
  },
})

const noble = ubuntu('noble', '24.04', {
  noble: {
    inRelease: 256_000,
    lists: {
      main: [1_808_000, 3_000_000],
      restricted: [117_000, 200_000],
      universe: [19_300_000, 31_000_000],
      multiverse: [331_000, 560_000],
    },
  },
  'noble-updates': {
    inRelease: 126_000,
    lists: {
      main: [1_408_000, 2_300_000],
      restricted: [1_430_000, 2_300_000],
      universe: [1_489_000, 2_400_000],
      multiverse: [48_200, 80_000],
    },
  },
  'noble-backports': { inRelease: 126_000, lists: { main: [48_800, 80_000], universe: [31_800, 54_000] } },
  'noble-security': {
    inRelease: 126_000,
    lists: {
      main: [1_091_000, 1_800_000],
      restricted: [1_354_000, 2_200_000],
      universe: [1_101_000, 1_800_000],
      multiverse: [22_100, 37_000],
    },
  },
})

/** The release that a container's files say it is; bookworm for a Debian that says something else. */
export function* releaseOf(p: Proc): Routine<Release> {
  const text = yield* textOf(p, '/etc/os-release')
  const codename = /^VERSION_CODENAME=(.*)$/m.exec(text)?.[1]
  return codename === 'jammy' ? jammy : codename === 'noble' ? noble : bookworm
}
