/** gcc, g++ and rustc: one file, or a few, to a binary. */
import type { CoroutineProgram, Proc, Routine } from '../../kernel/program.ts'
import { command } from '../../kernel/userland/lib/command.ts'
import { exists } from '../../kernel/userland/lib/exists.ts'
import { textOf } from '../../kernel/userland/lib/interfaces.ts'
import type { PlainRecord } from '../compiled/plain.ts'
import { put } from '../packages/lib/place.ts'
import { compiledText } from '../programs/compiled.ts'
import { find } from './found.ts'

/** The architecture and C library that binaries are made for. */
export function target(
  p: Proc,
  version: string,
  isStatic: boolean,
): { version: string; arch: string; libc: 'none' | 'glibc' | 'musl' } {
  const arch = p.uname().machine === 'aarch64' ? 'arm64' : 'amd64'
  return { version, arch, libc: isStatic ? 'none' : exists(p, '/etc/alpine-release') ? 'musl' : 'glibc' }
}

/** A record for what main does; one that says that it is not modelled where it is not recognised. */
export function recordOf(language: PlainRecord['language'], source: string): PlainRecord {
  const words = `minidock: what this ${language} program does is not modelled (docs/programs.md says what is)\n`
  return (
    find(language, source) ?? {
      language,
      steps: [
        { do: 'print', text: words, fd: 2 },
        { do: 'exit', status: 126 },
      ],
    }
  )
}

const names = { gcc: 'c', 'g++': 'c++', rustc: 'rust' } as const

function compiler(tool: keyof typeof names): CoroutineProgram {
  return command(
    tool,
    {},
    function* ({ p, args, out }) {
      const warn = function* (text: string): Routine<void> {
        yield* out.flush()
        yield { op: 'write', fd: 2, data: Buffer.from(text) }
      }
      const version = p.marker['version'] ?? '12.2.0'
      if (args.some(arg => arg === '--version' || arg === '-V' || arg === '-v')) {
        yield* out.write(
          tool === 'rustc'
            ? `rustc ${version}\n`
            : `${p.name} (${exists(p, '/etc/alpine-release') ? 'Alpine' : 'Debian'} ${version}) ${version}\nCopyright (C) 2022 Free Software Foundation, Inc.\nThis is free software; see the source for copying conditions.  There is NO\nwarranty; not even for MERCHANTABILITY or FITNESS FOR A PARTICULAR PURPOSE.\n`,
        )
        return 0
      }
      const files: string[] = []
      let output: string | undefined
      for (let at = 0; at < args.length; at++) {
        const arg = args[at] ?? ''
        if (arg === '-o') output = args[++at]
        else if (['-I', '-L', '-x', '-D', '--target', '-C', '--edition', '-target'].includes(arg)) at++
        else if (!arg.startsWith('-')) files.push(arg)
      }
      if (files.length === 0) {
        yield* warn(
          tool === 'rustc'
            ? 'error: no input filename given\n'
            : `${p.name}: fatal error: no input files\ncompilation terminated.\n`,
        )
        return 1
      }
      for (const file of files)
        if (!exists(p, file)) {
          yield* warn(
            tool === 'rustc'
              ? `error: couldn't read ${file}: No such file or directory (os error 2)\n\nerror: aborting due to 1 previous error\n\n`
              : `cc1: fatal error: ${file}: No such file or directory\ncompilation terminated.\n`,
          )
          return 1
        }
      let source = ''
      for (const file of files) source += `${Buffer.from(yield* textOf(p, file), 'latin1').toString('utf8')}\n`
      const objects = /minidock-object: (.*)\n/g
      source = source.replace(objects, (_, text: string) => `${JSON.parse(text)}\n`)
      const mistake = tool === 'rustc' ? undefined : mistakeIn(source, files[0] ?? '')
      if (mistake !== undefined) {
        yield* warn(mistake)
        return 1
      }
      if (args.includes('-c')) {
        for (const file of files)
          yield* put(p, output ?? file.replace(/^.*\//, '').replace(/\.\w+$/, '.o'), {
            text: `\x7fELFminidock-object: ${JSON.stringify(source)}\n`,
            size: 2000 + source.length,
          })
        return 0
      }
      const language = tool === 'gcc' && files.some(file => /\.(cc|cpp|cxx)$/.test(file)) ? 'c++' : names[tool]
      if (tool !== 'rustc' && !/\bmain\s*\(/.test(source)) {
        yield* warn(
          `/usr/bin/ld: /usr/lib/${p.uname().machine}-linux-gnu/crt1.o: in function \`_start':\n(.text+0x1b): undefined reference to \`main'\ncollect2: error: ld returned 1 exit status\n`,
        )
        return 1
      }
      const isStatic = args.includes('-static') || args.some(arg => arg.includes('musl'))
      const text = compiledText(recordOf(language, source), target(p, `${tool}-${version}`, isStatic))
      const name =
        output ?? (tool === 'rustc' ? (files[0] ?? 'main').replace(/^.*\//, '').replace(/\.rs$/, '') : 'a.out')
      yield* put(p, name, {
        text,
        size: Math.max(text.length, tool === 'rustc' ? 3_900_000 : isStatic ? 780_000 : 16_000),
        mode: 0o755,
      })
      return 0
    },
    { raw: true },
  )
}

/** The plainest mistake: braces that do not match. */
function mistakeIn(source: string, file: string): string | undefined {
  const bare = source.replace(/"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|\/\/[^\n]*|\/\*[\s\S]*?\*\//g, '')
  const open = [...bare].filter(letter => letter === '{').length - [...bare].filter(letter => letter === '}').length
  if (open <= 0) return undefined
  const line = source.trimEnd().split('\n').length
  return `${file}: In function 'main':\n${file}:${line}:1: error: expected declaration or statement at end of input\n`
}

export const gcc = compiler('gcc')
export const gxx = compiler('g++')
export const rustc = compiler('rustc')
