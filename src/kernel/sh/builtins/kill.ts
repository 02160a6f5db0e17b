/** `kill`, which knows jobs. */
import { isErrno } from '../../../vfs/errno.ts'
import { parseSignal, signalName, signalNames, signalNumber } from '../../signals.ts'
import { findJob } from '../jobs.ts'
import type { Shell } from '../machine.ts'
import { type Builtin, fail, print } from './builtin.ts'

export const kill: Record<string, Builtin> = { kill: killBuiltin }

function killBuiltin(sh: Shell, args: string[]): void {
  const { state, p } = sh
  state.status = 0
  const words = [...args]
  let signal = 'TERM'
  if (words[0] === '-l' || words[0] === '-L') {
    const [, number] = words
    if (number !== undefined)
      return print(
        sh,
        'kill',
        `${/^\d+$/.test(number) ? (signalName(Number(number) & 127) ?? number) : signalNumber(parseSignal(number) ?? '')}\n`,
      )
    return print(
      sh,
      'kill',
      sh.dialect === 'bash'
        ? signalTable()
        : signalNames.map((name, at) => `${String(at + 1).padStart(2)}) ${name}\n`).join(''),
    )
  }
  const option = /^-(s|n)?(.*)$/.exec(words[0] ?? '')
  let probe = false
  if (option && words[0] !== '--' && words[0] !== '-') {
    words.shift()
    const name =
      option[1] !== undefined && option[2] === '' ? (words.shift() ?? '') : (option[1] ?? '') + (option[2] ?? '')
    const known = name === '0' ? '0' : parseSignal(name)
    if (known === undefined) return void badSignal(sh, name)
    probe = known === '0'
    signal = known
  }
  if (words[0] === '--') words.shift()
  if (words.length === 0) return void killUsage(sh)
  for (const word of words) {
    const job = word.startsWith('%') ? findJob(sh, word) : undefined
    if (word.startsWith('%') && !job) {
      fail(sh, 'kill', `${word}: no such job`, sh.dialect === 'busybox' ? 2 : 1)
      if (sh.dialect === 'busybox') return
      continue
    }
    if (!job && !/^-?\d+$/.test(word)) {
      state.status = 1
      if (sh.dialect === 'bash') sh.complain('kill', `${word}: arguments must be process or job IDs`)
      else if (sh.dialect === 'dash') sh.complain('kill', `Illegal number: ${word}`)
      else sh.write(2, `${state.arg0}: invalid number '${word}'\n`)
      continue
    }
    try {
      if (job && !state.interactive) for (const pid of job.running) p.kill(pid, probe ? 0 : signal)
      else p.kill(job ? -job.pgid : Number(word), probe ? 0 : signal)
    } catch (error) {
      if (!isErrno(error)) throw error
      state.status = 1
      sh.write(
        2,
        sh.dialect === 'busybox'
          ? `${state.arg0.replace(/^-/, '')}: can't kill pid ${word}: ${error.message}\n`
          : `${sh.who}: kill: ${sh.dialect === 'bash' ? `(${word}) - ` : ''}${error.message}\n`,
      )
    }
  }
}

function badSignal(sh: Shell, name: string): void {
  sh.state.status = 1
  sh.write(
    2,
    sh.dialect === 'busybox'
      ? `${sh.state.arg0}: bad signal name '${name}'\n`
      : `${sh.who}: kill: ${name}: invalid signal specification\n`,
  )
}

function killUsage(sh: Shell): void {
  sh.state.status = sh.dialect === 'bash' ? 2 : 1
  sh.write(
    2,
    sh.dialect === 'busybox'
      ? `${sh.state.arg0}: you need to specify whom to kill\n`
      : `${sh.dialect === 'dash' ? `${sh.who}: ` : ''}kill: usage: kill [-s sigspec | -n signum | -sigspec] pid | jobspec ... or kill -l [sigspec]\n`,
  )
}

/** bash's table of signals: five in a row, the last one shorter. */
export function signalTable(): string {
  const cells = signalNames.map((name, at) => `${String(at + 1).padStart(2)}) SIG${name}`)
  const rows: string[] = []
  for (let at = 0; at < cells.length; at += 5) rows.push(`${cells.slice(at, at + 5).join('\t')}\n`)
  return rows.join('')
}
