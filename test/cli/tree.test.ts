import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { loaders } from '../../src/cli/loaders.ts'
import { TOP } from '../../src/cli/registry.ts'
import type { CommandSpec, NounSpec } from '../../src/cli/spec.ts'
import { runLine } from './memory-context.ts'

const commands: { path: string; noun: NounSpec; spec: CommandSpec }[] = []
const nouns = await Promise.all([...TOP.values()].map(row => row.load()))
for (const noun of new Set(nouns)) {
  const walk = (path: string, inner: NounSpec): void => {
    for (const spec of inner.commands) commands.push({ path: `${path} ${spec.name}`, noun: inner, spec })
    for (const deeper of inner.nouns ?? []) walk(`${path} ${deeper.name}`, deeper)
  }
  walk(noun.name, noun)
}

describe('the command tree', () => {
  it.each(commands)('$path has flags that do not clash', async ({ spec }) => {
    const flags = typeof spec.flags === 'function' ? await spec.flags() : spec.flags
    const names = flags.map(flag => flag.name)
    const shorts = flags.flatMap(flag => flag.short ?? [])
    expect([names.length, shorts.length]).toEqual([new Set(names).size, new Set(shorts).size])
    expect(flags.filter(flag => flag.help === '')).toEqual([])
  })

  it('has a row for each short command', async () => {
    for (const [word, row] of TOP) {
      if (row.verb === undefined) continue
      const noun = await row.load()
      expect([word, noun.commands.some(spec => spec.name === row.verb)]).toEqual([word, true])
    }
  })

  it('loads every command that has a file, and no other', () => {
    const root = new URL('../../src/cli/commands/', import.meta.url)
    const files = readdirSync(root).flatMap(noun =>
      readdirSync(new URL(`${noun}/`, root))
        .filter(file => /export const command\b/.test(readFileSync(new URL(`${noun}/${file}`, root), 'utf8')))
        .map(file => `${noun}/${file.replace(/\.ts$/, '')}`),
    )
    expect(Object.keys(loaders).sort()).toEqual(files.sort())
  })

  it('has a row for every file that is loaded', () => {
    const rows = new Set(commands.map(({ noun, spec }) => spec.file ?? `${noun.name}/${spec.name}`))
    expect(Object.keys(loaders).filter(key => !rows.has(key))).toEqual([])
  })
})

describe('help', () => {
  it('lists the commands in their groups', async () => {
    const { stdout, status } = await runLine(['--help'])
    const titles = stdout.split('\n').filter(line => /^\S.*:$/.test(line))
    expect({ titles, status }).toEqual({
      titles: [
        'Common Commands:',
        'Management Commands:',
        'Swarm Commands:',
        'Commands:',
        'Commands of minidock:',
        'Global Options:',
      ],
      status: 0,
    })
    expect(stdout).toContain('\n  ps          List containers\n')
  })

  it('shows usage, aliases and options of a command', async () => {
    const { stdout } = await runLine(['container', 'list', '--help'])
    expect(stdout).toBe(`Usage:  docker container ls [OPTIONS]

List containers

Aliases:
  docker container ls, docker container list, docker container ps, docker ps

Options:
  -a, --all             Show all containers, not only those that run
  -f, --filter filter   Show only what matches a condition
      --format string   How to print:
                        'table', 'table TEMPLATE', 'json', or a Go TEMPLATE.
                        More on templates:
                        https://docs.docker.com/go/formatting/
  -n, --last int        Show the n containers created last, whatever their state
                        (default -1)
  -l, --latest          Show the container created last, whatever its state
      --no-trunc        Show long values in full
  -q, --quiet           Show only the ids
  -s, --size            Show the sizes of the files
`)
  })

  it.each([
    ['help', 'ps'],
    ['ps', '--help'],
    ['ps', '-q', '--help'],
    ['--help', 'ps'],
  ])('is the same however it is asked for', async (...argv) => {
    expect((await runLine(argv)).stdout).toContain('Usage:  docker ps [OPTIONS]\n')
  })

  it('of a noun lists its commands', async () => {
    const { stderr } = await runLine(['system'])
    expect(stderr).toBe(`Usage:  docker system COMMAND

Manage Docker

Commands:
  df          Show docker disk usage
  events      Get real time events from the server
  info        Display system-wide information
  prune       Remove unused data

Run 'docker system COMMAND --help' for more information on a command.
`)
  })

  it('comes before the error for a verb that a plugin does not have', async () => {
    const { stdout, stderr, status } = await runLine(['compose', 'frob'])
    expect([stdout.split('\n')[0], stderr, status]).toEqual([
      ...['Usage:  docker compose [OPTIONS] COMMAND', 'unknown docker command: "compose frob"\n', 1],
    ])
  })

  it('is not needed to see the version', async () => {
    expect((await runLine(['-v'])).stdout).toBe('Docker version 28.5.2, build ecc6942\n')
  })
})

describe('commands that are not there', () => {
  it('say in one line that they are not modelled', async () => {
    expect(await runLine(['swarm', 'init'])).toEqual({
      stdout: '',
      stderr: "docker: 'docker swarm' is not modelled: minidock simulates one engine only\n",
      status: 1,
    })
  })

  it.each([
    [
      ['run', '--cpu-count', '1'],
      '"--cpu-count" is only supported on a Docker daemon running on windows, but the Docker daemon is running on linux',
    ],
    [
      ['start', '--checkpoint', 'x', 'a'],
      '"--checkpoint" is only supported on a Docker daemon with experimental features enabled',
    ],
  ])('are flags too: %j', async (argv, message) => {
    expect(await runLine(argv)).toEqual({ stdout: '', stderr: `${message}\n`, status: 1 })
  })

  it('are not found below a noun when they have none', async () => {
    expect((await runLine(['system', 'version'])).stderr.split('\n')[0]).toBe(
      'docker: unknown command: docker system version',
    )
  })

  it('say in one line that they are not built', async () => {
    const { stderr, status } = await runLine(['context', 'export', 'a'])
    expect([stderr, status]).toEqual(["docker: 'docker context export' is not built yet\n", 1])
  })
})
