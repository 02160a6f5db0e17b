/** minidock as a library: an engine over a store, with Docker's Engine API as its interface. */

export type { Engine } from './engine/engine.ts'
export { openLocal } from './engine/local.ts'
export { EngineError, type ErrorKind } from './errors.ts'
