/** Usage lines, and the errors that show them. */
import { cobraComplaint, complaint } from './args.ts'
import { StatusError } from './errors.ts'
import type { CommandSpec, NounSpec } from './spec.ts'

/** How something was called, for its usage line: `docker container ls`. */
export interface Call {
  /** The program's name. */
  name: string
  /** The words after it, in their canonical form. */
  path: readonly string[]
}

export const callText = (call: Call): string => [call.name, ...call.path].join(' ')

/** `docker container ls [OPTIONS]`, without "Usage:  ". */
export function usageLine(call: Call, usage: string): string {
  const text = usage === '' ? callText(call) : `${callText(call)} ${usage}`
  return text.replaceAll('\n\tdocker ', `\n\t${call.name} `)
}

const withUsage = (message: string, call: Call, usage: string, hint: string): string =>
  `${message}\n\nUsage:  ${usageLine(call, usage)}\n\n${hint} '${callText(call)} --help' for more information`

/** A flag that the command does not like. */
export function flagFailure(message: string, call: Call, usage: string, plugin: NounSpec['plugin']): StatusError {
  if (plugin === 'compose') return new StatusError(1, message)
  return new StatusError(125, withUsage(message, call, usage, 'Run'))
}

/** The usage of a noun in errors: without COMMAND, for most. */
export const nounUsage = (noun: NounSpec): string => (noun.commandInErrors ? noun.usage : '')

/** A verb that a noun does not have. */
export function unknownVerb(verb: string, call: Call, noun: NounSpec): StatusError {
  const message = `${call.name}: unknown command: ${callText(call)} ${verb}`
  return new StatusError(1, withUsage(message, call, nounUsage(noun), 'Run'))
}

/** @throws StatusError 1 for a wrong number of arguments */
export function checkArity(spec: CommandSpec, args: readonly string[], call: Call, plugin: NounSpec['plugin']): void {
  const found = complaint(spec.args, args.length)
  if (!found) return
  const by = spec.arityBy ?? (plugin === 'compose' ? 'cobra' : 'docker')
  const cobra = by === 'cobra' ? cobraComplaint(spec.args, args, callText(call)) : undefined
  if (cobra !== undefined) throw new StatusError(1, cobra)
  const message = `${plugin === 'buildx' ? 'ERROR: ' : ''}${call.name}: '${callText(call)}' ${found.problem}`
  throw new StatusError(1, withUsage(message, call, spec.usage, found.hint))
}
