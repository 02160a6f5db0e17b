/** What the catalogue's images are, image by image, against the published ones: config, users, files, sizes, bases. */
import { describe, expect, it } from 'vitest'
import type { ImageContainerConfig } from '../../src/api/image.ts'
import type { ImageConfig } from '../../src/image/config.ts'
import type { LayerEntry } from '../../src/layer/layer-index.ts'
import { catalogImages, catalogRepositories, layerIndex } from '../../src/registry/catalog.ts'

interface Image {
  config: ImageConfig & { config: ImageContainerConfig }
  diffIDs: string[]
  /** Bytes of all files of all layers. */
  size: number
  entries: () => Map<string, LayerEntry>
}

const images = new Map<string, Image>()
for await (const { name, documents, layers } of catalogImages()) {
  const document = documents.find(([architecture]) => architecture === 'amd64')?.[1]
  images.set(name, {
    config: JSON.parse(document?.config.text ?? '{}'),
    diffIDs: layers.map(({ layer }) => layer.digests.amd64.diffID),
    size: layers.reduce((sum, { layer }) => sum + layer.digests.amd64.size, 0),
    entries: () =>
      new Map(layers.flatMap(({ layer }) => layerIndex(layer, 'amd64').entries).map(entry => [entry.path, entry])),
  })
}
const repositories = await catalogRepositories()

/** The image that a reference names: `nginx:1.25.3`, `gcr.io/distroless/static`. */
function imageOf(reference: string): Image {
  const [name = '', tag = 'latest'] = reference.split(':')
  const repository = repositories.get(name)
  const id = repository?.tags[tag]
  const found = images.get(`${name}/${id}`) ?? images.get(`${repository?.family}/${id}`)
  if (!found) throw new Error(`${reference} is not in the catalogue`)
  return found
}

const textOf = (entries: Map<string, LayerEntry>, path: string): string => {
  const entry = entries.get(path)
  if (entry?.type !== 'symlink') return entry?.text ?? ''
  const target = entry.target ?? ''
  return entries.get(target.startsWith('/') ? target.slice(1) : target.replace(/^(\.\.\/)+/, ''))?.text ?? ''
}

interface Published {
  image: string
  /** MB that `docker images` shows, as published in mid 2025, a tenth more or less. */
  mb: number
  cmd?: string[]
  entrypoint?: string[]
  ports?: string
  volumes?: string
  stop?: string
  user?: string
  dir?: string
  /** Names of variables beside PATH. */
  env?: string
  /** ID and VERSION_ID of /etc/os-release. */
  os?: string
  /** Lines that /etc/passwd has, up to the second number. */
  users?: string
  files?: string
}

