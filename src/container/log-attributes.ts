/** What `docker logs --details` shows before a line: labels, variables and the tag that the log's options ask for. */
import { compileRegexp } from '../util/regexp.ts'
import type { ContainerRecord } from './record.ts'

/**
 * The attributes as the json-file driver writes them for each line, encoded and sorted (moby daemon/logger/loginfo.go,
 * httputils/write_log_stream.go): `a=1,b=2`. A driver that keeps none gives ''.
 */
export function logAttributes(record: ContainerRecord): string {
  const { Type: type, Config: options } = record.hostConfig.LogConfig
  if (type !== 'json-file') return ''
  const found = new Map<string, string>()
  const take = (all: ReadonlyMap<string, string>, names: string | undefined, pattern: string | undefined): void => {
    const wanted = new Set(names?.split(','))
    const matches = pattern ? compileRegexp(pattern) : undefined
    for (const [name, value] of all) if (wanted.has(name) || matches?.(name)) found.set(name, value)
  }
  take(new Map(Object.entries(record.config.Labels ?? {})), options['labels'], options['labels-regex'])
  const env = (record.config.Env ?? []).map((text): [string, string] => {
    const at = text.indexOf('=')
    return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
  })
  take(new Map(env), options['env'], options['env-regex'])
  if (options['tag']) found.set('tag', tagText(record, options['tag']))
  return [...found]
    .map(([name, value]) => `${queryEscape(name)}=${queryEscape(value)}`)
    .sort()
    .join(',')
}

/** The fields of `--log-opt tag`; other template code stays as it is. */
function tagText(record: ContainerRecord, template: string): string {
  const fields: Record<string, string> = {
    ID: record.id.slice(0, 12),
    FullID: record.id,
    Name: record.name,
    ImageName: record.config.Image,
    ImageID: record.image.replace(/^sha256:/, '').slice(0, 12),
    ImageFullID: record.image,
    DaemonName: 'docker',
  }
  return template.replace(/\{\{\s*\.(\w+)\s*\}\}/g, (whole, name: string) =>
    Object.hasOwn(fields, name) ? (fields[name] ?? whole) : whole,
  )
}

/** Go's url.QueryEscape. */
const queryEscape = (text: string): string =>
  encodeURIComponent(text)
    .replace(/[!'()*]/g, c => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+')
