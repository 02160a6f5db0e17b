/** What a lab file says. The published JSON Schema (docs/lab.schema.json) is made from this. */
import * as z from 'zod'

const id = z.string().regex(/^[a-z0-9][a-z0-9-]*$/, 'lower case letters, digits and hyphens only')
const points = z.number().int('points are whole numbers').min(0).max(1000)

/** What a value must be like; all that is given must hold. */
const expectation = {
  equals: z.union([z.string(), z.number(), z.boolean()]).optional().describe('is exactly this'),
  contains: z.string().optional().describe('has this text in it'),
  excludes: z.string().optional().describe('does not have this text in it'),
  matches: z.string().optional().describe('a regular expression that some part of it matches'),
  atLeast: z.number().optional(),
  atMost: z.number().optional(),
}
const expected = z.strictObject(expectation)
export type Expectation = z.infer<typeof expected>

const field = z.strictObject({ field: z.string().describe('as in State.Running or Config.Env'), ...expectation })

const container = z.strictObject({
  name: z.string(),
  exists: z.boolean().default(true),
  fields: z.array(field).default([]).describe('of docker inspect'),
})

const image = z.strictObject({
  name: z.string(),
  exists: z.boolean().default(true),
  fields: z.array(field).default([]).describe('of docker image inspect'),
  layers: expected.optional().describe('how many layers with files'),
  size: expected.optional().describe('in bytes'),
  history: expected.optional().describe('the created-by lines, one a line'),
})

const file = z.strictObject({
  path: z.string(),
  container: z.string().optional().describe('in this container'),
  image: z.string().optional().describe('in a new container of this image'),
  exists: z.boolean().default(true),
  content: expected.optional(),
  mode: z
    .string()
    .regex(/^[0-7]{3,4}$/)
    .optional(),
  owner: z.string().optional().describe('UID:GID; not for files of the submission'),
})

const command = z.strictObject({
  run: z.string().describe('a line of shell'),
  container: z.string().optional().describe('in this container; else on the simulated host'),
  status: z.number().int().default(0),
  stdout: expected.optional(),
  stderr: expected.optional(),
})

const http = z.strictObject({
  url: z.string(),
  from: z.string().optional().describe('a container; else the simulated host'),
  status: z.number().int().optional(),
  header: expected.optional(),
  body: expected.optional(),
  refused: z.boolean().default(false).describe('nobody must answer'),
})

const reach = z.strictObject({
  from: z.string().describe('a container, or host'),
  to: z.string().describe('NAME[:PORT]'),
  reachable: z.boolean().default(true),
})

const network = z.strictObject({
  name: z.string(),
  exists: z.boolean().default(true),
  fields: z.array(field).default([]).describe('of docker network inspect'),
  containers: z.array(z.string()).default([]).describe('that are connected'),
})

const volume = z.strictObject({
  name: z.string(),
  exists: z.boolean().default(true),
  fields: z.array(field).default([]).describe('of docker volume inspect'),
})

const cache = z.strictObject({
  context: z.string().default('.'),
  change: z.string().describe('a file of the context that gets another line before the second build'),
  cached: z.array(z.string()).default([]).describe('beginnings of steps that must come from the cache'),
  rebuilt: z.array(z.string()).default([]).describe('beginnings of steps that must be built again'),
})

const dockerfile = z.strictObject({
  path: z.string().default('Dockerfile'),
  has: z.array(z.string()).default([]).describe('regular expressions, each of which some instruction matches'),
  hasNot: z.array(z.string()).default([]),
  order: z.array(z.string()).default([]).describe('regular expressions of instructions, in the order they must come'),
  stages: expected.optional().describe('how many'),
  passes: z.array(z.string()).default([]).describe('names of build checks that must find nothing'),
})

const compose = z.strictObject({
  path: z.string().default('.'),
  services: z.array(z.string()).default([]).describe('that the file must have'),
  running: z.array(z.string()).default([]).describe('services whose containers run'),
  fields: z.array(field).default([]).describe('of docker compose config --format json'),
})

const used = z.strictObject({
  command: z.string().describe('a regular expression for the words after docker'),
  times: expected.optional(),
})

const answer = z.strictObject({ question: id, ...expectation })

/** What is looked at; exactly one of them. */
const kinds = {
  container: container.optional(),
  image: image.optional(),
  file: file.optional(),
  command: command.optional(),
  http: http.optional(),
  reach: reach.optional(),
  network: network.optional(),
  volume: volume.optional(),
  cache: cache.optional(),
  dockerfile: dockerfile.optional(),
  compose: compose.optional(),
  used: used.optional(),
  answer: answer.optional(),
}
export type Kind = keyof typeof kinds
export const kindNames = Object.keys(kinds) as Kind[]

export const reveals = ['full', 'actual-only', 'none'] as const

const check = z
  .strictObject({
    id,
    says: z.string().describe('what must be true, as a sentence'),
    points,
    needs: z.array(id).default([]).describe('checks without which this one says nothing'),
    hidden: z.boolean().default(false).describe('students do not see it before they hand in'),
    reveals: z.enum(reveals).default('full').describe('what a failure shows: all, only what was found, or nothing'),
    look: z.string().optional().describe('where to look next; never the solution'),
    ...kinds,
  })
  .refine(each => kindNames.filter(kind => each[kind] !== undefined).length === 1, {
    message: `needs exactly one of ${kindNames.join(', ')}`,
  })
export type Check = z.infer<typeof check>

const step = z.strictObject({
  id,
  title: z.string(),
  text: z.string(),
  hints: z.array(z.strictObject({ text: z.string(), cost: points.default(0) })).default([]),
  checks: z.array(check).min(1),
})

const question = z.strictObject({
  text: z.string(),
  choices: z.record(z.string(), z.string()).optional(),
  explain: z.string().optional().describe('shown with a right answer'),
})

const limits = z.strictObject({
  steps: z.number().int().min(1000).max(1_000_000_000).default(1_000_000),
  seconds: z.number().int().min(1).max(86_400).default(600).describe('of the simulated clock, for each script'),
  output: z.number().int().min(1000).max(100_000_000).default(1_000_000).describe('bytes'),
  wall: z.number().int().min(1).max(3600).default(60).describe('real seconds for a whole submission'),
  memory: z.number().int().min(64).max(4096).default(512).describe('MiB'),
  disk: z.number().int().min(1).max(4096).default(256).describe('MiB'),
})
export type Limits = z.infer<typeof limits>

export const labSchema = z.strictObject({
  lab: z.literal(1).describe('the version of this format'),
  id,
  title: z.string(),
  level: z.enum(['beginner', 'intermediate', 'advanced']).default('beginner'),
  section: z.string().optional(),
  text: z.string(),
  setup: z.string().optional().describe('shell for the simulated host, before the student starts'),
  run: z.array(z.string()).default(['commands.sh']).describe('scripts of a submission, in the order they run'),
  files: z.array(z.string()).default([]).describe('what else a submission holds'),
  questions: z.record(id, question).default({}),
  limits: limits.prefault({}),
  steps: z.array(step).min(1),
})
export type Lab = z.infer<typeof labSchema>

/** Every check of a lab, in order. */
export const checksOf = (lab: Lab): Check[] => lab.steps.flatMap(each => each.checks)

/** The JSON Schema for editors. */
export const jsonSchema = (): unknown => z.toJSONSchema(labSchema, { io: 'input' })
