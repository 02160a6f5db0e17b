/** Tab stops of expand and unexpand. */
import { Failure } from './failure.ts'

/** One number: the distance; several: the columns. Throws Failure. */
export function parseTabs(text: string, gnu: boolean): number[] {
  return text.split(/[, ]/).map(part => {
    const stop = Number(part)
    if (!/^\d+$/.test(part))
      throw new Failure(gnu ? `tab size contains invalid character(s): '${part}'` : `invalid number '${part}'`)
    if (stop === 0) throw new Failure(gnu ? 'tab size cannot be 0' : `number ${part} is not in 1..4294967295 range`)
    return Math.min(stop, 100_000)
  })
}

/** The column of the next stop after `column`; beyond the last, the next column. */
export function nextStop(tabs: readonly number[], column: number): number {
  const [size = 8] = tabs
  if (tabs.length === 1) return column - (column % size) + size
  return tabs.find(stop => stop > column) ?? column + 1
}
