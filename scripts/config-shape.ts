// npm run shape: writes src/cni/config-shape.json, the schemas of src/cni/config.ts as JSON Schema. A test compares.
import { writeFileSync } from 'node:fs'
import { shapes } from '../src/cni/config.ts'

writeFileSync('src/cni/config-shape.json', `${JSON.stringify(shapes(), undefined, 2)}\n`)
