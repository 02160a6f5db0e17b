/** An engine of canned answers: only the methods that a test gives exist. */
import type { Engine } from '../../src/engine/engine.ts'

type Parts = { [Noun in keyof Engine]?: Partial<Engine[Noun]> }

/** An engine whose other methods reject with their name. */
export function fakeEngine(parts: Parts): Engine {
  const noun = <T extends object>(name: string, given: Partial<T> | undefined): T =>
    new Proxy(Object.create(null) as T, {
      get(_, method) {
        const found = given?.[method as keyof T]
        if (found !== undefined) return found
        return () => Promise.reject(new Error(`not expected: ${name}.${String(method)}`))
      },
    })
  return {
    host: noun('host', parts.host),
    containers: noun('containers', parts.containers),
    exec: noun('exec', parts.exec),
    images: noun('images', parts.images),
    registry: noun('registry', parts.registry),
    networks: noun('networks', parts.networks),
    volumes: noun('volumes', parts.volumes),
    system: noun('system', parts.system),
  }
}
