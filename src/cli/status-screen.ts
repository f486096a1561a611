// A node's status as one screen that a person reads. Pure.
import type { AgentReport, ProblemReport, WayReport } from '../agent/agent-report.ts'
import type { RangeUse } from '../agent/metrics.ts'
import type { NodeStatus } from './node-status.ts'

export type Paint = (format: 'green' | 'red' | 'yellow' | 'dim' | 'bold', text: string) => string

export interface ScreenOptions {
  readonly paint: Paint
  readonly now: number
  /** As many ways to nodes are shown, and the others counted. */
  readonly ways?: number
}

const WAYS = 15
const start = 'kubectl apply -f podwire.yaml starts one on each node; without Kubernetes, see podwire agent --help'

export function statusScreen(status: NodeStatus, options: ScreenOptions): string {
  const { paint } = options
  const { state, report, ranges, findings, unknown } = status
  const masquerade = report?.lastPass && masqueradeText(report)
  const rows: (readonly [string, readonly string[]])[] = [
    ['agent', agentLines(status, options)],
    ['last error', lines(lastErrorText(report, options))],
    ['wrong now', (report?.problems ?? []).flatMap(problem => problemLines(problem, paint))],
    ['conflist', lines(report?.conflist ?? state?.conflist)],
    ['addresses', ranges.map(use => rangeLine(use, ranges, paint))],
    ['masquerade', lines(masquerade)],
    ['routes', routeLines(status, options)],
    ['mend', findings.flatMap(({ what, mend }) => [paint('yellow', what), `  ${paint('bold', mend)}`])],
    ['unknown', unknown.map(text => paint('dim', text))],
  ]
  const body = rows.flatMap(([title, lines]) =>
    lines.map((line, at) => `  ${(at === 0 ? title : '').padEnd(11)}${line}`),
  )
  return `${[heading(status, paint), ...body].join('\n')}\n`
}

const lines = (text: string | undefined): string[] => (text === undefined ? [] : [text])

/** What stands is told of as such. */
function lastErrorText(report: AgentReport | undefined, { now }: ScreenOptions): string | undefined {
  const { lastError, problems = [] } = report ?? {}
  if (lastError === undefined || problems.some(({ message }) => message === lastError.message)) return undefined
  return `${ago(lastError.at, now)}: ${lastError.message}`
}

const problemLines = ({ message, details }: ProblemReport, paint: Paint): string[] => [
  paint('red', message),
  ...(details === '' ? [] : [`  ${details}`]),
]

function heading({ release, report, state }: NodeStatus, paint: Paint): string {
  const { node, ready, message } = report ?? state ?? { node: undefined, ready: false, message: undefined }
  const where = node === undefined ? '' : ` on ${paint('bold', node)}`
  const wrong = report?.problems.length ?? 0
  const isToldBelow = report?.problems.some(problem => problem.message === message)
  const how = ready
    ? paint(wrong > 0 ? 'yellow' : 'green', wrong > 0 ? 'ready, but not all is well' : 'ready')
    : paint('red', `not ready${isToldBelow ? '' : `: ${message ?? 'no agent has finished a pass here'}`}`)
  return `podwire ${release}${where}: ${how}`
}

function agentLines({ report, silence, state }: NodeStatus, { paint, now }: ScreenOptions): string[] {
  if (silence !== undefined) return [paint('red', silence)]
  if (report === undefined)
    return [state === undefined ? `none: ${start}` : 'does not listen: this is what it last wrote']
  const { lastPass, mode } = report
  const what = lastPass && changesText(lastPass.changes)
  const pass = lastPass ? `last pass ${ago(lastPass.at, now)}, ${what}` : 'no pass yet'
  return [`answers on ${state?.listens}${mode === undefined ? '' : ` · mode ${mode}`} · ${pass}`]
}

const changesText = (count: number): string =>
  count === 0 ? 'nothing to change' : count === 1 ? '1 change' : `${count} changes`

function masqueradeText({ masquerade }: AgentReport): string {
  if (masquerade === undefined) return 'off: pods keep their address wherever they go'
  const { except } = masquerade
  return except.length === 0 ? 'what leaves the cluster' : `what leaves for others than ${except.join(', ')}`
}

function rangeLine({ range, used, free }: RangeUse, all: readonly RangeUse[], paint: Paint): string {
  const width = Math.max(...all.map(({ range }) => range.length))
  const digits = Math.max(...all.map(({ used }) => `${used}`.length))
  const left = free === undefined ? 'plenty free' : `${free} free`
  return `${range.padEnd(width)}  ${`${used}`.padStart(digits)} used, ${free === 0 ? paint('red', left) : left}`
}

function routeLines({ report, ways }: NodeStatus, { paint, ways: most = WAYS }: ScreenOptions): string[] {
  const passed = report?.lastPass === undefined ? undefined : report
  const all = passed?.ways ?? ways
  const shown = all.slice(0, most)
  const columns = widths(shown)
  const list = shown.map(way => wayLine(way, columns, paint))
  const rest = all.length > shown.length ? [`… and ${all.length - shown.length} more: podwire status --json`] : []
  if (passed === undefined) return [...list, ...rest]
  const { wanted, present } = passed.routes
  const count = `${present} of ${wanted} there`
  const summary = `${present < wanted ? paint('red', count) : count}, ${passed.nodes} nodes`
  return [summary, ...list, ...rest]
}

interface Widths {
  readonly destination: number
  readonly node: number
}

const widths = (ways: readonly WayReport[]): Widths => ({
  destination: Math.max(0, ...ways.map(({ destination }) => destination.length)),
  node: Math.max(0, ...ways.map(({ node }) => node.length)),
})

function wayLine({ destination, node, way, via }: WayReport, width: Widths, paint: Paint): string {
  const how = way === undefined ? '' : `${way.padEnd(6)} `
  const whose = width.node === 0 ? '' : `${node.padEnd(width.node)}  `
  const line = `${destination.padEnd(width.destination)}  ${whose}${how}${via === undefined ? '' : `via ${via}`}`
  return (way === 'vxlan' ? paint('dim', line.trimEnd()) : line).trimEnd()
}

const units = [
  [86_400, 'days'],
  [3600, 'h'],
  [60, 'min'],
] as const

/** How long ago: "4 min ago". */
export function ago(at: string, now: number): string {
  const seconds = Math.max(0, Math.round((now - Date.parse(at)) / 1000))
  const [size, unit] = units.find(([size]) => seconds >= 2 * size) ?? [1, 's']
  return `${Math.floor(seconds / size)} ${unit} ago`
}
