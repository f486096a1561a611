// The only translator of failures to the protocol's error document.
import { Problem, problems } from '../problem.ts'
import { DelegateError } from './delegate.ts'
import { newestVersion, type Version } from './version.ts'

const UNFORESEEN = 999

export interface ErrorDocument {
  readonly cniVersion: Version
  readonly code: number
  readonly msg: string
  readonly details?: string
}

export function errorDocument(error: unknown, cniVersion: Version = newestVersion): ErrorDocument {
  const [cause, ...undoing] = failures(error)
  const undone = undoing.map(failure => `undo failed too: ${messageOf(failure)}`)
  const details = [detailsOf(cause), ...undone].filter(text => text !== '').join('; ')
  return { cniVersion, code: codeOf(cause), msg: messageOf(cause), ...(details && { details }) }
}

/** What went wrong first, and it is the first that the runtime must hear of. */
export const firstFailure = (error: unknown): unknown => failures(error)[0]

/** In the order in which they happened: failed undos arrive as SuppressedErrors around what they should have undone. */
const failures = (error: unknown): unknown[] =>
  error instanceof SuppressedError ? [...failures(error.suppressed), ...failures(error.error)] : [error]

function codeOf(error: unknown): number {
  if (error instanceof Problem) return problems[error.code].cni
  return error instanceof DelegateError ? error.cni : UNFORESEEN
}

const detailsOf = (error: unknown): string =>
  error instanceof Problem || error instanceof DelegateError ? error.details : ''

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
