import { describe, expect, it } from 'vitest'
import { run } from '../e2e/in-process.ts'
import { world } from './world.ts'

const files = {
  Dockerfile: `FROM busybox
RUN mkdir /data && echo one > /data/a && echo two > /data/b && echo three > /data/c
RUN echo more >> /data/a && rm /data/b
`,
}

describe('explain overlay', () => {
  it('follows what a container writes, removes and puts in the place of layers', async () => {
    const w = world(files)
    await w.make(['build', '-q', '-t', 'notes', '.'], ['run', '-d', '--name', 'n1', 'notes', 'sleep', '1d'])
    await w.shows('overlay-untouched', ['overlay', 'n1'])
    await w.make(['exec', 'n1', 'sh', '-c', 'echo x >> /data/a; rm /data/c; touch /new'])
    await w.shows('overlay-changed', ['overlay', 'n1'])
    await w.shows('overlay-narrow', ['overlay', 'n1'], { width: 60, plain: true })
    await w.shows('overlay-wide', ['overlay', 'n1', '/data'], { width: 160 })
    await w.make(['exec', 'n1', 'sh', '-c', 'rm -r /data; mkdir /data'])
    await w.shows('overlay-opaque', ['overlay', 'n1', '/data/a'])
  })

  it('leaves out the sheets that are switched off', async () => {
    const w = world(files)
    await w.make(['build', '-q', '-t', 'notes', '.'], ['create', '--name', 'n1', 'notes'])
    await w.shows('overlay-without', ['overlay', 'n1', '/data', '--without', '2'])
  })

  it('refuses what is not there', async () => {
    const w = world()
    await w.make(['create', '--name', 'n1', 'busybox'])
    const env = { MINIDOCK_HOME: `${w.home}/.store`, MINIDOCK_NAME: 'minidock' }
    const errors = []
    for (const words of [['nobody'], ['n1', '/nowhere'], ['n1', 'etc'], ['n1', '--without', '9'], []])
      errors.push((await run(w.home, ['explain', 'overlay', ...words], { env })).err)
    expect(errors).toEqual([
      'Error response from daemon: No such container: nobody\n',
      'Error response from daemon: Could not find the file /nowhere in any layer of container n1\n',
      'Error response from daemon: the path must be absolute: etc\n',
      'Error response from daemon: no sheet 9: they are 0, I, U\n',
      `minidock: 'minidock explain overlay' requires at least 1 argument

Usage:  minidock explain overlay CONTAINER [PATH]

See 'minidock explain overlay --help' for more information
`,
    ])
  })
})
