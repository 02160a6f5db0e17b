/** find's expression: parsed to a function of the file found. */

import type { Routine } from '../../program.ts'
import type { Call } from './command.ts'
import { Failure, UsageError } from './failure.ts'
import { FindActions } from './find-actions.ts'
import { ageTest, type Found, isEmpty, numeric, permTest, sizeTest, timeOfFile, typeTest } from './find-tests.ts'
import { fnmatch } from './fnmatch.ts'
import { parseGnuDate } from './parse-date.ts'
import { Regex, RegexError } from './regex/regex.ts'
import { type Accounts, findGid, findUid, groupName, userName } from './users.ts'
import { zoneFor } from './zone.ts'

export type Test = (found: Found, walk: Walk) => Routine<boolean>

/** What actions tell the walk. */
export interface Walk {
  prune: boolean
  quit: boolean
}

export interface FindSettings {
  maxDepth: number
  minDepth: number
  depthFirst: boolean
  oneFileSystem: boolean
}

export class FindParser {
  readonly settings: FindSettings = {
    maxDepth: Number.POSITIVE_INFINITY,
    minDepth: 0,
    depthFirst: false,
    oneFileSystem: false,
  }
  readonly actions: FindActions
  private at = 0
  private acted = false
  private readonly call: Call<Record<string, string>>
  private readonly words: readonly string[]
  private readonly accounts: Accounts

  constructor(call: Call<Record<string, string>>, words: readonly string[], accounts: Accounts) {
    this.call = call
    this.words = words
    this.accounts = accounts
    this.actions = new FindActions(call, accounts)
  }

  /** The whole expression; -print is added when nothing else acts. */
  parse(): Test {
    const test = this.words.length === 0 ? always : this.or()
    const extra = this.words[this.at]
    if (extra !== undefined) {
      if (extra === ')') this.fail("you have too many ')'", 'unrecognized: )')
      this.fail(`paths must precede expression: \`${extra}'`, `unrecognized: ${extra}`)
    }
    if (this.acted) return test
    const { actions } = this
    return function* (found, walk) {
      return (yield* test(found, walk)) && (yield* actions.print(found, '\n'))
    }
  }

  private fail(gnu: string, busybox: string): never {
    throw !this.call.gnu && busybox.startsWith('unrecognized:')
      ? new UsageError(busybox)
      : new Failure(this.call.gnu ? gnu : busybox)
  }

  private or(): Test {
    let left = this.and()
    while (this.words[this.at] === '-o' || this.words[this.at] === '-or') {
      this.at++
      const [first, second] = [left, this.and()]
      left = function* (found, walk) {
        return (yield* first(found, walk)) || (!walk.quit && (yield* second(found, walk)))
      }
    }
    return left
  }

  private and(): Test {
    let left = this.not()
    for (;;) {
      const word = this.words[this.at]
      if (word === undefined || word === ')' || word === '-o' || word === '-or' || word === ',') return left
      if (word === '-a' || word === '-and') this.at++
      const [first, second] = [left, this.not()]
      left = function* (found, walk) {
        return (yield* first(found, walk)) && !walk.quit && (yield* second(found, walk))
      }
    }
  }

  private not(): Test {
    const word = this.words[this.at]
    if (word === '!' || word === '-not') {
      this.at++
      const inner = this.not()
      return function* (found, walk) {
        return !(yield* inner(found, walk))
      }
    }
    if (word !== '(') return this.primary()
    this.at++
    const inner = this.or()
    if (this.words[this.at] !== ')')
      this.fail("invalid expression; I was expecting to find a ')' somewhere but did not see one.", "unpaired '('")
    this.at++
    return inner
  }

  private argument(option: string): string {
    const word = this.words[this.at++]
    if (word === undefined) this.fail(`missing argument to \`${option}'`, `${option} requires an argument`)
    return word
  }

  private count(option: string): number {
    const text = this.argument(option)
    if (/^\d+$/.test(text)) return Number(text)
    this.fail(
      `Expected a positive decimal integer argument to ${option}, but got '${text}'`,
      `invalid number '${text}'`,
    )
  }

