// What `up -d` and `down` of three services take beside a real docker compose, and the plan of 100 services:
// `node bench/compose/compose.mjs [RUNS]`, after `npm run build`. A `docker` on the PATH that answers and has busybox is
// measured too, in turns.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const runs = Number(process.argv[2] ?? 5)
const bin = fileURLToPath(new URL('../../bin/minidock.js', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'bench-compose-'))
const home = mkdtempSync(join(tmpdir(), 'bench-compose-home-'))
const service = 'image: busybox\n    command: sleep 1000\n    stop_grace_period: 0s\n'
const head = name => `name: ${name}\nservices:\n`
writeFileSync(
  join(folder, 'three.yaml'),
  `${head('benchthree')}  db:\n    ${service}    volumes: ["data:/data"]\n  cache:\n    ${service}  web:\n    ${service}    depends_on: [db, cache]\nvolumes: {data: {}}\n`,
)
writeFileSync(
  join(folder, 'hundred.yaml'),
  head('benchhundred') +
    Array.from(
      { length: 100 },
      (_, at) => `  s${at}:\n    ${service}${at === 0 ? '' : `    depends_on: [s${Math.floor((at - 1) / 2)}]\n`}`,
    ).join(''),
)

const programs = {
  minidock: { file: process.execPath, args: [bin], env: { ...process.env, MINIDOCK_HOME: home, DOCKER_HOST: '' } },
  docker: { file: 'docker', args: [], env: process.env },
}

function run(name, ...args) {
  const { file, args: first, env } = programs[name]
  const before = process.hrtime.bigint()
  const { status, stderr } = spawnSync(file, [...first, ...args], { cwd: folder, env, encoding: 'utf8' })
  const seconds = Number(process.hrtime.bigint() - before) / 1e9
  if (status !== 0) throw new Error(`${name} ${args.join(' ')}: ${status}\n${stderr}`)
  return seconds
}

const median = list => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)]
const has = spawnSync('docker', ['image', 'inspect', 'busybox'], { encoding: 'utf8' }).status === 0
const names = has ? ['minidock', 'docker'] : ['minidock']
const took = Object.fromEntries(names.map(name => [name, { up: [], down: [] }]))
try {
  run('minidock', 'pull', '-q', 'busybox')
  for (const name of names) run(name, 'compose', '-f', 'three.yaml', 'down', '-v')
  for (let turn = 0; turn < runs; turn++)
    for (const name of names) {
      took[name].up.push(run(name, 'compose', '-f', 'three.yaml', 'up', '-d'))
      took[name].down.push(run(name, 'compose', '-f', 'three.yaml', 'down', '-v'))
    }
  for (const name of names)
    console.log(
      `${name}: up -d ${median(took[name].up).toFixed(2)} s, down ${median(took[name].down).toFixed(2)} s (medians of ${runs})`,
    )
  if (has)
    for (const verb of ['up', 'down'])
      console.log(`${verb}: ${(median(took.minidock[verb]) / median(took.docker[verb])).toFixed(2)} of docker's time`)
  const plans = Array.from({ length: runs }, () =>
    run('minidock', 'compose', '-f', 'hundred.yaml', '--dry-run', 'up', '-d'),
  )
  console.log(
    `plan of 100 services (compose --dry-run up -d, the start of Node included): ${median(plans).toFixed(2)} s`,
  )
} finally {
  rmSync(folder, { recursive: true, force: true })
  rmSync(home, { recursive: true, force: true })
}
