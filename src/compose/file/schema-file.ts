/** The Compose specification's schema of a whole file. */
import { either, is, list, named, object, set } from './schema-kit.ts'
import { NAMES, options, pairs, service } from './schema-service.ts'

const text = is('string')
const flag = is('boolean', 'string')
const outside = either(flag, object({ name: text }))
const owned = { name: text, external: outside, labels: pairs }

const network = object(
  {
    ...owned,
    driver: text,
    driver_opts: options,
    ipam: object({
      driver: text,
      config: list(object({ subnet: text, ip_range: text, gateway: text, aux_addresses: named(text) })),
      options: named(text),
    }),
    internal: flag,
    enable_ipv4: flag,
    enable_ipv6: flag,
    attachable: flag,
  },
  { nullable: true },
)
const volume = object({ ...owned, driver: text, driver_opts: options }, { nullable: true })
const held = { ...owned, environment: text, file: text, template_driver: text }
const model = object(
  { name: text, model: text, context_size: is('integer'), runtime_flags: list(text) },
  { required: ['model'] },
)
const paths = either(text, set(text))
const include = either(text, object({ path: paths, env_file: paths, project_directory: text }, { extensions: false }))

export const fileSchema = object({
  version: text,
  name: text,
  include: list(include),
  services: named(service, NAMES),
  models: named(model),
  networks: named(network),
  volumes: named(volume, NAMES),
  secrets: named(object({ ...held, driver: text, driver_opts: options }), NAMES),
  configs: named(object({ ...held, content: text }), NAMES),
})
