/** The parts of Go's library, and of a few web frameworks, that courses' programs use. */
import type { Routine } from '../../../kernel/program.ts'
import { toBytes } from '../../../kernel/userland/lib/bytes.ts'
import { exists } from '../../../kernel/userland/lib/exists.ts'
import { readChunk, readFile } from '../../../kernel/userland/lib/input.ts'
import { isErrno } from '../../../vfs/errno.ts'
import { folderOf, put } from '../../packages/lib/place.ts'
import { GoExit, GoPanic, type Machine, NotModelled, Tuple } from './run.ts'
import {
  bytesOf,
  duration,
  failure,
  fromJson,
  isStruct,
  jsonText,
  show,
  slice,
  sprintf,
  struct,
  textOf,
  toJson,
  type Value,
} from './values.ts'
import { webConstant, webFunction } from './web.ts'

const second = 1e9
const constants: Record<string, Value> = {
  'time.Nanosecond': 1,
  'time.Microsecond': 1e3,
  'time.Millisecond': 1e6,
  'time.Second': second,
  'time.Minute': 60 * second,
  'time.Hour': 3600 * second,
  'time.RFC3339': '2006-01-02T15:04:05Z07:00',
  'time.RFC1123': 'Mon, 02 Jan 2006 15:04:05 MST',
  'time.Kitchen': '3:04PM',
  'time.DateTime': '2006-01-02 15:04:05',
  'time.UTC': 'UTC',
  'math.Pi': Math.PI,
  'math.MaxInt64': Number.MAX_SAFE_INTEGER,
  'math.MaxInt32': 2147483647,
  'math.MaxInt': Number.MAX_SAFE_INTEGER,
  'syscall.SIGTERM': 'TERM',
  'syscall.SIGINT': 'INT',
  'syscall.SIGHUP': 'HUP',
  'os.Interrupt': 'INT',
  'os.Kill': 'KILL',
  'os.O_APPEND': 1024,
  'os.O_CREATE': 64,
  'os.O_WRONLY': 1,
  'os.O_RDONLY': 0,
  'os.O_RDWR': 2,
  'log.LstdFlags': 3,
  'log.Lshortfile': 16,
  'log.Ldate': 1,
  'log.Ltime': 2,
  'log.Lmicroseconds': 4,
  'log.LUTC': 32,
  'log.Lmsgprefix': 64,
}

/** Writes a UTF-8 text to a descriptor. */
export function* write(fd: number, text: string): Routine<void> {
  if (text !== '') yield { op: 'write', fd, data: toBytes(Buffer.from(text).toString('latin1')) }
}

const spaced = (args: readonly Value[]): string => args.map(one => show(one)).join(' ')
const joined = (args: readonly Value[]): string =>
  args.reduce<string>(
    (text, one, at) =>
      text + (at > 0 && typeof one !== 'string' && typeof args[at - 1] !== 'string' ? ' ' : '') + show(one),
    '',
  )

const list = (value: Value): Value[] => (value && typeof value === 'object' && value.t === 'slice' ? value.e : [])

