import { describe, it } from 'vitest'
import { world } from './world.ts'

describe('explain network', () => {
  it('draws who is plugged in, and what stops a packet', async () => {
    const w = world()
    await w.shows('network-empty', ['network'])
    await w.make(
      ['network', 'create', 'shop'],
      ['run', '-d', '--name', 'db', '--network', 'shop', '--network-alias', 'store', 'busybox', 'sleep', '1d'],
      ['run', '-d', '--name', 'web', '-p', '8080:80', 'busybox', 'httpd', '-f'],
      ['run', '-d', '--name', 'bare', '--network', 'host', 'busybox', 'sleep', '1d'],
    )
    await w.shows('network-apart', ['network', 'web', '172.18.0.2:80'])
    await w.make(['network', 'connect', 'shop', 'web'])
    await w.shows('network-joined', ['network', 'db', 'web:80'])
    await w.shows('network-narrow', ['network'], { width: 60, plain: true })
    await w.shows('network-wide', ['network', 'host', 'web:80'], { width: 160 })
  })
})
