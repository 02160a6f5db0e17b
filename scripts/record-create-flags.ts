/** Records fixtures/cli/create-flags.txt from a real Docker on the PATH that has `busybox:latest`: `npx tsx scripts/record-create-flags.ts`. */
import { execSync } from 'node:child_process'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Case, parseCases, playCases, printCases } from '../test/e2e/create-flags.ts'

execSync('docker ps -aq | xargs -r docker rm -fv; docker network prune -f; docker volume prune -af', {
  stdio: 'ignore',
})
const file = join(import.meta.dirname, '../fixtures/cli/create-flags.txt')
const all = parseCases(readFileSync(file, 'utf8'))
const isCase = (entry: Case | string): entry is Case => typeof entry === 'object'
const cwd = mkdtempSync(join(tmpdir(), 'flags-'))
const outputs = await playCases(all.filter(isCase), {
  cwd,
  env: { ...process.env, NO_COLOR: '1' },
  dataRoot: execSync("docker info -f '{{.DockerRootDir}}'", { encoding: 'utf8' }).trim(),
  hostname: execSync("docker info -f '{{.Name}}'", { encoding: 'utf8' }).trim(),
})
for (const [at, entry] of all.filter(isCase).entries()) entry.output = outputs[at] ?? []
writeFileSync(file, printCases(all))
