/** time: runs a program and tells how long it took (busybox and GNU time). */
import { isErrno } from '../../vfs/errno.ts'
import { toBytes } from './lib/bytes.ts'
import { two } from './lib/columns.ts'
import { command } from './lib/command.ts'
import { execFailure } from './lib/run.ts'
import { execFailureStatus, exitCode, spawnProgram, waitFor } from './lib/spawn.ts'

export const options = {
  posix: '-p --portability  the format of POSIX',
  verbose: '-v --verbose  everything that is known',
  format: '-f=FORMAT --format=FORMAT  a format of your own',
  output: '-o=FILE --output=FILE  write to a file',
  append: '-a --append  append to that file',
}

const formats = {
  busybox: 'real\t%E\nuser\t%u\nsys\t%T',
  gnu: '%Uuser %Ssystem %Eelapsed %PCPU (%Xavgtext+%Davgdata %Mmaxresident)k\n%Iinputs+%Ooutputs (%Fmajor+%Rminor)pagefaults %Wswaps',
  posix: 'real %e\nuser %U\nsys %S',
  verbose: `\tCommand being timed: "%C"
\tUser time (seconds): %U
\tSystem time (seconds): %S
\tPercent of CPU this job got: %P
\tElapsed (wall clock) time (h:mm:ss or m:ss): %E
\tAverage shared text size (kbytes): %X
\tAverage unshared data size (kbytes): %D
\tAverage stack size (kbytes): %p
\tAverage total size (kbytes): %K
\tMaximum resident set size (kbytes): %M
\tAverage resident set size (kbytes): %t
\tMajor (requiring I/O) page faults: %F
\tMinor (reclaiming a frame) page faults: %R
\tVoluntary context switches: %w
\tInvoluntary context switches: %c
\tSwaps: %W
\tFile system inputs: %I
\tFile system outputs: %O
\tSocket messages sent: %s
\tSocket messages received: %r
\tSignals delivered: %k
\tPage size (bytes): %Z
\tExit status: %x`,
}

export const program = command(
  'time',
  options,
  function* ({ p, options: given, args, gnu, error }) {
    const began = p.now()
    let code: number
    try {
      code = exitCode(yield* waitFor(spawnProgram(p, args)))
    } catch (thrown) {
      if (!isErrno(thrown)) throw thrown
      yield* error(execFailure(p, args[0] ?? '', thrown.message, (name, reason) => `cannot run ${name}: ${reason}`))
      code = execFailureStatus(thrown)
    }
    const real = (p.now() - began) / 1000
    const { userMs, systemMs } = p.rusage('children')
    const [user, system] = [userMs / 1000, systemMs / 1000]
    const format = given.value('format') ?? formats[given.last('posix', 'verbose') ?? (gnu ? 'gnu' : 'busybox')]
    let text = code !== 0 && !given.has('posix') ? `Command exited with non-zero status ${code}\n` : ''
    const clock = (seconds: number, hundredths: boolean) => {
      const whole = Math.floor(seconds / 60)
      const rest = seconds % 60
      if (gnu) return `${whole}:${rest.toFixed(2).padStart(5, '0')}`
      if (whole >= 60) return `${Math.floor(whole / 60)}h ${whole % 60}m ${two(rest)}s`
      return `${whole}m ${hundredths ? rest.toFixed(2) : two(rest)}s`
    }
    const percent = real > 0 ? Math.floor(((user + system) * 100) / real) : 0
    const values: Record<string, string> = {
      C: args.join(' '),
      E: clock(real, true),
      T: clock(system, true),
      u: clock(user, true),
      e: real.toFixed(2),
      U: user.toFixed(2),
      S: system.toFixed(2),
      P: real > 0 || !gnu ? `${percent}%` : '?%',
      x: String(code),
      Z: '4096',
      M: '1280',
      R: '38',
      w: '1',
      c: '0',
      '%': '%',
    }
    text += format.replace(/%(.)|\\([tn\\])/g, (_whole, letter: string | undefined, control: string | undefined) => {
      if (letter === undefined) return control === 't' ? '\t' : control === 'n' ? '\n' : '\\'
      return Object.hasOwn(values, letter) ? (values[letter] ?? '') : '0'
    })
    const file = given.value('output')
    const fd =
      file === undefined
        ? 2
        : p.open(
            file,
            { write: true, create: true, ...(given.has('append') ? { append: true } : { truncate: true }) },
            0o666,
          )
    yield { op: 'write', fd, data: toBytes(`${text}\n`) }
    return code
  },
  { stopAtOperand: true, operands: [1, Number.POSITIVE_INFINITY], gnuErrorStatus: 125 },
)
