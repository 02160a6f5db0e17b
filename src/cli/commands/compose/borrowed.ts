/** Calling another command's code with flags of its own: `compose exec` is `docker exec` on a service's container. */
import type { CliContext, Command } from '../../command.ts'
import type { Flags } from '../../flags.ts'

export type Values = Readonly<Record<string, boolean | number | string | readonly string[]>>

/** Flags with these values; others have their type's zero. */
export function fixedFlags(values: Values): Flags {
  const get = (name: string): Values[string] | undefined => (Object.hasOwn(values, name) ? values[name] : undefined)
  const list = (name: string): readonly string[] => {
    const value = get(name)
    return Array.isArray(value) ? value : []
  }
  return {
    bool: name => get(name) === true,
    string: name => String(get(name) ?? ''),
    number: name => Number(get(name) ?? 0),
    list,
    map: () => new Map(),
    filters: () => ({}),
    changed: name => get(name) !== undefined,
  }
}

/** Runs another command's code and gives its status. */
export async function borrow(
  command: Command,
  ctx: CliContext,
  args: readonly string[],
  flags: Flags,
): Promise<number | undefined> {
  const status = await command.run(ctx, args, flags)
  return typeof status === 'number' ? status : undefined
}
