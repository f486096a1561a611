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
  const cause = firstFailure(error)
  const details = [detailsOf(cause), ...undoFailures(error)].filter(text => text !== '').join('; ')
  return { cniVersion, code: codeOf(cause), msg: messageOf(cause), ...(details && { details }) }
}

/** A failed undo arrives as SuppressedError around what went wrong first, and it is the first that the runtime must hear of. */
export function firstFailure(error: unknown): unknown {
  return error instanceof SuppressedError ? firstFailure(error.suppressed) : error
}

function undoFailures(error: unknown): string[] {
  if (!(error instanceof SuppressedError)) return []
  return [...undoFailures(error.suppressed), `undo failed too: ${messageOf(firstFailure(error.error))}`]
}

function codeOf(error: unknown): number {
  if (error instanceof Problem) return problems[error.code].cni
  return error instanceof DelegateError ? error.cni : UNFORESEEN
}

const detailsOf = (error: unknown): string =>
  error instanceof Problem || error instanceof DelegateError ? error.details : ''

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
