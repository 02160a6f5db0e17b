/** Names of types, the tree of exceptions, and how a float looks. */
import {
  PyBytes,
  PyClass,
  PyDict,
  PyEllipsis,
  PyFunction,
  type PyInstance,
  PyIterator,
  PyList,
  PyMethod,
  PyModule,
  PyNative,
  PyRange,
  PySet,
  PySlice,
  PyTuple,
  type Value,
} from './objects.ts'

export const exceptionTree: readonly (readonly [name: string, base: string])[] = [
  ['BaseException', ''],
  ['SystemExit', 'BaseException'],
  ['KeyboardInterrupt', 'BaseException'],
  ['GeneratorExit', 'BaseException'],
  ['Exception', 'BaseException'],
  ...'StopIteration StopAsyncIteration ArithmeticError AssertionError AttributeError BufferError EOFError ImportError LookupError MemoryError NameError OSError ReferenceError RuntimeError SyntaxError SystemError TypeError ValueError Warning'
    .split(' ')
    .map(name => [name, 'Exception'] as const),
  ['FloatingPointError', 'ArithmeticError'],
  ['OverflowError', 'ArithmeticError'],
  ['ZeroDivisionError', 'ArithmeticError'],
  ['ModuleNotFoundError', 'ImportError'],
  ['IndexError', 'LookupError'],
  ['KeyError', 'LookupError'],
  ['UnboundLocalError', 'NameError'],
  ...'BlockingIOError ChildProcessError ConnectionError FileExistsError FileNotFoundError InterruptedError IsADirectoryError NotADirectoryError PermissionError ProcessLookupError TimeoutError'
    .split(' ')
    .map(name => [name, 'OSError'] as const),
  ['BrokenPipeError', 'ConnectionError'],
  ['ConnectionAbortedError', 'ConnectionError'],
  ['ConnectionRefusedError', 'ConnectionError'],
  ['ConnectionResetError', 'ConnectionError'],
  ['NotImplementedError', 'RuntimeError'],
  ['RecursionError', 'RuntimeError'],
  ['IndentationError', 'SyntaxError'],
  ['TabError', 'IndentationError'],
  ['UnicodeError', 'ValueError'],
  ['UnicodeDecodeError', 'UnicodeError'],
  ['UnicodeEncodeError', 'UnicodeError'],
  ['DeprecationWarning', 'Warning'],
  ['UserWarning', 'Warning'],
]

export function typeName(value: Value): string {
  if (value === null) return 'NoneType'
  if (typeof value === 'boolean') return 'bool'
  if (typeof value === 'bigint') return 'int'
  if (typeof value === 'number') return 'float'
  if (typeof value === 'string') return 'str'
  if (value instanceof PyList) return 'list'
  if (value instanceof PyTuple) return 'tuple'
  if (value instanceof PyDict) return 'dict'
  if (value instanceof PySet) return value.frozen ? 'frozenset' : 'set'
  if (value instanceof PyBytes) return 'bytes'
  if (value instanceof PyFunction) return 'function'
  if (value instanceof PyNative) return 'builtin_function_or_method'
  if (value instanceof PyMethod) return 'method'
  if (value instanceof PyClass) return 'type'
  if (value instanceof PyModule) return 'module'
  if (value instanceof PyIterator) return value.kind
  if (value instanceof PySlice) return 'slice'
  if (value instanceof PyRange) return 'range'
  if (value instanceof PyEllipsis) return 'ellipsis'
  return (value as PyInstance).cls.name
}

export function floatText(value: number): string {
  if (Number.isNaN(value)) return 'nan'
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf'
  if (Number.isInteger(value) && Math.abs(value) < 1e16) return Object.is(value, -0) ? '-0.0' : value.toFixed(1)
  const text = Math.abs(value) >= 1e16 ? value.toExponential() : String(value)
  if (/e/.test(text)) return text.replace(/e([+-])(\d)$/, 'e$10$2')
  if (Math.abs(value) < 1e-4 && value !== 0) return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2')
  return text
}

export function quote(text: string, bytes = false): string {
  const mark = text.includes("'") && !text.includes('"') ? '"' : "'"
  let body = ''
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0
    if (char === '\\' || char === mark) body += `\\${char}`
    else if (char === '\n') body += '\\n'
    else if (char === '\r') body += '\\r'
    else if (char === '\t') body += '\\t'
    else if (code < 32 || code === 127 || (bytes && code > 126)) body += `\\x${code.toString(16).padStart(2, '0')}`
    else body += char
  }
  return mark + body + mark
}
