/** ping: sends echo requests (busybox, and iputils under `gnu`). */
import type { CoroutineProgram } from '../program.ts'
import { program as busybox } from './ping-busybox.ts'
import { program as iputils } from './ping-iputils.ts'

export { options } from './ping-busybox.ts'

export const program: CoroutineProgram = {
  kind: 'coroutine',
  name: 'ping',
  main: (p, saved) => (p.flavour === 'gnu' ? iputils : busybox).main(p, saved),
}
