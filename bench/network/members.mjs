// A network of many containers: what the first and the last one cost, `network inspect` and `network trace`.
//   node bench/network/members.mjs [COUNT]      (npm run build first)
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'

const count = Number(process.argv[2] ?? 1000)
const program = fileURLToPath(new URL('../../bin/minidock.js', import.meta.url))
const home = mkdtempSync(join(tmpdir(), 'minidock-bench-'))
const env = { ...process.env, MINIDOCK_HOME: home }
const run = (...args) => {
  const start = performance.now()
  execFileSync(process.execPath, [program, ...args], { env, stdio: ['ignore', 'ignore', 'inherit'] })
  return performance.now() - start
}
const median = list => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)] ?? 0
const show = (what, ms) => console.log(`${what.padEnd(44)} ${ms.toFixed(0).padStart(6)} ms`)

try {
  run('pull', '-q', 'busybox')
  run('network', 'create', '--subnet', '10.77.0.0/16', 'big')
  const times = []
  for (let at = 0; at < count; at++) {
    times.push(run('run', '-d', '--network', 'big', '--name', `box-${at}`, 'busybox', 'sleep', '1000000'))
    if ((at + 1) % 100 === 0) show(`run -d, number ${at + 1}`, times.at(-1))
  }
  const first = median(times.slice(1, 11))
  const last = median(times.slice(-10))
  show('run -d, median of the first ten', first)
  show('run -d, median of the last ten', last)
  console.log(`the last costs ${(last / first).toFixed(2)} times the first`)
  const again = (...args) => median(Array.from({ length: 5 }, () => run(...args)))
  show('network inspect', again('network', 'inspect', 'big'))
  show('network trace between two of them', again('network', 'trace', 'box-0', `box-${count - 1}`))
  show('version, for what a process costs', again('version'))
} finally {
  rmSync(home, { recursive: true, force: true })
}
