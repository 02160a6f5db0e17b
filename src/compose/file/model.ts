/** The resolved model: a table for each part of a project, in the order in which Compose prints its keys. */
import {
  bytes,
  type Codec,
  choice,
  command,
  count,
  type Decoded,
  delay,
  deviceCount,
  duration,
  envFile,
  flag,
  fraction,
  hosts,
  inner,
  labels,
  limit,
  list,
  mode,
  multiple,
  number,
  pairs,
  record,
  struct,
  test,
  text,
  texts,
  variables,
} from './codec.ts'

const mount = struct({ source: text, target: text, uid: text, gid: text, mode })
const hook = { command, user: text, privileged: flag, working_dir: text, environment: variables }

/** Keys of a build's agents; written as `id: path`. */
const agents: Codec<Map<string, string | null>> = {
  decode: (value, at, errors) => variables.decode(value, at, errors),
  yaml: value => [...value].map(([id, path]) => (path === null ? id : `${id}: ${path}`)),
  json: value => [...value].map(([id, path]) => (path === null ? id : `${id}: ${path}`)),
}

const build = struct({
  context: text,
  dockerfile: text,
  dockerfile_inline: text,
  entitlements: texts,
  args: variables,
  provenance: text,
  sbom: text,
  ssh: agents,
  labels,
  cache_from: texts,
  cache_to: texts,
  no_cache: flag,
  additional_contexts: pairs,
  pull: flag,
  extra_hosts: hosts,
  isolation: text,
  network: text,
  target: text,
  secrets: list(mount),
  shm_size: bytes,
  tags: texts,
  ulimits: record(limit),
  platforms: texts,
  privileged: flag,
})

const update = struct({
  parallelism: count,
  delay,
  failure_action: text,
  monitor: delay,
  max_failure_ratio: number,
  order: text,
})

const request = struct({
  capabilities: texts,
  driver: text,
  count: deviceCount,
  device_ids: texts,
  options: pairs,
})

const resource = struct({
  cpus: fraction,
  memory: bytes,
  pids: number,
  devices: list(request),
  generic_resources: list(struct({ discrete_resource_spec: struct({ kind: text, value: count }) })),
})

const deploy = struct({
  mode: text,
  replicas: count,
  labels,
  update_config: update,
  rollback_config: update,
  resources: inner({ limits: resource, reservations: resource }),
  restart_policy: struct({ condition: text, delay: duration, max_attempts: count, window: duration }),
  placement: inner({
    constraints: texts,
    preferences: list(struct({ spread: text })),
    max_replicas_per_node: number,
  }),
  endpoint_mode: text,
})

const healthcheck = struct({
  test,
  timeout: duration,
  interval: duration,
  retries: count,
  start_period: duration,
  start_interval: duration,
  disable: flag,
})

const rates = list(struct({ path: text, rate: bytes }))

const volumeMount = struct({
  type: text,
  source: text,
  target: text,
  read_only: flag,
  consistency: text,
  bind: struct({ selinux: text, propagation: text, create_host_path: flag, recursive: text }),
  volume: struct({ labels: pairs, nocopy: flag, subpath: text }),
  tmpfs: struct({ size: bytes, mode: number }),
  image: struct({ subpath: text }),
})

const endpoint = struct({
  aliases: texts,
  driver_opts: pairs,
  gw_priority: number,
  interface_name: text,
  ipv4_address: text,
  ipv6_address: text,
  link_local_ips: texts,
  mac_address: text,
  priority: number,
})

const port = struct({
  name: text,
  mode: text,
  host_ip: text,
  target: number,
  published: text,
  protocol: text,
  app_protocol: text,
})

