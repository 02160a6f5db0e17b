/**
 * Recorded sessions (`fixtures/sessions/<area>/<name>.session`): commands of a shell, each with what a real Docker answered.
 * A line `$ ` starts a command and `> ` continues it; `| ` is a line of its output, `! ` of its errors, `= N` its status
 * when it is not 0. Each session runs in an empty folder, with a `docker` on the PATH that has a `busybox` image. Those
 * that name `localhost:5000` have an empty registry there: Debian's docker-registry when they are recorded, our own on
 * any free port when they are played.
 */
import { spawnSync } from 'node:child_process'
import { folder } from './fold.ts'

export const registryHost = 'localhost:5000'

export interface Step {
  command: string
  /** Comments before it, kept by the recorder. */
  comments: string[]
  output: string[]
}

const isOutput = (line: string): boolean => /^([|!]( |$)|= \d+$)/.test(line)

export function parseSession(text: string): Step[] {
  const steps: Step[] = []
  let comments: string[] = []
  for (const line of text.split('\n')) {
    const last = steps.at(-1)
    if (line.startsWith('$ ')) {
      steps.push({ command: line.slice(2), comments, output: [] })
      comments = []
    } else if (line.startsWith('#')) comments.push(line)
    else if (last && /^>( |$)/.test(line)) last.command += `\n${line.slice(2)}`
    else if (last && isOutput(line)) last.output.push(line)
    else if (line !== '') throw new Error(`not a line of a session: ${line}`)
  }
  return steps
}

export function printSession(steps: readonly Step[]): string {
  const lines = steps.flatMap(({ command, comments, output }) => {
    const [first = '', ...more] = command.split('\n')
    return [...comments, `$ ${first}`, ...more.map(line => `> ${line}`.trimEnd()), ...output]
  })
  return `${lines.join('\n')}\n`
}

/** Runs the commands of a session; the output of each, folded. `registry`: what stands in for `localhost:5000`. */
export function playSession(
  steps: readonly Step[],
  options: { cwd: string; env: Record<string, string | undefined>; registry?: string },
): string[][] {
  const fold = folder()
  const { registry = registryHost } = options
  return steps.map(({ command }) => {
    const { stdout, stderr, status } = spawnSync('sh', ['-c', command.replaceAll(registryHost, registry)], {
      cwd: options.cwd,
      env: options.env,
      encoding: 'utf8',
      input: '',
      timeout: 30_000,
    })
    const part = (text: string, mark: string): string[] =>
      fold(text.replaceAll(options.cwd, '/lab').replaceAll(registry, registryHost))
        .replace(/\n$/, '')
        .split('\n')
        .filter((line, at, all) => all.length > 1 || line !== '' || at > 0)
        .map(line => `${mark} ${line}`.trimEnd())
    return [...part(stdout, '|'), ...part(stderr, '!'), ...(status === 0 ? [] : [`= ${status ?? 'none'}`])]
  })
}
