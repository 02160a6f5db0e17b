/** Checks of what happens inside: commands, files, HTTP, packets. */
import { compare, type Finding, together } from '../finding.ts'
import type { Check } from '../schema.ts'
import type { LabWorld, ShellOutcome } from '../world.ts'

const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`

/** Runs a line of shell in a container, or on the host. */
const runIn = (world: LabWorld, container: string | undefined, script: string): Promise<ShellOutcome> =>
  world.sh(container === undefined ? script : `docker exec ${quoted(container)} sh -c ${quoted(script)}`)

const lastLine = (text: string): string => text.trimEnd().split('\n').at(-1) ?? ''

export async function checkCommand(world: LabWorld, spec: NonNullable<Check['command']>): Promise<Finding> {
  const { run, container, status, stdout, stderr } = spec
  const outcome = await runIn(world, container, run)
  const name = `the status of \`${run}\`${container === undefined ? '' : ` in ${container}`}`
  const ended = compare(name, outcome.status, { equals: status })
  if (outcome.stopped !== undefined) ended.found = `\`${run}\` was stopped: ${outcome.stopped}`
  else if (!ended.passed && outcome.stderr !== '') ended.found += ` (${lastLine(outcome.stderr)})`
  return together([
    ended,
    ...(stdout ? [compare(`what \`${run}\` prints`, outcome.stdout, stdout)] : []),
    ...(stderr ? [compare(`what \`${run}\` prints as errors`, outcome.stderr, stderr)] : []),
  ])
}

export async function checkFile(world: LabWorld, spec: NonNullable<Check['file']>): Promise<Finding> {
  const { path, container, image, exists, content, mode, owner } = spec
  const where = container !== undefined ? ` in ${container}` : image !== undefined ? ` in the image ${image}` : ''
  const name = `${path}${where}`
  const seen = container === undefined && image === undefined ? own(world, path) : await copied(world, spec)
  const presence: Finding = {
    passed: (seen !== undefined) === exists,
    expected: exists ? `there is a file ${name}` : `there is no file ${name}`,
    found: seen ? `there is a file ${name}` : `there is no file ${name}`,
  }
  if (!seen || !exists) return presence
  return together([
    presence,
    ...(content ? [compare(`the content of ${name}`, seen.content, content)] : []),
    ...(mode ? [compare(`the mode of ${name}`, seen.mode, { equals: mode.replace(/^0(?=...)/, '') })] : []),
    ...(owner ? [compare(`the owner of ${name}`, seen.owner, { equals: owner })] : []),
  ])
}

interface Seen {
  content: string
  mode?: string
  owner?: string
}

function own(world: LabWorld, path: string): Seen | undefined {
  const bytes = world.file(path)
  return bytes && { content: Buffer.from(bytes).toString() }
}

/** A file of a container or image, through `docker cp`: it needs no shell in there, and none that runs. */
async function copied(world: LabWorld, spec: NonNullable<Check['file']>): Promise<Seen | undefined> {
  const { path, image } = spec
  let id = spec.container ?? ''
  if (image !== undefined) {
    const made = await world.sh(`docker create ${quoted(image)} true`)
    if (made.status !== 0) return undefined
    id = lastLine(made.stdout)
  }
  const source = quoted(`${id}:${path}`)
  const listed = await world.sh(`docker cp -L ${source} - | tar -tvf - --numeric-owner`)
  const text = await world.sh(`docker cp -L ${source} - | tar -xOf -`)
  if (image !== undefined) await world.sh(`docker rm -v ${quoted(id)}`)
  const row = /^([-dl])([-rwxsStT]{9})\s+(\d+)[/ ]+(\d+)/.exec(listed.stdout)
  if (!row) return undefined
  const [, , letters = '', uid, gid] = row
  return { content: text.stdout, mode: octal(letters), owner: `${uid}:${gid}` }
}

/** `rwxr-x---` as `750`. */
function octal(letters: string): string {
  let special = 0
  const digits = [0, 3, 6].map((at, i) => {
    const [r, w, x = '-'] = letters.slice(at, at + 3)
    if (/[sStT]/.test(x)) special |= 4 >> i
    return (r === 'r' ? 4 : 0) + (w === 'w' ? 2 : 0) + (/[xst]/.test(x) ? 1 : 0)
  })
  return `${special > 0 ? special : ''}${digits.join('')}`
}

export async function checkHttp(world: LabWorld, spec: NonNullable<Check['http']>): Promise<Finding> {
  const { url, from, status, header, body, refused } = spec
  const fetch = from === undefined ? `curl -s -i -m 10 ${quoted(url)}` : `wget -q -O - -T 10 ${quoted(url)}`
  const answer = await runIn(world, from, fetch)
  const place = from === undefined ? '' : ` from ${from}`
  const answered = answer.status === 0
  const presence: Finding = {
    passed: answered !== refused,
    expected: refused ? `nobody answers at ${url}${place}` : `${url} answers${place}`,
    found: answered ? `${url} answers${place}` : `nobody answers at ${url}${place}`,
  }
  if (!answered || refused) return presence
  // wget shows the body alone; that it ended well means a status of 2xx.
  const cut = from === undefined ? answer.stdout.search(/\r?\n\r?\n/) : -1
  const head = cut < 0 ? '' : answer.stdout.slice(0, cut)
  const rest = cut < 0 ? answer.stdout : answer.stdout.slice(cut).replace(/^\r?\n\r?\n/, '')
  const code = from === undefined ? Number(/^HTTP\/\S+ (\d+)/.exec(head)?.[1]) : 200
  return together([
    presence,
    ...(status === undefined ? [] : [compare(`the status of ${url}`, code, { equals: status })]),
    ...(header ? [compare(`the header of ${url}`, head, header)] : []),
    ...(body ? [compare(`the body of ${url}`, rest, body)] : []),
  ])
}

export async function checkReach(world: LabWorld, spec: NonNullable<Check['reach']>): Promise<Finding> {
  const { from, to, reachable } = spec
  const words = (is: boolean): string => `${from} ${is ? 'reaches' : 'does not reach'} ${to}`
  try {
    const trace = await world.engine.host.trace(from, to)
    const last = trace.Hops.at(-1)
    const why = trace.Reached ? '' : `: ${trace.Result}${last ? ` (${last.at}: ${last.what})` : ''}`
    return { passed: trace.Reached === reachable, expected: words(reachable), found: words(trace.Reached) + why }
  } catch (error) {
    // Nothing is known of a container that is not there.
    return { passed: false, expected: words(reachable), found: error instanceof Error ? error.message : String(error) }
  }
}