const serviceFields = {
  profiles: texts,
  annotations: pairs,
  attach: choice,
  build,
  develop: struct({
    watch: list(
      struct({
        path: text,
        action: text,
        target: text,
        exec: inner(hook),
        include: texts,
        ignore: texts,
        initial_sync: flag,
      }),
    ),
  }),
  blkio_config: struct({
    weight: number,
    weight_device: list(struct({ path: text, weight: number })),
    device_read_bps: rates,
    device_read_iops: rates,
    device_write_bps: rates,
    device_write_iops: rates,
  }),
  cap_add: texts,
  cap_drop: texts,
  cgroup_parent: text,
  cgroup: text,
  cpu_count: number,
  cpu_percent: number,
  cpu_period: number,
  cpu_quota: number,
  cpu_rt_period: number,
  cpu_rt_runtime: number,
  cpus: fraction,
  cpuset: text,
  cpu_shares: number,
  command,
  configs: list(mount),
  container_name: text,
  credential_spec: struct({ config: text, file: text, registry: text }),
  depends_on: record(struct({ condition: text, restart: flag, required: choice })),
  deploy,
  device_cgroup_rules: texts,
  devices: list(struct({ source: text, target: text, permissions: text })),
  dns: texts,
  dns_opt: texts,
  dns_search: texts,
  domainname: text,
  entrypoint: command,
  provider: struct({ type: text, options: multiple }),
  environment: variables,
  env_file: list(envFile),
  expose: texts,
  extends: struct({ file: text, service: text }),
  external_links: texts,
  extra_hosts: hosts,
  group_add: texts,
  gpus: list(request),
  hostname: text,
  healthcheck,
  image: text,
  init: choice,
  ipc: text,
  isolation: text,
  labels,
  label_file: texts,
  links: texts,
  logging: struct({ driver: text, options: pairs }),
  mem_limit: bytes,
  mem_reservation: bytes,
  memswap_limit: bytes,
  mem_swappiness: bytes,
  mac_address: text,
  models: record(struct({ endpoint_var: text, model_var: text })),
  network_mode: text,
  networks: record(endpoint),
  oom_kill_disable: flag,
  oom_score_adj: number,
  pid: text,
  pids_limit: number,
  platform: text,
  ports: list(port),
  privileged: flag,
  pull_policy: text,
  read_only: flag,
  restart: text,
  runtime: text,
  scale: count,
  secrets: list(mount),
  security_opt: texts,
  shm_size: bytes,
  stdin_open: flag,
  stop_grace_period: duration,
  stop_signal: text,
  storage_opt: pairs,
  sysctls: pairs,
  tmpfs: texts,
  tty: flag,
  ulimits: record(limit),
  use_api_socket: flag,
  user: text,
  userns_mode: text,
  uts: text,
  volumes: list(volumeMount),
  volumes_from: texts,
  working_dir: text,
  post_start: list(struct(hook)),
  pre_stop: list(struct(hook)),
}

export const service = struct(serviceFields)

const external = { external: flag }
const network = struct({
  name: text,
  driver: text,
  driver_opts: pairs,
  ipam: inner({
    driver: text,
    config: list(struct({ subnet: text, gateway: text, ip_range: text, aux_addresses: pairs })),
  }),
  ...external,
  internal: flag,
  attachable: flag,
  labels,
  enable_ipv4: choice,
  enable_ipv6: choice,
})

const volume = struct({ name: text, driver: text, driver_opts: pairs, ...external, labels })

const heldFields = {
  name: text,
  file: text,
  environment: text,
  content: text,
  ...external,
  labels,
  driver: text,
  driver_opts: pairs,
  template_driver: text,
}
const held = struct(heldFields)
/** What a variable gives is not printed. */
const shownHeld: typeof held = {
  decode: (value, at, errors) => held.decode(value, at, errors),
  yaml: value => held.yaml(withoutContent(value)),
  json: value => held.json(withoutContent(value)),
}

function withoutContent(value: Held): Held {
  if (value.environment === undefined) return value
  const { content: _content, ...rest } = value
  return rest
}

const model = struct({ name: text, model: text, context_size: number, runtime_flags: texts })

const projectFields = {
  name: text,
  services: record(service),
  networks: record(network),
  volumes: record(volume),
  secrets: record(shownHeld),
  configs: record(shownHeld),
  models: record(model),
}

export const project = struct(projectFields)

export type Service = Decoded<typeof service>
export type Network = Decoded<typeof network>
export type VolumeConfig = Decoded<typeof volume>
/** A secret or a config. */
export type Held = Decoded<typeof held>
export type Model = Decoded<typeof model>
export type Build = Decoded<typeof build>
export type VolumeMount = Decoded<typeof volumeMount>
export type Endpoint = Decoded<typeof endpoint>
export type Port = Decoded<typeof port>
export type Hook = Decoded<typeof hookCodec>
const hookCodec = struct(hook)

export { network as networkCodec, volume as volumeCodec }

/** How many containers a service wants. */
export const scaleOf = (one: Service): number => one.scale ?? one.deploy?.replicas ?? 1
