/** Services in the order of their dependencies, those that may go at once at once. */
import type { Project } from './file/project.ts'

type Visit = (service: string) => Promise<void>

/** What a service depends on, of what is in the project. */
const needsOf = (project: Project, service: string): string[] =>
  [...(project.services.get(service)?.depends_on?.keys() ?? [])].filter(other => project.services.has(other))

/** Visits each service after all that it depends on. */
export const inOrder = (project: Project, visit: Visit): Promise<void> =>
  walk([...project.services.keys()], service => needsOf(project, service), visit)

/** Visits each service after all that depend on it; with `only`, those services and what depends on them. */
export function inReverseOrder(project: Project, visit: Visit, only: readonly string[] = []): Promise<void> {
  const dependents = new Map<string, string[]>([...project.services.keys()].map(name => [name, []]))
  for (const service of project.services.keys())
    for (const other of needsOf(project, service)) dependents.get(other)?.push(service)
  const wanted = new Set<string>()
  const want = (service: string): void => {
    if (wanted.has(service)) return
    wanted.add(service)
    for (const other of dependents.get(service) ?? []) want(other)
  }
  for (const service of only.length > 0 ? only : project.services.keys()) want(service)
  return walk([...wanted], service => (dependents.get(service) ?? []).filter(other => wanted.has(other)), visit)
}

/** Visits names when what they wait for is done. After an error nothing more begins; it is thrown at the end. */
async function walk(names: readonly string[], waitsFor: (name: string) => string[], visit: Visit): Promise<void> {
  const started = new Map<string, Promise<void>>()
  let failure: { error: unknown } | undefined
  const start = (name: string): Promise<void> => {
    let run = started.get(name)
    if (!run) {
      run = Promise.all(waitsFor(name).map(start))
        .then(() => (failure ? undefined : visit(name)))
        .catch((error: unknown) => {
          failure ??= { error }
        })
      started.set(name, run)
    }
    return run
  }
  await Promise.all([...names].sort().map(start))
  if (failure) throw failure.error
}
