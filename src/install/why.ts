// A disk's refusal in the words of whoever has to mend it.
import { statfsSync } from 'node:fs'
import { hasCode, Problem } from '../problem.ts'

export function explained(error: unknown, what: string, folder: string, bytesNeeded: number): unknown {
  if (error instanceof Problem || !(error instanceof Error) || !('syscall' in error)) return error
  return new Problem('INPUT_OUTPUT', `${what}: ${error.message}: ${wayOut(error, folder, bytesNeeded)}`, '', error)
}

function wayOut(error: Error, folder: string, bytesNeeded: number): string {
  if (hasCode(error, 'EROFS')) return `mount the node's ${folder} writable`
  if (!hasCode(error, 'ENOSPC', 'EDQUOT')) return `make ${folder} a folder that root may write to`
  return `a release needs ${megabytes(bytesNeeded)} MB there, beside the one that runs, and ${free(folder)} are free: make room`
}

function free(folder: string): string {
  try {
    const { bavail, bsize } = statfsSync(folder)
    return `${megabytes(bavail * bsize)} MB`
  } catch {
    return 'fewer'
  }
}

const megabytes = (bytes: number): number => Math.ceil(bytes / 1e6)
