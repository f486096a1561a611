// Takes back what scripts/build tells V8 for the short life of a call: an agent stays. All of it, or V8 refuses the compiled code that Node.js
// brings of itself, which is twice as slow to load: it compares a hash of all flags.
import { setFlagsFromString } from 'node:v8'

/** Of what nothing turned back implied, too: see node --print-flag-values. */
const defaults = [
  '--opt',
  '--maglev',
  '--sparkplug',
  '--rehash-snapshot',
  '--osr-from-maglev',
  '--maglev-overwrite-budget',
  '--invocation-count-for-turbofan=16000',
  '--min-inlining-frequency=0.05',
]

export function optimise(): void {
  for (const flag of defaults) setFlagsFromString(flag)
}
