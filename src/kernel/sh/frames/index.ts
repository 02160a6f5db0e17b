/** The kinds of frames, by name. */
import { builtinFrames } from '../builtins/index.ts'
import { saving } from '../edit/history.ts'
import { interactive } from '../interactive.ts'
import type { Handler } from '../machine.ts'
import { simple } from '../simple.ts'
import {
  arithFrame,
  caseFrame,
  countFrame,
  forFrame,
  functionFrame,
  ifFrame,
  redirected,
  testFrame,
  timeFrame,
  whileFrame,
} from './compound.ts'
import { call, exit, status, write } from './effects.ts'
import { andor, group, list } from './lists.ts'
import { pipe, subshell } from './pipeline.ts'
import { source, stdin } from './source.ts'
import { process, substitute } from './substitute.ts'

export const handlers: Readonly<Record<string, Handler>> = {
  source,
  list,
  andor,
  pipe,
  subshell,
  group,
  redirected,
  if: ifFrame,
  while: whileFrame,
  for: forFrame,
  case: caseFrame,
  function: functionFrame,
  test: testFrame,
  arith: arithFrame,
  count: countFrame,
  time: timeFrame,
  simple,
  substitute,
  process,
  exit,
  write,
  status,
  call,
  stdin,
  interactive,
  saving,
  ...builtinFrames,
}
