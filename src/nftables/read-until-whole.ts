// A ruleset is read in many pieces, and changes in bursts.
import { NetlinkError } from '../netlink/netlink-error.ts'

const EINTR = 4
const TRIES = 10

/** Reads again, later and later, as long as the pieces do not belong together. */
export function readUntilWhole<T>(operation: string, read: () => T | undefined): T {
  for (let tries = 0; tries < TRIES; tries++) {
    if (tries > 0) pause(2 ** tries)
    const whole = read()
    if (whole !== undefined) return whole
  }
  throw new NetlinkError(operation, EINTR, 0, { message: `the ruleset changed during each of ${TRIES} readings` })
}

function pause(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds)
}
