/** The tree of an awk program. */

export type Expr =
  | { kind: 'number'; value: number }
  | { kind: 'string'; value: string }
  | { kind: 'regex'; source: string }
  | { kind: 'var'; name: string }
  | { kind: 'index'; array: string; subscripts: Expr[] }
  | { kind: 'field'; index: Expr }
  | { kind: 'assign'; op: string; target: Expr; value: Expr }
  | { kind: 'step'; by: 1 | -1; prefix: boolean; target: Expr }
  | { kind: 'cond'; test: Expr; yes: Expr; no: Expr }
  | { kind: 'and' | 'or'; left: Expr; right: Expr }
  | { kind: 'binary'; op: string; left: Expr; right: Expr }
  | { kind: 'concat'; parts: Expr[] }
  | { kind: 'match'; negated: boolean; left: Expr; right: Expr }
  | { kind: 'unary'; op: '-' | '+' | '!'; value: Expr }
  | { kind: 'group'; value: Expr }
  | { kind: 'in'; subscripts: Expr[]; array: string }
  | { kind: 'call'; name: string; args: Expr[] }
  | { kind: 'builtin'; name: string; args: Expr[] }
  /** `source` undefined: the main input. */
  | { kind: 'getline'; from: 'main' | 'file' | 'command'; source: Expr | undefined; target: Expr | undefined }

export type Stmt =
  | { kind: 'expr'; value: Expr }
  | { kind: 'print'; args: Expr[]; to: Redirect | undefined }
  | { kind: 'printf'; args: Expr[]; to: Redirect | undefined }
  | { kind: 'if'; test: Expr; yes: Stmt; no: Stmt | undefined }
  | { kind: 'while'; test: Expr; body: Stmt }
  | { kind: 'do'; body: Stmt; test: Expr }
  | { kind: 'for'; init: Stmt | undefined; test: Expr | undefined; step: Stmt | undefined; body: Stmt }
  | { kind: 'forin'; variable: Expr; array: string; body: Stmt }
  | { kind: 'block'; body: Stmt[] }
  | { kind: 'break' | 'continue' | 'next' | 'nextfile' }
  | { kind: 'exit' | 'return'; value: Expr | undefined }
  | { kind: 'delete'; array: string; subscripts: Expr[] | undefined }

export interface Redirect {
  mode: '>' | '>>' | '|'
  target: Expr
}

export interface Rule {
  pattern: Expr | undefined
  /** The end of a range. */
  until: Expr | undefined
  /** undefined: print the record. */
  body: Stmt | undefined
}

export interface FunctionDefinition {
  name: string
  params: string[]
  body: Stmt
}

export interface Program {
  begin: Stmt[]
  end: Stmt[]
  rules: Rule[]
  functions: Map<string, FunctionDefinition>
  /** The line each statement begins in. */
  lines: WeakMap<Stmt, number>
}
