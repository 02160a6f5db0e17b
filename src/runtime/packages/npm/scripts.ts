/** npm run: the scripts of package.json, each in a shell of its own. */
import type { Env, ExitStatus, Proc, Routine } from '../../../kernel/program.ts'
import { exists } from '../../../kernel/userland/lib/exists.ts'
import { exitCode, spawnProgram } from '../../../kernel/userland/lib/spawn.ts'
import { isErrno } from '../../../vfs/errno.ts'
import { NpmError } from './context.ts'
import type { PackageJson } from './lock.ts'

/** Names that `npm run` lists first. */
const lifecycle = [
  'prestart',
  'start',
  'poststart',
  'prestop',
  'stop',
  'poststop',
  'pretest',
  'test',
  'posttest',
  'preinstall',
  'install',
  'postinstall',
  'prepare',
  'restart',
]

/** PATH with the commands of node_modules first, and what npm tells its scripts. */
export function scriptEnv(p: Proc, folder: string, json: PackageJson, event: string, script: string): Env {
  const env: Env = new Map(p.env)
  const folders: string[] = []
  for (let at = folder; ; at = at.slice(0, at.lastIndexOf('/'))) {
    folders.push(`${at === '/' ? '' : at}/node_modules/.bin`)
    if (at === '' || at === '/' || !at.includes('/')) break
  }
  env.set(
    'PATH',
    `${folders.join(':')}:/usr/local/lib/node_modules/npm/node_modules/@npmcli/run-script/lib/node-gyp-bin:${env.get('PATH') ?? ''}`,
  )
  env.set('npm_lifecycle_event', event)
  env.set('npm_lifecycle_script', script)
  env.set('npm_package_name', json.name ?? '')
  env.set('npm_package_version', json.version ?? '')
  env.set('npm_package_json', `${folder}/package.json`)
  env.set('npm_command', 'run-script')
  env.set('npm_execpath', p.exe)
  env.set('INIT_CWD', p.cwd())
  return env
}

/** Runs one script with its `pre` and `post`; the status. */
export function* runScript(
  p: Proc,
  folder: string,
  json: PackageJson,
  name: string,
  args: readonly string[],
  options: { silent: boolean; ifPresent: boolean },
): Routine<number> {
  const scripts = json.scripts ?? {}
  let script = scripts[name]
  if (script === undefined && name === 'start' && exists(p, `${folder}/server.js`)) script = 'node server.js'
  if (script === undefined && name === 'restart') return 0
  if (script === undefined) {
    if (options.ifPresent) return 0
    throw new NpmError([`Missing script: "${name}"`, '', 'To see a list of scripts, run:', '  npm run'])
  }
  for (const [event, words, more] of [
    [`pre${name}`, scripts[`pre${name}`], []],
    [name, script, args],
    [`post${name}`, scripts[`post${name}`], []],
  ] as const) {
    if (words === undefined) continue
    const line = [words, ...more.map(quoted)].join(' ')
    if (!options.silent)
      yield {
        op: 'write',
        fd: 1,
        data: Buffer.from(
          `\n> ${json.name ?? ''}${json.version === undefined ? '' : `@${json.version}`} ${event}\n> ${line}\n\n`,
          'latin1',
        ),
      }
    const status = yield* runShell(p, folder, line, scriptEnv(p, folder, json, event, line))
    if ('signal' in status)
      throw new NpmError([`path ${folder}`, 'command failed', `signal SIG${status.signal}`, `command sh -c ${line}`])
    if (status.code !== 0) return exitCode(status)
  }
  return 0
}

const quoted = (word: string): string => (/^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)

/** Runs a line in `sh -c`, hands signals on to it, and waits. */
export function* runShell(p: Proc, folder: string, line: string, env: Env): Routine<ExitStatus> {
  const signals = ['TERM', 'INT', 'HUP', 'QUIT'] as const
  for (const signal of signals) p.sigaction(signal, 'catch')
  const pid = spawnProgram(p, ['sh', '-c', line], { cwd: folder, env, unignore: signals })
  for (;;) {
    try {
      const { status } = (yield { op: 'wait', pid }) as { status: ExitStatus }
      for (const signal of signals) p.sigaction(signal, 'default')
      return status
    } catch (error) {
      if (!isErrno(error, 'EINTR')) throw error
      const signal = p.takeSignal()
      if (signal !== undefined) p.kill(pid, signal)
    }
  }
}

/** What `npm run` alone prints. */
export function listScripts(json: PackageJson): string {
  const scripts = Object.entries(json.scripts ?? {})
  const title = `${json.name ?? ''}${json.version === undefined ? '' : `@${json.version}`}`
  if (scripts.length === 0) return ''
  const show = (list: typeof scripts): string => list.map(([name, words]) => `  ${name}\n    ${words}\n`).join('')
  const first = scripts.filter(([name]) => lifecycle.includes(name))
  const rest = scripts.filter(([name]) => !lifecycle.includes(name))
  const head = first.length > 0 ? `Lifecycle scripts included in ${title}:\n${show(first)}` : ''
  const tail =
    rest.length === 0
      ? ''
      : first.length > 0
        ? `available via \`npm run-script\`:\n${show(rest)}`
        : `Scripts available in ${title} via \`npm run-script\`:\n${show(rest)}`
  return head + tail
}