const debian = 'debian 12'
const table: Published[] = [
  { image: 'hello-world', mb: 0.01, cmd: ['/hello'], dir: '/', files: 'hello' },
  { image: 'busybox', mb: 4.3, cmd: ['sh'], users: 'root:x:0:0', files: 'bin/busybox bin/sh' },
  {
    image: 'alpine:3.19',
    mb: 7.4,
    cmd: ['/bin/sh'],
    dir: '/',
    os: 'alpine 3.19.7',
    users: 'root:x:0:0',
    files: 'bin/sh sbin/apk',
  },
  {
    image: 'alpine:3.20',
    mb: 7.8,
    cmd: ['/bin/sh'],
    dir: '/',
    os: 'alpine 3.20.6',
    users: 'root:x:0:0 nobody:x:65534:65534',
  },
  {
    image: 'alpine',
    mb: 8.3,
    cmd: ['/bin/sh'],
    dir: '/',
    os: 'alpine 3.22.0',
    files: 'etc/apk/repositories etc/alpine-release',
  },
  { image: 'ubuntu:22.04', mb: 77.9, cmd: ['/bin/bash'], os: 'ubuntu 22.04', files: 'etc/lsb-release' },
  { image: 'ubuntu:24.04', mb: 78.1, cmd: ['/bin/bash'], os: 'ubuntu 24.04', users: 'ubuntu:x:1000:1000' },
  { image: 'ubuntu', mb: 78.1, cmd: ['/bin/bash'], os: 'ubuntu 24.04' },
  { image: 'debian:bookworm-slim', mb: 74.8, cmd: ['bash'], os: debian, files: 'etc/debian_version' },
  { image: 'debian', mb: 117, cmd: ['bash'], os: debian, users: 'www-data:x:33:33 nobody:x:65534:65534' },
  {
    image: 'nginx',
    mb: 192,
    entrypoint: ['/docker-entrypoint.sh'],
    cmd: ['nginx', '-g', 'daemon off;'],
    ports: '80/tcp',
    stop: 'SIGQUIT',
    env: 'NGINX_VERSION NJS_VERSION NJS_RELEASE PKG_RELEASE DYNPKG_RELEASE',
    os: debian,
    users: 'nginx:x:101:101',
    files:
      'etc/nginx/nginx.conf etc/nginx/conf.d/default.conf etc/nginx/mime.types usr/share/nginx/html/index.html usr/share/nginx/html/50x.html docker-entrypoint.d/20-envsubst-on-templates.sh',
  },
  {
    image: 'nginx:1.25.3',
    mb: 187,
    entrypoint: ['/docker-entrypoint.sh'],
    cmd: ['nginx', '-g', 'daemon off;'],
    ports: '80/tcp',
    stop: 'SIGQUIT',
    env: 'NGINX_VERSION NJS_VERSION PKG_RELEASE',
    os: debian,
    users: 'nginx:x:101:101',
    files: 'etc/nginx/nginx.conf usr/share/nginx/html/index.html',
  },
  {
    image: 'nginx:alpine',
    mb: 48.2,
    entrypoint: ['/docker-entrypoint.sh'],
    cmd: ['nginx', '-g', 'daemon off;'],
    dir: '/',
    ports: '80/tcp',
    stop: 'SIGQUIT',
    env: 'NGINX_VERSION PKG_RELEASE DYNPKG_RELEASE NJS_VERSION NJS_RELEASE',
    os: 'alpine 3.21.3',
    users: 'nginx:x:101:101',
    files: 'etc/nginx/nginx.conf usr/share/nginx/html/index.html',
  },
  {
    image: 'httpd',
    mb: 148,
    cmd: ['httpd-foreground'],
    ports: '80/tcp',
    stop: 'SIGWINCH',
    dir: '/usr/local/apache2',
    env: 'HTTPD_PREFIX HTTPD_VERSION HTTPD_PATCHES',
    os: debian,
    files: 'usr/local/apache2/conf/httpd.conf usr/local/apache2/htdocs/index.html usr/local/bin/httpd-foreground',
  },
  {
    image: 'redis',
    mb: 128,
    entrypoint: ['docker-entrypoint.sh'],
    cmd: ['redis-server'],
    ports: '6379/tcp',
    volumes: '/data',
    dir: '/data',
    env: 'GOSU_VERSION REDIS_VERSION REDIS_DOWNLOAD_URL',
    os: debian,
    users: 'redis:x:999:999',
    files: 'usr/local/bin/redis-cli usr/local/bin/gosu',
  },
  {
    image: 'redis:7-alpine',
    mb: 41.2,
    entrypoint: ['docker-entrypoint.sh'],
    cmd: ['redis-server'],
    ports: '6379/tcp',
    volumes: '/data',
    dir: '/data',
    env: 'REDIS_VERSION REDIS_DOWNLOAD_URL',
    os: 'alpine 3.21.3',
    users: 'redis:x:999:1000',
  },
  {
    image: 'postgres',
    mb: 438,
    entrypoint: ['docker-entrypoint.sh'],
    cmd: ['postgres'],
    ports: '5432/tcp',
    volumes: '/var/lib/postgresql/data',
    stop: 'SIGINT',
    env: 'GOSU_VERSION LANG PG_MAJOR PG_VERSION PGDATA',
    os: debian,
    users: 'postgres:x:999:999',
    files: 'usr/share/postgresql/postgresql.conf.sample usr/local/bin/docker-entrypoint.sh docker-entrypoint-initdb.d',
  },
  {
    image: 'postgres:16-alpine',
    mb: 257,
    entrypoint: ['docker-entrypoint.sh'],
    cmd: ['postgres'],
    dir: '/',
    ports: '5432/tcp',
    volumes: '/var/lib/postgresql/data',
    stop: 'SIGINT',
    env: 'GOSU_VERSION LANG PG_MAJOR PG_VERSION DOCKER_PG_LLVM_DEPS PGDATA',
    os: 'alpine 3.21.3',
    users: 'postgres:x:70:70',
  },
  {
    image: 'mysql',
    mb: 785,
    entrypoint: ['docker-entrypoint.sh'],
    cmd: ['mysqld'],
    ports: '3306/tcp 33060/tcp',
    volumes: '/var/lib/mysql',
    env: 'GOSU_VERSION MYSQL_MAJOR MYSQL_VERSION MYSQL_SHELL_VERSION',
    os: 'ol 9.5',
    users: 'mysql:x:999:999',
    files: 'etc/my.cnf usr/local/bin/docker-entrypoint.sh',
  },
  {
    image: 'node:20',
    mb: 1100,
    entrypoint: ['docker-entrypoint.sh'],
    cmd: ['node'],
    env: 'NODE_VERSION YARN_VERSION',
    os: debian,
    users: 'node:x:1000:1000',
    files: 'usr/local/bin/npm usr/local/bin/yarn usr/bin/gcc usr/bin/git',
  },
  {
    image: 'node:20-slim',
    mb: 200,
    entrypoint: ['docker-entrypoint.sh'],
    cmd: ['node'],
    env: 'NODE_VERSION YARN_VERSION',
    os: debian,
    users: 'node:x:1000:1000',
  },
  {
    image: 'node:20-alpine',
    mb: 134,
    entrypoint: ['docker-entrypoint.sh'],
    cmd: ['node'],
    dir: '/',
    env: 'NODE_VERSION YARN_VERSION',
    os: 'alpine 3.21.3',
    users: 'node:x:1000:1000',
  },
  {
    image: 'node:20-distroless',
    mb: 130,
    entrypoint: ['/nodejs/bin/node'],
    user: '0',
    dir: '/',
    env: 'SSL_CERT_FILE NODE_VERSION',
    os: debian,
    files: 'nodejs/bin/node',
  },
  {
    image: 'node:22-alpine',
    mb: 160,
    entrypoint: ['docker-entrypoint.sh'],
    cmd: ['node'],
    dir: '/',
    env: 'NODE_VERSION YARN_VERSION',
    os: 'alpine 3.21.3',
    users: 'node:x:1000:1000',
  },
  {
    image: 'node',
    mb: 1120,
    entrypoint: ['docker-entrypoint.sh'],
    cmd: ['node'],
    env: 'NODE_VERSION YARN_VERSION',
    os: debian,
    users: 'node:x:1000:1000',
  },
  {
    image: 'python:3.12',
    mb: 1020,
    cmd: ['python3'],
    env: 'LANG GPG_KEY PYTHON_VERSION',
    os: debian,
    files: 'usr/local/bin/python3.12 usr/local/bin/pip usr/bin/gcc',
  },
  {
    image: 'python:3.12-slim',
    mb: 125,
    cmd: ['python3'],
    env: 'LANG GPG_KEY PYTHON_VERSION',
    os: debian,
    files: 'usr/local/bin/python3.12',
  },
  {
    image: 'python:3.12-alpine',
    mb: 47.7,
    cmd: ['python3'],
    dir: '/',
    env: 'LANG GPG_KEY PYTHON_VERSION',
    os: 'alpine 3.22.0',
  },
  {
    image: 'python',
    mb: 1020,
    cmd: ['python3'],
    env: 'LANG GPG_KEY PYTHON_VERSION',
    os: debian,
    files: 'usr/local/bin/python3.13',
  },
  {
    image: 'golang:1.21',
    mb: 814,
    cmd: ['bash'],
    dir: '/go',
    env: 'GOLANG_VERSION GOTOOLCHAIN GOPATH',
    os: debian,
    files: 'usr/local/go/bin/go usr/bin/gcc',
  },
  {
    image: 'golang:1.22',
    mb: 825,
    cmd: ['bash'],
    dir: '/go',
    env: 'GOLANG_VERSION GOTOOLCHAIN GOPATH',
    os: debian,
    files: 'usr/local/go/bin/gofmt',
  },
  {
    image: 'golang:1.22-alpine',
    mb: 238,
    cmd: ['/bin/sh'],
    dir: '/go',
    env: 'GOLANG_VERSION GOTOOLCHAIN GOPATH',
    os: 'alpine 3.21.3',
    files: 'usr/local/go/bin/go',
  },
  {
    image: 'rust',
    mb: 1500,
    cmd: ['bash'],
    env: 'RUSTUP_HOME CARGO_HOME RUST_VERSION',
    os: debian,
    files: 'usr/local/cargo/bin/cargo',
  },
  {
    image: 'gcr.io/distroless/static',
    mb: 1.7,
    user: '0',
    dir: '/',
    env: 'SSL_CERT_FILE',
    os: debian,
    users: 'root:x:0:0 nonroot:x:65532:65532',
    files: 'etc/ssl/certs/ca-certificates.crt',
  },
  {
    image: 'gcr.io/distroless/nodejs20',
    mb: 131,
    entrypoint: ['/nodejs/bin/node'],
    user: '0',
    dir: '/',
    env: 'SSL_CERT_FILE',
    os: debian,
    users: 'nonroot:x:65532:65532',
    files: 'nodejs/bin/node',
  },
  {
    image: 'registry:2',
    mb: 25.4,
    entrypoint: ['/entrypoint.sh'],
    cmd: ['/etc/docker/registry/config.yml'],
    dir: '/',
    ports: '5000/tcp',
    volumes: '/var/lib/registry',
    os: 'alpine 3.18.4',
    files: 'etc/docker/registry/config.yml bin/registry',
  },
  {
    image: 'memcached',
    mb: 84.6,
    entrypoint: ['docker-entrypoint.sh'],
    cmd: ['memcached'],
    user: 'memcache',
    ports: '11211/tcp',
    env: 'MEMCACHED_VERSION',
    os: debian,
    users: 'memcache:x:11211:11211',
  },
  {
    image: 'rabbitmq',
    mb: 210,
    entrypoint: ['docker-entrypoint.sh'],
    cmd: ['rabbitmq-server'],
    ports: '15691/tcp 15692/tcp 25672/tcp 4369/tcp 5671/tcp 5672/tcp',
    volumes: '/var/lib/rabbitmq',
    env: 'RABBITMQ_DATA_DIR RABBITMQ_VERSION RABBITMQ_HOME HOME LANG',
    os: 'ubuntu 24.04',
    users: 'rabbitmq:x:999:999',
  },
  {
    image: 'mongo',
    mb: 887,
    entrypoint: ['docker-entrypoint.sh'],
    cmd: ['mongod'],
    ports: '27017/tcp',
    volumes: '/data/configdb /data/db',
    env: 'GOSU_VERSION JSYAML_VERSION MONGO_PACKAGE MONGO_REPO MONGO_MAJOR MONGO_VERSION HOME',
    os: 'ubuntu 24.04',
    users: 'mongodb:x:999:999',
    files: 'usr/bin/mongosh etc/mongod.conf.orig',
  },
  {
    image: 'wordpress',
    mb: 670,
    entrypoint: ['docker-entrypoint.sh'],
    cmd: ['apache2-foreground'],
    dir: '/var/www/html',
    ports: '80/tcp',
    volumes: '/var/www/html',
    stop: 'SIGWINCH',
    env: 'PHPIZE_DEPS PHP_INI_DIR APACHE_CONFDIR APACHE_ENVVARS PHP_CFLAGS PHP_CPPFLAGS PHP_LDFLAGS PHP_VERSION PHP_URL PHP_ASC_URL',
    os: debian,
    users: 'www-data:x:33:33',
    files: 'usr/src/wordpress/index.php usr/src/wordpress/wp-config-docker.php',
  },
  { image: 'traefik/whoami', mb: 6.8, entrypoint: ['/whoami'], dir: '/', ports: '80/tcp', files: 'whoami' },
]

