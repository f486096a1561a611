// How the agent speaks: pino's face, of which cli builds one.

export interface AgentLog {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}
