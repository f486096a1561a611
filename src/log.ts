// What the rooms may say while they work. `cli` decides where it goes; a library for it is loaded only when a log is configured.

export type Level = 'debug' | 'info' | 'warn' | 'error'
export type Fields = Readonly<Record<string, unknown>>

export interface Log {
  readonly level: (level: Level, message: string, fields?: Fields) => void
}
