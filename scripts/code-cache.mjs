// Stores the bytecode of dist/cli in dist/cli/code-cache: runs some usual commands, each with what those before have
// compiled, so that a chunk's entry grows to what commands really call. `code-cache.mjs run ARGS` is one such command.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const script = fileURLToPath(import.meta.url)
const directory = fileURLToPath(new URL('../dist/cli', import.meta.url))
const { start, cacheFile } = createRequire(script)(join(directory, 'start.cjs'))
const file = join(directory, cacheFile)

const commands = [
  ['run', '--rm', 'busybox', 'true'],
  ['run', '-d', '--name', 'warm', '-p', '8080:80', '-e', 'A=b', 'busybox', 'sleep', '1000'],
  ['ps', '-a'],
  ['images'],
  [
    'exec',
    'warm',
    'sh',
    '-c',
    'for i in 1 2; do echo $i; done | cat; ls / > /tmp/x; [ -f /tmp/x ] && grep -c etc /tmp/x',
  ],
  ['logs', 'warm'],
  ['inspect', 'warm'],
  ['network', 'inspect', 'bridge'],
  ['network', 'trace', 'host', 'warm'],
  ['stop', '-t', '0', 'warm'],
  ['rm', 'warm'],
]

/** The chunks stored so far: source and bytecode by path. */
function stored() {
  if (!existsSync(file)) return {}
  const bytes = readFileSync(file)
  const start = bytes.indexOf(10) + 1
  const { chunks } = JSON.parse(bytes.toString('latin1', 0, start))
  return Object.fromEntries(
    Object.entries(chunks).map(([chunk, [offset, source, bytecode]]) => {
      const [from, middle] = [start + offset, start + offset + source]
      return [chunk, [bytes.subarray(from, middle), bytes.subarray(middle, middle + bytecode)]]
    }),
  )
}

function store(data) {
  let offset = 0
  const chunks = {}
  for (const [chunk, [source, bytecode]] of Object.entries(data)) {
    // One byte a character is read faster.
    const encoding = source.every(byte => byte < 128) ? 'latin1' : 'utf8'
    chunks[chunk] = [offset, source.length, bytecode.length, encoding]
    offset += source.length + bytecode.length
  }
  const index = JSON.stringify({ v8: process.versions.v8, chunks })
  writeFileSync(file, Buffer.concat([Buffer.from(`${index}\n`, 'latin1'), ...Object.values(data).flat()]))
}

if (process.argv[2] === 'run') {
  const loaded = []
  process.on('exit', () => {
    const data = stored()
    for (const [chunk, source, script] of loaded) data[chunk] = [Buffer.from(source), script.createCachedData()]
    store(data)
  })
  process.argv.splice(1, 2, 'minidock')
  start(directory, (...chunk) => loaded.push(chunk))
} else {
  const home = mkdtempSync(join(tmpdir(), 'minidock-build-'))
  const env = { ...process.env, MINIDOCK_HOME: home, MINIDOCK_CLOCK: 'virtual' }
  rmSync(file, { force: true })
  for (const command of commands) {
    const { status, stderr } = spawnSync(process.execPath, [script, 'run', ...command], { env, encoding: 'utf8' })
    if (status !== 0) throw new Error(`${command.join(' ')} failed: ${stderr}`)
  }
  rmSync(home, { recursive: true, force: true })
}
