/** Times in Docker's text forms. Input is ms since the epoch, with fractions; 0 is Go's zero time. */

const zeroTime = '0001-01-01T00:00:00Z'

/** RFC 3339 with as many nanosecond digits as Go's RFC3339Nano prints (trailing zeros are dropped). */
export function rfc3339Nano(ms: number): string {
  if (ms === 0) return zeroTime
  const digits = nanoDigits(ms).replace(/0+$/, '')
  return `${new Date(Math.floor(ms)).toISOString().slice(0, 19)}${digits === '' ? '' : `.${digits}`}Z`
}

/** RFC 3339 with all nine digits, as `docker logs -t` and `docker events` print it. */
export function rfc3339NanoFixed(ms: number): string {
  return `${new Date(Math.floor(ms)).toISOString().slice(0, 19)}.${nanoDigits(ms)}Z`
}

/** Nanoseconds since the epoch. */
export function unixNano(ms: number): bigint {
  return BigInt(Math.floor(ms / 1000)) * 1_000_000_000n + BigInt(nanoDigits(ms))
}

/** ms since the epoch of an RFC 3339 text; 0 for the zero time, NaN when it is not one. */
export function parseRfc3339(text: string): number {
  if (text === zeroTime) return 0
  const match = /^(\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d)(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/.exec(text)
  if (!match) return Number.NaN
  return Date.parse(`${match[1]}${match[3]}`) + Number(`0${match[2] ?? ''}`) * 1000
}

function nanoDigits(ms: number): string {
  const inSecond = ms - Math.floor(ms / 1000) * 1000
  return String(Math.floor(inSecond * 1e6)).padStart(9, '0')
}
