/** What a build tells while it goes on; whoever shows it decides how. */
import type { RootFs } from '../vfs/rootfs.ts'
import type { Outline, Target } from './outline.ts'

export type BuildEvent =
  /** A step begins; `id` counts from 1 in the order of appearance. */
  | { type: 'start'; id: number; name: string; time: number }
  /** A line of its own, such as `transferring context: 2B done`. */
  | { type: 'status'; id: number; text: string; time: number }
  /** Bytes that its process printed. */
  | { type: 'log'; id: number; stream: 'stdout' | 'stderr'; data: Uint8Array; time: number }
  | { type: 'done'; id: number; time: number }
  | { type: 'cached'; id: number; time: number }
  | { type: 'canceled'; id: number; time: number }
  | { type: 'error'; id: number; message: string; time: number }
  /** Why a step was or was not taken from the cache. */
  | { type: 'why'; id: number; text: string }
  /** Warnings of the Dockerfile's checks; `id` is the step that read it. */
  | {
      type: 'warning'
      id: number
      rule: string
      url: string
      message: string
      location: { start: number; end: number }
    }
  | { type: 'image'; id: string }
  /** The images that the build starts from and reads, with what each is known by. */
  | { type: 'materials'; images: readonly { name: string; digest: string }[] }
  /** What was asked for instead of a build. */
  | { type: 'targets'; targets: readonly Target[] }
  | { type: 'outline'; outline: Outline }
  /** The files of the last stage, where they are what was asked for. */
  | { type: 'files'; files: RootFs }
