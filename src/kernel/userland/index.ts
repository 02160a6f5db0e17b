/**
 * The commands that minidock models, by name: what an executable file called so runs. Each row loads its
 * command's file when it is first called.
 */
import type { Program } from '../program.ts'

type Load = () => Promise<Program>

export const userland: ReadonlyMap<string, Load> = new Map<string, Load>([
  // Files and text.
  ['cat', () => import('./cat.ts').then(m => m.program)],

  // Processes, system, network, archives.
])
