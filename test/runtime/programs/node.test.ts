import { beforeAll, describe, expect, it } from 'vitest'
import { program } from '../../../src/runtime/programs/node/program.ts'
import { loadEngine } from '../../../src/runtime/programs/node/sandbox.ts'
import { runCommand } from '../../kernel/harness.ts'

beforeAll(loadEngine)
const run = (code: string, files: Record<string, string> = {}, more: object = {}) =>
  runCommand(['node', '-e', code], { programs: { node: program }, files, ...more })

describe('node', () => {
  it.each([
    ['console.log({ a: 1, b: [1, 2, { c: new Map([[1, "x"]]) }] })', '{ a: 1, b: [ 1, 2, { c: [Map] } ] }\n'],
    ['console.log([1.5, "a", null, undefined, -0, 10n, /x/g])', "[ 1.5, 'a', null, undefined, -0, 10n, /x/g ]\n"],
    ['console.log("%s is %d", "x", 4, { y: 1 })', 'x is 4 { y: 1 }\n'],
    ['setTimeout(() => console.log(2), 5); Promise.resolve().then(() => console.log(1)); console.log(0)', '0\n1\n2\n'],
    ['console.log(require("path").join("/a", "../b"), require("./m.js").x)', '/b 7\n'],
    [
      'console.log(require("crypto").createHash("md5").update("a").digest("hex"))',
      '0cc175b9c0f1b6a831c399e269772661\n',
    ],
  ])('%s', async (code, out) => {
    const { stdout, status } = await run(code, { '/m.js': 'exports.x = 7' })
    expect(stdout).toBe(out)
    expect(status).toBe(0)
  })

  it('answers over HTTP to itself', async () => {
    const code =
      'const s = require("http").createServer((q, r) => r.end(q.method + q.url)).listen(3000, () => fetch("http://127.0.0.1:3000/x").then(r => r.text()).then(t => { console.log(t); s.close() }))'
    expect((await run(code)).stdout).toBe('GET/x\n')
  })

  it('is the same when it is stored and brought back between its steps', async () => {
    const code = 'let n = 0; const t = setInterval(() => { console.log(++n); if (n === 4) clearInterval(t) }, 100)'
    expect((await run(code, {}, { suspend: true })).stdout).toBe('1\n2\n3\n4\n')
  })

  it.each([
    ['process.exit(3)', 3],
    ['throw new Error("x")', 1],
    ['(async () => { throw new Error("x") })()', 1],
    ['process.exitCode = 4', 4],
    ['await 1 +', 1],
  ])('ends as node does: %s', async (code, status) => {
    expect((await run(code)).status).toBe(status)
  })
})

describe('hostile JavaScript', () => {
  it.each([
    'console.log(typeof globalThis.__host, typeof WebAssembly, typeof Deno)',
    'console.log(this.constructor.constructor("return typeof globalThis.__host")(), typeof WebAssembly, typeof Deno)',
    'console.log((() => {}).constructor("return typeof __host")(), typeof WebAssembly, typeof Deno)',
  ])('finds nothing of the host: %s', async code => {
    expect((await run(code)).stdout).toBe('undefined undefined undefined\n')
  })

  it.each([
    ['require("fs").readFileSync("/etc/hostname-of-the-host")', 'ENOENT'],
    ['process.binding("fs")', 'No such module'],
    ['require("child_process").execSync("id")', 'is not modelled'],
    ['process.getBuiltinModule("vm").runInThisContext("process.mainModule.require")', ''],
  ])('%s stays inside', async (code, words) => {
    const { stderr } = await run(`try { ${code} } catch (e) { console.error(e.message) }`)
    expect(stderr.includes(words)).toBe(true)
  })

  it('allocations end at the limit of the container', async () => {
    const { status } = await run(
      'const a = []; for (;;) a.push(new Array(100000).fill(1))',
      {},
      { memoryLimit: 96 << 20 },
    )
    expect([134, 137]).toContain(status)
  }, 60_000)
})
