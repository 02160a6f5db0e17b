/** Builds, beside a real Docker where there is one: node bench/build/build.mjs [RUNS]. See README.md. */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const runs = Number(process.argv[2] ?? 5)
const lab = mkdtempSync(join(tmpdir(), 'minidock-bench-'))
const program = new URL('../../bin/minidock.js', import.meta.url).pathname
const env = { ...process.env, MINIDOCK_HOME: join(lab, 'store') }
const hasDocker = spawnSync('docker', ['version'], { stdio: 'ignore' }).status === 0

/** Seconds of a command. */
function seconds(command, args, cwd) {
  const start = process.hrtime.bigint()
  execFileSync(command, args, { cwd, env, stdio: ['ignore', 'ignore', 'pipe'] })
  return Number(process.hrtime.bigint() - start) / 1e9
}
const median = list => list.sort((a, b) => a - b)[Math.floor(list.length / 2)]
const minidock = (...args) => [process.execPath, [program, ...args]]

/** Interleaved runs of each; the medians. */
function compare(title, cwd, build) {
  const contenders = { minidock: minidock(...build), ...(hasDocker && { docker: ['docker', build] }) }
  const times = Object.fromEntries(Object.keys(contenders).map(name => [name, []]))
  for (let run = 0; run < runs; run++)
    for (const [name, [command, args]] of Object.entries(contenders)) times[name].push(seconds(command, args, cwd))
  const shown = Object.entries(times).map(([name, list]) => `${name} ${median(list).toFixed(2)} s`)
  console.log(
    `${title}: ${shown.join(', ')}${hasDocker ? `, x${(median(times.minidock) / median(times.docker)).toFixed(2)}` : ''}`,
  )
}

function folder(name, dockerfile) {
  const path = join(lab, name)
  mkdirSync(path)
  writeFileSync(join(path, 'Dockerfile'), dockerfile)
  return path
}

const steps = Array.from({ length: 19 }, (_, at) => `RUN echo ${at} > /f${at}\n`).join('')
const cached = folder('cached', `FROM busybox\n${steps}`)
execFileSync(...minidock('build', '-q', '.'), { cwd: cached, env, stdio: 'ignore' })
if (hasDocker) execFileSync('docker', ['build', '-q', '.'], { cwd: cached, stdio: 'ignore' })
compare('a cached build of 20 steps', cached, ['build', '-q', '.'])

const big = folder('big', 'FROM scratch\nCOPY src /src\n')
const bytes = Buffer.alloc(50_000)
for (let at = 0; at < bytes.length; at++) bytes[at] = (at * 2654435761) >>> 11
for (let dir = 0; dir < 100; dir++) {
  mkdirSync(join(big, 'src', `d${dir}`), { recursive: true })
  for (let file = 0; file < 100; file++) {
    bytes.writeUInt32LE(dir * 100 + file)
    writeFileSync(join(big, 'src', `d${dir}`, `f${file}`), bytes)
  }
}
const tar = []
for (let run = 0; run < 3; run++) tar.push(seconds('sh', ['-c', 'tar c src | sha256sum'], big))
console.log(`tar c | sha256sum of 10,000 files, 500 MB: ${median(tar).toFixed(2)} s`)
compare('COPY of 10,000 files, 500 MB', big, ['build', '-q', '--no-cache', '.'])
const measured = spawnSync('/usr/bin/time', ['-f', '%M', process.execPath, program, 'build', '-q', '--no-cache', '.'], {
  cwd: big,
  env,
  encoding: 'utf8',
})
if (measured.status === 0)
  console.log(`peak memory: ${(Number(measured.stderr.trim().split('\n').at(-1)) / 1000).toFixed(0)} MB`)

for (const count of [25_000, 50_000, 100_000]) {
  const small = folder(`small${count}`, 'FROM scratch\nCOPY src /src\n')
  for (let file = 0; file < count; file++) {
    if (file % 1000 === 0) mkdirSync(join(small, 'src', `d${file / 1000}`), { recursive: true })
    writeFileSync(join(small, 'src', `d${Math.floor(file / 1000)}`, `f${file}`), `${file}`)
  }
  const took = seconds(...minidock('build', '-q', '.'), small)
  console.log(`${count} small files: ${took.toFixed(2)} s, ${((took / count) * 1e6).toFixed(0)} microseconds each`)
  rmSync(small, { recursive: true, force: true })
}
rmSync(lab, { recursive: true, force: true })
