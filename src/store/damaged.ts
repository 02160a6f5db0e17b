/** Going on without a damaged document, where the others do not depend on it. */
import { EngineError } from '../errors.ts'
import type { StoreReader } from './types.ts'

/** What `read` returns, or `instead` when it finds a damaged document; that is told to who opened the store. */
export function orInstead<T>(reader: StoreReader, read: () => T, instead: () => T): T {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof EngineError) || error.kind !== 'dataLoss') throw error
    reader.damaged?.(error.message)
    return instead()
  }
}

/** A document, or undefined where there is none or a damaged one; the damage is told. */
export function readWhole<T>(reader: StoreReader, path: string): T | undefined {
  return orInstead<T | undefined>(
    reader,
    () => reader.read<T>(path),
    () => undefined,
  )
}
