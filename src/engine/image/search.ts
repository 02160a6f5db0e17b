/** GET /images/search: over the catalogue. */
import type { Filters } from '../../api/system.ts'
import { EngineError, invalid, invalidFilter } from '../../errors.ts'
import type { EngineContext } from '../context.ts'
import type { ImageSearchResult } from '../engine.ts'
import { booleanFilter } from './list.ts'

const accepted = ['is-automated', 'is-official', 'stars']
const defaultLimit = 25

/** Repositories of the catalogue whose name or description has the term, those with most stars first. */
export async function searchImages(
  ctx: EngineContext,
  term: string,
  options: { limit?: number; filters?: Filters } = {},
): Promise<ImageSearchResult[]> {
  const filters = options.filters ?? {}
  for (const key of Object.keys(filters)) if (!accepted.includes(key)) throw invalidFilter(key)
  const limit = options.limit || defaultLimit
  if (limit < 1 || limit > 100) throw invalid(`limit ${limit} is outside the range of [1, 100]`)
  const official = booleanFilter(filters, 'is-official')
  const automated = booleanFilter(filters, 'is-automated')
  const stars = (filters.stars ?? []).map(value => {
    if (!/^[+-]?\d+$/.test(value)) throw invalid(`invalid filter 'stars=${value}'`)
    return Number(value)
  })
  const slash = term.indexOf('/')
  if (slash > 0) await searchElsewhere(ctx, term.slice(0, slash), term.slice(slash + 1))
  const { catalogRepositories } = await import('../../registry/catalog.ts')
  const word = term
    .toLowerCase()
    .replace(/^docker\.io\//, '')
    .replace(/^library\//, '')
  return [...(await catalogRepositories())]
    .filter(([name]) => !/^[^/]*\./.test(name))
    .map(([name, { description, stars: star_count }]) => ({
      name,
      description,
      star_count,
      is_official: !name.includes('/'),
    }))
    .filter(({ name, description }) => name.includes(word) || description.toLowerCase().includes(word))
    .filter(result => official === undefined || result.is_official === official)
    .filter(() => automated !== true)
    .filter(result => stars.every(least => result.star_count >= least))
    .sort((a, b) => Number(b.name === word) - Number(a.name === word) || b.star_count - a.star_count)
    .slice(0, limit)
}

/** A term that starts with a registry on this machine is asked there; registries of today do not know how to search. */
async function searchElsewhere(ctx: EngineContext, host: string, word: string): Promise<void> {
  const { isLoopback } = await import('../../registry/settings.ts')
  if (!isLoopback(host)) return
  const { transportTo } = await import('./sources.ts')
  const send = await transportTo(ctx, host)
  const answer = await send(host, { method: 'GET', path: `/v1/search?q=${encodeURIComponent(word)}&n=${defaultLimit}` })
  answer.drop()
  throw new EngineError('unknown', `Unexpected status code ${answer.status}`)
}
