/** The tree of a Go program. Types are kept as text: the subset is run without checking them. */

export type Expr =
  | { k: 'lit'; v: string | number; int?: boolean }
  | { k: 'name'; n: string; line: number; column: number }
  | { k: 'sel'; x: Expr; n: string }
  | { k: 'index'; x: Expr; i: Expr }
  | { k: 'slice'; x: Expr; lo?: Expr; hi?: Expr }
  | { k: 'call'; f: Expr; a: Expr[]; spread: boolean; line: number }
  | { k: 'un'; op: string; x: Expr }
  | { k: 'bin'; op: string; l: Expr; r: Expr }
  | { k: 'func'; id: number }
  | { k: 'comp'; t: Type; e: { key?: Expr; v: Expr }[] }
  | { k: 'assert'; x: Expr; t: Type }
  | { k: 'type'; t: Type }

export interface Type {
  /** `name`, `map`, `slice`, `array`, `ptr`, `func`, `chan`, `struct`, `interface`. */
  k: string
  /** The name of a named type, `pkg.Name`. */
  n?: string
  of?: Type
  fields?: { names: string[]; type: Type; tag?: string }[]
}

export type Stmt =
  | { k: 'expr'; x: Expr }
  | { k: 'define'; l: Expr[]; r: Expr[] }
  | { k: 'assign'; op: string; l: Expr[]; r: Expr[] }
  | { k: 'var'; names: string[]; t?: Type; r: Expr[] }
  | { k: 'if'; init?: Stmt; c: Expr; then: Stmt[]; else?: Stmt[] }
  | { k: 'for'; init?: Stmt; c?: Expr; post?: Stmt; body: Stmt[] }
  | { k: 'range'; key?: Expr; value?: Expr; define: boolean; x: Expr; body: Stmt[] }
  | { k: 'switch'; init?: Stmt; x?: Expr; cases: { e: Expr[] | undefined; body: Stmt[] }[] }
  | { k: 'select'; cases: { comm: Stmt | undefined; body: Stmt[] }[] }
  | { k: 'return'; r: Expr[] }
  | { k: 'break' | 'continue'; label?: string }
  | { k: 'go' | 'defer'; x: Expr }
  | { k: 'block'; body: Stmt[] }
  | { k: 'send'; c: Expr; v: Expr }
  | { k: 'type'; n: string; t: Type }

export interface Func {
  id: number
  name: string
  /** Receiver: its name and type's name. */
  recv?: { name: string; type: string }
  params: string[]
  variadic: boolean
  results: string[]
  body: Stmt[]
}

export interface Program {
  package: string
  imports: { path: string; name: string; line: number; column: number }[]
  /** By id; the first are the declared ones. */
  funcs: Func[]
  vars: Stmt[]
  types: Record<string, Type>
}
