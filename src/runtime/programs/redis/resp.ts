/** Redis's protocol: requests and replies as byte strings. */

export type Reply =
  | { simple: string }
  | { error: string }
  | { number: number }
  | { bulk: string | null }
  | { list: Reply[] | null }

export const OK: Reply = { simple: 'OK' }
export const bulk = (text: string | null): Reply => ({ bulk: text })
export const number = (value: number): Reply => ({ number: value })
export const list = (items: readonly Reply[]): Reply => ({ list: [...items] })
export const bulks = (items: readonly (string | null)[]): Reply => ({ list: items.map(bulk) })
export const failed = (text: string): Reply => ({ error: text })

export function encodeReply(reply: Reply): string {
  if ('simple' in reply) return `+${reply.simple}\r\n`
  if ('error' in reply) return `-${reply.error}\r\n`
  if ('number' in reply) return `:${reply.number}\r\n`
  if ('bulk' in reply) return reply.bulk === null ? '$-1\r\n' : `$${reply.bulk.length}\r\n${reply.bulk}\r\n`
  return reply.list === null ? '*-1\r\n' : `*${reply.list.length}\r\n${reply.list.map(encodeReply).join('')}`
}

export const encodeRequest = (args: readonly string[]): string =>
  `*${args.length}\r\n${args.map(each => `$${each.length}\r\n${each}\r\n`).join('')}`

/** Longest request that is waited for. */
const longest = 64 << 20

/** Takes the first request off what came; undefined when it is not all there. */
export function takeRequest(text: string): { args: string[]; rest: string } | { broken: string } | undefined {
  if (text.length > longest) return { broken: 'ERR Protocol error: too big mbulk count string' }
  if (!text.startsWith('*')) {
    const end = text.indexOf('\n')
    if (end < 0) return undefined
    const args = splitLine(text.slice(0, end).replace(/\r$/, ''))
    return args ? { args, rest: text.slice(end + 1) } : { broken: 'ERR Protocol error: unbalanced quotes in request' }
  }
  let at = text.indexOf('\r\n')
  if (at < 0) return undefined
  const count = Number(text.slice(1, at))
  if (!Number.isInteger(count) || count > 1_048_576) return { broken: 'ERR Protocol error: invalid multibulk length' }
  at += 2
  const args: string[] = []
  for (let each = 0; each < count; each++) {
    const end = text.indexOf('\r\n', at)
    if (end < 0) return undefined
    if (text[at] !== '$') return { broken: `ERR Protocol error: expected '$', got '${text[at]}'` }
    const size = Number(text.slice(at + 1, end))
    if (!Number.isInteger(size) || size < 0) return { broken: 'ERR Protocol error: invalid bulk length' }
    if (text.length < end + 2 + size + 2) return undefined
    args.push(text.slice(end + 2, end + 2 + size))
    at = end + 2 + size + 2
  }
  return { args, rest: text.slice(at) }
}

/** Words of a line with quotes, as redis-cli and inline requests have them; undefined when a quote is left open. */
export function splitLine(line: string): string[] | undefined {
  const words: string[] = []
  let at = 0
  for (;;) {
    while (/\s/.test(line[at] ?? '')) at++
    if (at >= line.length) return words
    let word = ''
    while (at < line.length && !/\s/.test(line[at] ?? '')) {
      const mark = line[at]
      if (mark !== '"' && mark !== "'") {
        word += line[at++]
        continue
      }
      for (at++; line[at] !== mark; at++) {
        if (at >= line.length) return undefined
        if (line[at] !== '\\') word += line[at]
        else if (mark === "'") word += line[at + 1] === "'" ? line[++at] : '\\'
        else {
          const hex = /^x([0-9a-fA-F]{2})/.exec(line.slice(at + 1))
          if (hex) {
            word += String.fromCharCode(Number.parseInt(hex[1] ?? '', 16))
            at += 3
          } else word += { n: '\n', r: '\r', t: '\t', b: '\b', a: '\x07' }[line[++at] ?? ''] ?? line[at]
        }
      }
      at++
    }
    words.push(word)
  }
}

/** Takes the first reply off what came; undefined when it is not all there. */
export function takeReply(text: string, from = 0): { reply: Reply; next: number } | undefined {
  const end = text.indexOf('\r\n', from)
  if (end < 0) return undefined
  const line = text.slice(from + 1, end)
  const next = end + 2
  switch (text[from]) {
    case '+':
      return { reply: { simple: line }, next }
    case '-':
      return { reply: { error: line }, next }
    case ':':
      return { reply: { number: Number(line) }, next }
    case '$': {
      const size = Number(line)
      if (size < 0) return { reply: { bulk: null }, next }
      if (text.length < next + size + 2) return undefined
      return { reply: { bulk: text.slice(next, next + size) }, next: next + size + 2 }
    }
    default: {
      const count = Number(line)
      if (count < 0) return { reply: { list: null }, next }
      const items: Reply[] = []
      let at = next
      for (let each = 0; each < count; each++) {
        const found = takeReply(text, at)
        if (!found) return undefined
        items.push(found.reply)
        at = found.next
      }
      return { reply: { list: items }, next: at }
    }
  }
}
