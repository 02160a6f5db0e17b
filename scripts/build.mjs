// Builds dist/: the command line as CommonJS chunks (CommonJS starts faster than ESM, and a chunk
// a command means that a command loads only its own code), and the library as ESM with types.
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, rmSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'

const root = fileURLToPath(new URL('..', import.meta.url))
process.chdir(root)
rmSync('dist', { recursive: true, force: true })

const isBuiltin = id => id.startsWith('node:') || builtinModules.includes(id)

// Some of Node's modules cost milliseconds of every command that only might need them: commander loads child_process
// (and with it net and dgram) for subcommands in files of their own, which minidock has none of; node:crypto and
// node:os are loaded by their first call.
const LAZY = ['node:crypto', 'node:os']
const isLazy = (id, importer) => LAZY.includes(id) && /[\\/]src[\\/].*\.ts$/.test(importer ?? '')
const lean = {
  name: 'lean-builtins',
  resolveId: (id, importer) => (isLazy(id, importer) ? `\0lazy:${id}` : undefined),
  async load(id) {
    if (!id.startsWith('\0lazy:')) return undefined
    const name = id.slice(6)
    const functions = Object.entries(await import(name)).filter(
      ([key, value]) => /^[a-z]\w*$/.test(key) && typeof value === 'function',
    )
    return functions
      .map(([key]) => `export const ${key} = (...args) => process.getBuiltinModule('${name}').${key}(...args)`)
      .join('\n')
  },
  transform: (code, id) =>
    /commander[\\/]lib[\\/]command\.js$/.test(id)
      ? code.replace("require('node:child_process')", '{}')
      : // What the entry runs has no loader for ES modules.
        /emscripten-module\.mjs$/.test(id)
        ? code.replaceAll('await import("node:module")', "process.getBuiltinModule('node:module')")
        : undefined,
}
const cli = await rolldown({
  input: { main: 'src/cli/main.ts' },
  platform: 'node',
  external: (id, importer) => isBuiltin(id) && !isLazy(id, importer),
  plugins: [lean],
})
// What nearly every command needs is in two chunks, what all that change containers need in a third: a file more costs about as much as 10 KB of code.
const groups = [
  {
    name: 'list',
    test: /src.cli.(order|opts.env|format.(formatter|tabwriter|units|labels|container)|template.(format|value))\.ts$/,
  },
  {
    name: 'engine',
    test: /src.(util.|store.|content.|events|container.|network.(record|networks|address|ports)|volume.record|runtime.stream-log\.|image.(images|config|reference|platform|errors)\.|layer.chain-id|engine.(local|machine|context|time-filter|image.for-container|container.errors|network.errors))/,
  },
  {
    name: 'machine',
    test: /src.engine.(live|world|programs|container.(create|start|attach|wait|remove|kill))\.ts$/,
  },
]
await cli.write({
  codeSplitting: { groups },
  dir: 'dist/cli',
  format: 'cjs',
  minify: true,
  sourcemap: false,
  entryFileNames: '[name].cjs',
  chunkFileNames: 'chunks/[name]-[hash].cjs',
})
await cli.close()

// The entry loads the chunks itself, and is no chunk of theirs.
const entry = await rolldown({ input: { start: 'src/cli/start.ts' }, platform: 'node', external: isBuiltin })
await entry.write({ dir: 'dist/cli', format: 'cjs', minify: true, entryFileNames: '[name].cjs' })
await entry.close()
execFileSync(process.execPath, ['scripts/code-cache.mjs'], { stdio: 'inherit' })
// Libraries that only programs inside containers need are taken in, with their WebAssembly.
const inside = ['quickjs-emscripten-core', '@jitl/', 'acorn', 'sql.js']
mkdirSync('dist/wasm', { recursive: true })
copyFileSync(
  'node_modules/@jitl/quickjs-ng-wasmfile-release-sync/dist/emscripten-module.wasm',
  'dist/wasm/quickjs.wasm',
)
copyFileSync('node_modules/sql.js/dist/sql-wasm.wasm', 'dist/wasm/sqlite.wasm')

const lib = await rolldown({
  input: { index: 'src/index.ts' },
  platform: 'node',
  external: id => !id.startsWith('.') && !id.startsWith('/') && !inside.some(each => id.startsWith(each)),
})
await lib.write({ dir: 'dist/lib', format: 'esm', chunkFileNames: 'chunks/[name]-[hash].js' })
await lib.close()
execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'], { stdio: 'inherit' })
