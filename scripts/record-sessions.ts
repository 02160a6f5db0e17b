/**
 * Records what a real Docker answers to the sessions under fixtures/sessions: `npx tsx scripts/record-sessions.ts [NAME...]`,
 * with its `docker` on the PATH, a `busybox:latest` in it, and nothing else that matters: containers, volumes,
 * networks and the build cache are removed before each session. Those of `registry` need an empty one on localhost:5000.
 */
import { execSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseSession, playSession, printSession } from '../test/e2e/session.ts'

const fixtures = join(import.meta.dirname, '../fixtures/sessions')
const wanted = process.argv.slice(2)
const folder = execSync("docker info -f '{{.DockerRootDir}}'", { encoding: 'utf8' }).trim()
for (const path of readdirSync(fixtures, { recursive: true, encoding: 'utf8' })) {
  if (!path.endsWith('.session') || (wanted.length > 0 && !wanted.some(word => path.includes(word)))) continue
  execSync(
    'docker ps -aq | xargs -r docker rm -fv; docker network prune -f; docker volume prune -af; docker images -q | sort -u | grep -v "$(docker images -q busybox:latest)" | xargs -r docker rmi -f; docker builder prune -af',
    { stdio: 'ignore' },
  )
  const cwd = mkdtempSync(join(tmpdir(), 'session-'))
  const file = join(fixtures, path)
  const steps = parseSession(readFileSync(file, 'utf8'))
  const outputs = await playSession(steps, { cwd, env: { ...process.env, NO_COLOR: '1' } })
  const text = printSession(steps.map((step, at) => ({ ...step, output: outputs[at] ?? [] })))
  writeFileSync(file, text.replaceAll(folder, '/var/lib/docker'))
  rmSync(cwd, { recursive: true, force: true })
  console.log(path)
}
