// The JSON document on stdin.
import { Problem } from '../problem.ts'

export function readDocument(text: string): unknown {
  if (text.trim() === '')
    throw new Problem('INPUT_UNREADABLE', 'stdin is empty: a network configuration in JSON belongs there')
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new Problem(
      'INPUT_UNREADABLE',
      `stdin is no JSON: ${error instanceof Error ? error.message : error}`,
      '',
      error,
    )
  }
}