/** A call of the library by its full name: `strings.ToUpper`, `http.Request#FormValue`, `#const time.Second`. */
export function* library(m: Machine, name: string, self: Value, args: Value[]): Routine<Value | Tuple> {
  const { p } = m
  if (name.startsWith('#const ')) {
    const key = name.slice(7)
    if (key === 'os.Args') return slice(p.argv.map(one => one))
    if (key === 'os.Stdout' || key === 'os.Stderr' || key === 'os.Stdin')
      return struct('os.File', { fd: key === 'os.Stdin' ? 0 : key === 'os.Stdout' ? 1 : 2 })
    if (key === 'runtime.GOOS') return 'linux'
    if (key === 'runtime.GOARCH') return p.uname().machine === 'aarch64' ? 'arm64' : 'amd64'
    const short = key.slice(key.lastIndexOf('/') + 1)
    if (short.startsWith('time.') && typeof constants[short] === 'number')
      return struct('time.Duration', { ns: constants[short] })
    if (/^time\.(January|February|March|April|May|June|July|August|September|October|November|December)$/.test(short))
      return short.slice(5)
    return constants[short] ?? webConstant(key)
  }
  const short = name.includes('#') ? name : name.slice(name.lastIndexOf('/') + 1)
  const [a, b, c] = args
  const text = textOf(a)
  switch (short) {
    // Built in.
    case 'len':
      return typeof a === 'string'
        ? Buffer.byteLength(a)
        : isStruct(a, '[]byte')
          ? Buffer.byteLength(textOf(a))
          : a && typeof a === 'object' && a.t === 'map'
            ? a.m.size
            : isStruct(a, 'chan')
              ? list(a.f['queue']).length
              : list(a).length
    case 'cap':
      return list(a).length
    case 'append': {
      if (isStruct(a, '[]byte')) return bytesOf(textOf(a) + args.slice(1).map(textOf).join(''))
      if (list(a).length > 5_000_000) throw new GoPanic(failure('runtime error: out of memory'))
      p.memory(16)
      return slice([...list(a), ...args.slice(1)])
    }
    case 'delete':
      if (a && typeof a === 'object' && a.t === 'map') a.m.delete(b as string)
      return undefined
    case 'copy':
      return 0
    case 'close':
      return undefined
    case 'panic':
      throw new GoPanic(a)
    case 'recover':
      return null
    case 'print':
    case 'println':
      yield* write(2, short === 'print' ? args.map(one => show(one)).join('') : `${spaced(args)}\n`)
      return undefined
    case 'string':
      return typeof a === 'number' ? String.fromCodePoint(a) : text
    case 'int':
    case 'int64':
    case 'int32':
    case 'int16':
    case 'int8':
    case 'uint':
    case 'uint64':
    case 'uint32':
    case 'uint8':
    case 'byte':
    case 'rune':
      return Math.trunc(Number(isStruct(a, 'time.Duration') ? a.f['ns'] : a))
    case 'float64':
    case 'float32':
      return Number(isStruct(a, 'time.Duration') ? a.f['ns'] : a)
    case 'bool':
    case 'error':
    case 'any':
      return a
    case 'min':
      return Math.min(...args.map(Number))
    case 'max':
      return Math.max(...args.map(Number))
    // Waiting.
    case '#receive':
      return yield* receive(m, self)
    case '#forever':
      yield* m.runPending()
      yield* webFunction(m, '#serve', undefined, [])
      for (;;) yield { op: 'sleep', ms: Number.POSITIVE_INFINITY }
    // fmt
    case 'fmt.Println':
      yield* write(1, `${spaced(args)}\n`)
      return undefined
    case 'fmt.Print':
      yield* write(1, joined(args))
      return undefined
    case 'fmt.Printf':
      yield* write(1, sprintf(text, args.slice(1)))
      return undefined
    case 'fmt.Sprintf':
      return sprintf(text, args.slice(1))
    case 'fmt.Sprint':
      return joined(args)
    case 'fmt.Sprintln':
      return `${spaced(args)}\n`
    case 'fmt.Errorf':
      return failure(sprintf(text.replaceAll('%w', '%v'), args.slice(1)))
    case 'fmt.Fprintf':
    case 'fmt.Fprintln':
    case 'fmt.Fprint':
    case 'io.WriteString': {
      const words =
        short === 'fmt.Fprintf'
          ? sprintf(textOf(b), args.slice(2))
          : short === 'fmt.Fprintln'
            ? `${spaced(args.slice(1))}\n`
            : short === 'fmt.Fprint'
              ? joined(args.slice(1))
              : textOf(b)
      yield* writeTo(m, a, words)
      return new Tuple([Buffer.byteLength(words), null])
    }
    // log
    case 'log.Println':
    case 'log.Print':
    case 'log.Printf':
    case 'log.Fatal':
    case 'log.Fatalf':
    case 'log.Fatalln':
    case 'log.Panic':
    case 'log.Panicf':
    case 'slog.Info':
    case 'slog.Error':
    case 'slog.Warn': {
      const words = short.endsWith('f')
        ? sprintf(text, args.slice(1))
        : short.endsWith('ln')
          ? spaced(args)
          : short.startsWith('slog')
            ? `${short.slice(5).toUpperCase()} ${text}${args
                .slice(1)
                .map((one, at) => (at % 2 === 0 ? ` ${show(one)}` : `=${show(one)}`))
                .join('')}`
            : joined(args)
      yield* write(2, `${logPrefix(m)}${words}\n`)
      if (short.includes('Fatal')) throw new GoExit(1)
      if (short.includes('Panic')) throw new GoPanic(words)
      return undefined
    }
    case 'log.SetFlags':
      m.globals.v['#logFlags'] = a
      return undefined
    case 'log.SetPrefix':
      m.globals.v['#logPrefix'] = a
      return undefined
    case 'log.SetOutput':
      return undefined
    // os
    case 'os.Getenv':
      return decode(p.env.get(latin(text)) ?? '')
    case 'os.LookupEnv':
      return new Tuple([decode(p.env.get(latin(text)) ?? ''), p.env.has(latin(text))])
    case 'os.Setenv':
      p.env.set(latin(text), latin(textOf(b)))
      return null
    case 'os.Environ':
      return slice([...p.env].map(([key, value]) => `${key}=${decode(value)}`))
    case 'os.Exit':
      throw new GoExit(Number(a))
    case 'os.Hostname':
      return new Tuple([p.uname().nodename, null])
    case 'os.Getpid':
      return p.pid
    case 'os.Getuid':
      return p.cred.uid
    case 'os.Getwd':
      return new Tuple([p.cwd(), null])
    case 'os.ReadFile':
    case 'ioutil.ReadFile':
      try {
        return new Tuple([bytesOf(decode(yield* readFile(p, latin(text)))), null])
      } catch (error) {
        if (isErrno(error)) return new Tuple([null, failure(`open ${text}: ${error.message.toLowerCase()}`)])
        throw error
      }
    case 'os.WriteFile':
    case 'ioutil.WriteFile':
      try {
        if (!exists(p, folderOf(latin(text)))) return failure(`open ${text}: no such file or directory`)
        yield* put(p, latin(text), { text: latin(textOf(b)), mode: typeof c === 'number' ? c : 0o644 })
        return null
      } catch (error) {
        if (isErrno(error)) return failure(`open ${text}: ${error.message.toLowerCase()}`)
        throw error
      }
    case 'os.MkdirAll':
    case 'os.Mkdir':
      try {
        if (!exists(p, text)) p.mkdir(text, 0o755)
        return null
      } catch (error) {
        if (isErrno(error)) return failure(`mkdir ${text}: ${error.message.toLowerCase()}`)
        throw error
      }
    case 'os.Stat':
      return exists(p, latin(text))
        ? new Tuple([struct('os.FileInfo', { name: text }), null])
        : new Tuple([null, failure(`stat ${text}: no such file or directory`)])
    case 'os.IsNotExist':
      return show(a).includes('no such file')
    case 'os.File#WriteString':
    case 'os.File#Write':
      yield* writeTo(m, self, text)
      return new Tuple([Buffer.byteLength(text), null])
    case 'os.File#Close':
      return null
    // strings, strconv
    case 'strings.ToUpper':
      return text.toUpperCase()
    case 'strings.ToLower':
      return text.toLowerCase()
    case 'strings.Title':
      return text.replace(/\b\p{L}/gu, letter => letter.toUpperCase())
    case 'strings.TrimSpace':
      return text.trim()
    case 'strings.Trim':
      return trim(text, textOf(b), true, true)
    case 'strings.TrimLeft':
      return trim(text, textOf(b), true, false)
    case 'strings.TrimRight':
      return trim(text, textOf(b), false, true)
    case 'strings.TrimPrefix':
      return text.startsWith(textOf(b)) ? text.slice(textOf(b).length) : text
    case 'strings.TrimSuffix':
      return textOf(b) !== '' && text.endsWith(textOf(b)) ? text.slice(0, -textOf(b).length) : text
    case 'strings.HasPrefix':
      return text.startsWith(textOf(b))
    case 'strings.HasSuffix':
      return text.endsWith(textOf(b))
    case 'strings.Contains':
      return text.includes(textOf(b))
    case 'strings.Index':
      return text.indexOf(textOf(b))
    case 'strings.Count':
      return text.split(textOf(b)).length - 1
    case 'strings.Split':
      return slice(text.split(textOf(b)))
    case 'strings.SplitN':
      return slice(text.split(textOf(b)))
    case 'strings.Fields':
      return slice(text.split(/\s+/).filter(one => one !== ''))
    case 'strings.Join':
      return list(a).map(textOf).join(textOf(b))
    case 'strings.Repeat':
      return bounded(text, Number(b))
    case 'strings.Replace':
    case 'strings.ReplaceAll':
      return text.replaceAll(textOf(b), textOf(c))
    case 'strings.EqualFold':
      return text.toLowerCase() === textOf(b).toLowerCase()
    case 'strings.NewReader':
      return struct('strings.Reader', { s: text })
    case 'strings.Builder#WriteString':
    case 'strings.Builder#WriteByte':
    case 'strings.Builder#WriteRune':
    case 'bytes.Buffer#WriteString':
    case 'bytes.Buffer#Write':
      if (isStruct(self))
        self.f['s'] = textOf(self.f['s'] ?? '') + (typeof a === 'number' ? String.fromCodePoint(a) : text)
      return new Tuple([text.length, null])
    case 'strings.Builder#String':
    case 'bytes.Buffer#String':
      return isStruct(self) ? textOf(self.f['s'] ?? '') : ''
    case 'strings.Builder#Len':
      return isStruct(self) ? textOf(self.f['s'] ?? '').length : 0
    case 'strconv.Itoa':
      return String(a)
    case 'strconv.FormatInt':
      return Number(a).toString(Number(b) || 10)
    case 'strconv.Quote':
      return JSON.stringify(text)
    case 'strconv.Atoi':
    case 'strconv.ParseInt':
    case 'strconv.ParseFloat': {
      const ok =
        short === 'strconv.ParseFloat' ? text.trim() !== '' && Number.isFinite(Number(text)) : /^[-+]?\d+$/.test(text)
      return new Tuple(
        ok
          ? [Number(text), null]
          : [0, failure(`strconv.${short.slice(8)}: parsing ${JSON.stringify(text)}: invalid syntax`)],
      )
    }
    case 'strconv.ParseBool':
      return new Tuple([
        /^(1|t|true)$/i.test(text),
        /^(1|t|true|0|f|false)$/i.test(text)
          ? null
          : failure(`strconv.ParseBool: parsing ${JSON.stringify(text)}: invalid syntax`),
      ])
    case 'errors.New':
      return failure(text)
    case 'errors.Is':
      return show(a) === show(b)
    case 'err#Error':
      return show(self)
    case 'sort.Strings':
    case 'sort.Ints':
      if (a && typeof a === 'object' && a.t === 'slice') a.e.sort((x, y) => ((x as string) < (y as string) ? -1 : 1))
      return undefined
    case 'math.Sqrt':
      return Math.sqrt(Number(a))
    case 'math.Pow':
      return Number(a) ** Number(b)
    case 'math.Floor':
      return Math.floor(Number(a))
    case 'math.Abs':
      return Math.abs(Number(a))
    case 'math.Round':
      return Math.round(Number(a))
    case 'rand.Intn':
    case 'rand.Int63n': {
      const bytes = p.random(4)
      return (
        (((bytes[0] ?? 0) * 16_777_216) % Number(a)) +
        (((((bytes[1] ?? 0) << 8) + (bytes[2] ?? 0)) % Math.max(1, Number(a))) % Number(a))
      )
    }
    case 'rand.Int':
      return Buffer.from(p.random(6)).readUIntBE(0, 6)
    case 'rand.Float64':
      return Buffer.from(p.random(4)).readUInt32BE(0) / 2 ** 32
    case 'rand.Seed':
      return undefined
    // time
    case 'time.Now':
      return struct('time.Time', { ms: p.now() })
    case 'time.Since':
      return struct('time.Duration', { ns: (p.now() - Number(isStruct(a) ? a.f['ms'] : 0)) * 1e6 })
    case 'time.Sleep':
      yield* rest(m, Number(isStruct(a, 'time.Duration') ? a.f['ns'] : a) / 1e6)
      return undefined
    case 'time.Duration':
      return struct('time.Duration', { ns: Number(isStruct(a, 'time.Duration') ? a.f['ns'] : a) })
    case 'time.After':
    case 'time.Tick':
      return struct('chan', { queue: slice([]), after: Number(isStruct(a, 'time.Duration') ? a.f['ns'] : a) / 1e6 })
    case 'time.NewTicker':
      return struct('time.Ticker', {
        C: struct('chan', { queue: slice([]), after: Number(isStruct(a, 'time.Duration') ? a.f['ns'] : a) / 1e6 }),
      })
    case 'time.Ticker#Stop':
      return undefined
    case 'time.Time#Format':
      return formatTime(Number(isStruct(self) ? self.f['ms'] : 0), text)
    case 'time.Time#Unix':
      return Math.floor(Number(isStruct(self) ? self.f['ms'] : 0) / 1000)
    case 'time.Time#UnixNano':
      return Number(isStruct(self) ? self.f['ms'] : 0) * 1e6
    case 'time.Time#UTC':
    case 'time.Time#Local':
      return self
    case 'time.Time#Year':
      return new Date(Number(isStruct(self) ? self.f['ms'] : 0)).getUTCFullYear()
    case 'time.Time#String':
      return show(self)
    case 'time.Time#Sub':
      return struct('time.Duration', {
        ns: (Number(isStruct(self) ? self.f['ms'] : 0) - Number(isStruct(a) ? a.f['ms'] : 0)) * 1e6,
      })
    case 'time.Time#Add':
      return struct('time.Time', {
        ms: Number(isStruct(self) ? self.f['ms'] : 0) + Number(isStruct(a) ? a.f['ns'] : 0) / 1e6,
      })
    case 'time.Duration#Seconds':
      return Number(isStruct(self) ? self.f['ns'] : 0) / 1e9
    case 'time.Duration#Milliseconds':
      return Math.trunc(Number(isStruct(self) ? self.f['ns'] : 0) / 1e6)
    case 'time.Duration#String':
    case 'time.Duration#Round':
      return short.endsWith('Round') ? self : duration(Number(isStruct(self) ? self.f['ns'] : 0))
    // sync, runtime, context, signals
    case 'sync.Mutex#Lock':
    case 'sync.Mutex#Unlock':
    case 'sync.RWMutex#Lock':
    case 'sync.RWMutex#Unlock':
    case 'sync.RWMutex#RLock':
    case 'sync.RWMutex#RUnlock':
    case 'sync.WaitGroup#Add':
    case 'sync.WaitGroup#Done':
      return undefined
    case 'sync.WaitGroup#Wait':
      yield* m.runPending()
      return undefined
    case 'sync.Once#Do':
      if (isStruct(self) && self.f['done'] !== true) {
        self.f['done'] = true
        yield* m.call(a, [])
      }
      return undefined
    case 'runtime.Version':
      return p.marker['version'] ?? 'go1.22.12'
    case 'runtime.NumCPU':
    case 'runtime.GOMAXPROCS':
      return 2
    case 'runtime.NumGoroutine':
      return 1 + m.pending.length
    case 'context.Background':
    case 'context.TODO':
      return struct('context.Context')
    case 'context.WithTimeout':
    case 'context.WithCancel':
    case 'signal.NotifyContext':
      if (short === 'signal.NotifyContext') for (const one of args.slice(1)) p.sigaction(textOf(one), 'catch')
      return new Tuple([
        struct('context.Context', {
          done: struct('chan', { queue: slice([]), signals: short === 'signal.NotifyContext' }),
        }),
        { t: 'nat', n: '#nothing' },
      ])
    case 'context.Context#Done':
      return isStruct(self) ? (self.f['done'] ?? struct('chan', { queue: slice([]) })) : null
    case 'context.Context#Err':
      return null
    case '#nothing':
      return undefined
    case 'signal.Notify':
      if (isStruct(a, 'chan')) a.f['signals'] = true
      for (const one of args.length > 1 ? args.slice(1) : ['TERM', 'INT']) p.sigaction(textOf(one), 'catch')
      return undefined
    case 'signal.Stop':
      return undefined
    case 'string#String':
      return signalWords[textOf(self)] ?? textOf(self)
    // testing: `go test` calls each test of a program with these.
    case 'testingRun': {
      const t = struct('testing.T', { '&': true, failed: false, out: '' })
      yield* m.call(b, [t])
      const bad = t.f['failed'] === true
      if (bad) m.globals.v['#failed'] = true
      if (bad || p.env.get('MINIDOCK_GO_TEST') === 'v')
        yield* write(
          1,
          `${p.env.get('MINIDOCK_GO_TEST') === 'v' ? `=== RUN   ${text}\n` : ''}--- ${bad ? 'FAIL' : 'PASS'}: ${text} (0.00s)\n${textOf(t.f['out'] ?? '')}`,
        )
      return undefined
    }
    case 'testingEnd':
      if (m.globals.v['#failed'] === true) {
        yield* write(1, 'FAIL\n')
        throw new GoExit(1)
      }
      if (p.env.get('MINIDOCK_GO_TEST') === 'v') yield* write(1, 'PASS\n')
      return undefined
    case 'testing.T#Errorf':
    case 'testing.T#Error':
    case 'testing.T#Fatal':
    case 'testing.T#Fatalf':
    case 'testing.T#Fail':
    case 'testing.T#Log':
    case 'testing.T#Logf':
    case 'testing.T#Helper':
      if (isStruct(self)) {
        if (!/Log|Helper/.test(short)) self.f['failed'] = true
        if (!short.endsWith('Helper') && !short.endsWith('Fail'))
          self.f['out'] =
            `${textOf(self.f['out'] ?? '')}    main_test.go: ${short.endsWith('f') ? sprintf(text, args.slice(1)) : spaced(args)}\n`
      }
      return undefined
    // encoding/json, io
    case 'json.Marshal':
      return new Tuple([bytesOf(jsonText(toJson(a, m.tag))), null])
    case 'json.MarshalIndent':
      return new Tuple([bytesOf(jsonText(toJson(a, m.tag), textOf(c))), null])
    case 'json.Unmarshal':
      return decodeInto(text, b, m)
    case 'json.NewEncoder':
      return struct('json.Encoder', { w: a ?? null })
    case 'json.Encoder#SetIndent':
      if (isStruct(self)) self.f['indent'] = b
      return undefined
    case 'json.Encoder#Encode':
      yield* writeTo(
        m,
        isStruct(self) ? self.f['w'] : null,
        `${jsonText(toJson(a, m.tag), isStruct(self) && typeof self.f['indent'] === 'string' ? self.f['indent'] : undefined)}\n`,
      )
      return null
    case 'json.NewDecoder':
      return struct('json.Decoder', { r: a ?? null })
    case 'json.Decoder#Decode':
      return decodeInto(textOf(isStruct(self) && isStruct(self.f['r']) ? (self.f['r'].f['s'] ?? '') : ''), a, m)
    case 'io.ReadAll':
    case 'ioutil.ReadAll':
      return new Tuple([bytesOf(textOf(isStruct(a) ? (a.f['s'] ?? '') : '')), null])
    case 'bufio.NewReader':
    case 'bufio.NewScanner':
      return struct(short === 'bufio.NewReader' ? 'bufio.Reader' : 'bufio.Scanner', { rest: '', line: '' })
    case 'bufio.Scanner#Scan':
    case 'bufio.Reader#ReadString':
      return yield* readLine(self, short.endsWith('Scan'))
    case 'bufio.Scanner#Text':
      return isStruct(self) ? (self.f['line'] ?? '') : ''
    case 'bufio.Scanner#Err':
      return null
    default:
      return yield* webFunction(m, short, self, args)
  }
}