const words = (record: Record<string, unknown> | undefined): string =>
  Object.keys(record ?? {})
    .sort()
    .join(' ')

describe('the images that courses use are as published', () => {
  it.each(table)('$image', row => {
    const { config, size, entries } = imageOf(row.image)
    const c = config.config
    expect({
      cmd: c.Cmd,
      entrypoint: c.Entrypoint,
      ports: words(c.ExposedPorts),
      volumes: words(c.Volumes),
      stop: c.StopSignal,
      user: c.User,
      dir: c.WorkingDir,
      env: (c.Env ?? [])
        .map(pair => pair.split('=')[0])
        .filter(name => name !== 'PATH')
        .join(' '),
      path: (c.Env ?? []).some(pair => pair.startsWith('PATH=') && pair.includes('/usr/local/sbin:/usr/local/bin')),
    }).toEqual({
      cmd: row.cmd,
      entrypoint: row.entrypoint,
      ports: row.ports ?? '',
      volumes: row.volumes ?? '',
      stop: row.stop,
      user: row.user,
      dir: row.dir,
      env: row.env ?? '',
      path: true,
    })
    expect(Math.abs(size / 1e6 - row.mb), `${size} bytes`).toBeLessThanOrEqual(Math.max(row.mb / 10, 0.02))
    const found = entries()
    const release = textOf(found, 'etc/os-release')
    const value = (name: string) => new RegExp(`^${name}="?([^"\n]*)"?$`, 'm').exec(release)?.[1]
    expect(release === '' ? undefined : `${value('ID')} ${value('VERSION_ID')}`).toBe(row.os)
    const users = textOf(found, 'etc/passwd').split('\n')
    const groups = textOf(found, 'etc/group').split('\n')
    for (const user of row.users?.split(' ') ?? []) {
      expect(
        users.find(line => line.startsWith(`${user}:`)),
        user,
      ).toBeDefined()
      const gid = user.split(':')[3]
      expect(
        groups.some(line => line.split(':')[2] === gid),
        `the group of ${user}`,
      ).toBe(true)
    }
    expect((row.files?.split(' ') ?? []).filter(path => !found.has(path))).toEqual([])
  })

  it.each([...images])('%s tells an instruction for each layer', (_name, { config, diffIDs }) => {
    expect(config.history?.filter(entry => !entry.empty_layer)).toHaveLength(diffIDs.length)
    for (const entry of config.history ?? []) expect(entry.created_by).toMatch(/\S/)
  })
})

