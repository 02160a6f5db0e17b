// Made by scripts/catalog.ts from fixtures/catalog. Do not edit.
/** Loads the data of one family. */
export const families: ReadonlyMap<string, () => Promise<{ data: string }>> = new Map([
  ['alpine', () => import('./alpine.generated.ts')],
  ['buildpack-deps', () => import('./buildpack-deps.generated.ts')],
  ['busybox', () => import('./busybox.generated.ts')],
  ['debian', () => import('./debian.generated.ts')],
  ['distroless', () => import('./distroless.generated.ts')],
  ['golang', () => import('./golang.generated.ts')],
  ['hello-world', () => import('./hello-world.generated.ts')],
  ['httpd', () => import('./httpd.generated.ts')],
  ['mysql', () => import('./mysql.generated.ts')],
  ['nginx', () => import('./nginx.generated.ts')],
  ['node', () => import('./node.generated.ts')],
  ['postgres', () => import('./postgres.generated.ts')],
  ['python', () => import('./python.generated.ts')],
  ['redis', () => import('./redis.generated.ts')],
  ['rust', () => import('./rust.generated.ts')],
  ['servers', () => import('./servers.generated.ts')],
  ['ubuntu', () => import('./ubuntu.generated.ts')],
])