const signalWords: Record<string, string> = { TERM: 'terminated', INT: 'interrupt', HUP: 'hangup' }
const latin = (text: string): string => Buffer.from(text).toString('latin1')
const decode = (text: string): string => Buffer.from(text, 'latin1').toString('utf8')

function bounded(text: string, times: number): string {
  if (times < 0) throw new GoPanic(failure('strings: negative Repeat count'))
  if (text.length * times > 64 * 1024 * 1024) throw new GoPanic(failure('runtime error: out of memory'))
  return text.repeat(times)
}

function trim(text: string, letters: string, start: boolean, end: boolean): string {
  let [from, to] = [0, text.length]
  while (start && from < to && letters.includes(text.charAt(from))) from++
  while (end && to > from && letters.includes(text.charAt(to - 1))) to--
  return text.slice(from, to)
}

function logPrefix(m: Machine): string {
  const flags = Number(m.globals.v['#logFlags'] ?? 3)
  const iso = new Date(m.p.now()).toISOString()
  const prefix = textOf(m.globals.v['#logPrefix'] ?? '')
  return `${prefix}${flags & 1 ? `${iso.slice(0, 10).replaceAll('-', '/')} ` : ''}${flags & 2 || flags & 4 ? `${iso.slice(11, 19)} ` : ''}`
}

