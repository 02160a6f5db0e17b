/** What each kind of document of the store must look like. Loaded by `system check` alone. */
import * as z from 'zod'

const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/)
const hexId = z.string().regex(/^[0-9a-f]{64}$/)
const v = z.literal(1)
const time = z.number().nonnegative()
const strings = z.record(z.string(), z.string())
const object = z.looseObject({})

const state = z.looseObject({
  status: z.enum(['created', 'running', 'paused', 'restarting', 'exited']),
  exitCode: z.number().int(),
  startedAt: time,
  finishedAt: time,
})

const container = z.looseObject({
  v,
  id: hexId,
  name: z.string().min(1),
  created: time,
  sequence: z.number().int().nonnegative(),
  image: digest,
  path: z.string(),
  args: z.array(z.string()),
  config: z.looseObject({ Image: z.string(), Hostname: z.string() }),
  hostConfig: z.looseObject({ NetworkMode: z.string() }),
  state: state.extend({ pid: z.number().int().nonnegative(), error: z.string() }),
  mounts: z.array(z.looseObject({ Type: z.string(), Destination: z.string() })),
  networks: z.record(z.string(), object),
  ports: z.record(z.string(), z.unknown()),
  logLength: z.number().int().nonnegative(),
  attached: z.number().int(),
  execs: z.array(z.looseObject({ id: z.string(), running: z.boolean() })),
})

const image = z.looseObject({
  v,
  id: digest,
  config: z.string(),
  layerSizes: z.array(z.number().nonnegative()),
})

const layerEntry = z.looseObject({
  path: z.string(),
  type: z.enum(['file', 'dir', 'symlink', 'link', 'char', 'block', 'fifo', 'socket']),
  mode: z.number().int().min(0).max(0o7777),
  mtime: z.number(),
})

const layer = z.looseObject({
  version: v,
  diffID: digest,
  tar: z.enum(['blob', 'made']),
  tarSize: z.number().nonnegative(),
  size: z.number().nonnegative(),
  entries: z.array(layerEntry),
})

const network = z.looseObject({
  v,
  id: hexId,
  name: z.string().min(1),
  driver: z.string(),
  ipam: z.looseObject({ config: z.array(z.looseObject({ Subnet: z.string() })) }),
  options: strings,
  labels: strings,
  endpoints: z.record(z.string(), z.looseObject({ container: hexId, ipv4: z.string() })),
})

const volume = z.looseObject({ v, name: z.string().min(1), created: time, driver: z.string() })

const tree = z.looseObject({
  version: v,
  root: z.number().int(),
  groups: z.array(z.number().int()),
  nodes: z.array(z.looseObject({ ino: z.number().int(), type: z.string() })),
})

const row = z.looseObject({ id: z.string() })

/** By the path below the store's root; the first that fits counts. Other kinds only must not be of another version. */
const kinds: readonly (readonly [RegExp, z.ZodType])[] = [
  [/^containers\/[^/]+\/config\.json$/, container],
  [/^containers\/[^/]+\/removed\.json$/, z.looseObject({ v, logLength: z.number() })],
  [
    /^index\/containers\.json$/,
    z.looseObject({ v, next: z.number(), entries: z.record(z.string(), row), removed: z.array(row) }),
  ],
  [/^index\/images\.json$/, z.looseObject({ v, entries: z.record(z.string(), row) })],
  [/^images\/[^/]+\.json$/, image],
  [/^layers\/[^/]+\.json$/, layer],
  [/^networks\/[^/]+\.json$/, network],
  [/^volumes\/[^/]+\/volume\.json$/, volume],
  [/^repositories\.json$/, z.looseObject({ v, repositories: z.record(z.string(), z.record(z.string(), digest)) })],
  [/^events-head\.json$/, z.looseObject({ v, length: z.number().int().nonnegative() })],
  [/^clock\.json$/, z.looseObject({ v, now: z.number(), seed: z.string(), draws: z.number() })],
  [/\/fs\.json$/, tree],
  [/\/nodes\/\d+\.json$/, z.looseObject({ version: v, nodes: z.array(object) })],
  [/^containers\/[^/]+\/proc\.json$/, z.looseObject({ v, time: z.number() })],
]

const anyDocument = z.looseObject({ v: v.optional(), version: v.optional() })

/** What is wrong with the text of a document; undefined when nothing is. */
export function documentFault(path: string, text: string): string | undefined {
  let document: unknown
  try {
    document = JSON.parse(text)
  } catch {
    return text === '' ? 'it is empty' : 'it is no JSON'
  }
  const kind = kinds.find(([pattern]) => pattern.test(path))?.[1] ?? anyDocument
  const result = kind.safeParse(document)
  if (result.success) return undefined
  const issue = result.error.issues[0]
  const where = issue?.path.join('.') ?? ''
  return `${where === '' ? 'it' : where} is not as it should be (${(issue?.message ?? '').toLowerCase()})`
}
