/** Sizes for people (`-h`) and numbers with a unit (`1k`). */

/** 1.0K, 24.4M, 117: as GNU `ls -h` and `du -h` print them (rounded up, one decimal below 10). */
export function humanSizeGnu(bytes: number, base = 1024): string {
  if (bytes < base) return String(bytes)
  const units = 'KMGTPE'
  let value = bytes
  let unit = -1
  while (value >= base && unit < units.length - 1) {
    value /= base
    unit++
  }
  let text = value < 10 ? (Math.ceil(value * 10) / 10).toFixed(1) : String(Math.ceil(value))
  if (text === '10.0') text = '10'
  if (text === String(base) && unit < units.length - 1) {
    text = '1.0'
    unit++
  }
  return text + (base === 1000 && unit === 0 ? 'k' : units.charAt(unit))
}

/** 1.0K, 24.4M, 117: as busybox prints them (rounded to the nearest, one decimal, none from 100K on). */
export function humanSizeBusybox(bytes: number): string {
  const units = ' KMGTPE'
  let value = bytes
  let fraction = 0
  let unit = 0
  while (value >= 1024 && unit < units.length - 1) {
    fraction = Math.floor(((value % 1024) * 10 + 512) / 1024)
    value = Math.floor(value / 1024)
    unit++
  }
  if (fraction >= 10) {
    value++
    fraction = 0
  }
  if (unit === 0) return String(value)
  return `${value}.${fraction}${units.charAt(unit)}`
}

/** Factors of the suffixes that busybox's tools take (`b` 512, `k`, `m`, `g`, …). */
export const busyboxSuffixes: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['b', 512],
  ['k', 1024],
  ['K', 1024],
  ['m', 1024 ** 2],
  ['M', 1024 ** 2],
  ['g', 1024 ** 3],
  ['G', 1024 ** 3],
])

/** Factors of GNU's suffixes: K KiB KB, M, G, T and b. */
export const gnuSuffixes: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['b', 512],
  ['c', 1],
  ['w', 2],
  ...['k', 'K', 'm', 'M', 'g', 'G', 't', 'T'].flatMap((letter): [string, number][] => {
    const power = 'KMGT'.indexOf(letter.toUpperCase()) + 1
    return [
      [letter, 1024 ** power],
      [`${letter}iB`, 1024 ** power],
      [`${letter}B`, 1000 ** power],
    ]
  }),
])

/** A decimal number with one of the suffixes; undefined when it is none or too large to count exactly. */
export function parseSize(text: string, suffixes: ReadonlyMap<string, number>): number | undefined {
  const match = /^(\d+)([a-zA-Z]*)$/.exec(text)
  const factor = match && suffixes.get(match[2] ?? '')
  if (!match || factor === undefined || factor === null) return undefined
  const value = Number(match[1]) * factor
  return Number.isSafeInteger(value) ? value : undefined
}
