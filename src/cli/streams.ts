/**
 * This process's standard streams. Output is written synchronously: it is complete when the write returns, whatever
 * ends the process next, and `process.stdout` (several ms of start-up) is never loaded.
 */

import { fstatSync, writeSync } from 'node:fs'
import { blockFor } from '../clock.ts'
import { codeOf } from '../errors.ts'
import type { Input, Output } from './command.ts'
import { brokenPipe } from './errors.ts'

/** Whether a descriptor is a terminal. `node:tty` is loaded only for a device: it costs milliseconds of every command. */
function isTerminal(fd: number): boolean {
  try {
    if (!fstatSync(fd).isCharacterDevice()) return false
  } catch {
    return false
  }
  return process.getBuiltinModule('node:tty').isatty(fd)
}

/** Standard output (1) or error (2). */
export function hostOutput(fd: 1 | 2, env: Readonly<Record<string, string | undefined>>): Output {
  let known: boolean | undefined
  const isTTY = (): boolean => (known ??= isTerminal(fd))
  const size = (i: 0 | 1, fallback: number): number => {
    if (!isTTY()) return fallback
    return (fd === 1 ? process.stdout : process.stderr).getWindowSize()[i] || fallback
  }
  return {
    get isTTY() {
      return isTTY()
    },
    get colors() {
      return isTTY() && !env.NO_COLOR && env.TERM !== 'dumb'
    },
    get columns() {
      return size(0, 80)
    },
    get rows() {
      return size(1, 24)
    },
    write: data => writeAll(fd, typeof data === 'string' ? Buffer.from(data) : data),
  }
}

function writeAll(fd: number, data: Uint8Array): void {
  for (let at = 0; at < data.length; ) {
    try {
      at += writeSync(fd, data, at)
    } catch (error) {
      const code = codeOf(error)
      if (code === 'EPIPE') throw brokenPipe()
      // A pipe that another process made non-blocking and that is full.
      if (code !== 'EAGAIN') throw error
      blockFor(2)
    }
  }
}

/** Standard input; nothing is opened before the first read. */
export function hostInput(): Input {
  let pending = Buffer.alloc(0)
  async function* read(): AsyncIterable<Uint8Array> {
    if (pending.length > 0) {
      const first = pending
      pending = Buffer.alloc(0)
      yield first
    }
    for await (const chunk of process.stdin.iterator({ destroyOnReturn: false })) {
      yield typeof chunk === 'string' ? Buffer.from(chunk) : chunk
    }
  }
  return {
    get isTTY() {
      return isTerminal(0)
    },
    async *read() {
      try {
        yield* read()
      } finally {
        process.stdin.pause()
        process.stdin.unref?.()
      }
    },
    async readAll() {
      const parts: Uint8Array[] = []
      for await (const part of read()) parts.push(part)
      return Buffer.concat(parts)
    },
    async readLine() {
      let text = Buffer.alloc(0)
      for await (const part of read()) {
        text = Buffer.concat([text, part])
        const end = text.indexOf(10)
        if (end < 0) continue
        pending = text.subarray(end + 1)
        process.stdin.pause()
        process.stdin.unref?.()
        return text.subarray(0, end).toString().replace(/\r$/, '')
      }
      return text.length > 0 ? text.toString() : undefined
    },
    setRaw(raw) {
      if (isTerminal(0)) process.stdin.setRawMode(raw)
    },
  }
}
