import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** The longest files, longest first: one that starts late keeps the others' processors idle. */
const longest = [
  'e2e/sessions',
  'e2e/compose-projects',
  'lab/hostile',
  'e2e/parallel',
  'e2e/apps',
  'build/builds',
  'lab/labs',
  'e2e/create-flags',
  'explain/lifecycle',
  'lab/commands',
  'kernel/untrusted',
]

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const at = longest.findIndex(name => moduleId.endsWith(`test/${name}.test.ts`))
      return at >= 0 ? at : /test\/(e2e|lab|explain)\//.test(moduleId) ? longest.length : longest.length + 1
    }
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b))
  }
}

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    // Tests wait for processes that they start more than they work themselves.
    maxWorkers: availableParallelism(),
    sequence: { sequencer: LongestFirst },
    testTimeout: 60_000,
    hookTimeout: 60_000,
    env: { NO_COLOR: '1', TZ: 'UTC', LC_ALL: 'C.UTF-8' },
  },
})
