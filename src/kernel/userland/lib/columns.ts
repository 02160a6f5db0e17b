/** Small shapes of text that several tables share. */

/** Two digits. */
export function two(value: number): string {
  return String(Math.floor(value)).padStart(2, '0')
}

/** Busybox's four-character numbers (smart_ulltoa4): 2268, 12.0m, 1.1g. `kib` counts units of the first suffix. */
export function smart4(value: number): string {
  const suffixes = ' mgtpezy'
  if (value < 10_000) return String(value).padStart(4)
  let size = value
  let unit = 0
  let tenths = 0
  while (size >= 10_000 || unit === 0) {
    tenths = Math.floor(((size % 1024) * 10) / 1024)
    size = Math.floor(size / 1024)
    unit++
  }
  const suffix = suffixes.charAt(unit)
  return (size < 100 ? `${size}.${tenths}${suffix}` : `${size}${suffix}`).padStart(4)
}
