/** A command line as words (go-shellwords without variables): compose reads `command: echo a && b` up to the `&&`. */

/** @throws Error `invalid command line string` for quotes that do not close */
export function shellWords(line: string): string[] {
  const words: string[] = []
  const bad = (): Error => new Error('invalid command line string')
  let word = ''
  let begun = false
  let open: '' | '"' | "'" | '`' | '$(' = ''
  const chars = [...line]
  for (let i = 0; i < chars.length; i++) {
    const char = chars[i] ?? ''
    if (char === '\\' && open !== "'") {
      const next = chars[++i]
      if (next === undefined) throw bad()
      word += next === 't' ? '\t' : next === 'n' ? '\n' : next
      begun = true
      continue
    }
    if (/[ \t\r\n]/.test(char)) {
      if (open !== '') word += char
      else if (begun) {
        words.push(word)
        word = ''
        begun = false
      }
      continue
    }
    if ((char === '"' || char === "'") && (open === '' || open === '`' || open === char)) {
      if (open === char) begun = true
      if (open !== '`') {
        open = open === char ? '' : char
        continue
      }
    } else if (char === '`' && (open === '' || open === '`')) open = open === '`' ? '' : '`'
    else if (char === '(' && (open === '' || open === '$(')) {
      if (open !== '' || !word.endsWith('$')) throw bad()
      open = '$('
    } else if (char === ')' && (open === '' || open === '$(')) open = open === '$(' ? '' : '$('
    else if (open === '' && ';&|<>'.includes(char)) {
      if (char === '>' && /^\d/.test(word)) begun = false
      break
    }
    begun = true
    word += char
  }
  if (open !== '') throw bad()
  if (begun) words.push(word)
  return words
}
