/**
 * Recorded sessions (`fixtures/sessions/<area>/<name>.session`): commands of a shell, each with what a real Docker answered.
 * A line `$ ` starts a command and `> ` continues it; `| ` is a line of its output, `! ` of its errors, `= N` its status
 * when it is not 0. Each session runs in an empty folder, with a `docker` on the PATH that has a `busybox` image. Those
 * that name `localhost:5000` have an empty registry there: Debian's docker-registry when they are recorded, our own on
 * any free port when they are played.
 */
import { spawnSync } from 'node:child_process'
import type { Outcome } from './cli.ts'
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

interface Place {
  cwd: string
  env: Record<string, string | undefined>
}

/** Runs a line by a shell, a process for each command. */
function byShell(command: string, { cwd, env }: Place): Outcome {
  const { stdout, stderr, status } = spawnSync('sh', ['-c', command], {
    cwd,
    env,
    encoding: 'utf8',
    input: '',
    timeout: 30_000,
  })
  return { out: stdout, err: stderr, status }
}

/**
 * The words of a line that calls docker alone, with nothing that a shell would do: undefined for any other, which needs
 * a shell. An attached `up` also needs one: it follows its containers until the process ends.
 */
export function plainWords(line: string): string[] | undefined {
  if (!/^docker( |$)/.test(line) || / compose .*\bup\b(?!.* (-d|--detach)\b)/.test(line)) return undefined
  const words = line.matchAll(/\s+|((?:'[^']*'|"[^"$`\\]*"|[\w./:=,@%+{}^!-])+)|(.)/gs)
  const found: string[] = []
  for (const [, word, other] of words) {
    if (other !== undefined) return undefined
    if (word !== undefined)
      found.push(word.replace(/'([^']*)'|"([^"]*)"/g, (_, single = '', double = '') => single + double))
  }
  return found.slice(1)
}

/**
 * Runs the commands of a session; the output of each, folded. `registry`: what stands in for `localhost:5000`;
 * `docker`: answers the lines that call docker alone, without a process.
 */
export async function playSession(
  steps: readonly Step[],
  options: Place & { registry?: string; docker?: (words: readonly string[], place: Place) => Promise<Outcome> },
): Promise<string[][]> {
  const fold = folder()
  const { registry = registryHost, docker } = options
  const answers: string[][] = []
  for (const step of steps) {
    const command = step.command.replaceAll(registryHost, registry)
    const words = docker && plainWords(command)
    const { out, err, status } = docker && words ? await docker(words, options) : byShell(command, options)
    const part = (text: string, mark: string): string[] =>
      fold(text.replaceAll(options.cwd, '/lab').replaceAll(registry, registryHost))
        .replace(/\n$/, '')
        .split('\n')
        .filter((line, at, all) => all.length > 1 || line !== '' || at > 0)
        .map(line => `${mark} ${line}`.trimEnd())
    answers.push([...part(out, '|'), ...part(err, '!'), ...(status === 0 ? [] : [`= ${status ?? 'none'}`])])
  }
  return answers
}
