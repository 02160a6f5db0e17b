/** Where a lab lies: its file, a folder with `lab.yaml`, or the name of a lab among those of a folder. */
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { CliContext } from '../../command.ts'
import { StatusError } from '../../errors.ts'

/** The file of a lab. */
export function labFile(ctx: CliContext, given: string): string {
  const places = [resolve(ctx.cwd, given), join(labsFolder(ctx), given)]
  for (const place of places) {
    if (existsSync(join(place, 'lab.yaml'))) return join(place, 'lab.yaml')
    if (existsSync(place) && statSync(place).isFile()) return place
  }
  throw new StatusError(1, `${ctx.name}: there is no lab ${given}: neither a file, nor a folder with a lab.yaml`)
}

/** The folder whose labs go by their names: `MINIDOCK_LABS`, or `labs` here. */
export const labsFolder = (ctx: CliContext): string => resolve(ctx.cwd, ctx.env.MINIDOCK_LABS || 'labs')

/** The files of the labs in a folder, in the order of their names. */
export function labsIn(folder: string): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .sort()
    .map(name => join(folder, name, 'lab.yaml'))
    .filter(file => existsSync(file))
}
