/** What checks look at: an engine, a shell on its host, and what the student handed in or did. */
import type { Engine } from '../engine/engine.ts'

export interface ShellOutcome {
  stdout: string
  stderr: string
  status: number
  /** The limit that ended it. */
  stopped?: string
}

export interface LabWorld {
  engine: Engine
  /** Runs a line of shell on the simulated host, in the student's folder. */
  sh(script: string): Promise<ShellOutcome>
  /** A file of the student's folder; undefined when it is not there. */
  file(path: string): Uint8Array | undefined
  /** The docker commands that the student ran, without the word docker. */
  log: readonly string[]
  answers: Readonly<Record<string, string>>
}
