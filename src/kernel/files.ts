/** Open file descriptions: what descriptors refer to, shared over dup and fork. */
import type { Place } from '../vfs/mounts.ts'
import type { Pipe } from './pipe.ts'
import type { OpenFlags } from './program.ts'
import type { Pty } from './pty.ts'

export interface Endpoint {
  address: string
  port: number
}

export type FileObject =
  | { kind: 'inode'; place: Place; offset: number }
  /** `fifo` is the file of a named one. */
  | { kind: 'pipe'; pipe: Pipe; end: 'read' | 'write'; path: string; fifo?: Place }
  | { kind: 'pty'; pty: Pty }
  /** Output of a container's main process or of an exec; `target` is '' or the exec's id. */
  | { kind: 'sink'; target: string; stream: 'stdout' | 'stderr' }
  | { kind: 'device'; device: 'null' | 'zero' | 'full' | 'random'; path: string }
  /** A device that opens and does nothing more. */
  | { kind: 'idle'; path: string; type: 'char' | 'block'; rdev: [number, number] }
  | {
      kind: 'listener'
      net: string
      protocol: 'tcp' | 'udp'
      local: Endpoint
      backlog: Connection[]
      waiters: Set<number>
    }
  | { kind: 'socket'; protocol: 'tcp' | 'udp'; rx: Pipe; tx: Pipe; local: Endpoint; peer: Endpoint }

/** The server's end of a connection that waits to be accepted. */
export interface Connection {
  rx: Pipe
  tx: Pipe
  local: Endpoint
  peer: Endpoint
}

export interface OpenFile {
  readonly id: number
  readonly object: FileObject
  readonly flags: OpenFlags
  /** Descriptors that refer to it. */
  refs: number
}
