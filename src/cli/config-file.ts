/** The client's configuration, `config.json` in the folder of `--config`: who is logged in where. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CliContext } from './command.ts'

export interface ConfigFile {
  path: string
  /** Server to base64 of `user:password`. */
  auths: Map<string, string>
  /** Writes the file, what else it holds included. */
  save(): void
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Reads the file; one that is absent is empty. @throws Error for a file that is not JSON */
export function readConfigFile(ctx: Pick<CliContext, 'globals'>): ConfigFile {
  const path = join(ctx.globals.config, 'config.json')
  let whole: Record<string, unknown> = {}
  try {
    const parsed: unknown = JSON.parse(readFileSync(path, 'utf8'))
    if (isRecord(parsed)) whole = parsed
  } catch (error) {
    if (error instanceof SyntaxError) throw new Error(`loading config file: ${path}: ${error.message}`)
  }
  const auths = new Map<string, string>()
  if (isRecord(whole.auths)) {
    for (const [server, entry] of Object.entries(whole.auths)) {
      if (isRecord(entry) && typeof entry.auth === 'string') auths.set(server, entry.auth)
    }
  }
  return {
    path,
    auths,
    save() {
      const entries = [...auths].map(([server, auth]) => [server, { auth }] as const)
      mkdirSync(ctx.globals.config, { recursive: true, mode: 0o700 })
      writeFileSync(path, JSON.stringify({ ...whole, auths: Object.fromEntries(entries) }, null, '\t'), { mode: 0o600 })
    },
  }
}
