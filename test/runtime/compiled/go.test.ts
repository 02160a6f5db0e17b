import fc from 'fast-check'
import { expect, it } from 'vitest'
import { GoSyntaxError, tokens } from '../../../src/runtime/compiled/go/lex.ts'
import { emptyProgram, parseFile } from '../../../src/runtime/compiled/go/parse.ts'
import { compiledText, program, recordIn } from '../../../src/runtime/programs/compiled.ts'
import { runCommand } from '../../kernel/harness.ts'

const target = { version: 'go1.22.12', arch: 'amd64', libc: 'none' } as const

async function go(body: string, settings: Parameters<typeof runCommand>[1] = {}): Promise<[string, string, number]> {
  const source = `package main\nimport (\n"fmt"\n"os"\n"strings"\n"errors"\n"time"\n)\n${body}`
  const text = compiledText({ language: 'go', module: '', sources: { 'main.go': source } }, target)
  const { stdout, stderr, status } = await runCommand(['/x', 'one'], {
    programs: { compiled: program },
    prepare: root => {
      root.writeFile('/x', Buffer.from(text, 'latin1'))
      root.setattr('/x', { mode: 0o755 })
    },
    ...settings,
  })
  return [stdout, stderr, status]
}

it.each([
  [
    'values and formats',
    'func main() { x := 7; var f float64 = 2.5; fmt.Printf("%d %05.2f %q %v %t %x|%-5s|%5d\\n", x, f, "hi", []int{1, 2}, true, 255, "ab", 3) }',
    '7 02.50 "hi" [1 2] true ff|ab   |    3\n',
  ],
  ['integer division and remainders', 'func main() { fmt.Println(7/2, -7/2, 7%3, 7.0/2) }', '3 -3 1 3.5\n'],
  [
    'closures share variables',
    'func main() { n := 0; add := func() int { n++; return n }; add(); fmt.Println(add(), n) }',
    '2 2\n',
  ],
  [
    'structs are values, pointers are not',
    'type P struct{ X int }\nfunc set(p *P) { p.X = 9 }\nfunc main() { a := P{1}; b := a; b.X = 5; c := &P{2}; set(c); fmt.Println(a, b, *c) }',
    '{1} {5} {9}\n',
  ],
  [
    'maps give zero values and tell what is there',
    'func main() { m := map[string]int{"a": 1}; m["b"]++; _, ok := m["z"]; fmt.Println(m, m["z"], ok, len(m)) }',
    'map[a:1 b:1] 0 false 2\n',
  ],
  [
    'errors are values',
    'var e = errors.New("bad")\nfunc f(x int) (int, error) { if x > 1 { return 0, e }; return x, nil }\nfunc main() { _, err := f(2); fmt.Println(err == e, err); v, err := f(1); fmt.Println(v, err) }',
    'true bad\n1 <nil>\n',
  ],
  ['defer runs last first', 'func main() { defer fmt.Println(1); defer fmt.Println(2); fmt.Println(0) }', '0\n2\n1\n'],
  [
    'labels, ranges, switches',
    'func main() { for i, w := range strings.Fields("a b c") { switch { case i == 1: continue; default: fmt.Print(w) } }; for i := range 3 { fmt.Print(i) } }',
    'ac012',
  ],
  [
    'methods and embedding',
    'type A struct{ N string }\nfunc (a A) Hi() string { return "hi " + a.N }\ntype B struct{ A; M int }\nfunc main() { b := B{A: A{N: "x"}, M: 1}; fmt.Println(b.Hi(), b.N) }',
    'hi x x\n',
  ],
  [
    'arguments, environment',
    'func main() { fmt.Println(os.Args[1], os.Getenv("NOPE") == "", len(os.Args)) }',
    'one true 2\n',
  ],
  [
    'time passes',
    'func main() { s := time.Now(); time.Sleep(2 * time.Second); fmt.Println(time.Since(s) >= 2*time.Second) }',
    'true\n',
  ],
])('%s', async (_, body, out) => expect(await go(body)).toEqual([out, '', 0]))

it.each([
  [
    'a panic',
    'func main() { var a []int; fmt.Println(a[3]) }',
    2,
    'panic: runtime error: index out of range [3] with length 0',
  ],
  ['os.Exit', 'func main() { defer fmt.Println("no"); os.Exit(4) }', 4, ''],
  ['what is not modelled', 'func main() { fmt.Println(strings.Map(nil, "x")) }', 126, 'which is not modelled'],
  ['recursion without end', 'func f(n int) int { return f(n + 1) }\nfunc main() { f(0) }', 2, 'stack'],
])('%s ends the program', async (_, body, status, words) => {
  const [, err, code] = await go(body)
  expect(code).toBe(status)
  expect(err).toContain(words)
})

it('goes on after it was stored in the middle', async () => {
  const body = 'func main() { for i := 0; i < 3; i++ { fmt.Println(i); time.Sleep(time.Second) } }'
  expect(await go(body, { suspend: true })).toEqual(['0\n1\n2\n', '', 0])
})

it('takes any text as source', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc
          .array(
            fc.constantFrom(
              'package',
              'main',
              'func',
              '(',
              ')',
              '{',
              '}',
              '[',
              ']',
              ':=',
              'if',
              'for',
              'x',
              '1',
              '"s"',
              ';',
              '\n',
              '*',
              '<-',
              '.',
              'map',
              'range',
            ),
          )
          .map(words => `package main\n${words.join(' ')}`),
      ),
      source => {
        try {
          tokens(source)
          parseFile(source, emptyProgram())
        } catch (error) {
          expect(error).toBeInstanceOf(GoSyntaxError)
        }
      },
    ),
  )
})

it('finds the record in a binary, and none elsewhere', () => {
  const record = { language: 'go', module: 'é', sources: { 'a.go': 'package main // \n' } } as const
  expect(recordIn(`${compiledText(record, target)}\0\0`)).toEqual(record)
  expect(recordIn('\x7fELF')).toBe(undefined)
  expect(recordIn('minidock-compiled: {broken\n')).toBe(undefined)
})
