/**
 * Files that programs of the sandbox are made of (JavaScript and Python that runs inside, WebAssembly), found beside
 * the code: in `assets/` of the package, `dist/wasm/` for what the build takes from libraries, or those libraries.
 */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const deepest = 6

/** The path of a file of the package: `assets/node/prelude.js`. Throws when it is not there. */
function packageFile(path: string): string {
  let folder: string = import.meta.dirname
  for (let up = 0; up < deepest; up++) {
    const file = join(folder, path)
    if (existsSync(file)) return file
    folder = dirname(folder)
  }
  throw new Error(`minidock is incomplete: ${path} is missing`)
}

/** A text below `assets/`. */
export const assetText = (path: string): string => readFileSync(packageFile(join('assets', path)), 'utf8')

/** A WebAssembly module: its name in dist/wasm, and where the library has it. */
export function wasmBytes(name: string, inLibrary: string): Uint8Array<ArrayBuffer> {
  let file: string
  try {
    file = packageFile(join('dist/wasm', name))
  } catch {
    file = packageFile(join('node_modules', inLibrary))
  }
  return new Uint8Array(readFileSync(file))
}
