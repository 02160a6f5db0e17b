/** The stack that courses build up to: a web service, a database and a cache, brought up by one command. */
import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { start, tempHome } from './cli.ts'

it('web waits for a healthy database, answers on its port, finds both by name, and data outlives down but not down -v', async () => {
  const home = tempHome()
  const lab = join(tempHome(), 'shop')
  cpSync(join(import.meta.dirname, '../../fixtures/compose/projects/web-postgres-redis'), lab, { recursive: true })
  const docker = async (...args: string[]): Promise<string> => {
    const { out, err } = await start(home, args, { env: { MINIDOCK_CLOCK: 'virtual' } }).outcome
    return out + err
  }
  const compose = (...args: string[]): Promise<string> => docker('compose', '--project-directory', lab, ...args)
  const sql = (text: string): Promise<string> =>
    compose('exec', '-T', 'db', 'psql', '-U', 'user', '-d', 'myapp', '-tAc', text)

  const up = await compose('up', '-d', '--quiet-pull', '--quiet-build')
  expect(up.split('\n').filter(line => /Container shop-(db|web)-1 +(Healthy|Started)/.test(line))).toEqual([
    ' Container shop-db-1  Started',
    ' Container shop-db-1  Healthy',
    ' Container shop-web-1  Started',
  ])
  expect(await docker('curl', '-s', 'http://localhost:3000/hello')).toBe('web answers /hello\n')
  expect(await compose('exec', '-T', 'web', 'getent', 'hosts', 'db', 'cache')).toMatch(
    /^172\.18\.0\.\d +db\n172\.18\.0\.\d +cache\n$/,
  )
  expect(await compose('exec', '-T', 'cache', 'redis-cli', 'incr', 'visits')).toBe('1\n')
  await sql('CREATE TABLE seen (n int)')
  await sql('INSERT INTO seen VALUES (7)')
  await compose('down')
  await compose('up', '-d', '--wait')
  expect(await sql('SELECT n FROM seen')).toBe('7\n')
  await compose('down', '-v')
  await compose('up', '-d', '--wait')
  expect(await sql('SELECT n FROM seen')).toContain('relation "seen" does not exist')
})
