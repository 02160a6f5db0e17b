// Made by scripts/catalog.ts from fixtures/catalog. Do not edit.
/** Loads the data of one family. */
export const families: ReadonlyMap<string, () => Promise<{ data: string }>> = new Map([
  ['alpine', () => import('./alpine.generated.ts')],
  ['busybox', () => import('./busybox.generated.ts')],
  ['debian', () => import('./debian.generated.ts')],
  ['hello-world', () => import('./hello-world.generated.ts')],
  ['ubuntu', () => import('./ubuntu.generated.ts')],
])
