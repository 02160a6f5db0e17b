/** The handles that every verb of the engine gets. */
import type { Clock } from '../clock.ts'
import type { ContentStore } from '../content/content-store.ts'
import type { Store } from '../store/types.ts'
import type { Random } from '../util/random.ts'
import type { Machine } from './machine.ts'

export interface EngineContext {
  readonly store: Store
  readonly content: ContentStore
  readonly clock: Clock
  readonly random: Random
  readonly machine: Machine
  /** The environment that the engine was opened in: what it says about registries. */
  readonly env: Readonly<Record<string, string | undefined>>
}
