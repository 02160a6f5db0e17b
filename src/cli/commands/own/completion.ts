/** `completion bash|zsh|fish`: a script that asks `__complete` for what may follow. */
import type { Command } from '../../command.ts'
import { StatusError } from '../../errors.ts'

type Script = (name: string, id: string) => string

// Words are split from the line itself: bash's own splitting breaks image:tag and --flag=value apart.
const bash: Script = (name, id) => `# bash completion for ${name}: eval "$(${name} completion bash)"
_${id}() {
  local line=\${COMP_LINE:0:COMP_POINT} words reply directive= broken
  read -ra words <<<"$line"
  [[ $line == *[[:space:]] ]] && words+=("")
  local current=\${words[\${#words[@]} - 1]}
  broken=\${current%"\${current##*[:=]}"}
  COMPREPLY=()
  while IFS= read -r reply; do
    reply=\${reply%%$'\\t'*}
    case $reply in
      :*) directive=$reply ;;
      *) COMPREPLY+=("\${reply#"$broken"}") ;;
    esac
  done < <("\${words[0]}" __complete -- "\${words[@]:1}" 2>/dev/null)
  [[ $directive == :files ]] && compopt -o default
}
complete -F _${id} ${name}
`

const zsh: Script = (name, id) => `#compdef ${name}
# zsh completion for ${name}: eval "$(${name} completion zsh)"
_${id}() {
  local line directive
  local -a described
  for line in "\${(@f)$(${name} __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
    case $line in
      (:*) directive=$line ;;
      (?*) described+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}") ;;
    esac
  done
  [[ $directive == :files ]] && _files
  _describe ${name} described
}
compdef _${id} ${name}
`

const fish: Script = (name, id) => `# fish completion for ${name}: ${name} completion fish | source
function __${id}_complete
  set -l words (commandline -opc) (commandline -ct)
  for line in (${name} __complete -- $words[2..-1] 2>/dev/null)
    if test "$line" = :files
      __fish_complete_path (commandline -ct)
    else if not string match -q ':*' -- $line
      echo $line
    end
  end
end
complete -c ${name} -f -a '(__${id}_complete)'
`

const SCRIPTS = new Map<string, Script>([
  ['bash', bash],
  ['zsh', zsh],
  ['fish', fish],
])

export const command: Command = {
  async run(ctx, [shell = '']) {
    const script = SCRIPTS.get(shell)
    if (!script)
      throw new StatusError(1, `${ctx.name}: unknown shell '${shell}': it may be ${[...SCRIPTS.keys()].join(', ')}`)
    ctx.out.write(script(ctx.name, ctx.name.replace(/\W/g, '_')))
    return undefined
  },
}
