// Where it was measured, in words.
import { cpus, release } from 'node:os'

export const machine = `${cpus().length} × ${cpus()[0]?.model}, Linux ${release()}`
