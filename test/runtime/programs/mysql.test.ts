/** mysqld, mariadbd and their clients, in one kernel; what MariaDB says was recorded from the real one. */
import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Program } from '../../../src/kernel/program.ts'
import { program as mysql } from '../../../src/runtime/programs/mysql/monitor.ts'
import { program as mysqld } from '../../../src/runtime/programs/mysql/start.ts'
import { splitStatements, tokenize } from '../../../src/runtime/programs/mysql/tokens.ts'
import { admin, dump, installDb } from '../../../src/runtime/programs/mysql/tools.ts'
import { loadSql } from '../../../src/runtime/sql-engine.ts'
import { type RunSettings, runCommand } from '../../kernel/harness.ts'

beforeAll(loadSql)

const elf = '\x7fELFminidock-program: '
const programs: Record<string, Program> = {
  mysqld,
  mysql,
  mysqladmin: admin,
  mysqldump: dump,
  'mariadb-install-db': installDb,
}

/** Runs a script beside programs of one version; the server's data is in /d. */
const shell = (script: string, version: string, more: RunSettings = {}) =>
  runCommand(['sh', '-c', script], {
    programs,
    uid: 1000,
    ...more,
    prepare(rootfs) {
      rootfs.mkdir('/d', 0o777)
      rootfs.mkdir('/v', 0o755)
      for (const name of Object.keys(programs))
        rootfs.writeFile(`/v/${name}`, Buffer.from(`${elf}${name} version=${version}\n`, 'latin1'), { mode: 0o755 })
    },
  })

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`

describe('mariadb', () => {
  const cases = readFileSync(new URL('../../../fixtures/sql/mariadb.txt', import.meta.url), 'utf8')
    .split(/^\$ /m)
    .slice(1)
    .map(text => {
      const [line = '', ...answer] = text.trimEnd().split('\n')
      const [options = '', ...sql] = line.split(' | ')
      return { title: line, options, sql: sql.join(' | '), answer: answer.map(each => each.slice(2)).join('\n') }
    })
  let answers: string[] = []

  beforeAll(async () => {
    const calls = cases.map(
      ({ options, sql }) => `/v/mysql -S /tmp/s.sock $O ${options} -e ${quoted(sql)} 2>&1; echo "<$?>"`,
    )
    const script = `O=-uroot; /v/mariadb-install-db --datadir=/d; /v/mysqld --datadir=/d --socket=/tmp/s.sock 2>/dev/null &
      while ! /v/mysqladmin -S /tmp/s.sock ping; do sleep 0.1; done; echo '<0>'
      ${calls
        .join('\n')
        .replace(/\$O -u/g, '-u')
        .replace(/\$O -([tN]|vvv) /g, '-uroot -$1 ')}
      /v/mysqladmin -S /tmp/s.sock -uroot shutdown`
    const { stdout } = await shell(script, '10.11.13')
    answers = stdout.split(/<\d>\n/).slice(1)
  })

  it.each(cases.map((each, at) => ({ ...each, at })))('$title', ({ at, answer }) => {
    const told = (answers[at] ?? '').trimEnd().replace(/ \(\d\.\d{3} sec\)/g, '')
    expect(told).toBe(answer.replace(/ \(\d\.\d{3} sec\)/g, '').replace(/\n+Bye$/, ''))
  })
})

describe('mysql', () => {
  const start =
    '/v/mysqld --initialize-insecure --datadir=/d 2>/dev/null; /v/mysqld --daemonize --datadir=/d --socket=/tmp/s.sock 2>/tmp/log; '
  const sql = (text: string, options = ''): string =>
    `/v/mysql -S /tmp/s.sock -uroot ${options} -e ${quoted(text)} 2>&1; `

  it('has its own words for types, keys and places', async () => {
    const { stdout } = await shell(
      start +
        sql(
          'CREATE DATABASE s; CREATE TABLE s.t (id BIGINT UNSIGNED AUTO_INCREMENT PRIMARY KEY, at TIMESTAMP DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP, n INT UNIQUE DEFAULT 3, j JSON)',
        ) +
        sql('DESC t', '-t s') +
        sql('SHOW CREATE TABLE t\\G', 's') +
        sql('INSERT INTO t (n) VALUES (1), (1)', 's') +
        sql('SELECT nope FROM t', 's') +
        sql('SELECT 1 FROM t GROUP BY nope', 's') +
        sql('DROP USER u; '),
      '8.4.5',
    )
    expect(
      stdout,
    ).toBe(`+-------+-----------------+------+-----+-------------------+-----------------------------------------------+