const months = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
]
const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']

function formatTime(ms: number, layout: string): string {
  const d = new Date(ms)
  const two = (value: number): string => String(value).padStart(2, '0')
  const words: Record<string, string> = {
    '2006': String(d.getUTCFullYear()),
    January: months[d.getUTCMonth()] ?? '',
    Jan: (months[d.getUTCMonth()] ?? '').slice(0, 3),
    '01': two(d.getUTCMonth() + 1),
    '02': two(d.getUTCDate()),
    Monday: days[d.getUTCDay()] ?? '',
    Mon: (days[d.getUTCDay()] ?? '').slice(0, 3),
    '15': two(d.getUTCHours()),
    '03': two(d.getUTCHours() % 12 || 12),
    '3': String(d.getUTCHours() % 12 || 12),
    '04': two(d.getUTCMinutes()),
    '05': two(d.getUTCSeconds()),
    PM: d.getUTCHours() < 12 ? 'AM' : 'PM',
    MST: 'UTC',
    'Z07:00': 'Z',
    '-0700': '+0000',
  }
  return layout.replace(
    /2006|January|Jan|Monday|Mon|Z07:00|-0700|01|02|15|03|04|05|PM|MST|\b3\b/g,
    word => words[word] ?? word,
  )
}

/** Sleeps; servers that goroutines have started answer meanwhile. */
function* rest(m: Machine, ms: number): Routine<void> {
  yield* m.runPending()
  yield* webFunction(m, '#serveFor', ms, [])
}

