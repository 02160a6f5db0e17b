/** The expressions of test and [ (POSIX, with -a, -o, parentheses, -nt, -ot, -ef). */
import { isErrno } from '../../../vfs/errno.ts'
import type { Stat } from '../../../vfs/filesystem.ts'
import type { Proc } from '../../program.ts'

/** A malformed expression; the message is the tool's, without its name. */
export class TestError extends Error {
  override readonly name = 'TestError'
}

const unary = new Set([...'bcdefghkLnNOGprsStuwxz'].map(letter => `-${letter}`))
const binary = new Set(['=', '==', '!=', '<', '>', '-eq', '-ne', '-lt', '-le', '-gt', '-ge', '-nt', '-ot', '-ef'])

/** Whether the expression holds. Throws TestError; file tests of what is not there are false. */
export function evaluateTest(p: Proc, words: readonly string[], gnu: boolean): boolean {
  return new Evaluator(p, words, gnu).run()
}

class Evaluator {
  private at = 0
  private readonly p: Proc
  private readonly words: readonly string[]
  private readonly gnu: boolean

  constructor(p: Proc, words: readonly string[], gnu: boolean) {
    this.p = p
    this.words = words
    this.gnu = gnu
  }

  run(): boolean {
    const [a = '', b = '', c = ''] = this.words
    // POSIX decides by the number of words, so that operators can be operands.
    switch (this.words.length) {
      case 0:
        return false
      case 1:
        return a !== ''
      case 2:
        if (a === '!') return b === ''
        if (unary.has(a)) return this.unary(a, b)
        break
      case 3:
        if (binary.has(b)) return this.binary(a, b, c)
        if (b === '-a') return a !== '' && c !== ''
        if (b === '-o') return a !== '' || c !== ''
        if (a === '!') return !evaluateTest(this.p, [b, c], this.gnu)
        if (a === '(' && c === ')') return b !== ''
        break
      case 4:
        if (a === '!') return !evaluateTest(this.p, this.words.slice(1), this.gnu)
        break
    }
    const result = this.or()
    const extra = this.words[this.at]
    if (extra !== undefined)
      throw new TestError(
        this.gnu
          ? this.at < 2
            ? `'${this.words[0] ?? ''}': unary operator expected`
            : `extra argument '${extra}'`
          : `${extra}: unknown operand`,
      )
    return result
  }

  private or(): boolean {
    let result = this.and()
    while (this.words[this.at] === '-o') {
      this.at++
      const right = this.and()
      result = result || right
    }
    return result
  }

  private and(): boolean {
    let result = this.not()
    while (this.words[this.at] === '-a') {
      this.at++
      const right = this.not()
      result = result && right
    }
    return result
  }

  private not(): boolean {
    if (this.words[this.at] !== '!') return this.primary()
    this.at++
    return !this.not()
  }

  private primary(): boolean {
    const word = this.words[this.at]
    if (word === undefined)
      throw new TestError(this.gnu ? `missing argument after '${this.words.at(-1) ?? ''}'` : 'argument expected')
    const operator = this.words[this.at + 1]
    if (operator !== undefined && binary.has(operator)) {
      const right = this.words[this.at + 2]
      if (right === undefined)
        throw new TestError(this.gnu ? `missing argument after '${operator}'` : `${operator}: argument expected`)
      this.at += 3
      return this.binary(word, operator, right)
    }
    if (word === '(') {
      this.at++
      const result = this.or()
      if (this.words[this.at] !== ')') throw new TestError(this.gnu ? "')' expected" : 'closing paren expected')
      this.at++
      return result
    }
    if (unary.has(word) && operator !== undefined && operator !== '-a' && operator !== '-o') {
      this.at += 2
      return this.unary(word, operator)
    }
    this.at++
    return word !== ''
  }

  private unary(operator: string, word: string): boolean {
    if (operator === '-n') return word !== ''
    if (operator === '-z') return word === ''
    if (operator === '-t') return this.p.isatty(Number(this.integer(word)))
    const { p } = this
    if (operator === '-r') return p.access(word, { read: true })
    if (operator === '-w') return p.access(word, { write: true })
    if (operator === '-x') return p.access(word, { execute: true })
    const stat = this.stat(word, operator === '-L' || operator === '-h')
    if (!stat) return false
    switch (operator) {
      case '-b':
        return stat.type === 'block'
      case '-c':
        return stat.type === 'char'
      case '-d':
        return stat.type === 'dir'
      case '-f':
        return stat.type === 'file'
      case '-h':
      case '-L':
        return stat.type === 'symlink'
      case '-p':
        return stat.type === 'fifo'
      case '-S':
        return stat.type === 'socket'
      case '-s':
        return stat.size > 0
      case '-u':
        return (stat.mode & 0o4000) !== 0
      case '-g':
        return (stat.mode & 0o2000) !== 0
      case '-k':
        return (stat.mode & 0o1000) !== 0
      case '-O':
        return stat.uid === p.cred.uid
      case '-G':
        return stat.gid === p.cred.gid
      case '-N':
        return stat.mtime > stat.atime
    }
    return true
  }

  private binary(left: string, operator: string, right: string): boolean {
    switch (operator) {
      case '=':
      case '==':
        return left === right
      case '!=':
        return left !== right
      case '<':
        return left < right
      case '>':
        return left > right
      case '-nt':
      case '-ot': {
        const [a, b] = operator === '-nt' ? [left, right] : [right, left]
        const newer = this.stat(a, false)
        const older = this.stat(b, false)
        return newer !== undefined && (older === undefined ? this.gnu : newer.mtime > older.mtime)
      }
      case '-ef': {
        const a = this.stat(left, false)
        const b = this.stat(right, false)
        return a !== undefined && b !== undefined && a.ino === b.ino && this.p.device(left) === this.p.device(right)
      }
    }
    const a = this.integer(left)
    const b = this.integer(right)
    if (operator === '-eq') return a === b
    if (operator === '-ne') return a !== b
    if (operator === '-lt') return a < b
    if (operator === '-le') return a <= b
    return operator === '-gt' ? a > b : a >= b
  }

  private integer(text: string): bigint {
    const match = /^\s*([-+]?\d+)\s*$/.exec(text)
    if (!match?.[1]) throw new TestError(this.gnu ? `invalid integer '${text}'` : `${text}: bad number`)
    return BigInt(match[1].replace(/^\+/, ''))
  }

  private stat(path: string, link: boolean): Stat | undefined {
    try {
      return link ? this.p.lstat(path) : this.p.stat(path)
    } catch (error) {
      if (!isErrno(error)) throw error
      return undefined
    }
  }
}
