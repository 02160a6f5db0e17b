/** What a topic of `minidock explain` is: state in, data out, and the data as a picture. */
import type { Engine } from '../engine/engine.ts'
import type { Internals } from '../engine/internals.ts'
import type { Pen } from './pen.ts'

/** Where a topic looks. */
export interface World {
  engine: Engine
  internals: Internals
  /** Time of the engine, ms since the epoch. */
  now: number
  /** The folder that file names are relative to. */
  cwd: string
}

/** What the user asked for: arguments after the topic, and the values of its own flags. */
export interface Subject {
  args: readonly string[]
  list(flag: string): readonly string[]
}

/** A small world for a topic, made by commands that a learner could type. */
export interface Demo {
  /** Files to write first, by name. */
  files?: Readonly<Record<string, string>>
  /** Each a command of minidock, without its name. */
  steps: readonly (readonly string[])[]
  /** Arguments and flags of the view itself. */
  show: readonly string[]
}

/** One look at the subject. */
export interface View {
  /** What `--format json` prints; its schema lies in `schema/`. */
  data: object
  /** The picture, without a line end at its end. */
  draw(pen: Pen): string
  /** Commands to try next, without the program's name. */
  next: readonly string[]
}

export interface Topic {
  /** Throws EngineError for a subject that is not there. */
  view(world: World, subject: Subject): Promise<View>
  demo: Demo
}

/** A topic of a pure drawing over collected data. */
export function topicOf<Data extends object>(parts: {
  collect(world: World, subject: Subject): Promise<Data>
  draw(data: Data, pen: Pen): string
  next(data: Data): string[]
  demo: Demo
}): Topic {
  return {
    async view(world, subject) {
      const data = await parts.collect(world, subject)
      return { data, draw: pen => parts.draw(data, pen), next: parts.next(data) }
    },
    demo: parts.demo,
  }
}
