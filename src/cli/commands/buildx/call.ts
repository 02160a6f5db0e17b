/** `--call=targets` and `--call=outline`: what can be asked of a Dockerfile (docker/buildx commands/build.go, util/…/printResult). */
import { BuildError, type Location } from '../../../build/errors.ts'
import type { Outline, OutlineMount, Target } from '../../../build/outline.ts'
import type { BuildOptions, Engine } from '../../../engine/engine.ts'
import type { CliContext } from '../../command.ts'
import { StatusError } from '../../errors.ts'
import { type BuildProgress, failureText } from '../../format/progress/build.ts'

/** `--call=WHAT[,format=FORMAT][,ignorestatus]`. Throws StatusError. */
export function parseCall(given: string): { call: string; json: boolean } {
  const [call = '', ...fields] = given.split(',')
  let json = false
  for (const field of fields) {
    const [key, value] = field.split('=')
    if (key === 'format') json = value === 'json'
    else if (key !== 'ignorestatus') throw new StatusError(1, `ERROR: invalid print field: ${field}`)
  }
  return { call, json }
}

/** Answers on standard output. Throws StatusError where the Dockerfile cannot be read. */
export async function answer(
  ctx: CliContext,
  engine: Engine,
  request: BuildOptions,
  { file, json, view }: { file: { name: string; text: string }; json: boolean; view: BuildProgress },
): Promise<void> {
  const source = Buffer.from(file.text).toString('base64')
  let text = ''
  try {
    for await (const event of engine.images.build(request)) {
      if (event.type === 'targets') text = json ? targetsJson(event.targets, source) : targetsTable(event.targets)
      else if (event.type === 'outline') text = json ? outlineJson(event.outline, source) : outlineTables(event.outline)
      else view.show(event)
    }
  } catch (error) {
    if (!(error instanceof BuildError)) throw error
    view.failedStep()
    throw new StatusError(1, failureText(error, file, 'ERROR: failed to build: '))
  }
  view.warnings()
  ctx.out.write(text)
}

/** Cells in columns as wide as their widest, with `padding` blanks; the last of a row is not padded. */
function columns(rows: readonly (readonly string[])[], padding: number): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map(row => (row[column] ?? '').length)) + padding)
  return rows
    .map(row => `${row.map((cell, at) => (at === row.length - 1 ? cell : cell.padEnd(widths[at] ?? 0))).join('')}\n`)
    .join('')
}

function targetsTable(targets: readonly Target[]): string {
  const shown = targets.map(target => {
    const name = target.default ? (target.name === '' ? '(default)' : `${target.name} (default)`) : target.name
    return [name, target.description]
  })
  return columns([['TARGET', 'DESCRIPTION'], ...shown], 1)
}

function outlineTables({ name, description, args, secrets, ssh }: Outline): string {
  const tables: string[] = []
  if (name !== '' || description !== '')
    tables.push(`${name === '' ? '' : `TARGET: ${name}\n`}${description === '' ? '' : `DESCRIPTION: ${description}\n`}`)
  if (args.length > 0)
    tables.push(
      columns(
        [['BUILD ARG', 'VALUE', 'DESCRIPTION'], ...args.map(arg => [arg.name, arg.value ?? '', arg.description])],
        3,
      ),
    )
  for (const [title, mounts] of [
    ['SECRET', secrets],
    ['SSH', ssh],
  ] as const)
    if (mounts.length > 0) tables.push(columns([[title, 'REQUIRED'], ...mounts.map(mountRow)], 3))
  return tables.map(table => `${table}\n`).join('')
}

const mountRow = ({ name, required }: OutlineMount): string[] => [name, required ? 'true' : '']

const json = (value: unknown): string => `${JSON.stringify(value, undefined, 2)}\n`
/** Lines as BuildKit's protobuf tells them. */
export const ranges = ({ start, end }: Location): { ranges: object[] } => ({
  ranges: [{ start: { line: start }, end: { line: end } }],
})

const targetsJson = (targets: readonly Target[], source: string): string =>
  json({
    targets: targets.map(target => ({
      ...(target.name !== '' && { name: target.name }),
      ...(target.default && { default: true }),
      ...(target.description !== '' && { description: target.description }),
      base: target.base,
      location: ranges(target.location),
    })),
    sources: [source],
  })

function outlineJson({ name, description, args, secrets, ssh }: Outline, source: string): string {
  const mounts = (list: readonly OutlineMount[]): object[] =>
    list.map(mount => ({
      name: mount.name,
      ...(mount.required && { required: true }),
      location: ranges(mount.location),
    }))
  return json({
    ...(name !== '' && { name }),
    ...(description !== '' && { description }),
    ...(args.length > 0 && {
      args: args.map(arg => ({
        name: arg.name,
        ...(arg.description !== '' && { description: arg.description }),
        ...(arg.value !== undefined && { value: arg.value }),
        location: ranges(arg.location),
      })),
    }),
    ...(secrets.length > 0 && { secrets: mounts(secrets) }),
    ...(ssh.length > 0 && { ssh: mounts(ssh) }),
    sources: [source],
  })
}
