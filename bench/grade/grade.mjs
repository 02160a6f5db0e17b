// How long a class takes: see README.md.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const cli = fileURLToPath(new URL('../../bin/minidock.js', import.meta.url))
const [given, jobs = String(availableParallelism())] = process.argv.slice(2)
const sizes = given ? [Number(given)] : [500, 1000]
const place = mkdtempSync(join(tmpdir(), 'minidock-bench-'))
const lab = `lab: 1
id: bench
title: Bench
text: t
steps:
  - id: s
    title: s
    text: t
    checks:
      - {id: image, says: There is an image, points: 1, image: {name: 'app:1'}}
      - {id: web, says: It runs, points: 1, container: {name: web, fields: [{field: State.Running, equals: true}]}}
      - {id: page, says: It answers, points: 1, http: {url: 'http://localhost:8080/', status: 200}}
`
const commands = `docker build -t app:1 .
docker images
docker network create front
docker volume create data
docker run -d --name web --network front -p 8080:80 -v data:/data nginx
docker ps
docker exec web ls /
docker logs web
docker inspect web
docker run --rm app:1
docker run --name once alpine true
docker ps -a
docker rm once
docker network ls
docker network inspect front
docker volume ls
docker history app:1
docker tag app:1 app:2
docker rmi app:2
docker stats --no-stream web
`
try {
  const one = join(place, 'one')
  mkdirSync(one)
  writeFileSync(join(place, 'lab.yaml'), lab)
  writeFileSync(join(one, 'commands.sh'), commands)
  writeFileSync(join(one, 'Dockerfile'), 'FROM alpine\nCOPY . /app\nRUN echo built > /built\nCMD ["cat", "/built"]\n')
  for (const count of sizes) {
    const folders = Array.from({ length: count }, (_, at) => join(place, `s${at}`))
    for (const folder of folders) cpSync(one, folder, { recursive: true })
    const started = process.hrtime.bigint()
    const { stdout, stderr } = spawnSync(
      '/usr/bin/time',
      [
        '-f',
        '%U %S %M',
        process.execPath,
        cli,
        'grade',
        '-j',
        jobs,
        '--format=csv',
        join(place, 'lab.yaml'),
        ...folders,
      ],
      { encoding: 'utf8', maxBuffer: 1 << 30 },
    )
    const seconds = Number(process.hrtime.bigint() - started) / 1e9
    const full = stdout.split('\n').filter(line => line.includes(',3,3,')).length
    const [user, system, kilobytes] = (stderr.trim().split('\n').at(-1) ?? '').split(' ').map(Number)
    console.log(
      `${count} submissions, ${jobs} at a time: ${seconds.toFixed(1)} s, ${(user + system).toFixed(1)} s of processor, ` +
        `at most ${Math.round(kilobytes / 1024)} MiB a process, ${full} with all points`,
    )
  }
} finally {
  rmSync(place, { recursive: true, force: true })
}
