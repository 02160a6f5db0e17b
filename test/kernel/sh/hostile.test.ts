import { describe, expect, it } from 'vitest'
import { runCommand } from '../harness.ts'

/** Scripts that would not end, or not fit: each ends in seconds, with an answer of the shell's own. */
const scripts: [doc: string, script: string][] = [
  [
    'a pattern of many stars',
    `x=$(printf '%5000s' | tr ' ' a); case $x in *a*a*a*a*a*a*a*a*a*b) echo no;; *) echo ok;; esac`,
  ],
  [
    'the ends of a long value',
    `x=$(printf '%20000s' | tr ' ' a); y=\${x%%*a*b}; y=\${x##*a*b}; y=\${x%a*}; echo \${#y}`,
  ],
  ['replacing in a long value', `x=$(printf '%20000s' | tr ' ' a); y=\${x//a*b/c}; z=\${x//a/bb}; echo \${#y} \${#z}`],
  ['a function that calls itself', 'f() { f; }; f; echo $?'],
  ['a substitution in itself', 'f() { echo $(f); }; f > /dev/null 2>&1; echo $?'],
  ['an eval of itself', 'x=\'eval "$x"\'; eval "$x"; echo $?'],
  ['a variable that grows', 'x=x; i=0; while [ $i -lt 18 ]; do x=$x$x; i=$((i+1)); done; echo ${#x}'],
  ['arithmetic that leads to itself', 'x=y; y=x; echo $((x))'],
  ['deep arithmetic', `echo $((${'('.repeat(5000)}1${')'.repeat(5000)}))`],
  ['many folders in a pattern', 'cd /; echo */*/*/*/*/*/* | wc -c'],
  [
    'names that mean something to JavaScript',
    '__proto__=1; constructor=2; toString() { echo f; }; toString; echo $__proto__ $constructor; alias __proto__=x; alias',
  ],
]

describe('hostile scripts', () => {
  it.each(scripts)('%s', async (_, script) => {
    const run = await runCommand(['sh', '-c', script], { limit: 60_000, pidsLimit: 200 })
    expect(run.status).toBeGreaterThanOrEqual(0)
    expect(run.stderr).not.toMatch(/at .*\.ts:|is not (?:a function|iterable)|undefined|Maximum call stack/)
  })

  it.each([
    ['a regular expression', `x=$(printf '%5000s' | tr ' ' a); [[ $x =~ (a*)*b ]]; echo $?`],
    ['patterns within patterns', `shopt -s extglob; x=$(printf '%300s' | tr ' ' a); [[ $x == *(*(*(a)))b ]]; echo $?`],
    ['what is not a pattern', `x=$(printf '%300s' | tr ' ' a); [[ $x == !(!(!(a))) ]]; echo $?`],
    ['braces', 'echo {1..1000}{1..1000}{1..1000} | wc -w'],
    ['an array far out', 'a[4000000000]=x; echo ${#a[@]} ${!a[@]}'],
    ['a name that is its own reference', 'declare -n x=y; declare -n y=x; x=1; echo $x'],
  ])('of bash: %s', async (_, script) => {
    const run = await runCommand(['bash', '-c', script], { limit: 60_000, flavour: 'gnu' })
    expect(run.status).toBeGreaterThanOrEqual(0)
    expect(run.stderr).not.toMatch(/at .*\.ts:|is not (?:a function|iterable)|Maximum call stack/)
  })
})
