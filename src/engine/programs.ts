/** Every program that can run in a container, by the name that its file says: the userland, and what images bring. */
import type { ProgramTable } from '../kernel/scheduler.ts'
import { userland } from '../kernel/userland/index.ts'
import { packagePrograms } from '../runtime/packages/programs.ts'

export const programs: ProgramTable = new Map([
  ...userland,
  ...packagePrograms,
  ['registry', async () => (await import('../registry/program.ts')).program],
  ['gosu', async () => (await import('../runtime/programs/gosu.ts')).gosu],
  ['su-exec', async () => (await import('../runtime/programs/gosu.ts')).suExec],
  ['traefik-whoami', async () => (await import('../runtime/programs/whoami.ts')).program],
  ['memcached', async () => (await import('../runtime/programs/memcached.ts')).program],
  ['mongod', async () => (await import('../runtime/programs/mongo.ts')).mongod],
  ['mongosh', async () => (await import('../runtime/programs/mongo.ts')).mongosh],
  ['rabbitmq-server', async () => (await import('../runtime/programs/rabbitmq.ts')).server],
  ['rabbitmqctl', async () => (await import('../runtime/programs/rabbitmq.ts')).tool],
  ['rabbitmq-diagnostics', async () => (await import('../runtime/programs/rabbitmq.ts')).tool],
  ['php', async () => (await import('../runtime/programs/php.ts')).program],
  ['apache2', async () => (await import('../runtime/programs/apache/program.ts')).program],
  ['nginx', async () => (await import('../runtime/programs/nginx/program.ts')).program],
  [
    'node',
    async () => {
      await (await import('../runtime/programs/node/sandbox.ts')).loadEngine()
      return (await import('../runtime/programs/node/program.ts')).program
    },
  ],
  ['redis-server', async () => (await import('../runtime/programs/redis/server.ts')).program],
  ['redis-cli', async () => (await import('../runtime/programs/redis/cli.ts')).program],
  [
    'postgres',
    async () => {
      await (await import('../runtime/sql-engine.ts')).loadSql()
      return (await import('../runtime/programs/postgres/server.ts')).program
    },
  ],
  ['psql', async () => (await import('../runtime/programs/postgres/psql.ts')).program],
  ['initdb', async () => (await import('../runtime/programs/postgres/tools.ts')).initdb],
  ['pg_ctl', async () => (await import('../runtime/programs/postgres/tools.ts')).pgCtl],
  ['pg_isready', async () => (await import('../runtime/programs/postgres/tools.ts')).isReady],
  ['createdb', async () => (await import('../runtime/programs/postgres/tools.ts')).createDb],
  ['dropdb', async () => (await import('../runtime/programs/postgres/tools.ts')).dropDb],
  ['createuser', async () => (await import('../runtime/programs/postgres/tools.ts')).createUser],
  ['pg_dump', async () => (await import('../runtime/programs/postgres/tools.ts')).dump],
  [
    'mysqld',
    async () => {
      await (await import('../runtime/sql-engine.ts')).loadSql()
      return (await import('../runtime/programs/mysql/start.ts')).program
    },
  ],
  [
    'mariadbd',
    async () => {
      await (await import('../runtime/sql-engine.ts')).loadSql()
      return (await import('../runtime/programs/mysql/start.ts')).program
    },
  ],
  ['mysql', async () => (await import('../runtime/programs/mysql/monitor.ts')).program],
  ['mariadb', async () => (await import('../runtime/programs/mysql/monitor.ts')).program],
  ['mysqladmin', async () => (await import('../runtime/programs/mysql/tools.ts')).admin],
  ['mariadb-admin', async () => (await import('../runtime/programs/mysql/tools.ts')).admin],
  ['mysqldump', async () => (await import('../runtime/programs/mysql/tools.ts')).dump],
  ['mariadb-dump', async () => (await import('../runtime/programs/mysql/tools.ts')).dump],
  ['mariadb-install-db', async () => (await import('../runtime/programs/mysql/tools.ts')).installDb],
  ['python3', async () => (await import('../runtime/programs/python/program.ts')).program],
  ['hello', async () => (await import('../runtime/programs/hello-world.ts')).program],
])
