// Why a runtime may not use our conflist.
import type { EarlierConflist } from './earlier-conflists.ts'
import type { Finding } from './finding.ts'

/** Multus is meant to come first: it calls us itself. */
const calling = 'multus'

export const conflistFindings = (ours: string, earlier: readonly EarlierConflist[]): Finding[] =>
  earlier.map(found => earlierFinding(ours, found))

function earlierFinding(ours: string, { file, plugins }: EarlierConflist): Finding {
  const called = plugins.length === 0 ? 'cannot be read' : `calls ${plugins.join(', ')}`
  const what = `${file} (${called}) sorts before ${ours}: the runtime takes it instead`
  const mend = `mv ${file} ${file}.disabled`
  return {
    what,
    mend: plugins.some(type => type.startsWith(calling)) ? `nothing, if it calls podwire; else ${mend}` : mend,
  }
}
