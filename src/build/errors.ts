/** What is wrong with a build, and where in the Dockerfile (buildkit frontend/dockerfile/parser/errors.go). */

/** Lines of a Dockerfile, counted from 1, both included. */
export interface Location {
  readonly start: number
  readonly end: number
}

/** A build that cannot go on, in BuildKit's words. `location` is shown with the lines around it. */
export class BuildError extends Error {
  override readonly name = 'BuildError'
  readonly location: Location | undefined
  /** The step that failed, when it was one; its number in the progress is known by whoever reports it. */
  readonly step: string | undefined

  constructor(message: string, options: { location?: Location | undefined; step?: string } = {}) {
    super(message)
    this.location = options.location
    this.step = options.step
  }
}

/** An error of the language itself: `dockerfile parse error on line 2: ...`. */
export const parseError = (message: string, location: Location): BuildError =>
  new BuildError(`dockerfile parse error on line ${location.start}: ${message}`, { location })

/** A build that its user has stopped. */
export class CanceledBuild extends BuildError {
  constructor() {
    super('Canceled: context canceled')
  }
}
