import { describe, expect, it } from 'vitest'
import { EngineError } from '../../src/errors.ts'
import { runCommand } from './harness.ts'

const elf = '\x7fELF\x02\x01'
const files = {
  '/etc/': '',
  '/tmp/plain': 'no script\n',
  '/tmp/script': '#!/bin/sh -e\necho $0 $1 $-\n',
  '/tmp/lost': '#!/nope/sh\n',
  '/tmp/loop': '#!/tmp/loop\n',
  '/tmp/text': 'echo text\n',
  '/tmp/other': `${elf}real binary`,
}
const executable = ['/tmp/script', '/tmp/lost', '/tmp/loop', '/tmp/text', '/tmp/other']
const run = (argv: string[], uid = 0) =>
  runCommand(argv, {
    files,
    uid,
    prepare: rootfs => {
      for (const path of executable) rootfs.setattr(path, { mode: 0o755 })
    },
  })

describe('the command of a container', () => {
  it.each([
    [['nope'], 'exec: "nope": executable file not found in $PATH', 127],
    [['/nope'], 'exec: "/nope": stat /nope: no such file or directory', 127],
    [['/etc'], 'exec: "/etc": is a directory: permission denied', 126],
    [['/tmp/plain'], 'exec: "/tmp/plain": permission denied', 126],
    [[''], 'exec: "": executable file not found in $PATH', 127],
  ])("%s cannot be started, in runc's words", async (argv, message, exitStatus) => {
    const error = await run(argv).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(EngineError)
    expect(error).toMatchObject({ message, exitStatus })
  })

  it.each([
    [['/tmp/text'], 'exec /tmp/text: exec format error\n', 255],
    [['/tmp/lost'], 'exec /tmp/lost: no such file or directory\n', 255],
    [['/tmp/loop'], 'exec /tmp/loop: too many levels of symbolic links\n', 255],
  ])('%s fails when it is executed', async (argv, stderr, status) => {
    expect(await run(argv)).toMatchObject({ stdout: '', stderr, status })
  })

  it('gives a script to its interpreter with one argument', async () => {
    expect((await run(['/tmp/script', 'a'])).stdout).toBe('/tmp/script a e\n')
  })

  it('says so when nothing models a program', async () => {
    const { stderr, status } = await run(['/tmp/other'])
    expect(stderr).toMatch(/^minidock: \/tmp\/other: this program is not modelled.*\n$/)
    expect(status).toBe(126)
  })

  it('runs a text without magic with the shell when a shell calls it', async () => {
    expect((await run(['sh', '-c', '/tmp/text'])).stdout).toBe('text\n')
  })
})
