// Results that come in, read by the library that explains what is wrong with them: loaded for the calls that have one.
import type { Result } from './result.ts'
import type { Version } from './version.ts'

export async function readResult(document: unknown, version: Version, where: string): Promise<Result> {
  const { parseResult } = await import('./result-document.ts')
  return parseResult(document, version, where)
}
