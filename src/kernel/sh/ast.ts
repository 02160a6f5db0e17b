/** The shell's syntax trees: plain data. Every node has a number, by which a stored shell finds it again. */

/** A piece of a word. `quoted`: neither split nor matched against file names. */
export type WordPart =
  | { t: 'text'; text: string; quoted: boolean }
  | Parameter
  /** `$(…)` and backquotes: the source to run. */
  | { t: 'command'; source: string; quoted: boolean }
  /** `$((…))`. */
  | { t: 'arith'; expression: Word; quoted: boolean }
  | { t: 'tilde'; user: string }
  /** `<(…)` and `>(…)`: a command at the other end of a pipe. */
  | { t: 'process'; source: string; output: boolean }

/** A part that takes a process of its own. */
export type CommandPart = Extract<WordPart, { t: 'command' | 'process' }>

/** `$name`, `${name}` and its operators; `length` is `${#name}`. */
export interface Parameter {
  t: 'param'
  name: string
  quoted: boolean
  op?: string
  arg?: Word
  arg2?: Word
  length?: boolean
  /** `${name[…]}`. */
  index?: Word
  /** `${!name}`, `${!name[@]}`, `${!prefix*}`. */
  form?: 'indirect' | 'keys' | 'names'
  /** The text of a substitution that is none: told when it is reached. */
  bad?: string
}

export interface Word {
  parts: WordPart[]
  /** What it expands to, where nothing in it can change. */
  fixed?: string
  /** An assignment among a declaration's arguments: one word, whatever it expands to. */
  single?: boolean
}

export interface Redirect {
  fd: number
  op: '>' | '>>' | '<' | '<>' | '>|' | '>&' | '<&' | '<<' | '<<<' | '&>' | '&>>'
  target: Word
  /** `{name}>`: the variable that gets the descriptor's number. */
  variable?: string
}

/** `name=value`, `name[index]=value`, `name=(…)`. */
export interface Assignment {
  name: string
  value: Word
  append: boolean
  index?: Word
  list?: ListItem[]
}

/** An element of an array's list, by itself or as `[key]=value`. */
export interface ListItem {
  key?: Word
  value: Word
  append?: boolean
}

interface Base {
  id: number
  line: number
  redirects: Redirect[]
  /** The text of a command, as jobs show it. */
  text?: string
}

export type Node =
  /** `lists`: the array assignments among the words of a declaration, by their place. */
  | (Base & { t: 'simple'; assignments: Assignment[]; words: Word[]; lists?: { at: number; assignment: Assignment }[] })
  | (Base & { t: 'pipe'; negate: boolean; commands: Node[] })
  | (Base & { t: 'andor'; first: Node; rest: { op: '&&' | '||'; node: Node }[] })
  | (Base & { t: 'list'; items: { node: Node; background: boolean; source: string }[] })
  | (Base & { t: 'subshell'; body: Node })
  | (Base & { t: 'group'; body: Node })
  | (Base & { t: 'if'; clauses: { condition: Node; body: Node }[]; otherwise?: Node })
  | (Base & { t: 'while'; until: boolean; condition: Node; body: Node })
  | (Base & { t: 'for'; name: string; words?: Word[]; body: Node; select?: boolean })
  /** `for ((…; …; …))`. */
  | (Base & { t: 'count'; first: Word; condition: Word; next: Word; body: Node })
  | (Base & { t: 'case'; word: Word; items: { patterns: Word[]; body?: Node; next: ';;' | ';&' | ';;&' }[] })
  | (Base & { t: 'function'; name: string; body: Node; source: string })
  /** `[[ … ]]`: words as they stand. */
  | (Base & { t: 'test'; words: Word[] })
  /** `((…))`. */
  | (Base & { t: 'arith'; expression: Word })
  /** `time` before a pipeline. */
  | (Base & { t: 'time'; body?: Node; posix: boolean })

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
