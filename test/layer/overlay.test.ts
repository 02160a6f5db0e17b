import { OverlayFs } from '../../src/layer/overlay.ts'
import { fileSystemContract } from '../vfs/filesystem.contract.ts'

fileSystemContract('overlay over nothing', { make: () => OverlayFs.create([], 0), full: true })
