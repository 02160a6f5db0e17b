// Builds dist/: the command line as CommonJS chunks (CommonJS starts faster than ESM, and a chunk
// a command means that a command loads only its own code), and the library as ESM with types.
import { execFileSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'

const root = fileURLToPath(new URL('..', import.meta.url))
process.chdir(root)
rmSync('dist', { recursive: true, force: true })

const external = [/^node:/, ...builtinModules]

// Commander loads child_process (and with it net and dgram) for subcommands in files of their own, which minidock has
// none of: some milliseconds of every command.
const lean = {
  name: 'lean-commander',
  transform: (code, id) =>
    /commander[\\/]lib[\\/]command\.js$/.test(id) ? code.replace("require('node:child_process')", '{}') : undefined,
}
const cli = await rolldown({ input: { main: 'src/cli/main.ts' }, platform: 'node', external, plugins: [lean] })
await cli.write({
  dir: 'dist/cli',
  format: 'cjs',
  minify: true,
  sourcemap: false,
  entryFileNames: '[name].cjs',
  chunkFileNames: 'chunks/[name]-[hash].cjs',
})
await cli.close()

const lib = await rolldown({
  input: { index: 'src/index.ts' },
  platform: 'node',
  external: id => !id.startsWith('.') && !id.startsWith('/'),
})
await lib.write({ dir: 'dist/lib', format: 'esm', chunkFileNames: 'chunks/[name]-[hash].js' })
await lib.close()
execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'], { stdio: 'inherit' })
