/**
 * `docker create` with one line of flags after another (`fixtures/cli/create-flags.txt`): what Docker answers, and what each
 * line changes in `inspect` against a container without flags. `> FLAGS` is a case; `! ` a line of its errors, `= N` its
 * status, `+ PATH VALUE` a field that is new or other, `- PATH` one that is gone.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import type { Outcome } from './cli.ts'
import { folder } from './fold.ts'
import { plainWords } from './session.ts'

export interface Case {
  flags: string
  output: string[]
}

export function parseCases(text: string): (Case | string)[] {
  const cases: (Case | string)[] = []
  for (const line of text.split('\n')) {
    const last = cases.at(-1)
    if (line.startsWith('> ')) cases.push({ flags: line.slice(2), output: [] })
    else if (line.startsWith('#')) cases.push(line)
    else if (line !== '' && typeof last === 'object') last.output.push(line)
  }
  return cases
}

export const printCases = (cases: readonly (Case | string)[]): string =>
  `${cases.flatMap(entry => (typeof entry === 'string' ? [entry] : [`> ${entry.flags}`, ...entry.output])).join('\n')}\n`

/** Differs for every container, whatever its flags. */
const volatile = /^(Id|Created|Name|ResolvConfPath|HostnamePath|HostsPath|LogPath|GraphDriver.*)$/

function flatten(value: unknown, path: string, out: Map<string, string>): Map<string, string> {
  if (value !== null && typeof value === 'object' && !Array.isArray(value) && Object.keys(value).length > 0)
    for (const [key, part] of Object.entries(value)) flatten(part, path === '' ? key : `${path}.${key}`, out)
  else if (!volatile.test(path)) out.set(path, JSON.stringify(value))
  return out
}

interface Place {
  cwd: string
  /** Where the engine keeps its data, and the name of its machine, as inspect shows them. */
  dataRoot: string
  hostname: string
  env: Record<string, string | undefined>
  /** Answers without a process (in-process.ts). */
  docker?: (words: readonly string[], place: Place) => Promise<Outcome>
}

/** `docker COMMAND`, as a process or by what the place has for lines without a shell's doing. */
async function docker(place: Place, command: string): Promise<Outcome> {
  const words = place.docker && plainWords(`docker ${command}`)
  if (place.docker && words) return place.docker(words, place)
  const { stdout, stderr, status } = spawnSync('sh', ['-c', `docker ${command}`], {
    ...place,
    encoding: 'utf8',
    input: '',
    timeout: 30_000,
    maxBuffer: 2 ** 26,
  })
  return { out: stdout, err: stderr, status }
}

/** What the lines may name: files in the working folder, a donor, a network, a volume. */
async function prepare(place: Place): Promise<void> {
  writeFileSync(`${place.cwd}/env.list`, '# comment\nONE=1\nTWO=a b\nHOSTVALUE\n\nEMPTY=\n')
  writeFileSync(`${place.cwd}/bad.list`, '=x\n')
  writeFileSync(`${place.cwd}/labels.list`, 'a=1\nb\n')
  writeFileSync(`${place.cwd}/seccomp.json`, '{ "defaultAction": "SCMP_ACT_ALLOW",\n  "syscalls": [] }\n')
  writeFileSync(`${place.cwd}/broken.json`, '{ nope')
  mkdirSync(`${place.cwd}/folder`, { recursive: true })
  await docker(place, 'create --name donor --ipc shareable -v data:/donated busybox sleep 1000')
  await docker(place, 'network create net1 --subnet 10.77.0.0/24')
  await docker(place, 'create --name plain busybox')
}

/** Makes a container of each case, then looks at all of them; the outcome of each. */
export async function playCases(cases: readonly Case[], given: Place): Promise<string[][]> {
  const place = { ...given, env: { ...given.env, HOSTVALUE: 'from the host' } }
  await prepare(place)
  const created: Outcome[] = []
  for (const [at, { flags }] of cases.entries()) {
    const words = flags.includes('busybox') ? flags : `${flags} busybox`
    created.push(await docker(place, `create --name case${at} ${words}`))
  }
  const documents = JSON.parse(
    (await docker(place, `inspect plain ${cases.map((_, at) => `case${at}`).join(' ')}`)).out,
  ) as Record<string, unknown>[]
  const found = new Map(documents.map(document => [String(document['Name']).slice(1), fieldsOf(document)]))
  const plain = found.get('plain') ?? new Map<string, string>()
  return created.map(({ err, status }, at) => {
    const fold = folder()
    const clean = (text: string): string =>
      fold(
        text
          .replaceAll(place.cwd, '/lab')
          .replaceAll(place.dataRoot, '/data')
          .replaceAll(`"${place.hostname}"`, '"<host>"'),
      ).replaceAll(`case${at}`, 'case')
    const out =
      err === ''
        ? []
        : clean(err.replace(/\n$/, ''))
            .split('\n')
            .map(line => `! ${line}`.trimEnd())
    if (status !== 0) out.push(`= ${status}`)
    const fields = found.get(`case${at}`)
    for (const [path, value] of fields ?? []) if (plain.get(path) !== value) out.push(`+ ${path} ${clean(value)}`)
    if (fields) for (const path of plain.keys()) if (!fields.has(path)) out.push(`- ${path}`)
    return out
  })
}

function fieldsOf(document: Record<string, unknown>): Map<string, string> {
  const config = document['Config'] as Record<string, unknown>
  if (config['Hostname'] !== '' && String(document['Id']).startsWith(String(config['Hostname'])))
    config['Hostname'] = '<id>'
  // Docker goes through a map here: the order of the variables is another each time.
  config['Env'] = [...(config['Env'] as string[])].sort()
  return new Map([...flatten(document, '', new Map())].sort(([a], [b]) => (a < b ? -1 : 1)))
}
