/**
 * A QuickJS machine in WebAssembly: the only way out of it is the one function that it is given. No object of the
 * host is ever reachable from inside; texts go in and come out.
 */

import variant from '@jitl/quickjs-ng-wasmfile-release-sync'
import {
  newQuickJSWASMModuleFromVariant,
  newVariant,
  type QuickJSContext,
  type QuickJSHandle,
  type QuickJSRuntime,
  type QuickJSSyncVariant,
  type QuickJSWASMModule,
} from 'quickjs-emscripten-core'
import { wasmBytes } from '../../assets.ts'

let engine: QuickJSWASMModule | undefined

/** Loads the engine's code; after that machines are made at once. */
export async function loadEngine(): Promise<void> {
  if (engine) return
  const bytes = wasmBytes('quickjs.wasm', '@jitl/quickjs-ng-wasmfile-release-sync/dist/emscripten-module.wasm')
  const base = variant as unknown as QuickJSSyncVariant
  engine = await newQuickJSWASMModuleFromVariant(newVariant(base, { wasmBinary: bytes.buffer }))
}

/** The engine asks about every so many steps whether to go on. */
export interface Limits {
  /** Bytes of its heap. */
  memory: number
  /** How often it may ask in one turn. */
  patience: number
}

/** What ended a turn early. */
export type Stop = 'exit' | 'endless' | 'memory'

const stackSize = 180 * 1024

export class JsMachine {
  readonly #runtime: QuickJSRuntime
  readonly #context: QuickJSContext
  #asked = 0
  #stopping: Stop | undefined
  readonly #limits: Limits
  readonly #host: (op: string, args: string) => string

  /** @param host answers an operation of the inside; texts both ways */
  constructor(limits: Limits, host: (op: string, args: string) => string) {
    if (!engine) throw new Error('the JavaScript engine is not loaded')
    this.#limits = limits
    this.#host = host
    this.#runtime = engine.newRuntime()
    this.#runtime.setMemoryLimit(limits.memory)
    this.#runtime.setMaxStackSize(stackSize)
    this.#runtime.setInterruptHandler(() => {
      if (this.#stopping !== undefined) return true
      if (++this.#asked <= limits.patience) return false
      this.#stopping = 'endless'
      return true
    })
    this.#context = this.#runtime.newContext()
    const context = this.#context
    const hostFunction = context.newFunction('host', (op, args) =>
      context.newString(this.#host(context.getString(op), context.getString(args))),
    )
    context.setProp(context.global, '__host', hostFunction)
    hostFunction.dispose()
  }

  /** Runs the prelude; what it returns becomes the `inside` object that `call` uses. */
  boot(prelude: string): void {
    const context = this.#context
    const made = context.evalCode(prelude, 'node:internal/prelude')
    if (made.error) throw new Error(`prelude: ${JSON.stringify(context.dump(made.error))}`)
    const api = context.getProp(made.value, 'api')
    const internal = context.getProp(made.value, 'internal')
    made.value.dispose()
    this.#api = api
    const evaluate = context.newFunction('evaluate', (text, file) =>
      context.evalCode(context.getString(text), context.getString(file)),
    )
    context.setProp(internal, 'evaluate', evaluate)
    evaluate.dispose()
    const module = context.newFunction('module', (text, file) =>
      context.evalCode(context.getString(text), context.getString(file), { type: 'module' }),
    )
    context.setProp(internal, 'evaluateModule', module)
    module.dispose()
    internal.dispose()
    this.#runtime.setModuleLoader(
      name => this.#ask('esmText', name),
      (from, request) => this.#ask('esmName', from, request),
    )
  }

  #api: QuickJSHandle | undefined

  /** For the module loader: a thrown error of the inside is handed on to whoever imports. */
  #ask(name: string, ...args: string[]): string | { error: Error } {
    const context = this.#context
    const handles = args.map(each => context.newString(each))
    const result = this.#invoke(name, handles)
    for (const handle of handles) handle.dispose()
    if (result.error) {
      const error = Object.assign(new Error(String(context.dump(context.getProp(result.error, 'message')))), {
        name: String(context.dump(context.getProp(result.error, 'name'))),
        code: context.dump(context.getProp(result.error, 'code')) as unknown,
      })
      result.error.dispose()
      return { error }
    }
    const text = context.getString(result.value)
    result.value.dispose()
    return text
  }

  #invoke(name: string, handles: QuickJSHandle[]) {
    const context = this.#context
    if (!this.#api) throw new Error('not booted')
    const work = context.getProp(this.#api, name)
    const result = context.callFunction(work, context.undefined, ...handles)
    work.dispose()
    return result
  }

  /** Calls a function of the inside with texts; its answer as text. undefined when the turn was stopped. */
  call(name: string, ...args: string[]): string | undefined {
    const context = this.#context
    const handles = args.map(each => context.newString(each))
    const result = this.#invoke(name, handles)
    for (const handle of handles) handle.dispose()
    if (result.error) {
      const error = context.dump(result.error) as { message?: string } | undefined
      result.error.dispose()
      if (this.#stopping === undefined && /out of memory/.test(error?.message ?? '')) this.#stopping = 'memory'
      else if (this.#stopping === undefined) throw new TypeError(`node: ${error?.message ?? 'internal error'}`)
      return undefined
    }
    const text = context.typeof(result.value) === 'string' ? context.getString(result.value) : ''
    result.value.dispose()
    this.jobs()
    return this.#stopping === undefined ? text : undefined
  }

  /** Runs what promises have waiting. */
  jobs(): void {
    for (let round = 0; round < 100_000 && this.#runtime.hasPendingJob(); round++) {
      const done = this.#runtime.executePendingJobs(1000)
      if (done.error) {
        const error = done.error.context.dump(done.error) as { message?: string } | undefined
        done.error.dispose()
        if (this.#stopping === undefined && /out of memory/.test(error?.message ?? '')) this.#stopping = 'memory'
      }
      if (this.#stopping !== undefined) return
    }
    if (this.#runtime.hasPendingJob()) this.#stopping ??= 'endless'
  }

  stop(why: Stop): void {
    this.#stopping ??= why
  }

  get stopped(): Stop | undefined {
    return this.#stopping
  }

  /** A stop that was seen to; used to let `exit` listeners run. */
  resume(): void {
    this.#stopping = undefined
  }

  /** How often the engine asked since the last call: a measure of the work done. */
  takeWork(): number {
    const asked = this.#asked
    this.#asked = 0
    return asked
  }

  get memoryLimit(): number {
    return this.#limits.memory
  }

  /** Bytes in use on its heap. */
  memory(): number {
    const usage = this.#runtime.computeMemoryUsage()
    const used = this.#context.dump(this.#context.getProp(usage, 'memory_used_size')) as number
    usage.dispose()
    return Number(used) || 0
  }
}
