/** How large a terminal's window is taken to be. */
import type { Proc } from '../../program.ts'

/** The window behind a descriptor; 24 rows of 80 columns where nobody has told its size. ENOTTY. */
export function screenSize(p: Proc, fd: number): { rows: number; cols: number } {
  const { rows, cols } = p.winsize(fd)
  return { rows: rows || 24, cols: cols || 80 }
}
