import { describe, it } from 'vitest'
import { world } from './world.ts'

describe('explain layers', () => {
  it('grows with the image, and tells waste and sharing', async () => {
    const w = world({
      Dockerfile: 'FROM scratch\nCOPY big /big\nENV A=1\n',
      'two/Dockerfile': 'FROM one\nCOPY big /big\nCOPY small /small\n',
      big: 'x'.repeat(50_000),
      'two/big': 'y'.repeat(20_000),
      'two/small': 'z',
    })
    await w.make(['build', '-q', '-t', 'one', '.'])
    await w.shows('layers-one', ['layers', 'one'])
    await w.make(['build', '-q', '-t', 'two', 'two'])
    await w.shows('layers-shared', ['layers', 'one'])
    await w.shows('layers-waste', ['layers', 'two', '--layer', '1'])
    await w.shows('layers-narrow', ['layers', 'two'], { width: 60, plain: true })
    await w.shows('layers-wide', ['layers', 'two'], { width: 160 })
  })
})
