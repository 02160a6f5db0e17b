/** wget: fetches files over HTTP (busybox; GNU wget's words in wget-gnu.ts). */
import type { CoroutineProgram } from '../program.ts'
import { program as busybox } from './wget-busybox.ts'
import { program as gnu } from './wget-gnu.ts'

export { options } from './wget-busybox.ts'

export const program: CoroutineProgram = {
  kind: 'coroutine',
  name: 'wget',
  main: (p, saved) => (p.flavour === 'gnu' ? gnu : busybox).main(p, saved),
}
