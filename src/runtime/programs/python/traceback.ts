/** Tracebacks as Python prints them. */
import type { Interpreter } from './interp.ts'
import { PyInstance, type Run } from './objects.ts'

export function* traceback(interp: Interpreter, value: PyInstance, depth: number): Run<string> {
  let text = ''
  const cause = value.dict.get('__cause__')
  const context = value.dict.get('__context__')
  if (depth < 8 && cause instanceof PyInstance)
    text += `${yield* traceback(interp, cause, depth + 1)}\nThe above exception was the direct cause of the following exception:\n\n`
  else if (depth < 8 && cause === undefined && context instanceof PyInstance)
    text += `${yield* traceback(interp, context, depth + 1)}\nDuring handling of the above exception, another exception occurred:\n\n`
  const trace = (value.trace ?? []).filter(
    each => !each.file.startsWith('/usr/local/lib/python') || each.file.includes('site-packages'),
  )
  const isSyntax = value.cls.isSubclassOf(interp.exceptions.get('SyntaxError') ?? value.cls) && value.dict.has('lineno')
  if (trace.length > 0 && !(isSyntax && trace.length <= 1)) {
    text += 'Traceback (most recent call last):\n'
    for (const { file, line, name, node } of trace) {
      text += `  File "${file}", line ${line}, in ${name}\n`
      const source = interp.sources.get(file)?.[line - 1]
      if (source === undefined || file === '<string>' || file === '<stdin>') continue
      text += `    ${source.trim()}\n`
      const marks = node && underline(node, source, Number(interp.version.split('.')[1]))
      if (marks) text += `    ${marks}\n`
    }
  }
  if (isSyntax) {
    const line = String(value.dict.get('text') ?? '')
    const column = Number(value.dict.get('offset') ?? 1n)
    const lead = line.length - line.trimStart().length
    text += `  File "${value.dict.get('filename')}", line ${value.dict.get('lineno')}\n    ${line.trim()}\n    ${' '.repeat(Math.max(0, column - 1 - lead))}^\n`
  }
  const message = yield* interp.str(value)
  const module = value.cls.module === 'builtins' || value.cls.module === '__main__' ? '' : `${value.cls.module}.`
  return `${text}${module}${value.cls.name}${message === '' ? '' : `: ${message}`}\n`
}

/** What Python 3.11 and later put below the line: where in it the error is, unless it is all of it. */
function underline(
  node: { t: string; line: number; column: number; end: number; [key: string]: unknown },
  source: string,
  minor: number,
): string | undefined {
  if (minor < 11 || !['Bin', 'Call', 'Subscript', 'Attribute', 'Name', 'Compare'].includes(node.t)) return undefined
  const lead = source.length - source.trimStart().length
  const trimmed = source.trimEnd()
  const [from, to] = [node.column, Math.max(node.column + 1, node.end)]
  if (from <= lead && to >= trimmed.length && node.t !== 'Bin' && node.t !== 'Subscript') return undefined
  let marks = '^'.repeat(to - from)
  if (node.t === 'Bin') {
    const at = (node['opAt'] as number) - from
    const size = String(node['op']).length
    marks = '~'.repeat(Math.max(0, at)) + '^'.repeat(size) + '~'.repeat(Math.max(0, to - from - at - size))
  } else if (node.t === 'Subscript') {
    const end = ((node['value'] as { end: number }).end ?? from) - from
    marks = '~'.repeat(Math.max(0, end)) + '^'.repeat(Math.max(1, to - from - end))
  } else if (node.t === 'Call' && minor >= 13) {
    const end = ((node['func'] as { end: number }).end ?? from) - from
    marks = '~'.repeat(Math.max(0, end)) + '^'.repeat(Math.max(1, to - from - end))
  }
  return ' '.repeat(Math.max(0, from - lead)) + marks
}
