// A network of many containers: what the first and the last one cost, `network inspect` and `network trace`.
//   node bench/network/members.mjs [COUNT]      (npm run build first)
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'

const count = Number(process.argv[2] ?? 1000)
const here = path => fileURLToPath(new URL(path, import.meta.url))
const home = process.env.BENCH_HOME ?? mkdtempSync(join(tmpdir(), 'minidock-bench-'))
const env = { ...process.env, MINIDOCK_HOME: home }

// Loaded into each measured process: writes its CPU time in microseconds to descriptor 3 when it ends.
const hook = join(mkdtempSync(join(tmpdir(), 'minidock-bench-hook-')), 'cpu.cjs')
writeFileSync(
  hook,
  `process.on('exit', () => { const { user, system } = process.cpuUsage(); require('node:fs').writeSync(3, String(user + system)) })\n`,
)

/** Runs a command; milliseconds by the clock and of the processor, which a busy machine does not stretch as much. */
function run(...args) {
  const start = performance.now()
  const done = spawnSync(process.execPath, ['--require', hook, here('../../bin/minidock.js'), ...args], {
    env,
    stdio: ['ignore', 'ignore', 'inherit', 'pipe'],
  })
  if (done.status !== 0) throw new Error(`${args.join(' ')}: status ${done.status}`)
  return { wall: performance.now() - start, cpu: Number(done.output[3]?.toString()) / 1000 }
}

const median = list => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)] ?? 0
const show = (what, runs) => {
  const [wall, cpu] = ['wall', 'cpu'].map(key => median(runs.map(each => each[key])))
  console.log(
    `${what.padEnd(44)} ${wall.toFixed(0).padStart(6)} ms by the clock ${cpu.toFixed(0).padStart(6)} ms of CPU`,
  )
  return { wall, cpu }
}

try {
  run('pull', '-q', 'busybox')
  run('network', 'create', '--subnet', '10.77.0.0/16', 'big')
  const runs = []
  for (let at = 0; at < count; at++) {
    runs.push(run('run', '-d', '--network', 'big', '--name', `box-${at}`, 'busybox', 'sleep', '1000000'))
    if ((at + 1) % 100 === 0) show(`run -d, the last ten of ${at + 1}`, runs.slice(-10))
  }
  const first = show('run -d, the first ten', runs.slice(1, 11))
  const last = show('run -d, the last ten', runs.slice(-10))
  console.log(
    `the last costs ${(last.wall / first.wall).toFixed(2)} times the first by the clock, ${(last.cpu / first.cpu).toFixed(2)} times in CPU`,
  )
  const again = (...args) => Array.from({ length: 7 }, () => run(...args))
  show('network inspect', again('network', 'inspect', 'big'))
  show('network trace between two of them', again('network', 'trace', 'box-0', `box-${count - 1}`))
  show('version, for what a process costs', again('version'))
} finally {
  rmSync(dirname(hook), { recursive: true, force: true })
  if (!process.env.BENCH_HOME) rmSync(home, { recursive: true, force: true })
}
