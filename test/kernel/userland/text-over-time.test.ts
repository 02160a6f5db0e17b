import { describe, expect, it } from 'vitest'
import { runCommand } from '../harness.ts'

describe('commands that run long', () => {
  it.each([
    ['sh -c', ['sh', '-c', 'seq 1 20000 | tail -n 2']],
    ['cat of many lines', ['sh', '-c', 'seq 1 20000 | cat | wc -l']],
    ['tee', ['sh', '-c', 'seq 1 20000 | tee /tmp/x | wc -c; wc -c < /tmp/x']],
    ['dd', ['sh', '-c', 'dd if=/dev/zero bs=1k count=100 2>/dev/null | wc -c']],
    ['yes', ['sh', '-c', 'yes | head -n 50000 | wc -l']],
    ['awk', ['sh', '-c', "awk 'BEGIN { for (i = 0; i < 30000; i++) s += i; print s }'"]],
    [
      'awk and its pipes',
      [
        'awk',
        'BEGIN { "echo hi" | getline x; print x; print "b\\na" | "sort"; close("sort"); print system("exit 3") }',
      ],
    ],
    ['sed', ['sh', '-c', "seq 1 3000 | sed -n '$p;1000,1010p' | tail -n 1"]],
    ['grep', ['sh', '-c', 'seq 1 20000 | grep -c 7']],
    [
      'find and xargs',
      ['sh', '-c', 'mkdir /d; cd /d; for i in 1 2 3; do echo $i > f$i; done; find . -type f | sort | xargs cat'],
    ],
    [
      'find -exec',
      [
        'sh',
        '-c',
        'mkdir /d; cd /d; touch a b; find . -type f -exec echo {} \\; | sort; find . -type f -exec echo {} + | wc -w',
      ],
    ],
  ])('%s: the same with and without being stored between steps', async (_, argv) => {
    const whole = await runCommand(argv)
    const stored = await runCommand(argv, { suspend: true })
    expect({ ...stored, rootfs: undefined, elapsed: 0 }).toEqual({ ...whole, rootfs: undefined, elapsed: 0 })
    expect(whole.stderr).toBe('')
    expect(whole.stdout).not.toBe('')
  })

  it('tail -f prints what is added, also after being stored', async () => {
    const script =
      'echo one > /log; (sleep 2; echo two >> /log; sleep 2; echo three >> /log; sleep 2; kill $P) & tail -f /log & P=$!; sleep 5; kill $P; wait'
    for (const suspend of [false, true]) {
      const { stdout } = await runCommand(['sh', '-c', script], { suspend, limit: 60_000 })
      expect(stdout).toBe('one\ntwo\nthree\n')
    }
  })

  it('tail -F follows a file that is replaced', async () => {
    const script = 'echo a > /log; tail -F /log & sleep 2; mv /log /old; echo b > /log; sleep 3; kill $!; wait'
    const { stdout } = await runCommand(['sh', '-c', script], { limit: 60_000 })
    expect(stdout).toBe('a\nb\n')
  })

  it('an endless awk program uses up its time instead of hanging', async () => {
    const { stdout, elapsed } = await runCommand(['sh', '-c', "timeout 2 awk 'BEGIN { while (1) i++ }'; echo $?"], {
      limit: 20_000,
    })
    expect(stdout).toBe('143\n')
    expect(elapsed).toBeGreaterThan(1900)
  })

  it('an endless sed script uses up its time instead of hanging', async () => {
    const { stdout } = await runCommand(['sh', '-c', "echo x | timeout 2 sed ':a;ba'; echo $?"], { limit: 20_000 })
    expect(stdout).toBe('143\n')
  })
})