  private primary(): Test {
    const option = this.words[this.at++]
    const { gnu, p } = this.call
    if (option === undefined) this.fail('invalid expression', 'bad expression')
    switch (option) {
      case '-true':
        return always
      case '-false':
        return never
      case '-name':
      case '-iname': {
        const pattern = this.argument(option)
        return simple(({ name }) => fnmatch(pattern, name, { ignoreCase: option === '-iname', period: false }))
      }
      case '-path':
      case '-wholename':
      case '-ipath': {
        const pattern = this.argument(option)
        return simple(({ path }) => fnmatch(pattern, path, { ignoreCase: option === '-ipath' }))
      }
      case '-regex':
      case '-iregex': {
        const regex = this.regex(this.argument(option), option === '-iregex')
        return simple(({ path }) => {
          const span = regex.find(path)
          return span !== undefined && span[0] === 0 && span[1] === path.length
        })
      }
      case '-type':
        return simple(typeTest(this.argument(option), gnu))
      case '-size':
        return simple(sizeTest(this.argument(option), gnu))
      case '-perm':
        return simple(permTest(this.argument(option), gnu))
      case '-mtime':
      case '-atime':
      case '-ctime':
      case '-mmin':
      case '-amin':
      case '-cmin': {
        const kind = option.charAt(1)
        const unit = option.endsWith('min') ? 60_000 : 86_400_000
        return simple(
          ageTest(
            this.argument(option),
            option,
            p.now(),
            unit,
            stat => (kind === 'm' ? stat.mtime : kind === 'a' ? stat.atime : stat.ctime),
            gnu,
          ),
        )
      }
      case '-newer': {
        const time = timeOfFile(p, this.argument(option), gnu)
        return simple(({ stat }) => stat.mtime > time)
      }
      case '-newermt': {
        const text = this.argument(option)
        const time = parseGnuDate(text, p.now(), zoneFor(p.env.get('TZ')))
        if (time === undefined)
          this.fail(`I cannot figure out how to interpret '${text}' as a date or time`, `invalid date '${text}'`)
        return simple(({ stat }) => stat.mtime > time)
      }
      case '-user':
      case '-group': {
        const name = this.argument(option)
        const id = option === '-user' ? findUid(this.accounts, name) : findGid(this.accounts, name)
        if (id === undefined)
          this.fail(
            `'${name}' is not the name of ${option === '-user' ? 'a known user' : 'an existing group'}`,
            `unknown ${option.slice(1)} ${name}`,
          )
        return simple(({ stat }) => (option === '-user' ? stat.uid : stat.gid) === id)
      }
      case '-uid':
      case '-gid':
      case '-inum':
      case '-links': {
        const text = this.argument(option)
        const test = numeric(text)
        if (!test) this.fail(`invalid argument \`${text}' to \`${option}'`, `invalid number '${text}'`)
        const field = { '-uid': 'uid', '-gid': 'gid', '-inum': 'ino', '-links': 'nlink' } as const
        return simple(({ stat }) => test(stat[field[option]]))
      }
      case '-nouser':
        return simple(({ stat }) => userName(this.accounts, stat.uid) === undefined)
      case '-nogroup':
        return simple(({ stat }) => groupName(this.accounts, stat.gid) === undefined)
      case '-empty':
        return simple(found => isEmpty(p, found))
      case '-executable':
        return simple(({ path }) => p.access(path, { execute: true }))
      case '-readable':
        return simple(({ path }) => p.access(path, { read: true }))
      case '-writable':
        return simple(({ path }) => p.access(path, { write: true }))
      case '-maxdepth':
        this.settings.maxDepth = this.count(option)
        return always
      case '-mindepth':
        this.settings.minDepth = this.count(option)
        return always
      case '-depth':
      case '-d':
        this.settings.depthFirst = true
        return always
      case '-xdev':
      case '-mount':
        this.settings.oneFileSystem = true
        return always
      case '-follow':
      case '-noleaf':
      case '-warn':
      case '-nowarn':
        return always
      case '-prune':
        // biome-ignore lint/correctness/useYield: only tells the walk
        return function* (_, walk) {
          walk.prune = true
          return true
        }
      case '-quit':
        // Without another action nothing is printed.
        this.acted = true
        // biome-ignore lint/correctness/useYield: only tells the walk
        return function* (_, walk) {
          walk.quit = true
          return true
        }
    }
    return this.action(option)
  }

  private action(option: string): Test {
    const { actions } = this
    const { gnu } = this.call
    this.acted = true
    switch (option) {
      case '-print':
        return found => actions.print(found, '\n')
      case '-print0':
        return found => actions.print(found, '\0')
      case '-ls':
        return found => actions.list(found)
      case '-delete':
        this.settings.depthFirst = true
        return found => actions.remove(found)
      case '-printf': {
        if (!gnu) break
        const format = this.argument(option)
        return found => actions.printf(found, format)
      }
      case '-exec':
      case '-execdir':
      case '-ok': {
        const argv: string[] = []
        for (;;) {
          const word = this.words[this.at++]
          if (word === undefined) this.fail(`missing argument to \`${option}'`, `${option} requires an argument`)
          if (word === ';') break
          if (word === '+' && (argv.at(-1) === '{}' || (!gnu && argv.includes('{}')))) {
            return found => actions.gather(argv, found)
          }
          argv.push(word)
        }
        if (argv.length === 0) this.fail(`invalid argument \`;' to \`${option}'`, `missing argument to '${option}'`)
        return found => actions.execute(argv, found, option)
      }
    }
    this.fail(
      option.startsWith('-') ? `unknown predicate \`${option}'` : `paths must precede expression: \`${option}'`,
      `unrecognized: ${option}`,
    )
  }

  private regex(text: string, ignoreCase: boolean): Regex {
    try {
      return new Regex(text, { ignoreCase })
    } catch (error) {
      if (!(error instanceof RegexError)) throw error
      this.fail(error.message, `bad regex '${text}': ${error.message}`)
    }
  }
}

function simple(test: (found: Found) => boolean): Test {
  // biome-ignore lint/correctness/useYield: a test without a system call
  return function* (found) {
    return test(found)
  }
}

const always: Test = simple(() => true)
const never: Test = simple(() => false)
