/** PyPI's packages, as fixtures/packages/pypi.tsv has them. */
import { compare, satisfies } from '@renovatebot/pep440'
import { data } from '../data/pypi.generated.ts'

export interface Requirement {
  name: string
  extras: string[]
  /** `>=2.0,<3`; '' for any. */
  specifier: string
  /** Only when this extra is asked for. */
  extra: string
}

export interface Distribution {
  /** As the project writes it. */
  name: string
  version: string
  /** `py3-none-any`; '' for a source distribution. */
  tags: string
  /** What building it from source needs. */
  needs: string
  /** Bytes of the wheel. */
  download: number
  size: number
  files: number
  requires: Requirement[]
  modules: string[]
  scripts: string[]
  largest: string
  /** The name in file names. */
  fileName: string
  summary: string
  homePage: string
  author: string
  license: string
}

/** The name by which a project is known whatever it is written as (PEP 503). */
export const normal = (name: string): string => name.replace(/[-_.]+/g, '-').toLowerCase()

let known: Map<string, string> | undefined

function table(): Map<string, string> {
  known ??= new Map(data.split('\n').map(line => [normal(line.slice(0, line.indexOf('\t'))), line]))
  return known
}

/** `uvicorn[standard]>=0.2,<1;python_version>"3"`: undefined for what is none. Markers other than the table's extras are taken as true. */
export function parseRequirement(text: string): Requirement | undefined {
  const [front = '', marker = ''] = text.split(';')
  const match =
    /^\s*([A-Za-z0-9][\w.-]*)\s*(?:\[([^\]]*)\])?\s*\(?\s*((?:[<>=!~]=?=?\s*[^,;\s)]+\s*,?\s*)*)\)?\s*$/.exec(front)
  if (!match) return undefined
  const [, name = '', extras = '', specifier = ''] = match
  return {
    name,
    extras: extras
      .split(',')
      .map(one => one.trim())
      .filter(one => one !== ''),
    specifier: specifier.replaceAll(' ', ''),
    extra: /^\w[\w-]*$/.test(marker.trim()) ? marker.trim() : '',
  }
}

/** The version that the index has of a project. */
export function lookUp(name: string): Distribution | undefined {
  const line = table().get(normal(name))
  if (line === undefined) return undefined
  const [
    project = '',
    version = '',
    tags = '',
    download,
    size,
    files,
    requires = '',
    modules = '',
    scripts = '',
    ...rest
  ] = line.split('\t')
  const [largest = '', fileName = '', summary = '', homePage = '', author = '', license = ''] = rest
  const list = (text: string): string[] => text.split(' ').filter(one => one !== '')
  return {
    name: project,
    version,
    tags: tags.startsWith('sdist:') ? '' : tags,
    needs: tags.startsWith('sdist:') ? tags.slice('sdist:'.length) : '',
    download: Number(download),
    size: Number(size),
    files: Number(files),
    requires: list(requires).flatMap(one => parseRequirement(one) ?? []),
    modules: list(modules),
    scripts: list(scripts),
    largest,
    fileName,
    summary,
    homePage,
    author,
    license,
  }
}

/** Whether a version is what a specifier asks for. */
export function meets(version: string, specifier: string): boolean {
  if (specifier === '') return true
  try {
    return satisfies(version, specifier, { prereleases: true })
  } catch {
    return false
  }
}

/**
 * What satisfies specifiers together. The index has one version of each project: where it does not fit, an older one that
 * a specifier names or starts at has been published once, and is taken with what the index knows. Undefined: none.
 */
export function choose(name: string, specifiers: readonly string[]): Distribution | undefined {
  const newest = lookUp(name)
  if (!newest) return undefined
  const fits = (version: string): boolean => specifiers.every(one => meets(version, one))
  if (fits(newest.version)) return newest
  const named = specifiers
    .flatMap(one => one.split(','))
    .flatMap(one => /^(?:===?|>=|~=|<=)\s*([\w.+!]+)(\.\*)?$/.exec(one)?.slice(1, 3).join('') ?? [])
    .map(one => one.replace(/\.\*$/, '.0'))
  const older = named.filter(
    version => /^\d+(\.\d+)*([a-z]+\d+)?$/.test(version) && fits(version) && compare(version, newest.version) < 0,
  )
  const best = older.sort((a, b) => compare(b, a))[0]
  if (best === undefined) return undefined
  // `>=5` starts at 5, which is published as 5.0.0.
  const parts = newest.version.split('.').length - best.split('.').length
  return { ...newest, version: /^[\d.]+$/.test(best) ? `${best}${'.0'.repeat(Math.max(0, parts))}` : best }
}
