import { expect, test } from 'vitest'
import { TextMux } from '../../../../src/cli/format/progress/text-mux.ts'

function shown(act: (mux: TextMux) => void): string[] {
  let text = ''
  act(new TextMux(more => (text += more), false))
  return text.trimEnd().split('\n')
}

test('one step keeps the text; another is shown as a whole when it ends, and the first goes on', () => {
  const lines = shown(mux => {
    mux.start(6, '[a 2/3] RUN a', 0)
    mux.start(7, '[b 2/4] RUN b', 1)
    mux.lines(7, ['0.000 b1'], 2)
    mux.lines(6, ['0.000 a1'], 3)
    mux.lines(7, ['1.500 b2'], 1500)
    mux.end(7, 'DONE 1.7s', 1700)
    mux.lines(6, ['2.000 a2'], 2000)
    mux.end(6, 'DONE 2.0s', 2001)
  })
  expect(lines).toEqual([
    ...['#1 [a 2/3] RUN a', '#1 0.000 a1', '#1 ...', ''],
    ...['#2 [b 2/4] RUN b', '#2 0.000 b1', '#2 1.500 b2', '#2 DONE 1.7s', ''],
    ...['#1 [a 2/3] RUN a', '#1 2.000 a2', '#1 DONE 2.0s'],
  ])
})

test('a step that was held back for long is shown', () => {
  const lines = shown(mux => {
    mux.start(1, 'slow', 0)
    mux.start(2, 'other', 0)
    mux.lines(2, ['hello'], 20_000)
  })
  expect(lines).toEqual(['#1 slow', '#1 ...', '', '#2 other', '#2 hello'])
})

test('a step that says much takes the text from one that says little', () => {
  const lines = shown(mux => {
    mux.start(1, 'quiet', 0)
    mux.start(2, 'loud', 0)
    for (let at = 1; at <= 60; at++) mux.lines(2, [`line ${at}`], at * 100)
  })
  expect(lines.slice(0, 5)).toEqual(['#1 quiet', '#1 ...', '', '#2 loud', '#2 line 1'])
  expect(lines.at(-1)).toBe('#2 line 60')
})
