/**
 * Records what a real Docker makes of the builds under fixtures/builds: `npx tsx scripts/record-builds.ts [GROUP...]`, with its
 * `docker` on the PATH and a `busybox:latest` in it.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { casesOf, failureOf, groups, inspected, makeContext, type Result, resultsPath } from '../test/build/cases.ts'
import { baseOf, imageFacts } from '../test/build/saved-image.ts'

const wanted = process.argv.slice(2)
const base = baseOf(spawnSync('docker', ['save', 'busybox'], { maxBuffer: 1 << 30 }).stdout)
for (const group of groups()) {
  if (wanted.length > 0 && !wanted.includes(group)) continue
  const results: Record<string, Result> = {}
  for (const given of casesOf(group)) {
    const lab = mkdtempSync(join(tmpdir(), 'build-'))
    const folder = join(lab, 'context')
    makeContext(given, folder)
    const docker = (...args: string[]) =>
      spawnSync('docker', args, {
        cwd: folder,
        env: { ...process.env, NO_COLOR: '1', BUILDKIT_PROGRESS: 'plain', ...given.env },
        input: given.input === undefined ? '' : readFileSync(join(folder, given.input)),
        encoding: 'utf8',
      })
    const { status, stderr } = docker('build', '-t', 'case', ...given.args, given.path)
    if (status !== 0) results[given.name] = { status: status ?? -1, error: failureOf(stderr) }
    else {
      const archive = join(lab, 'saved.tar')
      const saved = docker('save', '-o', archive, 'case')
      results[given.name] =
        saved.status === 0
          ? { status, image: imageFacts(readFileSync(archive), base) }
          : {
              status,
              unsaved: saved.stderr.trimEnd(),
              inspected: JSON.parse(docker('inspect', '-f', inspected, 'case').stdout),
            }
      docker('rmi', 'case')
    }
    rmSync(lab, { recursive: true, force: true })
  }
  writeFileSync(resultsPath(group), `${JSON.stringify(results, undefined, 1)}\n`)
  console.log(`${group}: ${Object.keys(results).length}`)
}
