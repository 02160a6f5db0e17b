/** Sets of bytes: 256 flags. */

export type ByteSet = Uint8Array

const classes: Readonly<Record<string, RegExp>> = {
  alpha: /[A-Za-z]/,
  digit: /[0-9]/,
  alnum: /[A-Za-z0-9]/,
  upper: /[A-Z]/,
  lower: /[a-z]/,
  space: /[ \t\n\v\f\r]/,
  blank: /[ \t]/,
  punct: /[!-/:-@[-`{-~]/,
  print: /[ -~]/,
  graph: /[!-~]/,
  cntrl: /[\0-\x1f\x7f]/,
  xdigit: /[0-9A-Fa-f]/,
  word: /[A-Za-z0-9_]/,
}

/** The set of the byte codes that `has` accepts. */
export function setOf(has: (code: number) => boolean): ByteSet {
  const set = new Uint8Array(256)
  for (let code = 0; code < 256; code++) if (has(code)) set[code] = 1
  return set
}

/** A character class of the C locale by its POSIX name (and `word`: letters, digits, underscore). Empty for other names. */
export function classSet(name: string): ByteSet {
  const test = Object.hasOwn(classes, name) ? classes[name] : undefined
  return setOf(code => test?.test(String.fromCharCode(code)) ?? false)
}

export function invert(set: ByteSet): ByteSet {
  return setOf(code => set[code] === 0)
}

/** The set with both cases of each ASCII letter in it. */
export function foldCase(set: ByteSet): ByteSet {
  const folded = Uint8Array.from(set)
  for (let upper = 65; upper <= 90; upper++) {
    if (set[upper] || set[upper + 32]) folded[upper] = folded[upper + 32] = 1
  }
  return folded
}
