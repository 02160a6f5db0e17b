// Records what Docker makes of the templates in fixtures/templates/cases.txt: `node scripts/record-templates.mjs`,
// with a `docker` on PATH whose engine holds busybox:latest. Rewrites the answers, and fixtures/templates/box.json
// (the object that the templates run over).
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'

const folder = new URL('../fixtures/templates/', import.meta.url)
const docker = (...args) => spawnSync('docker', args, { encoding: 'utf8' })

docker('rm', '-f', 'box')
const created = docker(
  ...['create', '--name', 'box', '-e', 'A=1', '-e', 'B=x<y>&"q"', '--label', 'k1=v1', '--label', 'a.b=c', '-m', '64m'],
  ...['-p', '80:80', '-p', '81', 'busybox', 'sh', '-c', 'echo hi'],
)
if (created.status !== 0) throw new Error(created.stderr)
const [box] = JSON.parse(docker('inspect', 'box').stdout)
const pick = (object, ...keys) => Object.fromEntries(keys.map(key => [key, object[key]]))
const data = {
  ...pick(box, 'Name', 'RestartCount', 'Mounts'),
  State: pick(box.State, 'Status', 'Running', 'Paused', 'Pid', 'ExitCode', 'Error'),
  Config: pick(box.Config, 'Image', 'Env', 'Cmd', 'Entrypoint', 'Labels'),
  HostConfig: pick(box.HostConfig, 'Memory', 'Binds', 'PortBindings', 'PidsLimit'),
}
writeFileSync(new URL('box.json', folder), `${JSON.stringify(data, null, 2)}\n`)

const file = new URL('cases.txt', folder)
const lines = readFileSync(file, 'utf8').split('\n')
const out = []
for (const line of lines) {
  if (line.startsWith('# ')) out.push(line)
  if (!line.startsWith('> ')) continue
  const { stdout, stderr, status } = docker('inspect', '-f', line.slice(2), 'box')
  out.push(line)
  for (const text of stdout.replace(/\n$/, '').split('\n')) out.push(`  ${text}`)
  if (stderr !== '') for (const text of stderr.replace(/\n$/, '').split('\n')) out.push(`! ${text}`)
  if (status !== 0) out.push(`[${status}]`)
}
writeFileSync(file, `${out.join('\n')}\n`)
docker('rm', 'box')
