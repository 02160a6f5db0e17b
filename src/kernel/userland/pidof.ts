/** pidof: process numbers by program name. */
import { command } from './lib/command.ts'
import { processesNamed } from './lib/match-processes.ts'

export const options = {
  single: '-s  one number only',
  omit: '-o=PID  leave out this process (%PPID: the parent)',
  scripts: 'gnu: -x  also scripts',
  quiet: 'gnu: -q  only the exit status',
}

export const program = command('pidof', options, function* ({ p, out, options: given, args, gnu }) {
  const omit = given
    .values('omit')
    .flatMap(list => list.split(','))
    .map(word => (word === '%PPID' ? p.ppid : Number(word)))
  const found: number[] = []
  for (const name of args) {
    for (const info of (yield* processesNamed(p, name)).reverse()) {
      if ((info.pid !== p.pid || !gnu) && info.state !== 'Z' && !omit.includes(info.pid)) found.push(info.pid)
    }
  }
  const shown = given.has('single') ? found.slice(0, 1) : found
  if (shown.length > 0 && !given.has('quiet')) yield* out.write(`${shown.join(' ')}\n`)
  return shown.length > 0 ? 0 : 1
})
