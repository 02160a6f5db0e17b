import { expect, it } from 'vitest'
import { align } from '../../../src/cli/format/tabwriter.ts'

it.each([
  ['cells are ten wide at least', 'A\tB\nx\ty\n', 'A         B\nx         y\n'],
  [
    'three blanks follow the widest cell',
    'CONTAINER ID\tIMAGE\nee9bbc4136da\tbusybox\n',
    'CONTAINER ID   IMAGE\nee9bbc4136da   busybox\n',
  ],
  ['the last cell is as wide as it is', 'A\tLONGER THAN TEN\nx\ty\n', 'A         LONGER THAN TEN\nx         y\n'],
  ['empty cells keep their place', 'A\tPORTS\tNAMES\nx\t\tup\n', 'A         PORTS     NAMES\nx                   up\n'],
  ['a column ends at a line without it', 'aaaaaaaaaaaa\tb\nplain\nc\td\n', 'aaaaaaaaaaaa   b\nplain\nc         d\n'],
  ['characters are counted, not bytes', 'ünïcödé-ünïcödé\tb\nx\ty\n', 'ünïcödé-ünïcödé   b\nx                 y\n'],
])('%s', (_, text, aligned) => {
  expect(align(text)).toBe(aligned)
})
