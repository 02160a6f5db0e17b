/** Writes docs/lab.schema.json: `npx tsx scripts/lab-schema.ts`. */
import { writeFileSync } from 'node:fs'
import { jsonSchema } from '../src/lab/schema.ts'

writeFileSync(new URL('../docs/lab.schema.json', import.meta.url), `${JSON.stringify(jsonSchema(), null, 2)}\n`)
