import { describe, expect, it } from 'vitest'
import { program } from '../../src/registry/program.ts'
import { serve } from '../../src/registry/serve.ts'
import type { RootFs } from '../../src/vfs/rootfs.ts'
import { runCommand } from '../kernel/harness.ts'
import { memoryFiles } from './memory-registry.ts'

const programs = { registry: program }

/** A registry's folder with one tag in it. */
function prepare(rootfs: RootFs): void {
  const files = memoryFiles()
  const text = '{"schemaVersion":2,"mediaType":"application/vnd.docker.distribution.manifest.v2+json"}'
  serve(files, { method: 'PUT', path: '/v2/team/app/manifests/1', headers: {}, body: Buffer.from(text) })
  for (const [path, data] of files.stored) {
    const target = `/var/lib/registry/${path}`
    rootfs.mkdirAll(target.slice(0, target.lastIndexOf('/')))
    rootfs.writeFile(target, data)
  }
}

const run = (script: string, suspend = false) =>
  runCommand(['sh', '-c', `registry serve /etc/x 2>/tmp/err >/tmp/out & sleep 1; ${script}`], {
    programs,
    prepare,
    suspend,
  })

describe('the program registry', () => {
  it.each([false, true])('answers over HTTP, also when it is stored between requests (%s)', async suspend => {
    const { stdout } = await run(
      'wget -qO- 127.0.0.1:5000/v2/; echo; wget -qO- 127.0.0.1:5000/v2/_catalog; wget -qO- 127.0.0.1:5000/v2/team/app/tags/list; wget -qO- 127.0.0.1:5000/v2/team/app/manifests/1; echo; cat /tmp/out',
      suspend,
    )
    expect(stdout.split('\n').slice(0, 4)).toEqual([
      '{}',
      '{"repositories":["team/app"]}',
      '{"name":"team/app","tags":["1"]}',
      '{"schemaVersion":2,"mediaType":"application/vnd.docker.distribution.manifest.v2+json"}',
    ])
    expect(stdout).toContain('127.0.0.1 - - [02/Jan/2026:03:04:06 +0000] "GET /v2/_catalog HTTP/1.1" 200 30 "" "Wget"')
  })

  it('says where it listens, and ends with 2 when it is stopped', async () => {
    const { stdout } = await run('kill $!; wait $!; echo $?; cat /tmp/err')
    expect(stdout.split('\n')[0]).toBe('2')
    expect(stdout).toMatch(
      /level=info msg="listening on \[::\]:5000" go\.version=\S+ instance\.id=[0-9a-f-]{36} service=registry/,
    )
  })

  it('tells its version, and fails when the port is taken', async () => {
    expect((await runCommand(['registry', '--version'], { programs })).stdout).toBe(
      'registry github.com/docker/distribution 2.8.3\n',
    )
    const { stdout } = await run('registry serve x 2>&1 | tail -n 1; echo')
    expect(stdout).toContain('level=fatal msg="listen tcp :5000: bind: address already in use"')
  })

  it('takes uploads and refuses what is none', async () => {
    const { stdout } = await run(
      `printf 'POST /v2/a/blobs/uploads/ HTTP/1.1\\r\\nHost: x\\r\\nContent-Length: 0\\r\\nConnection: close\\r\\n\\r\\n' | nc 127.0.0.1 5000 | head -n 1; wget -qO- 127.0.0.1:5000/v2/a/blobs/x || echo failed; find /var/lib/registry -name data | wc -l`,
    )
    expect(stdout).toBe('HTTP/1.1 202 Accepted\r\nfailed\n2\n')
  })
})
