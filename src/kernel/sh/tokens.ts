/** Tokens: operators, newlines and words, with redirections and the here-documents that follow them. */
import type { Redirect } from './ast.ts'
import { isReserved, operators, redirections, type SyntaxFault, type Token, unexpected } from './syntax.ts'
import { makeText } from './word.ts'
import { WordReader } from './words.ts'

interface HereDocument {
  redirect: Redirect
  delimiter: string
  quoted: boolean
  strip: boolean
}

export abstract class TokenReader extends WordReader {
  private peeked: Token | undefined
  private here: HereDocument[] = []
  protected openHere = false
  /** Where the last token of a command ended. */
  protected lastEnd = 0

  protected peek(): Token {
    return (this.peeked ??= this.scan())
  }

  protected take(): Token {
    const token = this.peek()
    this.peeked = undefined
    if (token.type === 'newline') {
      this.line++
      this.readHere()
    }
    return token
  }

  /** Goes on reading from another place. */
  protected goTo(at: number): void {
    this.at = at
    this.peeked = undefined
  }

  /** Where the token that comes next begins, or the text that is not read yet. */
  protected place(): number {
    return this.peeked ? this.peeked.start : this.at
  }

  protected skipBlanks(): void {
    const { source } = this
    for (;;) {
      const char = source[this.at]
      if (char === ' ' || char === '\t' || char === '\r') this.at++
      else if (char === '\\' && source[this.at + 1] === '\n') {
        this.at += 2
        this.line++
      } else if (char === '#') {
        while (this.at < source.length && source[this.at] !== '\n') this.at++
      } else break
    }
  }

  private scan(): Token {
    this.skipBlanks()
    const { source } = this
    const start = this.at
    if (start >= source.length) return { type: 'end', text: '', start, end: start }
    if (source[start] === '\n') {
      this.at++
      return { type: 'newline', text: '\n', start, end: this.at }
    }
    if ('&|;<>()'.includes(source[start] ?? '') && !this.processAt(start))
      for (const operator of operators[this.dialect]) {
        if (!source.startsWith(operator, start)) continue
        this.at += operator.length
        return { type: 'op', text: operator, start, end: this.at }
      }
    const word = this.word()
    return { type: 'word', text: source.slice(start, this.at), word, start, end: this.at }
  }

  private processAt(at: number): boolean {
    return this.dialect === 'bash' && '<>'.includes(this.source[at] ?? '') && this.source[at + 1] === '('
  }

  protected fault(token: Token, wanted?: string): SyntaxFault {
    return unexpected(token, this.dialect, this.line, this.source, wanted)
  }

  protected isOp(text: string): boolean {
    const token = this.peek()
    return token.type === 'op' && token.text === text
  }

  protected isReserved(text: string): boolean {
    const token = this.peek()
    return token.type === 'word' && token.text === text && isReserved(text, this.dialect)
  }

  protected expect(text: string): void {
    if (!this.isReserved(text) && !this.isOp(text)) throw this.fault(this.peek(), text)
    this.take()
  }

  protected skipNewlines(): void {
    while (this.peek().type === 'newline') this.take()
  }

  protected redirect(): Redirect | undefined {
    let token = this.peek()
    let fd: number | undefined
    let variable: string | undefined
    if (token.type === 'word' && '<>'.includes(this.source[token.end] ?? ' ')) {
      const named = this.dialect === 'bash' ? /^\{([A-Za-z_]\w*)\}$/.exec(token.text) : null
      if (/^\d+$/.test(token.text)) fd = Number(token.text)
      if (named) variable = named[1]
      if (fd === undefined && variable === undefined) return undefined
      this.take()
      token = this.peek()
    }
    if (token.type !== 'op' || !redirections.includes(token.text)) return undefined
    const op = token.text
    this.take()
    const target = this.peek()
    // For bash the end of a text is the end of its last line.
    if (this.dialect === 'bash' && target.type === 'end') throw this.fault({ ...target, type: 'newline' })
    if (target.type !== 'word' || !target.word) throw this.fault(target)
    this.take()
    this.lastEnd = target.end
    const redirect: Redirect = {
      fd: fd ?? (op.startsWith('<') ? 0 : 1),
      op: op === '<<-' ? '<<' : (op as Redirect['op']),
      target: target.word,
      ...(variable !== undefined && { variable }),
    }
    if (op === '<<' || op === '<<-') {
      const quoted = target.word.parts.some(part => part.t === 'text' && part.quoted) || /[\\'"]/.test(target.text)
      const delimiter = target.word.parts.map(part => (part.t === 'text' ? part.text : '')).join('')
      this.here.push({ redirect, delimiter, quoted, strip: op === '<<-' })
    }
    return redirect
  }

  /** Here-documents begin on the line after the command. */
  protected readHere(): void {
    for (const { redirect, delimiter, quoted, strip } of this.here.splice(0)) {
      let text = ''
      for (;;) {
        if (this.at >= this.source.length) {
          this.openHere = true
          break
        }
        const newline = this.source.indexOf('\n', this.at)
        const end = newline < 0 ? this.source.length : newline
        let line = this.source.slice(this.at, end)
        this.at = Math.min(this.source.length, end + 1)
        this.line++
        if (strip) line = line.replace(/^\t+/, '')
        if (line === delimiter) break
        text += newline < 0 ? line : `${line}\n`
      }
      redirect.target = quoted ? makeText([{ t: 'text', text, quoted: true }]) : this.textWord(text)
    }
  }
}
