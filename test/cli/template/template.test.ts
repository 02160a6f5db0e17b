import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { StatusError } from '../../../src/cli/errors.ts'
import { inspect } from '../../../src/cli/format/inspect.ts'
import { ExecError } from '../../../src/cli/template/exec.ts'
import { ParseError } from '../../../src/cli/template/parse.ts'
import { parseTemplate } from '../../../src/cli/template/template.ts'
import { memoryContext } from '../memory-context.ts'

const folder = new URL('../../../fixtures/templates/', import.meta.url)
const box: unknown = JSON.parse(readFileSync(new URL('box.json', folder), 'utf8'))

interface Case {
  template: string
  stdout: string[]
  stderr: string[]
  status: number
}

const cases: Case[] = []
for (const line of readFileSync(new URL('cases.txt', folder), 'utf8').split('\n')) {
  if (line.startsWith('> ')) cases.push({ template: line.slice(2), stdout: [], stderr: [], status: 0 })
  const last = cases.at(-1)
  if (line.startsWith('  ')) last?.stdout.push(line.slice(2))
  if (line.startsWith('! ')) last?.stderr.push(line.slice(2))
  if (/^\[\d+\]$/.test(line) && last) last.status = Number(line.slice(1, -1))
}

describe('templates', () => {
  it.each(cases)('print and fail as in Docker: $template', async ({ template, stdout, stderr, status }) => {
    const ctx = memoryContext()
    let failure = { stderr: '', status: 0 }
    try {
      await inspect(ctx.out, ['box'], template, async () => box)
    } catch (error) {
      if (!(error instanceof StatusError)) throw error
      failure = { stderr: error.message, status: error.status }
    }
    const printed = ctx.stdout().replace(/\n$/, '')
    expect({ stdout: printed, ...failure }).toEqual({ stdout: stdout.join('\n'), stderr: stderr.join('\n'), status })
  })

  it('end in output or in an error of their own, whatever is written', () => {
    const words = fc.constantFrom(
      ...[
        '{{',
        '}}',
        '{{-',
        '-}}',
        'range',
        'end',
        'if',
        'else',
        'define',
        'template',
        '.A',
        '$x',
        ':=',
        '|',
        '(',
        ')',
      ],
      ...[
        '"a"',
        '1',
        '1.5',
        'len',
        'index',
        'printf',
        'nil',
        ' ',
        'break',
        'with',
        '/*',
        '*/',
        "'c'",
        '`r`',
        ',',
        '\n',
      ],
    )
    fc.assert(
      fc.property(fc.array(words, { maxLength: 25 }), parts => {
        try {
          expect(typeof parseTemplate(parts.join('')).execute({ A: [1, 'b', null] })).toBe('string')
        } catch (error) {
          expect(error instanceof ParseError || error instanceof ExecError).toBe(true)
        }
      }),
      { numRuns: 1000 },
    )
  })

  it('refuse to nest without end', () => {
    expect(() => parseTemplate(`${'{{if 1}}'.repeat(5000)}${'{{end}}'.repeat(5000)}`)).toThrow(ParseError)
    expect(() => parseTemplate(`{{${'('.repeat(5000)}1${')'.repeat(5000)}}}`)).toThrow(ParseError)
    expect(() => parseTemplate('{{define "a"}}{{template "a"}}{{end}}{{template "a"}}').execute(1)).toThrow(
      'exceeded maximum template depth',
    )
  })
})
