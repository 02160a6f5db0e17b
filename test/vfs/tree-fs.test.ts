import { TreeFs } from '../../src/vfs/tree-fs.ts'
import { fileSystemContract } from './filesystem.contract.ts'

fileSystemContract('tree-fs', { make: () => new TreeFs(), full: true })
