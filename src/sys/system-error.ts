// A system call that failed: which, on what, and why.
import { getSystemErrorMap } from 'node:util'

const beyondLibuv: Readonly<Record<number, readonly [name: string, meaning: string]>> = {
  85: ['ERESTART', 'what the request was based on has changed'],
}

/** The name of an errno, and what it means: `['EPERM', 'operation not permitted']`. */
export function errnoMeaning(errno: number): readonly [name: string, meaning: string] {
  // The kernel has some of its own beyond those of libc, such as ENOTSUPP (524).
  return getSystemErrorMap().get(-errno) ?? beyondLibuv[errno] ?? [`E${errno}`, `error ${errno} of the kernel`]
}

export class SystemError extends Error {
  override readonly name = 'SystemError'
  readonly call: string
  readonly code: string
  readonly errno: number

  constructor(call: string, object: string, errno: number) {
    const [code, meaning] = errnoMeaning(errno)
    super(`${call} of ${object}: ${code}, ${meaning}`)
    this.call = call
    this.code = code
    this.errno = errno
  }
}
