/** The tree of a parsed template, and how its nodes are written in error messages. */

export type Node = TextNode | ActionNode | BranchNode | TemplateNode | { kind: 'break' | 'continue'; at: number }

export interface TextNode {
  kind: 'text'
  text: string
  at: number
}
export interface ActionNode {
  kind: 'action'
  pipe: Pipe
  at: number
}
export interface BranchNode {
  kind: 'if' | 'range' | 'with'
  pipe: Pipe
  list: Node[]
  otherwise: Node[] | undefined
  at: number
}
export interface TemplateNode {
  kind: 'template'
  name: string
  pipe: Pipe | undefined
  at: number
}

export interface Pipe {
  kind: 'pipe'
  declares: string[]
  assigns: boolean
  commands: CommandNode[]
  at: number
}
export interface CommandNode {
  kind: 'command'
  args: Operand[]
  at: number
}

export type Operand =
  | { kind: 'identifier'; name: string; at: number }
  | { kind: 'dot' | 'nil'; at: number }
  /** `.A.B` */
  | { kind: 'field'; names: string[]; at: number }
  /** `$x.A.B`: the variable's name first. */
  | { kind: 'variable'; names: string[]; at: number }
  /** `(pipeline).A.B` */
  | { kind: 'chain'; of: Operand; names: string[]; at: number }
  | { kind: 'bool'; value: boolean; at: number }
  | { kind: 'number'; text: string; value: number; float: boolean; at: number }
  | { kind: 'string'; text: string; value: string; at: number }
  | Pipe

/** The text of a node, as it stands between `<` and `>` in an error. */
export function nodeText(node: Node | Pipe | CommandNode | Operand): string {
  switch (node.kind) {
    case 'identifier':
      return node.name
    case 'dot':
      return '.'
    case 'nil':
      return 'nil'
    case 'field':
      return node.names.map(name => `.${name}`).join('')
    case 'variable':
      return node.names.join('.')
    case 'chain': {
      const inner = node.of.kind === 'pipe' ? `(${nodeText(node.of)})` : nodeText(node.of)
      return inner + node.names.map(name => `.${name}`).join('')
    }
    case 'bool':
      return String(node.value)
    case 'number':
    case 'string':
      return node.text
    case 'command':
      return node.args.map(arg => (arg.kind === 'pipe' ? `(${nodeText(arg)})` : nodeText(arg))).join(' ')
    case 'pipe': {
      const left = node.declares.length > 0 ? `${node.declares.join(', ')} ${node.assigns ? '=' : ':='} ` : ''
      return left + node.commands.map(nodeText).join(' | ')
    }
    case 'text':
      return node.text
    case 'action':
      return `{{${nodeText(node.pipe)}}}`
    case 'template':
      return `{{template ${JSON.stringify(node.name)}${node.pipe ? ` ${nodeText(node.pipe)}` : ''}}}`
    case 'break':
    case 'continue':
      return `{{${node.kind}}}`
    default:
      return `{{${node.kind} ${nodeText(node.pipe)}}}${node.list.map(nodeText).join('')}{{end}}`
  }
}
