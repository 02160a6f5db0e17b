// Records what real shells print for the one-liners of fixtures/shell/SHELL/NAME.txt, into NAME.json beside it:
//   node scripts/record-shell.mjs ash/language bash/arrays ...      (without names: every file)
// ash needs a docker on PATH with busybox:latest; bash and dash are this machine's own (Debian 12), each case in an
// empty folder and an empty environment. \n in a case is a line break, a line that begins with # a comment.
import { spawn } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const fixtures = fileURLToPath(new URL('../fixtures/shell/', import.meta.url))
const workFolder = '/tmp/w'
const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
/** How a case is run, and how many of them at once. */
const oracles = {
  ash: { at: 3, command: script => ['docker', ['run', '--rm', 'busybox', 'sh', '-c', script]] },
  bash: { at: 1, command: script => ['env', ['-i', `PATH=${path}`, 'HOME=/root', 'bash', '-c', script]] },
  dash: { at: 1, command: script => ['env', ['-i', `PATH=${path}`, 'HOME=/root', 'dash', '-c', script]] },
}

function run([command, args], options) {
  return new Promise(resolve => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options })
    const out = { stdout: '', stderr: '' }
    for (const name of ['stdout', 'stderr'])
      child[name].setEncoding('utf8').on('data', text => {
        out[name] += text
      })
    child.on('close', status => resolve({ ...out, status }))
  })
}

const known = readdirSync(fixtures, { recursive: true }).filter(name => name.endsWith('.txt'))
const names = process.argv.length > 2 ? process.argv.slice(2) : known.map(name => name.slice(0, -4))
for (const name of names) {
  const [shell] = name.split('/')
  const { at, command } = oracles[shell]
  const scripts = readFileSync(`${fixtures}${name}.txt`, 'utf8')
    .split('\n')
    .filter(line => line !== '' && !line.startsWith('#'))
  const recorded = []
  let next = 0
  const worker = async () => {
    while (next < scripts.length) {
      const index = next++
      const script = scripts[index]
      if (shell !== 'ash') {
        rmSync(workFolder, { recursive: true, force: true })
        mkdirSync(workFolder)
      }
      const call = command(script.replaceAll('\\n', '\n'))
      recorded[index] = { script, ...(await run(call, shell === 'ash' ? {} : { cwd: workFolder })) }
    }
  }
  await Promise.all(Array.from({ length: at }, worker))
  if (shell !== 'ash') rmSync(workFolder, { recursive: true, force: true })
  writeFileSync(`${fixtures}${name}.json`, `${JSON.stringify(recorded, null, 1)}\n`)
}
