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
  ['gcc', () => import('../toolchains/c.ts').then(m => m.gcc)],
  ['cc', () => import('../toolchains/c.ts').then(m => m.gcc)],
  ['g++', () => import('../toolchains/c.ts').then(m => m.gxx)],
  ['c++', () => import('../toolchains/c.ts').then(m => m.gxx)],
  // What the catalogue's images call them.
  ...['x86_64', 'aarch64'].flatMap(machine => [
    [`${machine}-linux-gnu-gcc-12`, () => import('../toolchains/c.ts').then(m => m.gcc)] as const,
    [`${machine}-linux-gnu-g++-12`, () => import('../toolchains/c.ts').then(m => m.gxx)] as const,
  ]),
  ['rustc', () => import('../toolchains/c.ts').then(m => m.rustc)],
  ['cargo', () => import('../toolchains/cargo.ts').then(m => m.program)],
]
