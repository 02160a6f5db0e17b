/** The Compose specification's schema of a service. */
import type * as z from 'zod'
import { bounded, either, is, list, matching, named, object, oneOfTexts, set } from './schema-kit.ts'

const text = is('string')
const texts = list(text)
const distinct = set(text)
const flag = is('boolean', 'string')
const whole = is('integer', 'string')
const numeric = is('number', 'string')
const wordOrList = either(text, distinct)
const scalar = is('string', 'number', 'boolean', 'null')
const closed = { extensions: false }

/** `KEY: value` pairs, or a list of `KEY=value`. */
export const pairs = either(named(scalar, /./), distinct)
/** A driver's options. */
export const options = named(is('string', 'number'))
export const NAMES = /^[a-zA-Z0-9._-]+$/

const command = either(is('null'), text, texts)
const hosts = either(named(either(text, texts), /./), distinct)
const limits = named(either(whole, object({ hard: whole, soft: whole }, { required: ['soft', 'hard'] })), /^[a-z]+$/)
const grants = list(either(text, object({ source: text, target: text, uid: text, gid: text, mode: numeric })))
const hook = object(
  { command, user: text, privileged: flag, working_dir: text, environment: pairs },
  { required: ['command'] },
)
const request = { capabilities: distinct, count: whole, device_ids: distinct, driver: text, options: pairs }
const rate = list(object({ path: text, rate: whole }, closed))

const build = object({
  context: text,
  dockerfile: text,
  dockerfile_inline: text,
  entitlements: texts,
  args: pairs,
  ssh: pairs,
  labels: pairs,
  cache_from: texts,
  cache_to: texts,
  no_cache: flag,
  additional_contexts: pairs,
  network: text,
  provenance: flag,
  sbom: flag,
  pull: flag,
  target: text,
  shm_size: whole,
  extra_hosts: hosts,
  isolation: text,
  privileged: flag,
  secrets: grants,
  tags: texts,
  ulimits: limits,
  platforms: texts,
})

const update = object({
  parallelism: whole,
  delay: text,
  failure_action: text,
  monitor: text,
  max_failure_ratio: numeric,
  order: oneOfTexts('start-first', 'stop-first'),
})

const deploy = object(
  {
    mode: text,
    endpoint_mode: text,
    replicas: whole,
    labels: pairs,
    rollback_config: update,
    update_config: update,
    resources: object({
      limits: object({ cpus: numeric, memory: text, pids: whole }),
      reservations: object({
        cpus: numeric,
        memory: text,
        generic_resources: list(object({ discrete_resource_spec: object({ kind: text, value: numeric }) })),
        devices: list(object(request, { required: ['capabilities'] })),
      }),
    }),
    restart_policy: object({ condition: text, delay: text, max_attempts: whole, window: text }),
    placement: object({
      constraints: texts,
      preferences: list(object({ spread: text })),
      max_replicas_per_node: whole,
    }),
  },
  { nullable: true },
)

const develop = object(
  {
    watch: list(
      object(
        {
          ignore: wordOrList,
          include: wordOrList,
          path: text,
          action: oneOfTexts('rebuild', 'sync', 'restart', 'sync+restart', 'sync+exec'),
          target: text,
          exec: hook,
          initial_sync: is('boolean'),
        },
        { required: ['path', 'action'] },
      ),
    ),
  },
  { nullable: true },
)

const dependencies = either(
  distinct,
  named(
    object(
      {
        restart: flag,
        required: is('boolean'),
        condition: oneOfTexts('service_started', 'service_healthy', 'service_completed_successfully'),
      },
      { required: ['condition'] },
    ),
    NAMES,
  ),
)

const network = object({
  aliases: distinct,
  interface_name: text,
  ipv4_address: text,
  ipv6_address: text,
  link_local_ips: distinct,
  mac_address: text,
  driver_opts: options,
  priority: is('number'),
  gw_priority: is('number'),
})