| Field | Type            | Null | Key | Default           | Extra                                         |
+-------+-----------------+------+-----+-------------------+-----------------------------------------------+
| id    | bigint unsigned | NO   | PRI | NULL              | auto_increment                                |
| at    | timestamp       | YES  |     | CURRENT_TIMESTAMP | DEFAULT_GENERATED on update CURRENT_TIMESTAMP |
| n     | int             | YES  | UNI | 3                 |                                               |
| j     | json            | YES  |     | NULL              |                                               |
+-------+-----------------+------+-----+-------------------+-----------------------------------------------+
*************************** 1. row ***************************
       Table: t
Create Table: CREATE TABLE \`t\` (
  \`id\` bigint unsigned NOT NULL AUTO_INCREMENT,
  \`at\` timestamp NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
  \`n\` int DEFAULT '3',
  \`j\` json DEFAULT NULL,
  PRIMARY KEY (\`id\`),
  UNIQUE KEY \`n\` (\`n\`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci
ERROR 1062 (23000) at line 1: Duplicate entry '1' for key 't.n'
ERROR 1054 (42S22) at line 1: Unknown column 'nope' in 'field list'
ERROR 1054 (42S22) at line 1: Unknown column 'nope' in 'group statement'
ERROR 1396 (HY000) at line 1: Operation DROP USER failed for 'u'@'%'
`)
  })

  it('keeps its data over a restart and over a kill, but not what was not committed', async () => {
    const again = '/v/mysqld --daemonize --datadir=/d --socket=/tmp/s.sock 2>>/tmp/log; '
    const { stdout } = await shell(
      start +
        sql('CREATE DATABASE s; CREATE TABLE s.t (a INT PRIMARY KEY); INSERT INTO s.t VALUES (1)') +
        `/v/mysqladmin -S /tmp/s.sock -uroot shutdown; ${again}` +
        sql('INSERT INTO s.t VALUES (2); START TRANSACTION; INSERT INTO s.t VALUES (3)') +
        `kill -9 $(cat /tmp/s.pid); sleep 1; rm /tmp/s.sock; ls /d/s; ${again}${sql('SELECT * FROM s.t')}grep -c 'XA crash' /tmp/log`,
      '8.4.5',
    )
    expect(stdout).toBe('t.ibd\na\n1\n2\n2\n')
  })

  it('is asked for at a socket or a port, and says why it is not there', async () => {
    const { stdout } = await shell(
      `(/v/mysqladmin -S /tmp/s.sock ping; echo $?; /v/mysqladmin -h127.0.0.1 -P1 ping; echo $?
      ${start}/v/mysqladmin -S /tmp/s.sock -unope ping; echo $?; /v/mysqladmin -S /tmp/s.sock -uroot ping; /v/mysql -h127.0.0.1 -P2 -e x; /v/mysql -h nohost -e x
      /v/mysql -S /tmp/s.sock -uroot -psecret -e 'select 1'; /v/mysql --nope; echo $?) 2>&1`,
      '8.0.42',
    )
    expect(stdout).toBe(`mysqladmin: connect to server at 'localhost' failed
error: 'Can't connect to local MySQL server through socket '/tmp/s.sock' (2)'
Check that mysqld is running and that the socket: '/tmp/s.sock' exists!
1
mysqladmin: connect to server at '127.0.0.1' failed
error: 'Can't connect to MySQL server on '127.0.0.1:1' (111)'
Check that mysqld is running on 127.0.0.1 and that the port is 1.
You can check this by doing 'telnet 127.0.0.1 1'
1
mysqladmin: connect to server at 'localhost' failed
error: 'Access denied for user 'nope'@'localhost' (using password: NO)'
0
mysqld is alive
ERROR 2003 (HY000): Can't connect to MySQL server on '127.0.0.1:2' (111)
ERROR 2005 (HY000): Unknown MySQL server host 'nohost' (-2)
mysql: [Warning] Using a password on the command line interface can be insecure.
ERROR 1045 (28000): Access denied for user 'root'@'localhost' (using password: YES)
mysql: [ERROR] unknown option '--nope'.
2
`)
  })

  it('starts neither as root nor with an option of another version, nor over data', async () => {
    const last = (args: string): string => `/v/mysqld ${args} 2>&1 | sed 's/^[^Z]*Z //'; `
    const { stdout } = await shell(
      `${last('--default-authentication-plugin=x')}${last('--nosuch')}touch /d/x; ${last('--initialize-insecure --datadir=/d')}`,
      '8.4.5',
    )
    expect(stdout).toBe(`0 [ERROR] [MY-000067] [Server] unknown variable 'default-authentication-plugin=x'.
0 [ERROR] [MY-010119] [Server] Aborting
0 [ERROR] [MY-000068] [Server] unknown option '--nosuch'.
0 [ERROR] [MY-010119] [Server] Aborting
0 [System] [MY-015017] [Server] MySQL Server Initialization - start.
0 [System] [MY-013169] [Server] /v/mysqld (mysqld 8.4.5) initializing of server in progress as process ${/process (\d+)/.exec(stdout)?.[1]}
0 [ERROR] [MY-010457] [Server] --initialize specified but the data directory has files in it. Aborting.
0 [ERROR] [MY-013236] [Server] The designated data directory /d/ is unusable. You can remove all files that the server added to it.
0 [ERROR] [MY-010119] [Server] Aborting
`)
    const root = await shell('/v/mysqld 2>&1 | head -1 | cut -d" " -f 2-', '8.4.5', { uid: 0 })
    expect(root.stdout).toBe(
      '0 [ERROR] [MY-010123] [Server] Fatal error: Please read "Security" section of the manual to find out how to run mysqld as root!\n',
    )
  })

  it('prompts at a terminal as the monitor does', async () => {
    const { shown } = await shell(`${start}exec /v/mysql -S /tmp/s.sock -uroot`, '8.4.5', {
      tty: true,
      keys: [
        '',
        'create database s;\r',
        'use s\r',
        'select 1\r',
        "+ 'x\r",
        "';\r",
        'select 2 from dual where 1=0;\r',
        'selct;\r',
        'exit\r',
      ],
    })
    const text = shown
      .join('')
      .replaceAll('\r\n', '\n')
      .replace(/\(0\.\d\d sec\)/g, '(0.00 sec)')
    expect(text.slice(text.indexOf('mysql> '))).toBe(`mysql> create database s;
Query OK, 1 row affected (0.00 sec)

mysql> use s
Database changed
mysql> select 1
    -> + 'x
    '> ';
+----------+
| 1
+ 'x
' |
+----------+
|        1 |
+----------+
1 row in set (0.00 sec)

mysql> select 2 from dual where 1=0;
Empty set (0.00 sec)

mysql> selct;
ERROR 1064 (42000): You have an error in your SQL syntax; check the manual that corresponds to your MySQL server version for the right syntax to use near 'selct' at line 1
mysql> exit
Bye
`)
  })

  it('dumps what its client reads again', async () => {
    const { stdout, stderr } = await shell(
      start +
        sql(
          "CREATE DATABASE s; CREATE TABLE s.a (id INT PRIMARY KEY, t VARCHAR(9)); CREATE TABLE s.b (x INT, FOREIGN KEY (x) REFERENCES s.a(id)); INSERT INTO s.a VALUES (1,'it''s'), (2,NULL); INSERT INTO s.b VALUES (2)",
        ) +
        '/v/mysqldump -S /tmp/s.sock -uroot s > /tmp/dump; ' +
        sql('CREATE DATABASE t') +
        '/v/mysql -S /tmp/s.sock -uroot t < /tmp/dump; ' +
        sql('SELECT * FROM a; SELECT * FROM b; DELETE FROM a WHERE id = 2', 't'),
      '8.4.5',
    )
    expect(stderr).toBe('')
    expect(stdout).toBe(
      "id\tt\n1\tit's\n2\tNULL\nx\n2\nERROR 1451 (23000) at line 1: Cannot delete or update a parent row: a foreign key constraint fails (`t`.`b`, CONSTRAINT `b_ibfk_1` FOREIGN KEY (`x`) REFERENCES `a` (`id`))\n",
    )
  })
})

it.each([
  ['a comment -- is none', ['a', 'comment', '-', '-', 'is', 'none']],
  ["'it''s' \"x\" 'y'", ["it'sxy"]],
  ['1 /* two */ 3 # four', ['1', '3']],
  ['/*!40101 SET x */ y', ['SET', 'x', 'y']],
  ['`a``b`.c @v @@global.w', ['a`b', '.', 'c', '@v', '@@global.w']],
])('%s is read in words', (text, words) => {
  expect(tokenize(text).map(each => each.text)).toEqual(text.includes(' -- ') ? words.slice(0, 2) : words)
})

it('statements end at semicolons outside of quotes', () => {
  expect(splitStatements("a ';' b; c `;`;; d").map(each => each.text)).toEqual(["a ';' b", 'c `;`', 'd'])
})
