/** Reads a lab file; what is wrong with it is told with its file, line and key. */
import { readFileSync } from 'node:fs'
import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml'
import { invalid } from '../errors.ts'
import { checksOf, type Lab, labSchema } from './schema.ts'

/** A lab file holds no more than this. */
const mostBytes = 4 << 20

/** Reads and checks a file. Throws EngineError('invalid') with a line for each fault. */
export function loadLab(path: string): Lab {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch {
    throw invalid(`cannot read the lab file ${path}`)
  }
  return parseLab(text, path)
}

/** Checks the text of a lab file. `path` is for messages. */
export function parseLab(text: string, path: string): Lab {
  if (text.length > mostBytes) throw invalid(`${path}: a lab file holds at most 4 MiB`)
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const at = (offset: number): string => {
    const { line, col } = lines.linePos(offset)
    return `${path}:${line}:${col}`
  }
  const broken = document.errors[0]
  if (broken) throw invalid(`${at(broken.pos[0])}: ${broken.message}`)
  const data: unknown = document.toJS({ maxAliasCount: 100 })
  const where = (keys: readonly PropertyKey[]): string => at(offsetOf(document.contents, keys))
  const parsed = labSchema.safeParse(data)
  if (!parsed.success) {
    const faults = parsed.error.issues.map(issue => {
      const extra = issue.code === 'unrecognized_keys' ? [issue.keys[0] ?? ''] : []
      return `${where([...issue.path, ...extra])}: ${[...issue.path].map(String).join('.') || 'the file'}: ${issue.message}`
    })
    throw invalid(faults.join('\n'))
  }
  const faults = links(parsed.data).map(({ keys, message }) => `${where(keys)}: ${keys.join('.')}: ${message}`)
  if (faults.length > 0) throw invalid(faults.join('\n'))
  return parsed.data
}

interface Fault {
  keys: PropertyKey[]
  message: string
}

/** Names that must be there, and be one thing's only. */
function links(lab: Lab): Fault[] {
  const faults: Fault[] = []
  const before = new Set<string>()
  const all = new Set(checksOf(lab).map(check => check.id))
  lab.steps.forEach((step, s) => {
    step.checks.forEach((check, c) => {
      const keys = ['steps', s, 'checks', c]
      if (before.has(check.id)) faults.push({ keys: [...keys, 'id'], message: `${check.id} is another check's id too` })
      check.needs.forEach((need, n) => {
        if (!all.has(need)) faults.push({ keys: [...keys, 'needs', n], message: `there is no check ${need}` })
        else if (!before.has(need))
          faults.push({ keys: [...keys, 'needs', n], message: `${need} must come before the check that needs it` })
      })
      if (check.answer && !lab.questions[check.answer.question])
        faults.push({ keys: [...keys, 'answer', 'question'], message: `there is no question ${check.answer.question}` })
      for (const pattern of patternsOf(check)) {
        try {
          new RegExp(pattern)
        } catch {
          faults.push({ keys, message: `${pattern} is no regular expression` })
        }
      }
      before.add(check.id)
    })
  })
  return faults
}

/** Every regular expression in a check. */
function patternsOf(value: unknown, key = ''): string[] {
  if (typeof value === 'string') return ['matches', 'has', 'hasNot', 'order'].includes(key) ? [value] : []
  if (Array.isArray(value)) return value.flatMap(each => patternsOf(each, key))
  if (value === null || typeof value !== 'object') return []
  return Object.entries(value).flatMap(([name, part]) =>
    name === 'command' && typeof part === 'string' && key === 'used' ? [part] : patternsOf(part, name),
  )
}

/** Where a key or its nearest holder stands in the text. */
function offsetOf(contents: unknown, keys: readonly PropertyKey[]): number {
  let node = contents as Node | null
  let offset = node?.range?.[0] ?? 0
  for (const key of keys) {
    if (isMap(node)) {
      const pair = node.items.find(item => isScalar(item.key) && String(item.key.value) === String(key))
      if (!pair) break
      offset = (pair.key as Node).range?.[0] ?? offset
      node = pair.value as Node | null
    } else if (isSeq(node)) {
      node = node.items[Number(key)] as Node | null
      offset = node?.range?.[0] ?? offset
    } else break
  }
  return offset
}
