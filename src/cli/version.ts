/** The versions that the command line shows: those of the Docker whose behaviour is imitated. */
import { arch } from 'node:os'
import type { CliContext } from './command.ts'

export const VERSION = {
  engine: '28.5.2',
  api: '1.51',
  commit: 'ecc6942',
  built: 'Wed Nov  5 14:43:33 2025',
  go: 'go1.25.3',
  buildx: '0.29.1',
  buildxCommit: 'a32761aeb3debd39be1eca514af3693af0db334b',
  buildkit: '0.25.1',
  compose: '2.40.3',
  /** What Docker's own packages call "Docker Engine - Community". */
  platform: 'minidock (simulated engine)',
} as const

/** The client's part of `version` and `info`. */
export const clientVersion = (ctx: Pick<CliContext, 'globals'>) => ({
  Platform: { Name: VERSION.platform },
  Version: VERSION.engine,
  ApiVersion: VERSION.api,
  DefaultAPIVersion: VERSION.api,
  GitCommit: VERSION.commit,
  GoVersion: VERSION.go,
  Os: 'linux',
  Arch: arch() === 'x64' ? 'amd64' : arch(),
  BuildTime: VERSION.built,
  Context: ctx.globals.context || 'default',
})
