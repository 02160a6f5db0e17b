/** Lengths of time on command lines. */

const suffixes: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400 }

/**
 * Seconds of a text such as `1`, `0.5`, `2m`, `infinity`; undefined when it is none. `gnu` adds exponents, hexadecimal
 * and infinity, which strtod(3) reads and busybox does not.
 */
export function parseSeconds(text: string, gnu = true): number | undefined {
  if (gnu && /^inf(inity)?[smhd]?$/i.test(text)) return Number.POSITIVE_INFINITY
  const hex = gnu ? /^0x([0-9a-f]+)([smh]?)$/i.exec(text) : null
  if (hex) return Number.parseInt(hex[1] ?? '0', 16) * (suffixes[hex[2] ?? ''] ?? 1)
  const match = (
    gnu ? /^\+?(\d+\.?\d*(?:e[+-]?\d+)?|\.\d+(?:e[+-]?\d+)?)([smhd]?)$/i : /^(\d+\.?\d*|\.\d+)([smhd]?)$/
  ).exec(text)
  if (!match) return undefined
  return Number(match[1]) * (suffixes[match[2] ?? ''] ?? 1)
}
