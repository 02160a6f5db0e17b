/** Sizes and speeds as package managers print them. */

/** apt's: `8808 `, `2490 k`, `41.7 M`; the unit (`B`) is added by whoever prints it. */
export function aptSize(bytes: number): string {
  const letters = ['', 'k', 'M', 'G', 'T']
  let size = bytes
  for (const [step, letter] of letters.entries()) {
    if (size < 100 && step !== 0) return `${size.toFixed(1)} ${letter}`
    if (size < 10_000) return `${size.toFixed(0)} ${letter}`
    size /= 1000
  }
  return `${size.toFixed(0)} P`
}

/** How long a transfer takes on the simulated line of 20 MB a second, in ms. */
export function transferMs(bytes: number, files: number): number {
  return 90 + files * 9 + Math.round(bytes / 20_000)
}
