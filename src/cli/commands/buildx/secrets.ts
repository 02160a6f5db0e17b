/** Secrets of a build, from files and variables of the host. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { CliContext } from '../../command.ts'
import { fail } from './fail.ts'

/** `--secret id=x[,src=file|env=NAME]`: the secrets by id. Throws StatusError for a file that is not there. */
export function readSecrets(ctx: CliContext, specs: readonly string[]): Map<string, Uint8Array> {
  return new Map(
    specs.map(given => {
      const fields = new Map(given.split(',').map(cut))
      const id = fields.get('id') ?? ''
      const file = fields.get('src') ?? fields.get('source')
      const variable = fields.get('env')
      if (variable !== undefined && file === undefined) return [id, Buffer.from(ctx.env[variable] ?? '')]
      const path = file ?? (ctx.env[id] === undefined ? id : undefined)
      if (path === undefined) return [id, Buffer.from(ctx.env[id] ?? '')]
      try {
        return [id, readFileSync(resolve(ctx.cwd, path))]
      } catch {
        throw fail(`failed to stat ${path}: stat ${path}: no such file or directory`)
      }
    }),
  )
}

function cut(field: string): [string, string] {
  const equals = field.indexOf('=')
  return equals < 0 ? [field, ''] : [field.slice(0, equals), field.slice(equals + 1)]
}
