/** Many processes at once on one store. */
import { expect, test } from 'vitest'
import { lines, ok, run, tempHome } from './cli.ts'

const processes = 16
const each = 20

test('16 processes that make 20 containers each get 320, with names, ids and addresses of their own', async () => {
  const home = tempHome()
  await ok(home, 'pull', '-q', 'busybox')
  const made = await Promise.all(
    Array.from({ length: processes }, async (_, worker) => {
      const ids: string[] = []
      for (let n = 0; n < each; n++) {
        const starts = n % 4 === worker % 4
        ids.push(await ok(home, ...(starts ? ['run', '-d'] : ['create']), 'busybox', 'sleep', '1000'))
      }
      return ids
    }),
  )
  const ids = made.flat().map(id => id.trim())
  const running = (processes * each) / 4
  expect(new Set(ids).size).toBe(processes * each)
  const rows = lines(await ok(home, 'ps', '-a', '--no-trunc', '--format', '{{.ID}} {{.Names}} {{.State}}'))
  expect(rows.map(row => row.split(' ')[0] ?? '').sort()).toEqual([...ids].sort())
  expect(new Set(rows.map(row => row.split(' ')[1])).size).toBe(processes * each)
  expect(rows.filter(row => row.endsWith(' running'))).toHaveLength(running)
  const format = '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}'
  const addresses = lines(await ok(home, 'inspect', '--format', format, ...ids)).filter(address => address !== '')
  expect(new Set(addresses).size).toBe(running)
  const check = await run(home, 'system', 'check')
  expect([check.status, check.out]).toEqual([0, expect.stringMatching(/^.*: \d+ documents, all is well\n$/)])
}, 300_000)

test('who reads while others create and remove never sees half of it', async () => {
  const home = tempHome()
  await ok(home, 'pull', '-q', 'busybox')
  let busy = true
  const writers = [0, 1].map(async worker => {
    for (let n = 0; n < 6; n++)
      expect(await ok(home, 'run', '--rm', '--name', `w${worker}n${n}`, 'busybox', 'echo', 'done')).toBe('done\n')
  })
  const reader = (async () => {
    for (; busy; ) {
      for (const args of [['ps', '-a'], ['images'], ['network', 'inspect', 'bridge'], ['system', 'df']]) {
        const { err, status } = await run(home, ...args)
        expect([args, status, err]).toEqual([args, 0, ''])
      }
    }
  })()
  await Promise.all(writers)
  busy = false
  await reader
  expect(await ok(home, 'ps', '-aq')).toBe('')
}, 120_000)
