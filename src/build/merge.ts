/** Vertices that are the same by what they do and read: BuildKit knows them by one digest, and does them once. */
import { inputsOf, type Vertex } from './vertex.ts'

/**
 * The vertex that stands for each; `order` has inputs first. The name is that of the last one met, and one of them that
 * the cache is not asked for speaks for all (buildkit client/llb mergeMetadata).
 */
export function mergeSame(order: readonly Vertex[]): ReadonlyMap<Vertex, Vertex> {
  const first = new Map<string, Vertex>()
  const standing = new Map<Vertex, Vertex>()
  const numbers = new Map<Vertex, number>()
  for (const vertex of order) {
    const identity = identityOf(vertex, input => numbers.get(standing.get(input) ?? input) ?? -1)
    const known = first.get(identity)
    if (known) {
      known.name = vertex.name
      known.noCache ||= vertex.noCache
    } else {
      first.set(identity, vertex)
      numbers.set(vertex, numbers.size)
    }
    standing.set(vertex, known ?? vertex)
  }
  return standing
}

/** All that makes a vertex what it is, in a text. */
function identityOf(vertex: Vertex, numberOf: (input: Vertex) => number): string {
  const inputs = inputsOf(vertex).map(numberOf)
  switch (vertex.kind) {
    case 'scratch':
      return 'scratch'
    case 'image':
      return JSON.stringify([vertex.kind, vertex.image.name, vertex.image.diffIDs])
    case 'mkdir':
      return JSON.stringify([vertex.kind, inputs, vertex.path, vertex.user, vertex.mode ?? null])
    case 'copy': {
      const { step, sources, files, target, loads = false } = vertex
      const { add, chown, chmod, parents, excludes, checksum, unpack } = step
      const how = [add, chown, chmod, parents, excludes, checksum, unpack ?? null, loads]
      return JSON.stringify([vertex.kind, inputs, contextOf(vertex.source), how, sources, files, target])
    }
    case 'run': {
      const { argv, env, proxy, cwd, user, mounts, script, network, environment, security } = vertex
      const mounted = mounts.map(({ spec, source }) => [spec, source ? contextOf(source) : ''])
      return JSON.stringify([
        ...[vertex.kind, inputs, argv, env, proxy, cwd, user, mounted],
        ...[script ?? null, network, environment, security],
      ])
    }
  }
}

/** A context by its name; what is a vertex is known as an input. */
const contextOf = (source: { kind: 'context'; name: string } | { kind: 'vertex' }): string =>
  source.kind === 'context' ? `context ${source.name}` : 'vertex'
