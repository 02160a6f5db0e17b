/** Package managers, by the name that their executable says. Each row loads its code when it is first called. */
import type { Program } from '../../kernel/program.ts'

type Row = readonly [name: string, load: () => Promise<Program>]

export const packagePrograms: readonly Row[] = [
  ['apt-get', () => import('./debian/apt-get.ts').then(m => m.aptGetProgram)],
  ['apt', () => import('./debian/apt-get.ts').then(m => m.aptProgram)],
  ['apt-cache', () => import('./debian/apt-get.ts').then(m => m.aptCacheProgram)],
  ['apt-mark', () => import('./debian/apt-get.ts').then(m => m.aptMarkProgram)],
  ['dpkg', () => import('./debian/dpkg.ts').then(m => m.program)],
  ['dpkg-query', () => import('./debian/dpkg.ts').then(m => m.program)],
  ['apk', () => import('./alpine/apk.ts').then(m => m.program)],
  ['pip', () => import('./pip/pip.ts').then(m => m.program)],
  ['npm', () => import('./npm/npm.ts').then(m => m.npmProgram)],
  ['npx', () => import('./npm/npm.ts').then(m => m.npxProgram)],
  ['go', () => import('../toolchains/go.ts').then(m => m.program)],
  ['compiled', () => import('../programs/compiled.ts').then(m => m.program)],
]
