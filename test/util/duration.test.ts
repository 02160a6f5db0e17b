import { expect, test } from 'vitest'
import { humanDuration } from '../../src/util/duration.ts'

const [second, minute, hour, day] = [1000, 60_000, 3_600_000, 86_400_000]

/** The borders between the steps of docker/go-units. */
test.each([
  [450, 'Less than a second'],
  [999, 'Less than a second'],
  [second, '1 second'],
  [1999, '1 second'],
  [45 * second, '45 seconds'],
  [46 * second, '46 seconds'],
  [59 * second, '59 seconds'],
  [minute, 'About a minute'],
  [119 * second, 'About a minute'],
  [3 * minute, '3 minutes'],
  [35 * minute, '35 minutes'],
  [35 * minute + 40 * second, '35 minutes'],
  [59 * minute + 59 * second, '59 minutes'],
  [hour, 'About an hour'],
  [hour + 29 * minute, 'About an hour'],
  [hour + 30 * minute, '2 hours'],
  [hour + 45 * minute, '2 hours'],
  [3 * hour, '3 hours'],
  [3 * hour + 59 * minute + 40 * second, '4 hours'],
  [24 * hour, '24 hours'],
  [36 * hour, '36 hours'],
  [47 * hour + 40 * minute, '2 days'],
  [2 * day, '2 days'],
  [7 * day, '7 days'],
  [13 * day + 5 * hour, '13 days'],
  [2 * 7 * day, '2 weeks'],
  [2 * 7 * day + 4 * day, '2 weeks'],
  [3 * 7 * day, '3 weeks'],
  [4 * 7 * day + 4 * day, '4 weeks'],
  [30 * day, '4 weeks'],
  [45 * day, '6 weeks'],
  [60 * day, '2 months'],
  [3 * 30 * day, '3 months'],
  [13 * 30 * day, '13 months'],
  [23 * 30 * day, '23 months'],
  [24 * 30 * day, '24 months'],
  [24 * 30 * day + 2 * 7 * day, '2 years'],
  [3 * 365 * day + 2 * 30 * day, '3 years'],
])('%d ms are %s', (ms, words) => {
  expect(humanDuration(ms)).toBe(words)
})
