/** Small builtins that only bash has. */
import { type Builtin, fail, print } from './builtin.ts'

export const onlyBash: Record<string, Builtin> = {
  builtin: (sh, args, frame) => {
    const [name, ...rest] = args
    sh.state.status = 0
    if (name === undefined) return undefined
    const own = sh.builtins.get(name)
    if (!own) return fail(sh, 'builtin', `${name}: not a shell builtin`)
    return own(sh, rest, frame)
  },
  caller: (sh, args) => {
    const calls = sh.state.frames.filter(frame => frame.k === 'call' && frame.name !== undefined).reverse()
    const depth = args[0] === undefined ? 0 : Number(args[0])
    const call = calls[depth]
    if (!call) return void (sh.state.status = 1)
    const file = sh.state.script ? sh.state.arg0 : args[0] === undefined ? 'NULL' : 'environment'
    if (args[0] === undefined) return print(sh, 'caller', `${call.line} ${file}\n`)
    const above = calls[depth + 1]
    if (!above && !sh.state.script) return void (sh.state.status = 1)
    print(sh, 'caller', `${call.line} ${above ? above.name : 'main'} ${file}\n`)
  },
  disown: (sh, args) => {
    const { state } = sh
    state.status = 0
    const wanted = args.filter(arg => !arg.startsWith('-'))
    for (const word of wanted) {
      const job = state.jobs.find(each => `%${each.id}` === word || each.pids.includes(Number(word)))
      if (!job) fail(sh, 'disown', `${word}: no such job`)
      else state.jobs = state.jobs.filter(each => each !== job)
    }
    if (wanted.length === 0) state.jobs.pop()
  },
  logout: sh => fail(sh, 'logout', "not login shell: use `exit'"),
  suspend: sh => fail(sh, 'suspend', 'cannot suspend: no job control'),
}
