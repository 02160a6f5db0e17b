/** The application folders of fixtures/apps, built and run by the command line: see the README there. */
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { type Outcome, tempHome } from './cli.ts'
import { run as inProcess, ok } from './in-process.ts'

const run = (home: string, ...args: string[]): Promise<Outcome> => inProcess(home, args)

interface Run {
  command?: string[]
  prints?: string[]
  status?: number
  serves?: number
  env?: string[]
  asks?: [path: string, answer: string][]
  logs?: string[]
  stops?: number
  with?: { name: string; image: string; env?: string[] }[]
}

interface Build {
  file: string
  prints?: string[]
  fails?: string
  adds?: Record<string, [least: number, most: number]>
  size?: [least: number, most: number]
  runs?: Run[]
  edit?: { file: string; cached?: string[]; again?: string[] }
}

const apps = join(import.meta.dirname, '../../fixtures/apps')
const folders = readdirSync(apps).filter(name => existsSync(join(apps, name, 'answers.yaml')))
const cases = folders.flatMap(app =>
  (parse(readFileSync(join(apps, app, 'answers.yaml'), 'utf8')) as { builds: Build[] }).builds.map(build => ({
    app,
    ...build,
  })),
)

/** `12.3MB` in megabytes. */
function megabytes(text: string): number {
  const [, number, unit = 'B'] = /^([\d.]+)(\w+)$/.exec(text) ?? []
  return Number(number) * ({ B: 1e-6, kB: 1e-3, MB: 1, GB: 1e3 }[unit] ?? Number.NaN)
}

/** The status of each step of a plain build log: `RUN npm install` to whether it was cached. */
function steps(log: string): Map<string, boolean> {
  const names = new Map([...log.matchAll(/^#(\d+) \[[^\]]*\] (.*)$/gm)].map(match => [match[1] ?? '', match[2] ?? '']))
  return new Map([...names].map(([number, name]) => [name, new RegExp(`^#${number} CACHED$`, 'm').test(log)]))
}

describe.each(cases)('$app: $file', ({ app, file, prints = [], fails, adds = {}, size, runs = [], edit }) => {
  it('builds and answers as it must', async () => {
    const home = tempHome()
    const context = join(home, 'app')
    cpSync(join(apps, app), context, { recursive: true })
    const build = (): ReturnType<typeof run> =>
      run(home, 'build', '--progress=plain', '-t', 'app', '-f', join(context, file), context)
    const built = await build()
    for (const text of prints) expect(built.err).toContain(text)
    expect(built.status, built.err).toBe(fails === undefined ? 0 : 1)
    if (fails !== undefined) {
      expect(built.err).toContain(fails)
      return
    }
    const history = (await ok(home, 'history', '--no-trunc', '--format', '{{.Size}} {{.CreatedBy}}', 'app')).split('\n')
    for (const [step, [least, most]] of Object.entries(adds)) {
      const line = history.find(one => one.includes(step.replace(/^RUN /, '')))
      const added = megabytes(line?.split(' ')[0] ?? '')
      expect(added, `${step}: ${line}`).toBeGreaterThanOrEqual(least)
      expect(added, step).toBeLessThanOrEqual(most)
    }
    if (size) {
      const whole = megabytes((await ok(home, 'images', '--format', '{{.Size}}', 'app')).trim())
      expect(whole).toBeGreaterThanOrEqual(size[0])
      expect(whole).toBeLessThanOrEqual(size[1])
    }
    for (const one of runs) await (one.serves === undefined ? runOnce(home, one) : runServer(home, one, one.serves))
    if (edit) {
      writeFileSync(join(context, edit.file), `${readFileSync(join(context, edit.file), 'utf8')}// changed\n`)
      const cached = steps((await build()).err)
      for (const step of edit.cached ?? []) expect(cached.get(step), step).toBe(true)
      for (const step of edit.again ?? []) expect(cached.get(step), step).toBe(false)
    }
  })
})

const variables = (env: readonly string[] = []): string[] => env.flatMap(one => ['-e', one])

/** A network with the containers that an application needs beside it. */
async function beside(home: string, companions: NonNullable<Run['with']>, work: () => Promise<void>): Promise<void> {
  await ok(home, 'network', 'create', 'net')
  for (const { name, image, env } of companions)
    await ok(home, 'run', '-d', '--name', name, '--network', 'net', ...variables(env), image)
  await work()
  if (companions.length > 0) await ok(home, 'rm', '-fv', ...companions.map(({ name }) => name))
  await ok(home, 'network', 'rm', 'net')
}

async function runOnce(home: string, one: Run): Promise<void> {
  if (!one.with) return checked(home, one)
  await beside(home, one.with, () => checked(home, one, '--network', 'net'))
}

async function checked(
  home: string,
  { command = [], prints = [], status = 0, env }: Run,
  ...flags: string[]
): Promise<void> {
  const outcome = await run(home, 'run', '--rm', ...flags, ...variables(env), 'app', ...command)
  expect(outcome.status, outcome.out + outcome.err).toBe(status)
  for (const text of prints) expect(outcome.out + outcome.err).toContain(text)
}

async function runServer(home: string, one: Run, port: number): Promise<void> {
  const { env, asks = [], logs = [], stops = 0 } = one
  await beside(home, one.with ?? [], async () => {
    await ok(home, 'run', '-d', '--name', 'server', '--network', 'net', ...variables(env), 'app')
    for (const [path, answer] of asks) {
      const url = `http://server:${port}${path}`
      // Until it listens, as a person would.
      const asking = `for i in 1 2 3 4 5 6 7 8; do wget -qO- '${url}' && exit; sleep 1; done; exit 1`
      expect(await ok(home, 'run', '--rm', '--network', 'net', 'busybox', 'sh', '-c', asking)).toContain(answer)
    }
    await ok(home, 'stop', '-t', '1', 'server')
    const { out, err } = await run(home, 'logs', 'server')
    for (const text of logs) expect(out + err).toContain(text)
    expect((await ok(home, 'inspect', '-f', '{{.State.ExitCode}}', 'server')).trim()).toBe(String(stops))
    await ok(home, 'rm', 'server')
  })
}
