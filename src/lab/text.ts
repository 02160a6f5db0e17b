/** A lab as its students read it, in Markdown. Hidden checks are not in it. */
import { maxOf } from './grade.ts'
import type { Lab } from './schema.ts'

export function labText(lab: Lab): string {
  const steps = lab.steps.map((step, at) => {
    const checks = step.checks
      .filter(check => !check.hidden)
      .map(check => `- ${check.says} (${check.points} ${check.points === 1 ? 'point' : 'points'})\n`)
    return `## ${at + 1}. ${step.title}\n\n${step.text.trim()}\n\n${checks.join('')}`
  })
  const questions = Object.entries(lab.questions).map(([id, question]) => {
    const choices = Object.entries(question.choices ?? {}).map(([letter, text]) => `- ${letter}: ${text}\n`)
    return `\`${id}\`: ${question.text.trim()}\n\n${choices.join('')}`
  })
  const files = [...lab.run, ...lab.files]
  return [
    `# ${lab.title}\n`,
    `${lab.text.trim()}\n`,
    `${maxOf(lab)} points. You hand in: ${files.join(', ')}.\n`,
    ...steps,
    ...(questions.length > 0
      ? ['## Questions\n\nAnswers go into `answers.yaml`, a line `id: answer` each.\n', ...questions]
      : []),
  ].join('\n')
}