const volume = object(
  {
    type: oneOfTexts('bind', 'volume', 'tmpfs', 'cluster', 'npipe', 'image'),
    source: text,
    target: text,
    read_only: flag,
    consistency: text,
    bind: object({
      propagation: text,
      create_host_path: flag,
      recursive: oneOfTexts('enabled', 'disabled', 'writable', 'readonly'),
      selinux: oneOfTexts('z', 'Z'),
    }),
    volume: object({ labels: pairs, nocopy: flag, subpath: text }),
    tmpfs: object({ size: either(bounded(0), text), mode: numeric }),
    image: object({ subpath: text }),
  },
  { required: ['type'] },
)

const port = object({
  name: text,
  mode: text,
  host_ip: text,
  target: whole,
  published: whole,
  protocol: text,
  app_protocol: text,
})

const healthcheck = object({
  disable: flag,
  interval: text,
  retries: numeric,
  test: either(text, texts),
  timeout: text,
  start_period: text,
  start_interval: text,
})

/** Keys of one kind. */
const all = (names: string, type: z.ZodType): Record<string, z.ZodType> =>
  Object.fromEntries(names.split(' ').map(name => [name, type]))

export const service = object({
  ...all('cgroup_parent cpuset domainname hostname image ipc isolation mac_address network_mode platform', text),
  ...all('pull_refresh_after restart runtime stop_grace_period stop_signal user uts userns_mode working_dir', text),
  ...all('attach init oom_kill_disable privileged read_only stdin_open tty', flag),
  ...all('cpu_shares cpu_quota cpu_period cpu_rt_period cpu_rt_runtime cpus mem_limit', numeric),
  ...all('memswap_limit pids_limit shm_size', numeric),
  ...all('mem_reservation mem_swappiness scale', whole),
  ...all('cap_add cap_drop device_cgroup_rules dns_opt external_links links profiles', distinct),
  ...all('security_opt volumes_from', distinct),
  ...all('annotations environment labels sysctls', pairs),
  ...all('command entrypoint', command),
  ...all('configs secrets', grants),
  ...all('dns dns_search tmpfs', wordOrList),
  ...all('post_start pre_stop', list(hook)),
  blkio_config: object(
    {
      device_read_bps: rate,
      device_read_iops: rate,
      device_write_bps: rate,
      device_write_iops: rate,
      weight: whole,
      weight_device: list(object({ path: text, weight: whole }, closed)),
    },
    closed,
  ),
  build: either(text, build),
  cgroup: oneOfTexts('host', 'private'),
  container_name: matching('[a-zA-Z0-9][a-zA-Z0-9_.-]+'),
  cpu_count: either(text, bounded(0)),
  cpu_percent: either(text, bounded(0, 100)),
  credential_spec: object({ config: text, file: text, registry: text }),
  depends_on: dependencies,
  deploy,
  develop,
  devices: list(either(text, object({ source: text, target: text, permissions: text }, { required: ['source'] }))),
  env_file: either(
    text,
    list(either(text, object({ path: text, format: text, required: flag }, { ...closed, required: ['path'] }))),
  ),
  expose: set(is('string', 'number')),
  extends: either(text, object({ service: text, file: text }, { ...closed, required: ['service'] })),
  extra_hosts: hosts,
  gpus: either(oneOfTexts('all'), list(object(request))),
  group_add: set(is('string', 'number')),
  healthcheck,
  label_file: either(text, texts),
  logging: object({ driver: text, options: named(is('string', 'number', 'null')) }),
  models: either(distinct, named(either(object({ endpoint_var: text, model_var: text }), is('null')))),
  networks: either(distinct, named(either(network, is('null')), NAMES)),
  oom_score_adj: either(text, bounded(-1000, 1000)),
  pid: is('string', 'null'),
  ports: set(either(is('number'), text, port)),
  provider: object({ type: text, options: named(either(scalar, list(scalar))) }, { required: ['type'] }),
  pull_policy: matching('always|never|build|if_not_present|missing|refresh|daily|weekly|every_([0-9]+[wdhms])+'),
  storage_opt: is('mapping'),
  ulimits: limits,
  use_api_socket: is('boolean'),
  volumes: set(either(text, volume)),
})
