import { describe, expect, it } from 'vitest'
import { Pty } from '../../src/kernel/pty.ts'

const bytes = (text: string): Uint8Array => Buffer.from(text, 'latin1')

/** What a terminal shows, gives to readers, and sends as signals after something was typed. */
function typed(
  text: string,
  termios: Partial<Pty['termios']> = {},
): { shown: string; lines: string[]; signals: string[] } {
  const pty = new Pty(0, '')
  Object.assign(pty.termios, termios)
  let shown = ''
  const signals: string[] = []
  pty.feed(
    bytes(text),
    data => (shown += Buffer.from(data).toString('latin1')),
    name => signals.push(name),
  )
  const lines: string[] = []
  for (let line = pty.read(100); line; line = pty.read(100)) lines.push(Buffer.from(line).toString('latin1'))
  return { shown, lines, signals }
}

describe('the line discipline', () => {
  it.each([
    ['a line is read when it is complete', 'ab\ncd', { shown: 'ab\r\ncd', lines: ['ab\n'], signals: [] }],
    ['a carriage return is a newline', 'ab\r', { shown: 'ab\r\n', lines: ['ab\n'], signals: [] }],
    ['erase takes a character back', 'abc\x7f\n', { shown: 'abc\b \b\r\n', lines: ['ab\n'], signals: [] }],
    ['^S and ^Q are no input', 'a\x13b\x11\n', { shown: 'ab\r\n', lines: ['ab\n'], signals: [] }],
    ['erase stops at the beginning', '\x7fa\n', { shown: 'a\r\n', lines: ['a\n'], signals: [] }],
    ['^U takes the line back', 'abc\x15d\n', { shown: 'abc\b \b\b \b\b \bd\r\n', lines: ['d\n'], signals: [] }],
    ['^W takes a word back', 'a bc\x17\n', { shown: 'a bc\b \b\b \b\r\n', lines: ['a \n'], signals: [] }],
    ['^D at the beginning is an end of file', '\x04', { shown: '', lines: [''], signals: [] }],
    ['^D in a line hands out what is there', 'ab\x04', { shown: 'ab', lines: ['ab'], signals: [] }],
    ['^C interrupts and drops the line', 'ab\x03c\n', { shown: 'ab^Cc\r\n', lines: ['c\n'], signals: ['INT'] }],
    ['^\\ and ^Z send their signals', '\x1c\x1a', { shown: '^\\^Z', lines: [], signals: ['QUIT', 'TSTP'] }],
    [
      'other control characters are shown with a caret',
      '\x01\t\n',
      { shown: '^A\t\r\n', lines: ['\x01\t\n'], signals: [] },
    ],
  ])('%s', (_title, text, expected) => {
    expect(typed(text)).toEqual(expected)
  })

  it('shows nothing without echo', () => {
    expect(typed('ab\n', { echo: false })).toEqual({ shown: '', lines: ['ab\n'], signals: [] })
  })

  it('hands out everything as it comes in raw mode', () => {
    expect(typed('a\x03\r', { canonical: false, signals: false, newline: false, echo: false })).toEqual({
      shown: '',
      lines: ['a\x03\r'],
      signals: [],
    })
  })

  it('returns the carriage at each newline of its output', () => {
    expect(Buffer.from(new Pty(0, '').cook(bytes('a\nb\n'))).toString()).toBe('a\r\nb\r\n')
  })

  it('is the same after it was stored', () => {
    const pty = new Pty(2, 'e1')
    pty.feed(
      bytes('done\nhalf'),
      () => {},
      () => {},
    )
    const again = Pty.load(JSON.parse(JSON.stringify(pty.save())))
    again.feed(
      bytes(' line\n'),
      () => {},
      () => {},
    )
    expect([again.id, again.target, ...again.ready.map(line => Buffer.from(line).toString())]).toEqual([
      2,
      'e1',
      'done\n',
      'half line\n',
    ])
  })
})
