/** stty: settings of the terminal on standard input: size, echo, raw. Others are accepted and shown at their defaults. */
import { isErrno } from '../../vfs/errno.ts'
import type { Routine, Termios } from '../program.ts'
import { sane } from '../pty.ts'
import { command } from './lib/command.ts'
import { Failure } from './lib/failure.ts'

export const options = {
  all: '-a --all  everything',
  save: '-g --save  in a form that stty reads',
  file: '-F=DEVICE --file=DEVICE  another terminal',
}

/** The three lines of control characters; ^O is `flush` to busybox and `discard` to coreutils. */
function characters(gnu: boolean): string {
  return `intr = ^C; quit = ^\\; erase = ^?; kill = ^U; eof = ^D; eol = <undef>;
eol2 = <undef>; swtch = <undef>; start = ^Q; stop = ^S; susp = ^Z; rprnt = ^R;
werase = ^W; lnext = ^V; ${gnu ? 'discard' : 'flush'} = ^O; min = 1; time = 0;
`
}

/** Words that change modes, and the same with a dash before them. */
const modes: ReadonlyMap<string, Partial<Termios>> = new Map(
  Object.entries<[on: Partial<Termios>, off: Partial<Termios>]>({
    icanon: [{ canonical: true }, { canonical: false }],
    isig: [{ signals: true }, { signals: false }],
    icrnl: [{ newline: true }, { newline: false }],
    opost: [{ output: true }, { output: false }],
    cbreak: [{ canonical: false }, { canonical: true }],
    cooked: [
      { canonical: true, signals: true, newline: true, output: true },
      { canonical: false, signals: false, newline: false, output: false },
    ],
    raw: [
      { canonical: false, signals: false, newline: false, output: false },
      { canonical: true, signals: true, newline: true, output: true },
    ],
    sane: [sane, {}],
  }).flatMap(([name, [on, off]]): [string, Partial<Termios>][] => [
    [name, on],
    [`-${name}`, off],
  ]),
)

/** Every flag at its usual setting; capitals stand for what raw mode turns off. */
const rest = `-parenb -parodd -cmspar cs8 -hupcl -cstopb cread -clocal -crtscts
-ignbrk -brkint -ignpar -parmrk -inpck -istrip -inlcr -igncr ICRNL IXON -ixoff
-iuclc -ixany -imaxbel -iutf8
OPOST -olcuc -ocrnl onlcr -onocr -onlret -ofill -ofdel nl0 cr0 tab0 bs0 vt0 ff0
`

export const program = command(
  'stty',
  options,
  function* ({ p, out, args, gnu, error }) {
    const flags = args.filter(arg => /^(-a|-g|--all|--save)$/.test(arg))
    const words = args.filter(arg => !flags.includes(arg))
    let state: Termios
    try {
      state = p.termios(0)
    } catch (error) {
      if (!isErrno(error)) throw error
      throw new Failure(
        gnu ? "'standard input': Inappropriate ioctl for device" : 'standard input: Inappropriate ioctl for device',
      )
    }
    const { rows, cols } = p.winsize(0)
    // Busybox takes a window without a size for an error, whose reason is that of the call before, if any.
    const unknownSize = !gnu && (rows === 0 || cols === 0)
    const noSize = (): Routine<void> => error(`standard input${p.isatty(1) ? '' : ': Inappropriate ioctl for device'}`)
    if (flags.includes('-g') || flags.includes('--save')) {
      yield* out.write(
        `500:5:bf:${!state.signals ? 'a30' : !state.canonical ? '8a39' : state.echo ? '8a3b' : '8a33'}:3:1c:7f:15:4:0:1:0:11:13:1a:0:12:f:17:16:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0\n`,
      )
      return 0
    }
    if (words.length === 0) {
      const sized = flags.length > 0 && !unknownSize
      if (flags.length > 0 && unknownSize) yield* noSize()
      yield* out.write(`speed 38400 baud;${sized ? ` rows ${rows}; columns ${cols};` : ''} line = 0;\n`)
      if (flags.length > 0) {
        const on = (flag: boolean, name: string) => `${flag ? '' : '-'}${name}`
        const flow = !state.output
          ? rest.replace('ICRNL IXON', '-icrnl -ixon').replace('OPOST', '-opost')
          : rest.replace('ICRNL IXON', 'icrnl ixon').replace('OPOST', 'opost')
        yield* out.write(
          `${characters(gnu)}${flow}${on(state.signals, 'isig')} ${on(state.canonical, 'icanon')} ${on(state.signals, 'iexten')} ${on(state.echo, 'echo')} echoe echok -echonl -noflsh -xcase -tostop -echoprt\nechoctl echoke -flusho -extproc\n`,
        )
      } else yield* out.write(`${gnu ? '' : characters(gnu)}-brkint -imaxbel\n${state.echo ? '' : '-echo\n'}`)
      return 0
    }
    for (let i = 0; i < words.length; i++) {
      const word = words[i] ?? ''
      if (word === 'size' && unknownSize) yield* noSize()
      else if (word === 'size') yield* out.write(`${rows} ${cols}\n`)
      else if (/^(rows|cols|columns)$/.test(word) && /^\d+$/.test(words[i + 1] ?? ''))
        p.winsize(0, { [word === 'rows' ? 'rows' : 'cols']: Number(words[++i]) })
      else if (word === 'speed') yield* out.write('38400\n')
      else if (word === 'echo' || word === '-echo') p.termios(0, { echo: word === 'echo' })
      else if (modes.has(word)) p.termios(0, modes.get(word))
      else if (/^[0-9a-f]+:[0-9a-f]+:[0-9a-f]+:([0-9a-f]+):/.test(word)) {
        const local = word.split(':')[3]
        p.termios(0, {
          ...modes.get(local === 'a30' ? 'raw' : 'cooked'),
          canonical: local !== 'a30' && local !== '8a39',
          echo: local !== '8a33',
        })
      } else if (
        ['min', 'time', 'line', 'ispeed', 'ospeed', 'intr', 'quit', 'erase', 'kill', 'eof', 'susp'].includes(word)
      )
        i++
      else if (!/^(-?[a-z][a-z0-9]*|\d+)$/.test(word)) throw new Failure(`invalid argument '${word}'`)
    }
    return 0
  },
  { raw: true },
)
