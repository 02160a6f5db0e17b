/** uname: the system's names. */
import { command } from './lib/command.ts'

export const options = {
  all: '-a --all  everything',
  sysname: '-s --kernel-name  kernel name (the default)',
  nodename: '-n --nodename  host name',
  release: '-r --kernel-release  kernel release',
  version: '-v --kernel-version  kernel version',
  machine: '-m --machine  hardware name',
  processor: '-p --processor  processor type',
  platform: '-i --hardware-platform  hardware platform',
  os: '-o --operating-system  operating system',
}

export const program = command(
  'uname',
  options,
  function* ({ p, out, options: given }) {
    const names = p.uname()
    const values = {
      sysname: names.sysname,
      nodename: names.nodename,
      release: names.release,
      version: names.version,
      machine: names.machine,
      processor: 'unknown',
      platform: 'unknown',
      os: p.marker.os ?? 'GNU/Linux',
    }
    const keys = Object.keys(values) as (keyof typeof values)[]
    // -a leaves out what is not known.
    const shown = given.has('all') ? keys.filter(key => values[key] !== 'unknown') : keys.filter(key => given.has(key))
    yield* out.write(`${(shown.length === 0 ? (['sysname'] as const) : shown).map(key => values[key]).join(' ')}\n`)
    return 0
  },
  { operands: [0, 0] },
)
