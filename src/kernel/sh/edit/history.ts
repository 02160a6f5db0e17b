/** The lines that were typed, and the file that keeps them. */
import { isErrno } from '../../../vfs/errno.ts'
import type { Handler, Shell } from '../machine.ts'
import { getVariable } from '../state.ts'

const mostLines = 500
const mostBytes = 1 << 20

/** The build of busybox: Debian's (1.35) keeps no file, and says who it is. */
export const isDebians = (sh: Shell): boolean =>
  sh.dialect === 'busybox' && (sh.p.marker.version ?? '1.35').startsWith('1.35')

/** Where a shell keeps its history: `$HISTFILE`, or the usual file in the home directory. */
function historyFile(sh: Shell): string | undefined {
  if (sh.dialect === 'dash' || isDebians(sh)) return undefined
  const home = getVariable(sh.state, 'HOME')?.value
  const usual = home === undefined ? undefined : `${home}/.${sh.dialect === 'bash' ? 'bash' : 'ash'}_history`
  return getVariable(sh.state, 'HISTFILE')?.value ?? usual
}

/** Reads what earlier sessions left. */
export function loadHistory(sh: Shell): void {
  const path = historyFile(sh)
  if (path === undefined) return
  try {
    const fd = sh.p.open(path, { read: true })
    const text = sh.readFile(fd, mostBytes)
    sh.p.close(fd)
    sh.state.history = text
      .split('\n')
      .filter(line => line !== '')
      .slice(-mostLines)
  } catch (error) {
    if (!isErrno(error)) throw error
  }
}

/** Adds a line; one that repeats the last is left out. busybox writes each at once. */
export function remember(sh: Shell, line: string): void {
  const { state } = sh
  if (line.trim() === '' || state.history.at(-1) === line) return
  state.history = [...state.history, line].slice(-mostLines)
  if (sh.dialect === 'busybox') saveLines(sh, [line], false)
}

/** bash writes its history when it ends. */
export function saveHistory(sh: Shell): void {
  if (sh.dialect === 'bash') saveLines(sh, sh.state.history, true)
}

/** Writes lines to the history's file, in a frame of their own as writing may wait. */
function saveLines(sh: Shell, lines: readonly string[], whole: boolean): void {
  const path = historyFile(sh)
  if (path === undefined || lines.length === 0) return
  try {
    const fd = sh.p.open(path, { write: true, create: true, append: !whole, truncate: whole }, 0o600)
    sh.push({ k: 'saving', fd, text: lines.map(line => `${line}\n`).join('') })
  } catch (error) {
    if (!isErrno(error)) throw error
  }
}

/** Writes the history and closes its file, whatever comes of it. */
export const saving: Handler = (sh, frame, answer) => {
  if (!answer) return { op: 'write', fd: frame.fd as number, data: Buffer.from(frame.text as string, 'latin1') }
  sh.pop()
  sh.p.close(frame.fd as number)
}
