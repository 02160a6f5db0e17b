/** ps: the process table, as busybox or procps show it. */
import type { CoroutineProgram } from '../program.ts'
import { program as busybox } from './ps-busybox.ts'
import { program as procps } from './ps-procps.ts'

export { options } from './ps-busybox.ts'

export const program: CoroutineProgram = {
  kind: 'coroutine',
  name: 'ps',
  main: (p, saved) => (p.flavour === 'gnu' ? procps : busybox).main(p, saved),
}
