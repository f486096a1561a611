// The conflist on disk. Runtimes watch its directory: a file that appears by a rename is read once, and whole.
import { dirname } from 'node:path'
import { hasCode, Problem } from '../problem.ts'
import { contentOf, writeWhole } from './whole-file.ts'

/** What is right already is left alone: each write makes the runtime load it anew. */
export function writeConflist(file: string, text: string): 'written' | 'unchanged' {
  if (contentOf(file) === text) return 'unchanged'
  try {
    writeWhole(file, text)
    return 'written'
  } catch (error) {
    throw new Problem('INPUT_OUTPUT', `cannot write the CNI configuration ${file}: ${wayOut(file, error)}`, '', error)
  }
}

function wayOut(file: string, error: unknown): string {
  const why = error instanceof Error ? error.message : String(error)
  const directory = dirname(file)
  if (hasCode(error, 'EROFS')) return `${why}: mount the node's ${directory} writable into the agent's container`
  if (hasCode(error, 'ENOSPC', 'EDQUOT')) return `${why}: make room on the node's disk`
  return `${why}: make ${directory} a directory that the agent may write to`
}
