// One line of JSON on stderr for each thing that the agent says.
import { pino } from 'pino'
import type { AgentLog } from '../agent/agent-log.ts'

export const agentLog = (level: string): AgentLog =>
  pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime, formatters: { level: label => ({ level: label }) } },
    pino.destination({ fd: 2, sync: true }),
  )
