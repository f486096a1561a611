// What the agent says of itself now, over HTTP on this node.
import { get } from 'node:http'
import type { AgentReport } from '../agent/agent-report.ts'

const TIMEOUT_MS = 3000

/** `listens` as the agent wrote it: ":9912" where it answers on every address. */
export async function askAgent(listens: string): Promise<AgentReport> {
  const where = listens.startsWith(':') ? `127.0.0.1${listens}` : listens
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const request = get(`http://${where}/status`, { timeout: TIMEOUT_MS }, response => {
    response
      .setEncoding('utf8')
      .toArray()
      .then(pieces => resolve(pieces.join('')), reject)
  })
  request.on('error', reject)
  request.on('timeout', () => request.destroy(new Error(`no answer within ${TIMEOUT_MS / 1000} s`)))
  const report: unknown = JSON.parse(await promise)
  if (isReport(report)) return report
  throw new Error('what answers there is no podwire agent of this release')
}

const isReport = (value: unknown): value is AgentReport =>
  typeof value === 'object' && value !== null && 'ready' in value && 'routes' in value && 'ways' in value
