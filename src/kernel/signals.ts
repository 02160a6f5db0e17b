/** Signals of Linux on x86-64 and arm64 (signal(7)). */

/** A signal's name without SIG. */
export type SignalName = string

const names = [
  '',
  'HUP',
  'INT',
  'QUIT',
  'ILL',
  'TRAP',
  'ABRT',
  'BUS',
  'FPE',
  'KILL',
  'USR1',
  'SEGV',
  'USR2',
  'PIPE',
  'ALRM',
  'TERM',
  'STKFLT',
  'CHLD',
  'CONT',
  'STOP',
  'TSTP',
  'TTIN',
  'TTOU',
  'URG',
  'XCPU',
  'XFSZ',
  'VTALRM',
  'PROF',
  'WINCH',
  'POLL',
  'PWR',
  'SYS',
]
const numbers = new Map(names.map((name, number) => [name, number]))
const realTimeMin = 34
const realTimeMax = 64
const aliases: Record<string, string> = { IOT: 'ABRT', CLD: 'CHLD', IO: 'POLL', UNUSED: 'SYS' }

/** Number of a signal by name: `signalNumber('TERM')` is 15. */
export function signalNumber(name: SignalName): number {
  const known = numbers.get(name)
  if (known !== undefined) return known
  const realTime = /^RTM(IN\+|AX-)(\d+)$/.exec(name)
  if (!realTime) return 0
  return realTime[1] === 'IN+' ? realTimeMin + Number(realTime[2]) : realTimeMax - Number(realTime[2])
}

/** Name of a signal by number; undefined when there is none. */
export function signalName(number: number): SignalName | undefined {
  if (number >= realTimeMin && number <= realTimeMax)
    return number === realTimeMax ? 'RTMAX-0' : `RTMIN+${number - realTimeMin}`
  return number > 0 ? names[number] : undefined
}

/** From what users write: `9`, `KILL`, `SIGKILL`, `sigkill`, `RTMIN+3`. undefined when it is no signal. */
export function parseSignal(text: string): SignalName | undefined {
  if (/^\d+$/.test(text)) return signalName(Number(text))
  const name = text.toUpperCase().replace(/^SIG/, '')
  if (name === 'RTMIN') return 'RTMIN+0'
  if (name === 'RTMAX') return 'RTMAX-0'
  const known = Object.hasOwn(aliases, name) ? aliases[name] : name
  if (known !== undefined && known !== '' && numbers.has(known)) return known
  const number = signalNumber(name)
  return number >= realTimeMin && number <= realTimeMax ? name : undefined
}

const ignoredByDefault = new Set(['CHLD', 'URG', 'WINCH', 'CONT'])
const stopping = new Set(['STOP', 'TSTP', 'TTIN', 'TTOU'])

/** What a signal does to a process that has not said otherwise. */
export function defaultAction(name: SignalName): 'terminate' | 'ignore' | 'stop' | 'continue' {
  if (name === 'CONT') return 'continue'
  if (stopping.has(name)) return 'stop'
  return ignoredByDefault.has(name) ? 'ignore' : 'terminate'
}

/** Names in the order of their numbers, for `kill -l`. */
export const signalNames: readonly string[] = names.slice(1)

/** Whether STOPSIGNAL and --stop-signal take it (moby sys/signal ParseSignal): any number but 0, also those that are no signal. */
export const isStopSignal = (text: string): boolean =>
  /^[+-]?\d+$/.test(text) ? Number(text) !== 0 : parseSignal(text) !== undefined
