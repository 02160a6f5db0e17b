import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FlagError, parseFlags } from '../../src/cli/flags.ts'
import type { FlagSpec } from '../../src/cli/spec.ts'
import { bool, bytes, decimal, duration, filter, int, list, map, string, strings } from '../../src/cli/tree/flag.ts'

const specs: FlagSpec[] = [
  bool('i,interactive', ''),
  bool('t,tty', ''),
  bool('d,detach', ''),
  bool('no-healthcheck', ''),
  bool('sig-proxy', '', { default: 'true' }),
  string('n,name', '', { default: 'none' }),
  list('p,publish', ''),
  list('e,env', ''),
  strings('alias', ''),
  map('o,opt', ''),
  filter('f,filter', ''),
  int('tail', ''),
  bytes('m,memory', ''),
  decimal('cpus', ''),
  duration('every', ''),
  string('provenance', '', { bare: 'true' }),
  string('old', '', { deprecated: 'use --name instead' }),
]

describe('flags', () => {
  it('are read in every form that pflag has', async () => {
    const { flags, args } = await parseFlags(specs, [
      '-itd',
      '-p80:80',
      '-p=81',
      '-p',
      '82',
      '--name',
      'x',
      'arg',
      '--env=A=1',
      '-eB',
    ])
    expect([flags.bool('interactive'), flags.bool('tty'), flags.bool('detach')]).toEqual([true, true, true])
    expect(flags.list('publish')).toEqual(['80:80', '81', '82'])
    expect([flags.string('name'), flags.list('env'), args]).toEqual(['x', ['A=1', 'B'], ['arg']])
  })

  it('have their defaults, and know whether they were given', async () => {
    const { flags } = await parseFlags(specs, ['--sig-proxy=false', '--tty=0'])
    expect([flags.bool('sig-proxy'), flags.changed('sig-proxy'), flags.string('name'), flags.changed('name')]).toEqual([
      ...[false, true, 'none', false],
    ])
    expect([flags.bool('tty'), flags.changed('tty'), flags.list('env'), flags.number('tail')]).toEqual([
      false,
      true,
      [],
      0,
    ])
  })

  it('named no-something are flags of their own', async () => {
    expect((await parseFlags(specs, ['--no-healthcheck'])).flags.bool('no-healthcheck')).toBe(true)
    expect((await parseFlags(specs, [])).flags.bool('no-healthcheck')).toBe(false)
  })

  it('end at -- and, for run, at the first argument', async () => {
    expect((await parseFlags(specs, ['a', '-t', '--', '-i', '--'])).args).toEqual(['a', '-i', '--'])
    const run = await parseFlags(specs, ['-t', 'busybox', 'ls', '-i', '--', '-d'], true)
    expect([run.flags.bool('tty'), run.flags.bool('interactive'), run.args]).toEqual([
      true,
      false,
      ['busybox', 'ls', '-i', '--', '-d'],
    ])
  })

  it('hold numbers, sizes, spans, CPUs', async () => {
    const { flags } = await parseFlags(specs, ['--tail=0x10', '-m', '1.5g', '--cpus', '.5', '--every', '1m'])
    expect([flags.number('tail'), flags.number('memory'), flags.number('cpus'), flags.number('every')]).toEqual([
      ...[16, 1.5 * 1024 ** 3, 5e8, 60e9],
    ])
  })

  it('collect lists, maps and filters', async () => {
    const { flags } = await parseFlags(specs, [
      '--alias',
      'a,"b,c"',
      '--alias=d',
      '-o',
      'x=1',
      '-o',
      'y',
      '-f',
      'Status = up',
      '-f',
      'status=down',
    ])
    expect(flags.list('alias')).toEqual(['a', 'b,c', 'd'])
    expect([...flags.map('opt')]).toEqual([
      ['x', '1'],
      ['y', ''],
    ])
    expect(flags.filters('filter')).toEqual({ status: ['up', 'down'] })
  })

  it('may stand without a value when the table says so', async () => {
    expect((await parseFlags(specs, ['--provenance'])).flags.string('provenance')).toBe('true')
    expect((await parseFlags(specs, ['--provenance=max', 'x'])).flags.string('provenance')).toBe('max')
  })

  it('tell that they are deprecated', async () => {
    expect(await parseFlags(specs, ['--old', 'x', '-h'])).toMatchObject({
      help: true,
      notices: [
        'Flag --old has been deprecated, use --name instead',
        'Flag shorthand -h has been deprecated, use --help',
      ],
    })
  })

  it('named like members of objects do no harm', async () => {
    const { flags } = await parseFlags(specs, ['-f', '__proto__=1', '-o', 'constructor=2'])
    expect(Object.keys(flags.filters('filter'))).toEqual(['__proto__'])
    expect(flags.map('opt').get('constructor')).toBe('2')
    await expect(parseFlags(specs, ['--__proto__=1'])).rejects.toThrow(new FlagError('unknown flag: --__proto__'))
  })

  it('that a command has not are a fault to ask for', async () => {
    const none = await parseFlags(specs, [])
    expect(() => none.flags.bool('nope')).toThrow('no flag --nope')
    const tty = await parseFlags(specs, ['-t'])
    expect(() => tty.flags.string('tty')).toThrow('flag --tty is a boolean')
  })

  it('are parsed or refused, whatever is typed', async () => {
    const word = fc.oneof(
      fc.constantFrom(
        '-i',
        '-it',
        '-itx',
        '--',
        '-',
        '--name',
        '--name=',
        '-n',
        '-p',
        '--cpus',
        '-m=',
        '--=',
        '---',
        '-f',
      ),
      fc.string({ maxLength: 8 }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(word, { maxLength: 8 }), fc.boolean(), async (argv, stop) => {
        try {
          const { args } = await parseFlags(specs, argv, stop)
          expect(args.every(arg => argv.includes(arg))).toBe(true)
        } catch (error) {
          expect(error).toBeInstanceOf(FlagError)
        }
      }),
      { numRuns: 500 },
    )
  })
})
