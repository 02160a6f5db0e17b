/** The shell's syntax trees: plain data. Every node has a number, by which a stored shell finds it again. */

/** A piece of a word. `quoted`: neither split nor matched against file names. */
export type WordPart =
  | { t: 'text'; text: string; quoted: boolean }
  /** `$name`, `${name}` and its operators; `length` is `${#name}`. */
  | { t: 'param'; name: string; quoted: boolean; op?: string; arg?: Word; arg2?: Word; length?: boolean }
  /** `$(…)` and backquotes: the source to run. */
  | { t: 'command'; source: string; quoted: boolean }
  /** `$((…))`. */
  | { t: 'arith'; expression: Word; quoted: boolean }
  | { t: 'tilde'; user: string }

export interface Word {
  parts: WordPart[]
}

export interface Redirect {
  fd: number
  op: '>' | '>>' | '<' | '<>' | '>|' | '>&' | '<&' | '<<' | '<<<' | '&>'
  target: Word
}

export interface Assignment {
  name: string
  value: Word
  append: boolean
}

interface Base {
  id: number
  line: number
  redirects: Redirect[]
}

export type Node =
  | (Base & { t: 'simple'; assignments: Assignment[]; words: Word[] })
  | (Base & { t: 'pipe'; negate: boolean; commands: Node[] })
  | (Base & { t: 'andor'; first: Node; rest: { op: '&&' | '||'; node: Node }[] })
  | (Base & { t: 'list'; items: { node: Node; background: boolean; source: string }[] })
  | (Base & { t: 'subshell'; body: Node })
  | (Base & { t: 'group'; body: Node })
  | (Base & { t: 'if'; clauses: { condition: Node; body: Node }[]; otherwise?: Node })
  | (Base & { t: 'while'; until: boolean; condition: Node; body: Node })
  | (Base & { t: 'for'; name: string; words?: Word[]; body: Node })
  | (Base & { t: 'case'; word: Word; items: { patterns: Word[]; body?: Node; next: ';;' | ';&' | ';;&' }[] })
  | (Base & { t: 'function'; name: string; body: Node })
  /** `[[ … ]]`: words as they stand. */
  | (Base & { t: 'test'; words: Word[] })

/** The nodes of one kind. */
export type NodeOf<T extends Node['t']> = Extract<Node, { t: T }>

/** A parsed command of a source: its nodes by number, and where the next one begins. */
export interface Unit {
  root: Node | undefined
  nodes: Node[]
  end: number
  lines: number
  /** A here-document has not come to its end: more lines belong to it. */
  openHere: boolean
}
