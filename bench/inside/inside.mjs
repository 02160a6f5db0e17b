// What work inside a container takes, against bare Node doing the same. See README.md.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const runs = Number(process.argv[2] ?? 7)
const bin = fileURLToPath(new URL('../../bin/minidock.js', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'minidock-bench-'))
const file = join(folder, 'data')
writeFileSync(file, Buffer.alloc(50_000_000, 'The quick brown fox jumps over the lazy dog.\n'))

const inside = script => [bin, 'run', '--rm', '-v', `${folder}:/data:ro`, 'busybox', 'sh', '-c', script]
const node = code => ['-e', code]
const read = `const fs=require('fs');const fd=fs.openSync(${JSON.stringify(file)});const b=Buffer.alloc(65536);let n`
// What wc does, as one would write it.
const count = `${read},l=0,w=0,c=0,on=false;while((n=fs.readSync(fd,b))){c+=n;for(let i=0;i<n;i++){const k=b[i];if(k>32){if(!on){w++;on=true}}else{on=false;if(k===10)l++}}}console.log(l,w,c)`
/** Name, arguments, environment, what its time is taken away from and compared with. */
const rows = [
  ['node -e 0', node('0')],
  ['run true', inside('true')],
  ['10,000 turns', inside('i=0; while [ $i -lt 10000 ]; do i=$((i+1)); done')],
  [
    '10,000 turns (for, case, test)',
    inside('for i in $(seq 10000); do case $i in *7) x=$i;; esac; [ "$i" = 9 ] || y=1; done'),
  ],
  [
    'a virtual hour of sleep 1',
    inside('i=0; while [ $i -lt 3600 ]; do sleep 1; i=$((i+1)); done'),
    { MINIDOCK_CLOCK: 'virtual' },
  ],
  [
    'node: read 50 MB, lines',
    node(
      `${read},c=0;while((n=fs.readSync(fd,b)))for(let i=b.indexOf(10);i>=0&&i<n;i=b.indexOf(10,i+1))c++;console.log(c)`,
    ),
  ],
  ['node: lines, words, bytes of 50 MB', node(count)],
  ['cat | wc of 50 MB', inside('cat /data/data | wc')],
  ['cat | wc -l of 50 MB', inside('cat /data/data | wc -l')],
  [
    'node: sha256 of 50 MB',
    node(
      `${read};const h=require('crypto').createHash('sha256');while((n=fs.readSync(fd,b)))h.update(b.subarray(0,n));console.log(h.digest('hex'))`,
    ),
  ],
  ['sha256sum of 50 MB', inside('sha256sum /data/data')],
]

const measured = new Map(rows.map(([name]) => [name, []]))
const home = join(folder, 'home')
const virtual = join(folder, 'virtual')
const call = (args, env = {}) => {
  const MINIDOCK_HOME = env.MINIDOCK_CLOCK ? virtual : home
  const script = `TIMEFORMAT='%R %U %S'; time "$@" > /dev/null`
  const { stderr, status } = spawnSync('bash', ['-c', script, 'bash', process.execPath, ...args], {
    env: { ...process.env, MINIDOCK_HOME, ...env },
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`${args.join(' ')}: ${status} ${stderr}`)
  const [real, user, system] = stderr.trim().split('\n').at(-1).split(' ').map(Number)
  return { wall: real * 1000, cpu: (user + system) * 1000 }
}
for (const [, args, env] of rows) call(args, env)
for (let i = 0; i < runs; i++) for (const [name, args, env] of rows) measured.get(name).push(call(args, env))
const median = (name, key) =>
  measured
    .get(name)
    .map(each => each[key])
    .sort((a, b) => a - b)[Math.floor(runs / 2)]
for (const [name] of rows) {
  const start = name.startsWith('node') ? 'node -e 0' : 'run true'
  const own = key => (median(name, key) - median(start, key)).toFixed(0).padStart(6)
  console.log(
    `${name.padEnd(36)} ${median(name, 'wall').toFixed(0).padStart(6)} ms wall ${median(name, 'cpu').toFixed(0).padStart(6)} ms CPU; beyond the start ${own('wall')} ms wall ${own('cpu')} ms CPU`,
  )
}
rmSync(folder, { recursive: true, force: true })
