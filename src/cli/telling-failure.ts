// How a command that a person called fails: one line on stderr, exit code 1, or 2 where the call itself was wrong.
import { Problem } from '../problem.ts'
import { write } from './stdio.ts'

/** To be called in the command's own bundle: classes of two bundles are not the same. */
export async function tellingFailure(word: string, work: () => Promise<number>): Promise<number> {
  try {
    return await work()
  } catch (error) {
    const isMisspelt = error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS')
    if (!isMisspelt && !(error instanceof Problem)) throw error
    write(2, `podwire ${word}: ${error.message}${isMisspelt ? '. See: podwire help' : ''}\n`)
    return isMisspelt ? 2 : 1
  }
}
