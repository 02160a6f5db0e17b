/** Code that means harm, or an accident: it ends with the container's own failure, soon, and within memory. */
import { describe, expect, it } from 'vitest'
import { TreeFs } from '../../src/vfs/tree-fs.ts'
import { type RunSettings, runCommand, testTime } from './harness.ts'

/** What a case may take of simulated time, in ms, and of this machine's memory, in bytes. */
const simulated = 60_000
const memory = 400 * 2 ** 20

interface Case {
  script: string
  settings?: RunSettings
  stdout?: string | RegExp
  stderr?: string | RegExp
  status?: number
}

const a = 'a'.repeat(40)

const cases: Record<string, Case> = {
  'an endless loop ends at its time limit': {
    script: "timeout 1 sh -c 'while :; do :; done'; echo $?",
    stdout: '143\n',
    stderr: 'Terminated\n',
  },
  'an endless loop in the background can be killed': {
    script: 'while :; do :; done & sleep 1; kill $!; wait $!; echo $?',
    stdout: '143\n',
    stderr: 'Terminated\n',
  },
  'a fork bomb meets the pids limit': {
    script: 'f() { f | f & }; f; sleep 1; echo alive',
    settings: { pidsLimit: 50 },
    stdout: 'alive\n',
    stderr: /Resource temporarily unavailable/,
  },
  'a fork bomb without a limit meets that of the machine': {
    script: 'f() { f | f & }; f; sleep 1; echo alive',
    stdout: 'alive\n',
    stderr: /Resource temporarily unavailable/,
  },
  'cat /dev/zero ends at its time limit': {
    script: 'timeout 1 cat /dev/zero > /dev/null; echo $?',
    stdout: '143\n',
    stderr: 'Terminated\n',
  },
  'dd writes 10 GB of zeros': {
    script: 'dd if=/dev/zero of=/t/f bs=1M count=10240; stat -c %s /t/f',
    stdout: '10737418240\n',
    stderr: '10240+0 records in\n10240+0 records out\n',
  },
  'dd with a block larger than the memory limit is killed': {
    script: 'dd if=/dev/zero of=/dev/null bs=1G count=1; echo $?',
    settings: { memoryLimit: 64 * 2 ** 20 },
    stdout: '137\n',
    stderr: 'Killed\n',
  },
  'dd with large blocks copies whole ones': {
    script: 'dd if=/dev/zero of=/dev/null bs=1G count=2',
    stderr: '2+0 records in\n2+0 records out\n',
  },
  'yes into a file fills the disk': {
    script: 'yes > /t/f; echo $?',
    stdout: '1\n',
    stderr: /No space left on device/,
  },
  'what was removed makes room again': {
    script: 'yes > /t/f 2>/dev/null; rm /t/f; echo kept > /t/g; cat /t/g',
    stdout: 'kept\n',
  },
  'tail of an endless line runs out of memory': {
    script: 'tail /dev/zero; echo $?',
    stdout: '1\n',
    stderr: /Cannot allocate memory/,
  },
  'tail of an endless line meets the memory limit': {
    script: 'tail /dev/zero; echo $?',
    settings: { memoryLimit: 64 * 2 ** 20 },
    stdout: '137\n',
    stderr: 'Killed\n',
  },
  'sort of endless input runs out of memory': {
    script: 'yes | sort; echo $?',
    stdout: '2\n',
    stderr: /Cannot allocate memory/,
  },
  'sort of endless input meets the memory limit': {
    script: 'sort /dev/zero; echo $?',
    settings: { memoryLimit: 64 * 2 ** 20 },
    stdout: '137\n',
    stderr: 'Killed\n',
  },
  'a substitution of endless output runs out of memory': {
    script: 'x=$(yes); echo never',
    status: 1,
    stderr: 'sh: out of memory\n',
  },
  'a variable that doubles is killed': { script: 'x=x; while :; do x=$x$x; done', status: 137 },
  'a function that calls itself ends the shell': {
    script: 'f() { f; }; f',
    status: 2,
    stderr: 'sh: too deeply nested\n',
  },
  'awk runs out of stack': {
    script: "awk 'function f(n) { return f(n + 1) } BEGIN { f(0) }'; echo $?",
    stdout: '1\n',
    stderr: 'awk: out of memory\n',
  },
  'an awk string that doubles runs out of memory': {
    script: `awk 'BEGIN { s = "x"; while (1) s = s s }'; echo $?`,
    stdout: '1\n',
    stderr: /out of memory/,
  },
  'a deep tree is made, walked and removed': {
    script: 'i=0; while [ $i -lt 300 ]; do mkdir d; cd d; i=$((i+1)); done; cd /t; find . | wc -l; rm -r d; ls | wc -l',
    stdout: '301\n0\n',
  },
  'grep -E with nested stars': { script: `echo ${a}c | grep -E '(a*)*b'; echo $?`, stdout: '1\n' },
  'grep -E with alternatives that overlap': { script: `echo ${a}c | grep -E '^(a|aa|aaa)+$'; echo $?`, stdout: '1\n' },
  'grep with back-references gives up': {
    script: `echo ${a}c | grep '\\(a*\\)*\\1\\1b'; echo $?`,
    stdout: '2\n',
    stderr: 'grep: Memory exhausted\n',
  },
  'sed with nested optional parts': { script: `echo ${a}c | sed -E 's/(a|a?)+b/x/'`, stdout: `${a}c\n` },
  'expr with nested stars': { script: `expr ${a}c : '\\(a*\\)*b'; echo $?`, stdout: '\n1\n' },
  'awk with alternatives that are the same': { script: `echo ${a}c | awk '/(a|a)*b/'; echo $?`, stdout: '0\n' },
  'find -regex with nested stars': { script: `touch ${a}; find . -regex '\\(.*\\)*\\(.*\\)*x' | wc -l`, stdout: '0\n' },
  'a repetition of repetitions is refused': {
    script: "grep -E '((((a{1,100}){1,100}){1,100}){1,100})' /etc/passwd; echo $?",
    stdout: '2\n',
    stderr: /bad regex/,
  },
  'a width of a thousand million is cut': { script: 'printf %0999999999d 1 | wc -c', stdout: '1000000\n' },
  'seq to 10^12 ends at its time limit': {
    script: 'timeout 1 seq 1000000000000 > /dev/null; echo $?',
    stdout: '143\n',
    stderr: 'Terminated\n',
  },
  'seq to 10^12 into a closed pipe ends at once': { script: 'seq 1000000000000 | head -1', stdout: '1\n' },
  'an archive of zeros is unpacked as a stream': {
    script: 'dd if=/dev/zero bs=1M count=100 2>/dev/null | gzip > z.gz; gunzip -c z.gz | wc -c',
    stdout: '104857600\n',
  },
  'a circle of links': {
    script: 'ln -s a b; ln -s b a; cat a; cd a; ls -L; find -L . | wc -l',
    stdout: 'a\nb\n3\n',
    stderr: /Too many levels of symbolic links/,
  },
  'powers of powers': {
    script: "echo '9 9 9 9 ^ ^ ^ p' | dc; echo $?",
    stdout: '1\n',
    stderr: 'dc: number too long\n',
  },
}

describe('untrusted code', () => {
  it.each(Object.entries(cases))(
    '%s',
    async (_, { script, settings, ...expected }) => {
      const before = process.memoryUsage.rss()
      const disk = new TreeFs({ type: 'overlay', root: { mode: 0o755, now: testTime }, disk: 256 * 2 ** 20 })
      const result = await runCommand(['sh', '-c', script], {
        cwd: '/t',
        prepare: rootfs => {
          rootfs.mkdirAll('/t')
          rootfs.mount('/t', disk)
        },
        ...settings,
      })
      disk.close()
      const check = (
        actual: string | number,
        wanted: string | number | RegExp | undefined,
        otherwise: string | number,
      ) => (wanted instanceof RegExp ? expect(actual).toMatch(wanted) : expect(actual).toBe(wanted ?? otherwise))
      check(result.stdout, expected.stdout, '')
      check(result.stderr, expected.stderr, '')
      if (expected.status !== undefined) expect(result.status).toBe(expected.status)
      expect(result.elapsed).toBeLessThan(simulated)
      expect(process.memoryUsage.rss() - before).toBeLessThan(memory)
    },
    // Only what hangs: a loaded machine is no reason to fail.
    120_000,
  )
})
