/** `--check`: the warnings of a Dockerfile, each with its lines (docker/buildx commands/build.go printLintViolations). */
import { BuildError } from '../../../build/errors.ts'
import type { BuildEvent } from '../../../build/events.ts'
import { ruleDescriptions } from '../../../build/lint-rules.ts'
import type { BuildOptions, Engine } from '../../../engine/engine.ts'
import type { CliContext } from '../../command.ts'
import { StatusError } from '../../errors.ts'
import { type BuildProgress, excerpt } from '../../format/progress/build.ts'
import { ranges } from './call.ts'

type Warning = Extract<BuildEvent, { type: 'warning' }>

/** What a check finds: warnings, and why the file is no Dockerfile, if so. `show` gets the steps. */
export async function checkFile(
  engine: Engine,
  request: BuildOptions,
  show: (event: BuildEvent) => void,
): Promise<{ warnings: Warning[]; failure: BuildError | undefined }> {
  const warnings: Warning[] = []
  try {
    for await (const event of engine.images.build({ ...request, output: 'check' }))
      if (event.type === 'warning') warnings.push(event)
      else show(event)
  } catch (error) {
    if (error instanceof BuildError) return { warnings, failure: error }
    throw error
  }
  return { warnings, failure: undefined }
}

/**
 * Checks a Dockerfile and reports on standard output.
 * @param file  the Dockerfile as the reports name it
 * @throws StatusError 1 when there is anything to report
 */
export async function reportCheck(
  ctx: CliContext,
  engine: Engine,
  request: BuildOptions,
  file: { name: string; text: string },
  { view, quiet, json }: { view: BuildProgress; quiet: boolean; json: boolean },
): Promise<void> {
  const { warnings, failure } = await checkFile(engine, request, event => view.show(event))
  if (json) ctx.out.write(reportJson(warnings, file))
  else if (!failure || warnings.length > 0) ctx.out.write(`${quiet ? '\n' : ''}${report(warnings, file)}`)
  if (failure) {
    if (warnings.length > 0) ctx.out.write('\n')
    const lines = failure.location ? excerpt(file, failure.location) : ''
    throw new StatusError(1, `ERROR: ${failure.message}\n${lines}\n`)
  }
  if (warnings.length > 0) throw new StatusError(1)
}

/** The warnings as text. */
export function report(warnings: readonly Warning[], file: { name: string; text: string }): string {
  const many = warnings.length
  const count =
    many === 0 ? 'no warnings found.' : many === 1 ? '1 warning has been found!' : `${many} warnings have been found!`
  const each = warnings.map(
    ({ rule, url, message, location }) => `\nWARNING: ${rule} - ${url}\n${message}\n${excerpt(file, location)}`,
  )
  return `Check complete, ${count}\n${each.join('')}`
}

function reportJson(warnings: readonly Warning[], file: { name: string; text: string }): string {
  const shown = warnings.map(({ rule, url, message, location }) => ({
    ruleName: rule,
    description: ruleDescriptions[rule] ?? '',
    url,
    detail: message,
    location: ranges(location),
  }))
  const data = Buffer.from(file.text).toString('base64')
  return `${JSON.stringify({ ...(shown.length > 0 && { warnings: shown }), sources: [{ filename: file.name, data, language: 'Dockerfile' }] }, undefined, 2)}\n`
}
