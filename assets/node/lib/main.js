// How the program begins: a script, -e, -p, --check, standard input.
const { call, boot } = internal

const tails = {
  script: [
    '    at Module._compile (node:internal/modules/cjs/loader:1521:14)',
    '    at Module._extensions..js (node:internal/modules/cjs/loader:1623:10)',
    '    at Module.load (node:internal/modules/cjs/loader:1266:32)',
    '    at Module._load (node:internal/modules/cjs/loader:1091:12)',
    '    at Function.executeUserEntryPoint [as runMain] (node:internal/modules/run_main:164:12)',
    '    at node:internal/main/run_main_module:28:49',
  ],
  missing: [
    '    at Module._resolveFilename (node:internal/modules/cjs/loader:1212:15)',
    '    at Module._load (node:internal/modules/cjs/loader:1043:27)',
    '    at Function.executeUserEntryPoint [as runMain] (node:internal/modules/run_main:164:12)',
    '    at node:internal/main/run_main_module:28:49',
  ],
}

exports.start = ({ mode, text, path, preload }) => {
  for (const each of preload) internal.requireFrom(new internal.Module(`${boot.cwd}/[preload]`))(each)
  if (mode === 'script') return script(path)
  if (mode === 'eval' || mode === 'print') {
    const file = '[eval]'
    internal.sources.set(file, text)
    const module = new internal.Module(`${boot.cwd}/[eval]`)
    Object.assign(globalThis, { module, exports: module.exports, require: internal.requireFrom(module) })
    globalThis.__filename = file
    globalThis.__dirname = '.'
    for (const name of boot.builtins)
      if (
        !name.includes('/') &&
        !(name in globalThis) &&
        !['main', 'console', 'process', 'module', 'fetch'].includes(name)
      )
        Object.defineProperty(globalThis, name, { configurable: true, get: () => internal.lib(name) })
    internal.mainTail = [
      '    at node:internal/process/execution:83:21',
      '    at [eval]-wrapper:6:24',
      '    at runScript (node:internal/process/execution:82:62)',
    ]
    const problem = call('syntax', file, text, true)
    if (problem) {
      const error = new SyntaxError(problem.message)
      error.__shown = problem.stack
      throw error
    }
    if (/^\s*(import\s|import\{|export\s)/m.test(text)) return internal.runModule('[eval1]', text)
    const value = internal.evaluate(call('watched', text, false), file)
    internal.mainTail = undefined
    if (mode === 'print') console.log(value)
  }
}

function script(path) {
  const full = internal.join(boot.cwd, path)
  let found
  internal.mainTail = tails.missing
  const tries = [full, `${full}.js`, `${full}.json`]
  for (const each of tries) if (call('kind', each) === 'file') found ??= { path: call('realpath', each) }
  if (!found && call('kind', full) === 'dir') {
    try {
      found = internal.resolve('.', full, [])
    } catch {}
  }
  if (!found) {
    const error = new Error(`Cannot find module '${full}'`)
    error.code = 'MODULE_NOT_FOUND'
    error.requireStack = []
    Object.defineProperty(error, '__source', {
      value: 'node:internal/modules/cjs/loader:1215\n  throw err;\n  ^',
      enumerable: false,
      configurable: true,
    })
    throw error
  }
  internal.mainTail = tails.script
  process.argv[1] = found.path
  if (internal.isModule(found.path)) {
    internal.mainTail = undefined
    return internal.runModule(found.path)
  }
  const text = internal.utf8.decode(internal.fromLatin1(call('read', found.path)))
  if (
    /^\s*(import\s+[\w{*'"]|import\s*\{|export\s+(default|const|function|class|\{))/m.test(stripped(text)) &&
    call('syntax', found.path, text)
  ) {
    call('warn-module', found.path)
    internal.mainTail = undefined
    if (boot.major >= 22) return internal.runModule(found.path)
  }
  const module = new internal.Module(found.path)
  module.id = '.'
  internal.main = module
  internal.cache[found.path] = module
  if (found.path.endsWith('.json')) {
    module.exports = JSON.parse(text)
    return
  }
  const body = internal.compile(found.path, text, 'exports, require, module, __filename, __dirname')
  const require = internal.requireFrom(module)
  require.main = module
  process.mainModule = module
  body.call(module.exports, module.exports, require, module, found.path, internal.dirname(found.path))
  module.loaded = true
  internal.mainTail = undefined
}

const stripped = text => text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/[^\n]*/g, '$1')
