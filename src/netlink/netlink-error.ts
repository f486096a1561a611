// The kernel refused a request, or did not answer it.
import { errnoMeaning } from '../sys/system-error.ts'

/** What an extended acknowledgement adds: its text, and where in the request the culprit stands. */
export interface Reason {
  readonly message?: string | undefined
  readonly offset?: number | undefined
  readonly missingType?: number | undefined
}

export class NetlinkError extends Error {
  override readonly name = 'NetlinkError'
  readonly operation: string
  readonly code: string
  readonly sequence: number
  readonly offset: number | undefined

  constructor(operation: string, errno: number, sequence: number, reason: Reason = {}, cause?: unknown) {
    const [code, meaning] = errnoMeaning(errno)
    const missing = reason.missingType === undefined ? '' : `, attribute ${reason.missingType} is missing`
    super(`${operation}: ${code}, ${reason.message || meaning}${missing}`, cause === undefined ? undefined : { cause })
    this.operation = operation
    this.code = code
    this.sequence = sequence
    this.offset = reason.offset
  }
}
