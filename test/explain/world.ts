/** Views over worlds that tests make and change: whole pictures, and their JSON by its schema. */
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect } from 'vitest'
import { topics } from '../../src/explain/topics.ts'
import { type Outcome, tempHome } from '../e2e/cli.ts'
import { run } from '../e2e/in-process.ts'

export interface World {
  home: string
  /** Runs commands that must succeed. A name may be `!`, for one that must fail. */
  make(...commands: string[][]): Promise<void>
  /** Compares a view, drawn for a width, with its file in `shown/`; and its JSON with its schema. */
  shows(file: string, words: string[], look?: { width?: number; plain?: boolean }): Promise<void>
}

/** A store of its own with a clock that stands still; files are in its folder, where commands run too. */
export function world(files: Readonly<Record<string, string>> = {}): World {
  const home = tempHome()
  const write = (name: string, text: string): void => {
    mkdirSync(dirname(join(home, name)), { recursive: true })
    writeFileSync(join(home, name), text)
    // A copied file keeps its time, on which its layer's digest depends.
    utimesSync(join(home, name), 1_000_000_000, 1_000_000_000)
  }
  for (const [name, text] of Object.entries(files)) write(name, text)
  const call = (args: readonly string[], plain = false): Promise<Outcome> =>
    run(home, args, {
      env: {
        MINIDOCK_HOME: join(home, '.store'),
        MINIDOCK_CLOCK: 'virtual',
        MINIDOCK_SEED: 'explain',
        MINIDOCK_NAME: 'minidock',
        LANG: plain ? 'C' : 'C.UTF-8',
      },
    })
  return {
    home,
    async make(...commands) {
      for (const [first = '', ...rest] of commands) {
        const fails = first === '!'
        const { status, out, err } = await call(fails ? rest : [first, ...rest])
        if ((status !== 0) !== fails) throw new Error(`${first} ${rest.join(' ')}: status ${status}\n${out}${err}`)
      }
    },
    async shows(file, words, { width = 80, plain = false } = {}) {
      const picture = await call(['explain', ...words, '--width', String(width)], plain)
      expect({ status: picture.status, err: picture.err }).toEqual({ status: 0, err: '' })
      await expect(picture.out).toMatchFileSnapshot(`shown/${file}.txt`)
      const wide = picture.out.split('\n').filter(line => [...line].length > width && !/^ {2}minidock /.test(line))
      expect(wide).toEqual([])
      if (plain) expect(picture.out.replaceAll(/[\n\x20-\x7e]/g, '')).toBe('')
      const { out } = await call(['explain', ...words, '--format', 'json'])
      const { next, ...data } = JSON.parse(out) as { next: string[] }
      const schema = await topics.get(words[0] ?? '')?.schema()
      expect(schema?.safeParse(data).error).toBe(undefined)
      expect([next.length >= 2, next.length <= 3]).toEqual([true, true])
    },
  }
}
