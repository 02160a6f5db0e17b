/** What an installation or a removal takes: decided from the index and what is installed, touching nothing. */
import type { Database } from './dpkg-db.ts'
import type { Index, Package } from './index.ts'

/** What is to be installed. */
export interface Plan {
  /** New packages, each after those it needs. */
  install: Package[]
  /** Packages that are there in an older version, which something needs in the index's. */
  upgrade: Package[]
  /** Dependencies that no package of the index provides: package, and what it misses. */
  unmet: { pkg: Package; clause: string }[]
}

/** The package that a name means: itself, or the only one that provides it. */
export type Found =
  | { kind: 'real'; pkg: Package }
  | { kind: 'virtual'; providers: readonly Package[] }
  | { kind: 'mentioned' }
  | { kind: 'none' }

export function find(index: Index, name: string): Found {
  const pkg = index.packages.get(name)
  if (pkg) return { kind: 'real', pkg }
  const providers = index.providers.get(name)
  if (providers?.length) return { kind: 'virtual', providers }
  return { kind: index.mentions(name) ? 'mentioned' : 'none' }
}

/** Follows dependencies, and recommendations if wanted, from what is asked for. */
export function planInstall(
  index: Index,
  db: Database,
  wanted: readonly Package[],
  options: { recommends: boolean },
): Plan {
  const chosen = new Map<string, Package>()
  const unmet: Plan['unmet'] = []
  const has = (name: string): boolean =>
    db.installed(name) !== undefined ||
    chosen.has(name) ||
    (index.providers.get(name) ?? []).some(one => db.installed(one.name) !== undefined || chosen.has(one.name))
  const satisfied = (word: string, by: Package): boolean => {
    if (!word.endsWith('=')) return has(word)
    const name = word.slice(0, -1)
    const entry = db.installed(name)
    return (
      chosen.has(name) ||
      (entry !== undefined && (entry.version === by.version || index.packages.get(name)?.guessed === true))
    )
  }
  const choose = (clause: readonly string[]): Package | undefined => {
    for (const word of clause) {
      const name = word.replace(/=$/, '')
      const pkg = index.packages.get(name) ?? index.providers.get(name)?.[0]
      if (pkg) return pkg
    }
    return undefined
  }
  const queue = [...wanted]
  for (const pkg of wanted) chosen.set(pkg.name, pkg)
  for (let pkg = queue.shift(); pkg; pkg = queue.shift()) {
    const owner = pkg
    const follow = (clauses: readonly string[][], needed: boolean): void => {
      for (const clause of clauses) {
        if (clause.some(word => satisfied(word, owner))) continue
        const next = choose(clause)
        if (!next) {
          if (needed) unmet.push({ pkg: owner, clause: clause.join(' | ') })
          continue
        }
        chosen.set(next.name, next)
        queue.push(next)
      }
    }
    follow(pkg.depends, true)
    if (options.recommends) follow(pkg.recommends, false)
  }
  const ordered = inOrder([...chosen.values()], index)
  return {
    install: ordered.filter(pkg => !db.installed(pkg.name)),
    upgrade: ordered.filter(pkg => {
      const entry = db.installed(pkg.name)
      return entry !== undefined && entry.version !== pkg.version && !pkg.guessed
    }),
    unmet,
  }
}

/** Each package after those of the same set that it depends on. */
function inOrder(packages: readonly Package[], index: Index): Package[] {
  const among = new Map(packages.map(pkg => [pkg.name, pkg]))
  const done = new Set<string>()
  const order: Package[] = []
  const visit = (first: Package): void => {
    // Explicit, as chains of dependencies are long.
    const stack = [{ pkg: first, next: 0 }]
    done.add(first.name)
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      const clause = top.pkg.depends[top.next++]
      if (!clause) {
        order.push(top.pkg)
        stack.pop()
        continue
      }
      for (const word of clause) {
        const name = word.replace(/=$/, '')
        const found = among.get(name) ?? (index.providers.get(name) ?? []).find(one => among.has(one.name))
        if (!found || done.has(found.name)) continue
        done.add(found.name)
        stack.push({ pkg: found, next: 0 })
        break
      }
    }
  }
  for (const pkg of packages) if (!done.has(pkg.name)) visit(pkg)
  return order
}

/** What goes when packages are removed: they, and whatever depends on them; in order of name. */
export function planRemove(index: Index, db: Database, names: readonly string[]): string[] {
  const gone = new Set(names)
  for (let grown = true; grown; ) {
    grown = false
    for (const { name } of db.allInstalled()) {
      const pkg = index.packages.get(name)
      if (gone.has(name) || !pkg) continue
      const breaks = pkg.depends.some(clause => !clause.some(word => provided(index, db, word, gone)))
      const needs = pkg.depends.some(clause => clause.some(word => gone.has(word.replace(/=$/, ''))))
      if (breaks && needs) {
        gone.add(name)
        grown = true
      }
    }
  }
  return [...gone].sort()
}

function provided(index: Index, db: Database, word: string, gone: ReadonlySet<string>): boolean {
  const name = word.replace(/=$/, '')
  const there = (one: string): boolean => db.installed(one) !== undefined && !gone.has(one)
  return there(name) || (index.providers.get(name) ?? []).some(one => there(one.name))
}

/** Packages that came as dependencies and that nothing installed by hand needs or recommends; in order of name. */
export function unneeded(index: Index, db: Database, gone: ReadonlySet<string> = new Set()): string[] {
  const kept = new Set<string>()
  const queue = db
    .allInstalled()
    .map(entry => entry.name)
    .filter(name => !db.auto.has(name) && !gone.has(name))
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    if (kept.has(name)) continue
    kept.add(name)
    const pkg = index.packages.get(name)
    if (!pkg) continue
    for (const word of [...pkg.depends, ...pkg.recommends].flat()) {
      const bare = word.replace(/=$/, '')
      for (const one of [bare, ...(index.providers.get(bare) ?? []).map(by => by.name)])
        if (db.installed(one) && !gone.has(one)) queue.push(one)
    }
  }
  return [...db.auto].filter(name => db.installed(name) && !kept.has(name) && !gone.has(name)).sort()
}
