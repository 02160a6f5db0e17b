import { describe, expect, it } from 'vitest'
import { applyChanges } from '../../src/image/changes.ts'

describe('changes of a config', () => {
  it('are applied in order over what is there', () => {
    const config = applyChanges({ Env: ['A=1', 'B=2'], Labels: { a: 'b' }, WorkingDir: '/x' }, [
      'CMD ["cat","/g"]',
      'entrypoint run me',
      'ENV A=3 C="d e"',
      'ENV D d e f',
      'EXPOSE 80 443/udp 8000-8001',
      'LABEL a=c x.y="z \\"q\\""',
      'USER app',
      'VOLUME ["/a", "/b"]',
      'VOLUME /c /d',
      'WORKDIR y/../z',
      'STOPSIGNAL SIGQUIT',
      'ONBUILD RUN echo hi',
      'HEALTHCHECK --interval=5s --retries=2 CMD curl -f http://localhost/',
    ])
    expect(config).toEqual({
      Cmd: ['cat', '/g'],
      Entrypoint: ['/bin/sh', '-c', 'run me'],
      Env: ['A=3', 'B=2', 'C=d e', 'D=d e f'],
      ExposedPorts: { '80/tcp': {}, '443/udp': {}, '8000/tcp': {}, '8001/tcp': {} },
      Labels: { a: 'c', 'x.y': 'z "q"' },
      User: 'app',
      Volumes: { '/a': {}, '/b': {}, '/c': {}, '/d': {} },
      WorkingDir: '/x/z',
      StopSignal: 'SIGQUIT',
      OnBuild: ['RUN echo hi'],
      Healthcheck: { Test: ['CMD-SHELL', 'curl -f http://localhost/'], Interval: 5e9, Retries: 2 },
    })
  })

  it('forget the command with a new entrypoint, unless they name it themselves before', () => {
    expect(applyChanges({ Cmd: ['a'] }, ['ENTRYPOINT ["b"]'])).toEqual({ Entrypoint: ['b'] })
    expect(applyChanges({ Cmd: ['a'] }, ['CMD ["c"]', 'ENTRYPOINT ["b"]'])).toEqual({ Cmd: ['c'], Entrypoint: ['b'] })
  })

  it('keep what they do not say of a health check', () => {
    const config = { Healthcheck: { Test: ['CMD', 'a'], Retries: 5 } }
    expect(applyChanges(config, ['HEALTHCHECK CMD b']).Healthcheck).toEqual({ Test: ['CMD-SHELL', 'b'], Retries: 5 })
  })

  it('turn a health check off', () => {
    expect(applyChanges({}, ['HEALTHCHECK NONE']).Healthcheck).toEqual({ Test: ['NONE'] })
  })

  it.each([
    ['RUN x', 'RUN is not a valid change command'],
    ['FOO x', 'FOO is not a valid change command'],
    ['ENV', 'ENV requires at least one argument'],
    ['USER', 'USER requires exactly one argument'],
    ['ENV A', 'ENV must have two arguments'],
    ['ENV A=1 B', 'Syntax error - can\'t find = in "B". Must be of the form: name=value'],
    ['ENV =x', 'ENV names can not be blank'],
    ['EXPOSE x', 'Invalid containerPort: x'],
    ['HEALTHCHECK FOO', 'unknown type "FOO" in HEALTHCHECK (try CMD)'],
    ['HEALTHCHECK CMD', 'missing command after HEALTHCHECK CMD'],
  ])('%s is refused', (change, message) => {
    expect(() => applyChanges({}, [change])).toThrow(message)
  })

  it('cannot reach the prototype', () => {
    const { Labels } = applyChanges({}, ['LABEL __proto__=x constructor=y'])
    expect(Object.entries(Labels ?? {})).toContainEqual(['constructor', 'y'])
    expect(({} as Record<string, unknown>).x).toBeUndefined()
  })
})
