/** Questions to the user: through inquirer on a terminal, a line of standard input elsewhere. */
import type { CliContext } from './command.ts'

/** Asks, and whether the answer is yes; at the end of input it is no. `question` is without its `[y/N] `. */
export async function confirm(ctx: CliContext, question: string): Promise<boolean> {
  const answer = await ask(ctx, `${question} [y/N] `)
  return answer?.toLowerCase() === 'y'
}

/** Asks for a line; undefined at the end of input. The question is printed as it is. */
export async function ask(
  ctx: CliContext,
  question: string,
  options: { secret?: boolean } = {},
): Promise<string | undefined> {
  if (!ctx.in.isTTY || !ctx.out.isTTY) {
    ctx.out.write(question)
    return ctx.in.readLine()
  }
  const lines = question.split('\n')
  const last = (lines.pop() ?? '').trimEnd()
  if (lines.length > 0) ctx.out.write(`${lines.join('\n')}\n`)
  const { default: inquirer } = await import('inquirer')
  // Inquirer puts a blank between its prefix and the message: the question's first words are the prefix, so that it
  // stands as Docker prints it.
  const words = last.split(' ')
  const message = words.pop() ?? ''
  const theme = { prefix: words.join(' '), style: { message: (text: string) => text, answer: (text: string) => text } }
  try {
    const type = options.secret ? 'password' : 'input'
    const { answer } = await inquirer.prompt<{ answer: string }>([{ type, name: 'answer', message, theme }])
    return answer
  } catch {
    // Ctrl-C, or a terminal that went away.
    return undefined
  }
}
