import { describe, expect, it } from 'vitest'
import { defaultAction, parseSignal, signalName, signalNumber } from '../../src/kernel/signals.ts'

describe('signals', () => {
  it.each([
    ['9', 'KILL'],
    ['KILL', 'KILL'],
    ['SIGKILL', 'KILL'],
    ['sigterm', 'TERM'],
    ['RTMIN+3', 'RTMIN+3'],
    ['37', 'RTMIN+3'],
    ['RTMAX', 'RTMAX-0'],
    ['IOT', 'ABRT'],
    ['CLD', 'CHLD'],
    ['', undefined],
    ['0', undefined],
    ['32', undefined],
    ['99', undefined],
    ['FOO', undefined],
    ['constructor', undefined],
  ])('%s is the signal %s', (text, name) => {
    expect(parseSignal(text)).toBe(name)
  })

  it('has a number for each name, and back', () => {
    for (let number = 1; number <= 64; number++) {
      const name = signalName(number)
      if (name !== undefined) expect(signalNumber(name)).toBe(number)
    }
  })

  it.each([
    ['TERM', 'terminate'],
    ['USR1', 'terminate'],
    ['CHLD', 'ignore'],
    ['WINCH', 'ignore'],
    ['STOP', 'stop'],
    ['TSTP', 'stop'],
    ['CONT', 'continue'],
  ])('%s: %s', (name, action) => {
    expect(defaultAction(name)).toBe(action)
  })
})
