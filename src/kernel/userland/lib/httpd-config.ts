/** httpd.conf: the lines that containers use (A: D: deny by address, E: error pages, I: index, P: proxy, .ext: types, /path:user:pass). */
import type { Proc, Routine } from '../../program.ts'
import { textOf } from './interfaces.ts'

/** The configuration as plain data, so that a server can be stored; with the listening socket. */
export interface StoredConfig {
  indexPage: string
  types: [string, string][]
  errorPages: [number, string][]
  passwords: { path: string; user: string; password: string }[]
}

export interface ServerState extends StoredConfig {
  socket: number
  realm: string
}

export function settingsOf(state: ServerState): HttpdSettings {
  return { ...state, types: new Map(state.types), errorPages: new Map(state.errorPages) }
}

export interface HttpdSettings extends HttpdConfig {
  readonly realm: string
}

export interface HttpdConfig {
  readonly indexPage: string
  readonly types: ReadonlyMap<string, string>
  readonly errorPages: ReadonlyMap<number, string>
  /** Longest prefix first. */
  readonly passwords: readonly { path: string; user: string; password: string }[]
}

/** Reads the configuration: the file named, else /etc/httpd.conf; none is an empty one. */
export function* readConfig(p: Proc, path: string | undefined): Routine<StoredConfig> {
  const text = yield* textOf(p, path ?? '/etc/httpd.conf')
  let indexPage = 'index.html'
  const types = new Map<string, string>()
  const errorPages = new Map<number, string>()
  const passwords: { path: string; user: string; password: string }[] = []
  for (const raw of text.split('\n')) {
    const line = raw.replace(/#.*/, '').trim()
    const index = /^I:(.+)$/i.exec(line)
    const type = /^\.([^:]+):(.+)$/.exec(line)
    const page = /^E(\d+):(.+)$/i.exec(line)
    const secret = /^(\/[^:]*):([^:]*):(.*)$/.exec(line)
    if (index?.[1]) indexPage = index[1]
    else if (type?.[1] && type[2]) types.set(type[1], type[2])
    else if (page?.[2]) errorPages.set(Number(page[1]), page[2])
    else if (secret) passwords.push({ path: secret[1] ?? '/', user: secret[2] ?? '', password: secret[3] ?? '' })
  }
  passwords.sort((a, b) => b.path.length - a.path.length)
  return { indexPage, types: [...types], errorPages: [...errorPages], passwords }
}

/** %XX decoded; with `plus`, + is a space (httpd -d). */
export function decodeUrl(text: string, plus = false): string {
  return (plus ? text.replace(/\+/g, ' ') : text).replace(/%([0-9a-fA-F]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
}
