// Records what a real busybox prints for the one-liners of fixtures/shell/cases.txt:
//   node scripts/record-shell.mjs > fixtures/shell/ash.json      (needs a docker on PATH with busybox:latest)
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

const cases = readFileSync(new URL('../fixtures/shell/cases.txt', import.meta.url), 'utf8')
  .split('\n')
  .filter(line => line !== '' && !line.startsWith('#'))
const recorded = cases.map(script => {
  const { stdout, stderr, status } = spawnSync(
    'docker',
    ['run', '--rm', 'busybox', 'sh', '-c', script.replaceAll('\\n', '\n')],
    { encoding: 'utf8' },
  )
  return { script, stdout, stderr, status }
})
console.log(JSON.stringify(recorded, null, 1))
