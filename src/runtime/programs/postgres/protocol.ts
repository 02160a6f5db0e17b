/** PostgreSQL's protocol, version 3: messages as bytes. */

export const message = (type: string, ...parts: Uint8Array[]): Buffer => {
  const body = Buffer.concat(parts)
  const head = Buffer.alloc(type.length + 4)
  head.write(type, 'latin1')
  head.writeInt32BE(body.length + 4, type.length)
  return Buffer.concat([head, body])
}

export const text = (value: string): Buffer => Buffer.from(`${value}\0`, 'utf8')

export const int16 = (value: number): Buffer => {
  const made = Buffer.alloc(2)
  made.writeInt16BE(value)
  return made
}

export const int32 = (value: number): Buffer => {
  const made = Buffer.alloc(4)
  made.writeInt32BE(value)
  return made
}

/** Takes one message off what came; undefined when it is not all there. The first of a connection has no type. */
export function take(bytes: Buffer, typed: boolean): { type: string; body: Buffer; rest: Buffer } | undefined {
  const from = typed ? 1 : 0
  if (bytes.length < from + 4) return undefined
  const size = bytes.readInt32BE(from)
  if (size < 4 || size > 64 << 20) return { type: '!', body: Buffer.alloc(0), rest: Buffer.alloc(0) }
  if (bytes.length < from + size) return undefined
  return {
    type: typed ? String.fromCharCode(bytes[0] ?? 0) : '',
    body: bytes.subarray(from + 4, from + size),
    rest: bytes.subarray(from + size),
  }
}

/** Texts that end with a zero byte. */
export const texts = (body: Buffer): string[] => body.toString('utf8').split('\0')

export interface ErrorFields {
  severity: string
  code: string
  message: string
  detail?: string | undefined
  hint?: string | undefined
  position?: number | undefined
}

export function errorMessage(type: 'E' | 'N', fields: ErrorFields): Buffer {
  const parts = [`S${fields.severity}`, `V${fields.severity}`, `C${fields.code}`, `M${fields.message}`]
  if (fields.detail !== undefined) parts.push(`D${fields.detail}`)
  if (fields.hint !== undefined) parts.push(`H${fields.hint}`)
  if (fields.position !== undefined) parts.push(`P${fields.position}`)
  return message(type, Buffer.from(`${parts.join('\0')}\0\0`, 'utf8'))
}

export function readError(body: Buffer): ErrorFields {
  const fields: ErrorFields = { severity: 'ERROR', code: '', message: '' }
  for (const part of texts(body)) {
    const value = part.slice(1)
    if (part[0] === 'S') fields.severity = value
    else if (part[0] === 'C') fields.code = value
    else if (part[0] === 'M') fields.message = value
    else if (part[0] === 'D') fields.detail = value
    else if (part[0] === 'H') fields.hint = value
    else if (part[0] === 'P') fields.position = Number(value)
  }
  return fields
}

/** A Unix socket is a port of the loopback here, and a file that says that it is there. */
export const socketPort = (port: number): number => (port + 50_000) % 65_536
export const socketFolder = '/var/run/postgresql'
export const socketFile = (port: number): string => `${socketFolder}/.s.PGSQL.${port}`