/** `<-ch`: a value that is there, a timer, a signal; else it waits for ever, and what serves goes on. */
function* receive(m: Machine, channel: Value): Routine<Value> {
  yield* m.runPending()
  if (!isStruct(channel, 'chan')) return null
  const waiting = list(channel.f['queue'])
  if (waiting.length > 0) return waiting.shift()
  if (typeof channel.f['after'] === 'number') {
    yield* rest(m, channel.f['after'])
    return struct('time.Time', { ms: m.p.now() })
  }
  return (yield* webFunction(m, '#serve', channel.f['signals'] === true, [])) as Value
}

/** Writes where a Go writer leads: a response, a descriptor, a buffer. */
export function* writeTo(m: Machine, writer: Value, text: string): Routine<void> {
  if (isStruct(writer, 'http.ResponseWriter')) {
    yield* webFunction(m, 'http.ResponseWriter#Write', writer, [text]) as Routine<unknown>
  } else if (isStruct(writer, 'os.File')) yield* write(Number(writer.f['fd']), text)
  else if (isStruct(writer)) writer.f['s'] = textOf(writer.f['s'] ?? '') + text
}

function decodeInto(text: string, target: Value, m: Machine): Value {
  let json: ReturnType<typeof fromJson>
  try {
    json = fromJson(JSON.parse(text))
  } catch {
    return failure(text === '' ? 'EOF' : `invalid character '${text.trim().charAt(0)}' looking for beginning of value`)
  }
  if (isStruct(target) && json && typeof json === 'object' && json.t === 'map') {
    for (const [key, value] of json.m) {
      const field = Object.keys(target.f).find(
        one =>
          (/json:"([^",]*)/.exec(m.tag(target.n, one) ?? '')?.[1] || one).toLowerCase() === String(key).toLowerCase(),
      )
      if (field !== undefined) target.f[field] = value
    }
  } else if (
    target &&
    typeof target === 'object' &&
    target.t === 'map' &&
    json &&
    typeof json === 'object' &&
    json.t === 'map'
  )
    for (const [key, value] of json.m) target.m.set(key, value)
  else if (
    target &&
    typeof target === 'object' &&
    target.t === 'slice' &&
    json &&
    typeof json === 'object' &&
    json.t === 'slice'
  )
    target.e = json.e
  return null
}

function* readLine(self: Value, scan: boolean): Routine<Value | Tuple> {
  if (!isStruct(self)) return null
  let held = textOf(self.f['rest'] ?? '')
  while (!held.includes('\n')) {
    const more = decode(yield* readChunk(0))
    if (more === '') break
    held += more
  }
  const end = held.indexOf('\n')
  const line = end < 0 ? held : held.slice(0, end)
  self.f['rest'] = end < 0 ? '' : held.slice(end + 1)
  self.f['line'] = line.replace(/\r$/, '')
  if (scan) return end >= 0 || line !== ''
  return new Tuple([end < 0 ? line : `${line}\n`, end < 0 ? failure('EOF') : null])
}

/** Says that a program uses what is not modelled. */
export function unknown(name: string): never {
  throw new NotModelled(name.replace('#', '.').replace(/^\./, ''))
}
