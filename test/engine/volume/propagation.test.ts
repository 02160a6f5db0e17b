import { expect, it } from 'vitest'
import { propagationFault } from '../../../src/engine/volume/propagation.ts'

const table = `22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
23 22 0:21 / /proc rw,nosuid shared:12 - proc proc rw
30 22 254:0 /x /tmp rw,relatime - ext4 /dev/vda rw
31 22 254:0 /y /srv rw,relatime master:7 - ext4 /dev/vda rw
32 22 254:0 /z /srv/a\\040b rw shared:9 - ext4 /dev/vda rw
`

it.each([
  ['/home/ann', 'rshared', undefined],
  ['/home/ann', 'slave', undefined],
  ['/tmp/x', 'slave', 'path /tmp/x is mounted on /tmp but it is not a shared or slave mount'],
  ['/tmp/x', 'shared', 'path /tmp/x is mounted on /tmp but it is not a shared mount'],
  ['/tmp', 'rslave', 'path /tmp is mounted on /tmp but it is not a shared or slave mount'],
  ['/tmpfoo', 'shared', undefined],
  ['/srv/q', 'slave', undefined],
  ['/srv/q', 'rshared', 'path /srv/q is mounted on /srv but it is not a shared mount'],
  ['/srv/a b/c', 'shared', undefined],
])('%s as %s', (path, propagation, fault) => {
  expect(propagationFault(path, path, propagation, table)).toBe(fault)
})
