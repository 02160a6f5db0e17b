/**
 * Sources before they are run: what is wrong with them in V8's own words, and the calls whose promises nobody keeps.
 * Nothing of a source is run here: the host's engine only parses it.
 */
import { Script } from 'node:vm'
import { parse } from 'acorn'

/** The SyntaxError that node would show for a CommonJS source; undefined when it parses. */
export function syntaxProblem(
  file: string,
  text: string,
  bare: boolean,
): { message: string; stack: string } | undefined {
  const wrapped = bare
    ? text
    : `(function (exports, require, module, __filename, __dirname) {${text.replace(/^#!/, '//')}\n})`
  try {
    new Script(wrapped, { filename: file })
    return undefined
  } catch (error) {
    if (!(error instanceof SyntaxError)) return undefined
    const [head = ''] = (error.stack ?? '').split('\n    at ')
    const tail = bare
      ? '    at new Script (node:vm:116:7)\n    at createScript (node:vm:268:10)\n    at Object.runInThisContext (node:vm:316:10)'
      : '    at wrapSafe (node:internal/modules/cjs/loader:1464:18)\n    at Module._compile (node:internal/modules/cjs/loader:1495:20)\n    at Module._extensions..js (node:internal/modules/cjs/loader:1623:10)\n    at Module.load (node:internal/modules/cjs/loader:1266:32)\n    at Module._load (node:internal/modules/cjs/loader:1091:12)\n    at Function.executeUserEntryPoint [as runMain] (node:internal/modules/run_main:164:12)\n    at node:internal/main/run_main_module:28:49'
    return { message: error.message, stack: `${unwrap(head, bare)}\n${tail}` }
  }
}

const wrapper = '(function (exports, require, module, __filename, __dirname) {'

/** The excerpt shows the source as it is, without the wrapper on its first line. */
function unwrap(head: string, bare: boolean): string {
  const lines = head.split('\n')
  if (bare || !lines[1]?.startsWith(wrapper)) return head
  lines[1] = lines[1].slice(wrapper.length)
  lines[2] = lines[2]?.slice(wrapper.length) ?? ''
  return lines.join('\n')
}

interface Node {
  type: string
  start: number
  end: number
  [key: string]: unknown
}

/**
 * The source with every call that stands as a statement handed to `__kept`, which looks whether it made a promise
 * that may fail with nobody to hear it. Line numbers stay as they are.
 */
export function watchPromises(text: string, module: boolean): string {
  if (!/\basync\b|\bPromise\b|\.then\(|\bimport\(/.test(text)) return text
  let tree: Node
  try {
    tree = parse(text, {
      ecmaVersion: 'latest',
      sourceType: module ? 'module' : 'script',
      allowReturnOutsideFunction: true,
      allowAwaitOutsideFunction: module,
      allowHashBang: true,
    }) as unknown as Node
  } catch {
    return text
  }
  const calls: Node[] = []
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) {
      for (const each of value) visit(each)
      return
    }
    if (value === null || typeof value !== 'object' || !('type' in value)) return
    const node = value as Node
    const expression = node['expression'] as Node | undefined
    if (
      node.type === 'ExpressionStatement' &&
      expression &&
      ['CallExpression', 'ChainExpression'].includes(expression.type)
    )
      if (!/^(?:super|require)\b|^(?:console|process)\./.test(text.slice(expression.start, expression.start + 10)))
        calls.push(expression)
    for (const [key, child] of Object.entries(node)) if (key !== 'type') visit(child)
  }
  visit(tree)
  let made = ''
  let at = 0
  const edits = calls
    .flatMap(({ start, end }) => [
      { at: start, text: '__kept(' },
      { at: end, text: ')' },
    ])
    .sort((a, b) => a.at - b.at || (a.text === ')' ? -1 : 1))
  for (const edit of edits) {
    made += text.slice(at, edit.at) + edit.text
    at = edit.at
  }
  return made + text.slice(at)
}
