/** `post_start` and `pre_stop`: commands that are run in a service's container (compose pkg/compose/hook.go). */
import type { Hook } from './file/model.ts'
import { ComposeError } from './file/tree.ts'
import type { Session } from './session.ts'

/** @throws ComposeError when the command fails */
export async function runHook(
  { engine }: Session,
  service: string,
  container: string,
  hook: Hook,
  show: (text: string) => void = () => {},
): Promise<void> {
  const { Id } = await engine.exec.create(container, {
    AttachStdin: false,
    AttachStdout: true,
    AttachStderr: true,
    DetachKeys: '',
    Tty: false,
    Env: [...(hook.environment ?? [])].map(([key, value]) => (value === null ? key : `${key}=${value}`)),
    Cmd: hook.command ?? [],
    Privileged: hook.privileged === true,
    User: hook.user ?? '',
    WorkingDir: hook.working_dir ?? '',
  })
  const session = await engine.exec.start(Id, {})
  for await (const { data } of session.frames) show(Buffer.from(data).toString())
  const { ExitCode } = await engine.exec.inspect(Id)
  if (ExitCode) throw new ComposeError(`${service} hook exited with status ${ExitCode}`)
}