describe('variants share their base by digest', () => {
  it.each<[base: string, image: string]>([
    ['debian', 'python:3.12'],
    ['debian', 'node:20'],
    ['debian', 'golang:1.22'],
    ['debian', 'rust'],
    ['debian:bookworm-slim', 'nginx'],
    ['debian:bookworm-slim', 'httpd'],
    ['debian:bookworm-slim', 'redis'],
    ['debian:bookworm-slim', 'postgres'],
    ['debian:bookworm-slim', 'memcached'],
    ['debian:bookworm-slim', 'node:20-slim'],
    ['debian:bookworm-slim', 'python:3.12-slim'],
    ['ubuntu', 'rabbitmq'],
    ['ubuntu', 'mongo'],
    ['alpine:3.21', 'nginx:alpine'],
    ['alpine:3.21', 'redis:7-alpine'],
    ['alpine:3.21', 'postgres:16-alpine'],
    ['alpine:3.21', 'node:20-alpine'],
    ['alpine', 'python:3.12-alpine'],
    ['alpine', 'golang:alpine'],
    ['gcr.io/distroless/static', 'gcr.io/distroless/nodejs20'],
  ])('%s is under %s', (base, image) => {
    const { diffIDs } = imageOf(base)
    expect(imageOf(image).diffIDs.slice(0, diffIDs.length)).toEqual(diffIDs)
  })

  it.each<[one: string, other: string, layers: number]>([
    ['python:3.12', 'node:20', 4],
    ['python:3.12', 'python', 5],
    ['node:20', 'golang:1.22', 3],
    ['debian', 'debian:bookworm-slim', 0],
    ['nginx', 'nginx:1.25.3', 0],
    ['nginx:alpine', 'redis:7-alpine', 1],
  ])('%s and %s have the first %i layers in common', (one, other, layers) => {
    const [a, b] = [imageOf(one).diffIDs, imageOf(other).diffIDs]
    const differs = a.findIndex((id, at) => id !== b[at])
    expect(differs).toBe(layers)
  })
})
