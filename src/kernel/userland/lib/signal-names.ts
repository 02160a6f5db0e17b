/** Signal names and numbers of Linux on x86 and ARM (signal(7)), as kill -l lists them. */

/** Names by number, from 1 (HUP) to 31 (SYS). Index 0 is EXIT, the name that kill(1) gives to "no signal". */
const names: readonly string[] =
  'EXIT HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH POLL PWR SYS'.split(
    ' ',
  )

const aliases: ReadonlyMap<string, number> = new Map([
  ['IOT', 6],
  ['CLD', 17],
  ['IO', 29],
  ['UNUSED', 31],
])

export const lastSignal = 31

/** The number of a signal named in any case, with or without SIG, or by its number. Undefined for none. */
export function signalNumber(text: string): number | undefined {
  if (/^\d+$/.test(text)) return Number(text) <= 64 ? Number(text) : undefined
  const bare = text.toUpperCase().replace(/^SIG/, '')
  const index = names.indexOf(bare)
  if (index >= 0) return index
  const real = /^RT(MIN|MAX)([+-]\d+)?$/.exec(bare)
  if (real) return (real[1] === 'MIN' ? 34 : 64) + Number(real[2] ?? 0)
  return aliases.get(bare)
}

/** The name without SIG; a real-time signal is RTMIN+n; the number itself when it has none. */
export function signalName(number: number): string {
  if (number >= 34 && number <= 64) {
    if (number <= 49) return number === 34 ? 'RTMIN' : `RTMIN+${number - 34}`
    return number === 64 ? 'RTMAX' : `RTMAX-${64 - number}`
  }
  return names[number] ?? String(number)
}
