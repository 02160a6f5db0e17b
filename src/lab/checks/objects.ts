/** Checks of the engine's objects: containers, images, networks, volumes. */
import { EngineError } from '../../errors.ts'
import { compare, type Finding, fieldOf, together } from '../finding.ts'
import type { Check, Expectation } from '../schema.ts'
import type { LabWorld } from '../world.ts'

/** An object, or undefined when there is none. */
async function find<T>(inspect: () => Promise<T>): Promise<T | undefined> {
  try {
    return await inspect()
  } catch (error) {
    if (error instanceof EngineError && error.kind === 'notFound') return undefined
    throw error
  }
}

type Fields = readonly ({ field: string } & Expectation)[]

export const checkFields = (object: unknown, fields: Fields): Finding[] =>
  fields.map(({ field, ...expectation }) => compare(field, fieldOf(object, field), expectation))

function presence(what: string, there: boolean, wanted: boolean): Finding {
  const words = (is: boolean): string => (is ? `there is ${what}` : `there is no ${what.replace(/^an? /, '')}`)
  return { passed: there === wanted, expected: words(wanted), found: words(there) }
}

/** What is to be found in an object that must be there, or that it is not there. */
function inspected<T>(
  what: string,
  object: T | undefined,
  wanted: boolean,
  details: (object: T) => Finding[],
): Finding {
  const there = presence(what, object !== undefined, wanted)
  return object === undefined || !wanted ? there : together([there, ...details(object)])
}

export async function checkContainer(
  world: LabWorld,
  { name, exists, fields }: NonNullable<Check['container']>,
): Promise<Finding> {
  const object = await find(() => world.engine.containers.inspect(name))
  return inspected(`a container ${name}`, object, exists, found => checkFields(found, fields))
}

export async function checkImage(world: LabWorld, spec: NonNullable<Check['image']>): Promise<Finding> {
  const { name, exists, fields, layers, size, history } = spec
  const object = await find(() => world.engine.images.inspect(name))
  const steps = object && history ? await world.engine.images.history(name) : []
  return inspected(`an image ${name}`, object, exists, found => [
    ...checkFields(found, fields),
    ...(layers ? [compare('the number of layers', found.RootFS.Layers?.length ?? 0, layers)] : []),
    ...(size ? [compare('the size in bytes', found.Size, size)] : []),
    ...(history ? [compare('the history', steps.map(step => step.CreatedBy).join('\n'), history)] : []),
  ])
}

export async function checkNetwork(world: LabWorld, spec: NonNullable<Check['network']>): Promise<Finding> {
  const { name, exists, fields, containers } = spec
  const object = await find(() => world.engine.networks.inspect(name))
  return inspected(`a network ${name}`, object, exists, found => {
    const connected = Object.values(found.Containers ?? {}).map(end => end.Name)
    return [
      ...checkFields(found, fields),
      ...containers.map(each => presence(`a container ${each} in ${name}`, connected.includes(each), true)),
    ]
  })
}

export async function checkVolume(
  world: LabWorld,
  { name, exists, fields }: NonNullable<Check['volume']>,
): Promise<Finding> {
  const object = await find(() => world.engine.volumes.inspect(name))
  return inspected(`a volume ${name}`, object, exists, found => checkFields(found, fields))
}
