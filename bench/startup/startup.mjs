// Start-up of some commands against `node -e 0`: interleaved runs, medians. See README.md.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const { values, positionals } = parseArgs({
  options: { containers: { type: 'string', default: '20' } },
  allowPositionals: true,
})
const runs = Number(positionals[0] ?? 20)
const bin = fileURLToPath(new URL('../../bin/minidock.js', import.meta.url))
const home = mkdtempSync(join(tmpdir(), 'minidock-bench-'))
const env = { ...process.env, MINIDOCK_HOME: home }
const call = args => spawnSync(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] })

const rows = {
  'node -e 0': ['-e', '0'],
  frobnicate: [bin, 'frobnicate'],
  ps: [bin, 'ps'],
  'ps -a --format json': [bin, 'ps', '-a', '--format', 'json'],
  images: [bin, 'images'],
  'network ls': [bin, 'network', 'ls'],
  'run --bad-flag': [bin, 'run', '-d', '-p', '80:80', '--bad-flag', 'nginx'],
  '--help': [bin, '--help'],
  'run --rm busybox true': [bin, 'run', '--rm', 'busybox', 'true'],
}
for (let i = 0; i < Number(values.containers); i++) call([bin, 'run', '-d', 'busybox', 'sleep', '1000000'])

const times = Object.fromEntries(Object.keys(rows).map(name => [name, []]))
for (let i = 0; i < runs; i++) {
  for (const [name, args] of Object.entries(rows)) {
    const start = process.hrtime.bigint()
    call(args)
    times[name].push(Number(process.hrtime.bigint() - start) / 1e6)
  }
}
const median = list => list.sort((a, b) => a - b)[Math.floor(list.length / 2)]
const bare = median(times['node -e 0'])
for (const [name, list] of Object.entries(times)) {
  const ms = median(list)
  console.log(`${name.padEnd(22)} ${ms.toFixed(1).padStart(7)} ms  x${(ms / bare).toFixed(2)}`)
}
rmSync(home, { recursive: true, force: true })
