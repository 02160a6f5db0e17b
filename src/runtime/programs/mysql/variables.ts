/** System variables and counters, as far as clients and courses ask for them. */
import { type Session, serverVersion } from './session.ts'
import { SqlError } from './tokens.ts'
import type { Raw } from './types.ts'

/** Of both servers alike; what differs or varies is added by `systemVariables`. */
const constant: Record<string, string> = {
  autocommit: 'ON',
  basedir: '/usr/',
  bind_address: '*',
  character_set_client: 'utf8mb4',
  character_set_connection: 'utf8mb4',
  character_set_database: 'utf8mb4',
  character_set_filesystem: 'binary',
  character_set_results: 'utf8mb4',
  character_set_server: 'utf8mb4',
  connect_timeout: '10',
  datadir: '/var/lib/mysql/',
  default_storage_engine: 'InnoDB',
  event_scheduler: 'ON',
  foreign_key_checks: 'ON',
  general_log: 'OFF',
  have_ssl: 'DISABLED',
  innodb_buffer_pool_size: '134217728',
  innodb_file_per_table: 'ON',
  interactive_timeout: '28800',
  lower_case_table_names: '0',
  max_connections: '151',
  pid_file: '/var/run/mysqld/mysqld.pid',
  port: '3306',
  protocol_version: '10',
  server_id: '1',
  slow_query_log: 'OFF',
  socket: '/var/run/mysqld/mysqld.sock',
  sql_safe_updates: 'OFF',
  system_time_zone: 'UTC',
  time_zone: 'SYSTEM',
  tmpdir: '/tmp',
  version_compile_os: 'Linux',
  wait_timeout: '28800',
}

export function systemVariables(session: Session): Record<string, string> {
  const { flavour, p } = session
  const mine: Record<string, string> = flavour.maria
    ? {
        max_allowed_packet: '16777216',
        max_connect_errors: '100',
        sql_mode: 'STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_AUTO_CREATE_USER,NO_ENGINE_SUBSTITUTION',
        version_comment: 'mariadb.org binary distribution',
        tx_isolation: 'REPEATABLE-READ',
      }
    : {
        authentication_policy: '*,,',
        max_allowed_packet: '67108864',
        max_connect_errors: '100',
        sql_mode:
          'ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION',
        transaction_isolation: 'REPEATABLE-READ',
        version_comment: 'MySQL Community Server - GPL',
      }
  const collation = flavour.maria
    ? Number(flavour.version.split('.')[0]) >= 11
      ? 'utf8mb4_uca1400_ai_ci'
      : 'utf8mb4_general_ci'
    : 'utf8mb4_0900_ai_ci'
  return {
    ...constant,
    ...mine,
    collation_connection: collation,
    collation_database: collation,
    collation_server: collation,
    hostname: p.uname().nodename,
    version: serverVersion(flavour),
    version_compile_machine: p.uname().machine,
    ...session.state.settings,
  }
}

/** Value of `@@name`, `@@global.name` or `@@session.name`. Throws 1193. */
export function systemVariable(session: Session, written: string): Raw {
  const name = written.replace(/^@@(?:(?:global|session|local|persist)\.)?/i, '').toLowerCase()
  const found = systemVariables(session)[name]
  if (found === undefined) throw new SqlError(1193, 'HY000', `Unknown system variable '${name}'`)
  if (/^(ON|OFF)$/.test(found)) return found === 'ON' ? 1 : 0
  return /^\d+$/.test(found) ? Number(found) : found
}

export const statusCounters = (session: Session, connections: number, questions: number): Record<string, string> => ({
  Connections: String(session.identity.connectionId),
  Questions: String(questions),
  Threads_connected: String(connections),
  Threads_running: '2',
  Uptime: String(Math.max(0, Math.floor((session.p.now() - session.identity.startedAt) / 1000))),
})
