import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fakeEngine } from '../fake-engine.ts'
import { runLine } from '../memory-context.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'minidock-own-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const engine = fakeEngine({
  networks: { list: async () => [] },
  volumes: {
    list: async () =>
      ['data', 'db'].map(Name => ({
        CreatedAt: '',
        Driver: 'local',
        Labels: null,
        Mountpoint: '',
        Name,
        Options: null,
        Scope: 'local',
      })),
  },
})
const complete = async (...words: string[]) =>
  (await runLine(['__complete', '--', ...words], { engine })).stdout
    .split('\n')
    .filter(Boolean)
    .map(line => line.split('\t')[0])

describe('completion', () => {
  it.each([
    [['vol'], ['volume']],
    [
      ['-D', 'container', 'l'],
      ['logs', 'ls'],
    ],
    [['ps', '--no'], ['--no-trunc']],
    [
      ['run', '--mem'],
      ['--memory', '--memory-reservation', '--memory-swap', '--memory-swappiness'],
    ],
    [
      ['volume', 'rm', 'd'],
      ['data', 'db'],
    ],
    [['volume', 'rm', '-f', 'db', 'da'], ['data']],
    [['run', '--network', ''], []],
    [['run', '--env-file', 'x'], [':files']],
    [['run', 'busybox', 'l'], [':files']],
    [
      ['buildx', 'imagetools', ''],
      ['create', 'inspect'],
    ],
    [['nosuch', ''], []],
  ])('of %j offers %j', async (words, offered) => {
    expect(await complete(...words)).toEqual(offered)
  })

  it('script of bash completes words with colons', async () => {
    const { stdout } = await runLine(['completion', 'bash'])
    const file = join(folder, 'complete.bash')
    writeFileSync(file, stdout)
    writeFileSync(join(folder, 'docker'), '#!/bin/sh\nprintf "team/app:1\\timage\\nteam/app:2\\timage\\n"\n', {
      mode: 0o755,
    })
    const script = `source ${file}; COMP_LINE='docker run team/app:' COMP_POINT=20; _docker; printf '%s\\n' "\${COMPREPLY[@]}"`
    const { stdout: out } = spawnSync('bash', ['-c', script], {
      encoding: 'utf8',
      env: { PATH: `${folder}:/usr/bin:/bin` },
    })
    expect(out).toBe('1\n2\n')
  })

  it('knows its shells', async () => {
    const { stderr, status } = await runLine(['completion', 'ksh'])
    expect([stderr, status]).toEqual(["docker: unknown shell 'ksh': it may be bash, zsh, fish\n", 1])
  })
})

describe('shim', () => {
  it('writes docker and docker-compose', async () => {
    const { stdout } = await runLine(['shim', join(folder, 'bin')])
    expect(stdout).toBe(`export PATH='${join(folder, 'bin')}':"$PATH"\n`)
    expect(statSync(join(folder, 'bin', 'docker')).mode & 0o777).toBe(0o755)
    const compose = readFileSync(join(folder, 'bin', 'docker-compose'), 'utf8')
    expect(compose).toMatch(/^exec '.*' -- '.*' compose "\$@"$/m)
    expect(compose).toContain('case "$*" in -v | --version) set -- version ;; esac\n')
  })

  it('does not overwrite a real docker', async () => {
    writeFileSync(join(folder, 'docker'), '#!/bin/sh\n')
    const { stderr, status } = await runLine(['shim', folder])
    expect([stderr, status]).toEqual([
      `docker: ${join(folder, 'docker')} exists and is not minidock's: choose another folder\n`,
      1,
    ])
  })
})

describe('login', () => {
  const run = (argv: string[], input = '') =>
    runLine(argv, {
      input,
      env: { DOCKER_CONFIG: folder },
      engine: fakeEngine({ registry: { login: async () => {} } }),
    })

  it('keeps the password, and logout forgets it', async () => {
    const { stdout, stderr } = await run(['login', '-u', 'ann', '--password-stdin'], 'secret\n')
    expect([stdout, stderr.split('\n')[1]]).toEqual([
      'Login Succeeded\n',
      `WARNING! Your credentials are stored unencrypted in '${join(folder, 'config.json')}'.`,
    ])
    const file = join(folder, 'config.json')
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({
      auths: { 'https://index.docker.io/v1/': { auth: 'YW5uOnNlY3JldA==' } },
    })
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect((await run(['logout'])).stdout).toBe('Removing login credentials for https://index.docker.io/v1/\n')
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ auths: {} })
  })

  it.each([
    [['login'], 'Error: Cannot perform an interactive login from a non TTY device\n'],
    [['login', '--password-stdin'], 'the --password-stdin option requires --username to be set\n'],
    [
      ['login', '-u', 'a', '-p', 'x', '--password-stdin'],
      'conflicting options: cannot specify both --password and --password-stdin\n',
    ],
  ])('refuses %j', async (argv, message) => {
    expect(await run(argv)).toEqual({ stdout: '', stderr: message, status: 1 })
  })
})
