// How fast 1 GB is pushed to and pulled from a registry on loopback, beside skopeo, and how much memory that takes.
// node bench/registry/registry.mjs [MB] [ROUNDS]: see README.md. Needs docker-registry, skopeo and /usr/bin/time.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const megabytes = Number(process.argv[2] ?? 1000)
const rounds = Number(process.argv[3] ?? 2)
const work = mkdtempSync(join(tmpdir(), 'minidock-bench-registry-'))
const bin = resolve(import.meta.dirname, '../../bin/minidock.js')
const port = 5055
const host = `localhost:${port}`

// Half noise, half text: about what a layer of programs is like to a compressor.
function file(path) {
  const fd = openSync(path, 'w')
  const text = Buffer.from('the quick brown fox jumps over the lazy dog '.repeat(12_000))
  let seed = createHash('sha512').update('bench').digest()
  for (let done = 0; done < megabytes; done++) {
    const piece = Buffer.alloc(1 << 20)
    for (let at = 0; at < 1 << 19; at += 64) {
      seed = createHash('sha512').update(seed).digest()
      seed.copy(piece, at)
    }
    text.copy(piece, 1 << 19, done % 44)
    writeSync(fd, piece)
  }
  closeSync(fd)
}

function timed(command, env = {}) {
  const began = process.hrtime.bigint()
  const done = spawnSync('/usr/bin/time', ['-f', '%M %U', ...command], {
    env: { ...process.env, ...env },
    encoding: 'utf8',
  })
  const seconds = Number(process.hrtime.bigint() - began) / 1e9
  if (done.status !== 0) throw new Error(`${command.join(' ')}: ${done.stderr}`)
  const [kilobytes, user] = done.stderr.trim().split('\n').at(-1).split(' ').map(Number)
  return { seconds, megabytes: kilobytes / 1024, user }
}

const data = join(work, 'data')
mkdirSync(data)
writeFileSync(
  join(work, 'config.yml'),
  `version: 0.1\nlog: {level: error, accesslog: {disabled: true}}\nstorage: {filesystem: {rootdirectory: ${data}}}\nhttp: {addr: 127.0.0.1:${port}}\n`,
)
const registry = spawn('docker-registry', ['serve', join(work, 'config.yml')], { stdio: 'ignore' })
const empty = () => rmSync(join(data, 'docker'), { recursive: true, force: true })
const env = { MINIDOCK_HOME: join(work, 'store') }
const minidock = args => timed(['node', bin, ...args], env)
const skopeo = (...args) =>
  timed(['skopeo', '--insecure-policy', 'copy', '-q', '--src-tls-verify=false', '--dest-tls-verify=false', ...args])
try {
  file(join(work, 'big'))
  spawnSync('tar', ['-C', work, '-cf', join(work, 'layer.tar'), 'big'])
  rmSync(join(work, 'big'))
  minidock(['import', join(work, 'layer.tar'), `${host}/a:1`])
  minidock(['save', '-o', join(work, 'saved.tar'), `${host}/a:1`])
  rmSync(join(work, 'layer.tar'))
  const figures = { push: [], pull: [] }
  for (let round = 0; round < rounds; round++) {
    empty()
    const theirs = skopeo(`docker-archive:${join(work, 'saved.tar')}`, `docker://${host}/b:1`)
    const theirPull = skopeo(`docker://${host}/b:1`, `docker-archive:${join(work, 'out.tar')}:b:1`)
    rmSync(join(work, 'out.tar'))
    empty()
    rmSync(join(env.MINIDOCK_HOME, 'distribution'), { recursive: true, force: true })
    const ours = minidock(['push', '-q', `${host}/a:1`])
    minidock(['rmi', '-f', `${host}/a:1`])
    const ourPull = minidock(['pull', '-q', `${host}/a:1`])
    figures.push.push([ours, theirs])
    figures.pull.push([ourPull, theirPull])
  }
  const one = ({ seconds, megabytes: memory, user }) =>
    `${seconds.toFixed(1)} s (${user.toFixed(1)} s user, ${memory.toFixed(0)} MB)`
  for (const [what, pairs] of Object.entries(figures))
    for (const [ours, theirs] of pairs)
      console.log(
        `${what} ${megabytes} MB: minidock ${one(ours)}, skopeo ${one(theirs)}: ${(theirs.seconds / ours.seconds).toFixed(2)} of its speed`,
      )
} finally {
  registry.kill()
  rmSync(work, { recursive: true, force: true })
}
